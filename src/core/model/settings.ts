/** Options by which an administrator decides: where they are, and what they say. */

import type { PrefixList } from "../net/filters.ts";
import type { Decision, Subject } from "./subject.ts";
import type { View } from "./view.ts";

/** A list of prefixes by which routes are dropped, and where it is written. */
export interface FilterList {
  readonly subject: Subject;
  readonly option: string;
  readonly value: string;
  readonly list: PrefixList;
}

/** An option that decides, with the row that has it. */
export type Setting = Subject & { readonly option: string; readonly value: string };

/** A list of prefixes that is an option of the zone. */
export function zoneFilter(view: View, option: string): FilterList {
  return filterList(view, globalSubject(view), option, view.options.get(option));
}

/** A list of prefixes that is an option of some row. */
export function filterList(
  view: View,
  subject: Subject,
  option: string,
  value: string | undefined,
): FilterList {
  return { subject, option, value: value ?? "", list: view.prefixList(value) };
}

/** An option of the zone that is a number: null if it isn't there, or is none. */
export function zoneNumber(view: View, option: string): number | null {
  return parseNumber(view.options.get(option));
}

/** A whole number, as an option's value; null if it is none, or there is no value. */
export function parseNumber(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}

/** An option of the zone that decides about routes: the value that it has counts. */
export function zoneOption(view: View, option: string): Decision {
  const value = view.options.get(option);
  return { ...globalSubject(view), option, ...(value === undefined ? {} : { value }) };
}

export function globalSubject(view: View): Subject {
  return {
    database: "nb",
    table: "NB_Global",
    uuid: view.nb.NB_Global.first()?._uuid ?? "",
    name: view.identity.name,
  };
}
