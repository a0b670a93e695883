/**
 * Operations as people and programs see them: per database, table and row, what would be inserted, changed or
 * deleted, and why.
 */
import type { DatumInput } from "ovsdb-client-ts";
import type { DatabaseName } from "../model/index.ts";
import { SCHEMAS } from "../model/index.ts";
import type { Columns, Operation, UpdateOperation } from "./operations.ts";
import { isPlaceholder, nameOf } from "./operations.ts";
import type { PlannedTransaction } from "./transactions.ts";

export type JsonColumn =
  | string
  | number
  | boolean
  | null
  | readonly JsonColumn[]
  | { readonly [key: string]: JsonColumn };

/** One row's change. */
export interface RowDescription {
  /** Name of the database in its schema: `OVN_IC_Southbound`. */
  readonly database: string;
  readonly table: string;
  readonly action: "insert" | "update" | "delete";
  /** null for a row to be inserted. */
  readonly uuid: string | null;
  /** What people know the row by. */
  readonly name: string;
  /** What the columns are and will be; keys of maps are written `column:key`. */
  readonly columns: { readonly [column: string]: { readonly old?: JsonColumn; readonly new?: JsonColumn } };
  /** The rule that asks for it. */
  readonly why: string;
}

/** Counts of rows in one table. */
export interface RowCounts {
  inserted: number;
  updated: number;
  deleted: number;
}

/** Describes what transactions would do, row by row. */
export function describeRows(transactions: readonly PlannedTransaction[]): RowDescription[] {
  return transactions.flatMap(({ database, parts }) =>
    parts.flatMap(({ operations }) =>
      operations.flatMap((operation) => describeRow(database, operation) ?? []),
    ),
  );
}

function describeRow(database: DatabaseName, operation: Operation): RowDescription | null {
  const common = { database: SCHEMAS[database].name, table: operation.table, why: operation.why };
  switch (operation.kind) {
    case "absent":
      return null;
    case "insert":
      return {
        ...common,
        action: "insert",
        uuid: null,
        name: nameOf(operation.columns),
        columns: valuesOf(operation.columns, "new"),
      };
    case "delete":
      return {
        ...common,
        action: "delete",
        uuid: operation.old._uuid,
        name: nameOf(operation.old),
        columns: {},
      };
    case "update":
      return {
        ...common,
        action: "update",
        uuid: operation.old._uuid,
        name: nameOf(operation.old),
        columns: changesOf(operation),
      };
  }
}

function valuesOf(columns: Columns, side: "old" | "new"): RowDescription["columns"] {
  return Object.fromEntries(
    Object.entries(columns).map(([column, value]) => [column, { [side]: jsonOf(value) }]),
  );
}

function changesOf({ old, columns, keys }: UpdateOperation): RowDescription["columns"] {
  const changes: Record<string, { old: JsonColumn; new: JsonColumn }> = {};
  for (const [column, value] of Object.entries(columns)) {
    changes[column] = { old: jsonOf(old[column] ?? null), new: jsonOf(value) };
  }
  for (const [column, pairs] of Object.entries(keys)) {
    const current = old[column];
    for (const [key, value] of Object.entries(pairs)) {
      const before = current instanceof Map ? (current.get(key) ?? null) : null;
      changes[`${column}:${key}`] = { old: jsonOf(before), new: value };
    }
  }
  return changes;
}

function jsonOf(value: DatumInput): JsonColumn {
  if (typeof value === "bigint") return value.toString();
  if (isPlaceholder(value)) return "(new row)";
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value) || value instanceof Set) return [...value].map(jsonOf);
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(pairs.map(([key, one]) => [String(key), jsonOf(one)]));
}

/** Counts rows by database and table, in the order of their first occurrence. */
export function countRows(rows: Iterable<RowDescription>): Map<string, Map<string, RowCounts>> {
  const counts = new Map<string, Map<string, RowCounts>>();
  for (const row of rows) {
    const tables = counts.get(row.database) ?? new Map<string, RowCounts>();
    const table = tables.get(row.table) ?? { inserted: 0, updated: 0, deleted: 0 };
    if (row.action === "insert") table.inserted++;
    else if (row.action === "update") table.updated++;
    else table.deleted++;
    counts.set(row.database, tables.set(row.table, table));
  }
  return counts;
}
