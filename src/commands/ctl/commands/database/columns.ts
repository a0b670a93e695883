/**
 * Which columns `list` and `find` show, and their rows as a table.
 */
import type { ColumnSchema, Datum, TableSchema } from "ovsdb-client-ts";
import { CommandError } from "../../../cli/index.ts";
import type { AnyRow, CommandOptions, NeedsContext } from "../../command/index.ts";
import type { OutputColumn, OutputTable } from "../../datum/index.ts";
import { findColumn } from "../../find/index.ts";

const UUID_COLUMN: OutputColumn = {
  heading: "_uuid",
  type: {
    kind: "scalar",
    key: { type: "uuid", enum: null, min: null, max: null, refTable: null, refType: null },
    value: null,
  },
};

/** The columns that `--columns` names, in its order; null stands for `_uuid`. Without it all, by name. */
export function shownColumns(options: CommandOptions, table: TableSchema): (ColumnSchema | null)[] {
  const list = options.get("columns") ?? null;
  if (list === null) {
    return [null, ...[...table.columns.values()].sort((a, b) => (a.name < b.name ? -1 : 1))];
  }
  const names = list.split(/[, ]+/).filter((name) => name !== "");
  if (names.length === 0) throw new CommandError("must specify at least one column name");
  return names.map((name) => (name.toLowerCase() === "_uuid" ? null : findColumn(table, name)));
}

/** Declares the columns, of whichever rows. */
export function needShownColumns(context: NeedsContext, table: TableSchema): void {
  const columns = shownColumns(context.options, table);
  context.need(
    table,
    columns.filter((column) => column !== null),
    false,
  );
}

/** Rows of the database as a table to be printed. */
export function rowsTable(rows: readonly AnyRow[], columns: readonly (ColumnSchema | null)[]): OutputTable {
  return {
    columns: columns.map((column) =>
      column === null ? UUID_COLUMN : { heading: column.name, type: column },
    ),
    rows: rows.map((row) => columns.map((column): Datum => row[column?.name ?? "_uuid"] ?? null)),
  };
}
