/**
 * Access to known tables by name: for the commands that, other than the generic ones, know what tables mean.
 */
import type { Uuid } from "ovsdb-client-ts";
import { compareAtoms } from "ovsdb-client-ts";
import type { AnyRow, CommandContext, NeedsContext } from "../command/index.ts";

/**
 * The row of IC_NB_Global or IC_SB_Global. There is one: a line that finds none has created it before its
 * commands.
 */
export function globalRow({ globalTable, txn }: CommandContext): {
  readonly table: string;
  readonly uuid: Uuid;
  readonly row: AnyRow | undefined;
} {
  const [row] = txn.rows(globalTable);
  return { table: globalTable, row, uuid: row?._uuid ?? txn.insert(globalTable, {}) };
}

/** Declares columns of a table as needed, as far as the server has them. */
export function needTable({ need, schema }: NeedsContext, name: string, columns: readonly string[]): void {
  const table = schema.tables.get(name);
  if (table === undefined) return;
  need(
    table,
    columns.flatMap((column) => table.columns.get(column) ?? []),
  );
}

/** A column of type string; "" if the row has no such text. */
export function textOf(row: AnyRow, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

/** Rows in the order of a column of type string. */
export function sortedBy(column: string, rows: Iterable<AnyRow>): AnyRow[] {
  return [...rows].sort((a, b) => compareAtoms(textOf(a, column), textOf(b, column)));
}
