/** Keys of units and indexes. */
import { canonicalPrefix } from "../net/prefix.ts";

const SEPARATOR = "\u0000";

/** Joins names to one key; no name can contain what separates them. */
export function joinKey(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** The parts of a joined key. */
export function splitKey(key: string): string[] {
  return key.split(SEPARATOR);
}

/** The canonical text of a prefix in a database; one that can't be parsed is itself. */
export function prefixKey(text: string): string {
  return canonicalPrefix(text) ?? text;
}
