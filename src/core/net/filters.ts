/**
 * Lists of prefixes that allow or deny routes: the values of ic-route-filter-adv, ic-route-deny-learn and
 * their like (ovn-nb(5)).
 */
import type { Prefix } from "./prefix.ts";
import { parsePrefix, prefixContains } from "./prefix.ts";

export interface PrefixList {
  readonly prefixes: readonly Prefix[];
  /** Entries that are no prefix: they match nothing. */
  readonly invalid: readonly string[];
  /** Whether there is any entry, a bad one included. An allow list that exists lets nothing else pass. */
  readonly exists: boolean;
}

export const EMPTY_PREFIX_LIST: PrefixList = { prefixes: [], invalid: [], exists: false };

/**
 * Parses a comma-separated list of prefixes. White space before an entry is skipped and empty entries are
 * ignored; one of white space alone is a bad entry, as in the C controller.
 *
 * @example parsePrefixList("10.0.0.0/8, fd00::/8").prefixes.length; // 2
 */
export function parsePrefixList(text: string | undefined): PrefixList {
  if (text === undefined || text === "") return EMPTY_PREFIX_LIST;
  const prefixes: Prefix[] = [];
  const invalid: string[] = [];
  for (const part of text.split(",")) {
    if (part === "") continue;
    const entry = part.trimStart();
    const prefix = parsePrefix(entry);
    if (prefix === null) invalid.push(entry);
    else prefixes.push(prefix);
  }
  return { prefixes, invalid, exists: prefixes.length + invalid.length > 0 };
}

/** Whether a prefix equals an entry of the list or is more specific than one. */
export function prefixListMatches(list: PrefixList, prefix: Prefix): boolean {
  return list.prefixes.some((entry) => prefixContains(entry, prefix));
}
