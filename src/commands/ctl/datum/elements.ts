/**
 * Column values as lists of elements: one view of scalars, optional values, sets and maps for what treats
 * them alike.
 */
import type { Atom, ColumnKind, Datum } from "ovsdb-client-ts";
import { compareAtoms, makeMap, makeSet } from "ovsdb-client-ts";

/** One element: an atom, or a key with its value. */
export type Element = readonly [key: Atom, value?: Atom];

/** The elements of a column value, in ascending order. */
export function elementsOf(datum: Datum): readonly Element[] {
  if (datum === null) return [];
  if (datum instanceof Map) return [...datum];
  if (Array.isArray(datum)) return datum.map((atom: Atom) => [atom]);
  return [[datum as Atom]];
}

/**
 * The column value that consists of some elements; there must be no more of them than the kind of column
 * allows.
 */
export function datumOf(kind: ColumnKind, elements: readonly Element[]): Datum {
  if (kind === "map") return makeMap(elements.map(([key, value = ""]) => [key, value] as const));
  const atoms = elements.map(([key]) => key);
  if (kind === "set") return makeSet(atoms);
  return atoms[0] ?? null;
}

/**
 * The order of two values of one column, as `ovsdb_datum_compare_3way` has it: by number of elements, then
 * keys, then values.
 */
export function compareElements(a: readonly Element[], b: readonly Element[]): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const part of [0, 1] as const) {
    for (const [index, element] of a.entries()) {
      const [x, y] = [element[part], b[index]?.[part]];
      if (x === undefined || y === undefined) continue;
      const order = compareAtoms(x, y);
      if (order !== 0) return order;
    }
  }
  return 0;
}
