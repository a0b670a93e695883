/** From uuids in columns to the rows that they name. */
import type { Atom, Datum, UuidTarget } from "../schema/atom.ts";
import type { Row, TableName } from "../schema/infer.ts";
import type { ColumnSchema, OvsSchema } from "../schema/schema.ts";

/**
 * The table that a column's values refer to (its values, if it is a map both of whose sides do); null if it
 * holds no references.
 */
export function referredTable(column: ColumnSchema): string | null {
  return column.value?.refTable ?? column.key.refTable;
}

/** The uuids in a column that refer to rows of `referredTable`. */
export function references(value: Datum, column: ColumnSchema): Atom[] {
  if (value instanceof Map) {
    return [...((column.value?.refTable ?? null) === null ? value.keys() : value.values())];
  }
  if (Array.isArray(value)) return [...value];
  return value === null ? [] : [value as Atom];
}

type RefTarget<V> = V extends readonly (infer U)[]
  ? RefTarget<U>
  : V extends ReadonlyMap<infer K, infer W>
    ? [RefTarget<W>] extends [never]
      ? RefTarget<K>
      : RefTarget<W>
    : UuidTarget<V>;

/** The rows that a reference column's type points to. */
export type RefRows<S extends OvsSchema, V> = Datum extends V
  ? Row<S, TableName<S>>[]
  : Row<S, RefTarget<V> & TableName<S>>[];
