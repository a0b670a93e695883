/**
 * The JavaScript values of OVSDB atoms and columns, their order and equality.
 *
 * Integers are 64-bit in OVSDB. The one decision about them: a `number` while it is exact (|n| < 2^53), a
 * `bigint` beyond. Each integer so has exactly one representation, `===` compares right, and `<` does across
 * both.
 *
 * Sets are arrays in ascending order without duplicates, maps are Maps in ascending key order; both are never
 * changed once made, and empty ones are shared.
 */

declare const table: unique symbol;

/**
 * A row's uuid, in lower case text form, tagged with the table that it points into. A row inserted by a
 * transaction that is not committed yet has a temporary one.
 */
export type Uuid<T extends string = string> = string & { readonly [table]?: T };

/** The table that a type of uuids points into; never for what is no uuid. */
export type UuidTarget<V> = V extends string
  ? typeof table extends keyof V
    ? V extends Uuid<infer T>
      ? T
      : never
    : never
  : never;

/** A 64-bit integer: `number` if exact in a double, else `bigint`. */
export type Integer = number | bigint;

/** One element of a column (RFC 7047 §5.1 `<atom>`). */
export type Atom = string | number | bigint | boolean;

/** A column's value: atom, null (an empty optional), sorted array (set) or Map in key order (map). */
export type Datum = Atom | null | readonly Atom[] | ReadonlyMap<Atom, Atom>;

export const EMPTY_SET: readonly never[] = Object.freeze([]);
export const EMPTY_MAP: ReadonlyMap<never, never> = new Map<never, never>();
export const ZERO_UUID = "00000000-0000-0000-0000-000000000000";

const UUID_FORM = ZERO_UUID;
const HYPHEN = 0x2d;

/** Whether a text is a whole uuid (RFC 7047 §3.1), in lower case as servers write it. */
export function isUuid(text: string): text is Uuid {
  if (text.length !== UUID_FORM.length) return false;
  // By hand, which is twice as fast as a regular expression: a replica checks every uuid that it reads.
  for (let i = 0; i < UUID_FORM.length; i++) {
    const c = text.charCodeAt(i);
    const isHex = (c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66);
    if (UUID_FORM.charCodeAt(i) === HYPHEN ? c !== HYPHEN : !isHex) return false;
  }
  return true;
}

/** The one representation of a 64-bit integer: a number where that is exact. */
export function normalizeInteger(value: number | bigint): Integer {
  if (typeof value === "number") return value;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/**
 * Orders two atoms of one type as OVSDB does: numbers by value, false before true, strings and uuids by code
 * points.
 *
 * @example ["b", "a"].sort(compareAtoms); // ["a", "b"]
 */
export function compareAtoms(a: Atom, b: Atom): number {
  if (a === b) return 0;
  if (typeof a === "string" && typeof b === "string") return compareStrings(a, b);
  return a < b ? -1 : 1;
}

/** UTF-16 order differs from that of code points (and UTF-8) only where a surrogate meets U+E000 … U+FFFF. */
function compareStrings(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const xHigh = x >= 0xd800 && x <= 0xdfff;
    const yHigh = y >= 0xd800 && y <= 0xdfff;
    if (xHigh !== yHigh) return xHigh ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/** Whether two column values are equal. Both must be in the canonical form that this module describes. */
export function datumEquals(a: Datum, b: Datum): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((atom, i) => atom === b[i]);
  }
  if (a instanceof Map && b instanceof Map) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) {
      if (b.get(key) !== value) return false;
    }
    return true;
  }
  return false;
}

/** A set in canonical form: sorted, without duplicates. The input may be in any order and is not changed. */
export function makeSet(atoms: Iterable<Atom>): readonly Atom[] {
  const list = [...atoms];
  if (list.length === 0) return EMPTY_SET;
  if (isAscending(list)) return list;
  list.sort(compareAtoms);
  return list.filter((atom, i) => i === 0 || atom !== list[i - 1]);
}

/**
 * A map in canonical form: in key order; a Map that is so already is returned itself. Of several values for
 * one key the last one stays.
 */
export function makeMap(pairs: Iterable<readonly [Atom, Atom]>): ReadonlyMap<Atom, Atom> {
  const map = pairs instanceof Map ? (pairs as ReadonlyMap<Atom, Atom>) : new Map(pairs);
  if (map.size === 0) return EMPTY_MAP;
  if (map.size === 1 || isAscending([...map.keys()])) return map;
  return new Map([...map].sort((a, b) => compareAtoms(a[0], b[0])));
}

function isAscending(atoms: readonly Atom[]): boolean {
  for (let i = 1; i < atoms.length; i++) {
    if (compareAtoms(atoms[i - 1] as Atom, atoms[i] as Atom) >= 0) return false;
  }
  return true;
}

/** Whether a set in canonical form has an element: a binary search. */
export function setHas(set: readonly Atom[], atom: Atom): boolean {
  return set[setPosition(set, atom)] === atom;
}

/** Where an element is in a set in canonical form, or would be: a binary search, from some position on. */
export function setPosition(set: readonly Atom[], atom: Atom, from = 0): number {
  let low = from;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareAtoms(set[middle] as Atom, atom) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
