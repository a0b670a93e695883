/** `add`, `remove` and `clear`: elements of sets and maps. */
import type { ColumnSchema, TableSchema } from "ovsdb-client-ts";
import { CommandError } from "../../../cli/index.ts";
import type { AnyRow, Behaviour, CommandContext, NeedsContext } from "../../command/index.ts";
import type { Element, ParseType } from "../../datum/index.ts";
import { datumOf, elementsOf, parseElements } from "../../datum/index.ts";
import { findColumn, findRecordToKeep, findTable, keepColumns, needRecords } from "../../find/index.ts";

export const add: Behaviour = {
  needs: needColumn,
  run: (context) => {
    const { table, column, row, values } = target(context);
    if (row === undefined) return;
    const added = values.flatMap((value) => parseElements(value, someOf(column), context.symbols.resolve));
    checkLargest(table, column, elementsOf(row[column.name] ?? null), added);
    if (column.kind === "scalar") return;
    for (const [key, value] of added) {
      // A key that the map has keeps its value.
      const element = value === undefined ? [key] : new Map([[key, value]]);
      context.txn.mutate(table.name, row._uuid, column.name, "insert", element);
    }
  },
};

export const remove: Behaviour = {
  needs: needColumn,
  run: (context) => {
    const { table, column, row, values } = target(context);
    if (row === undefined) return;
    keepColumns(context, table.name, row, [column.name]);
    const removed = values.flatMap((value) => parseRemoved(context, column, value));
    const left = elementsOf(row[column.name] ?? null).filter(
      ([key, value]) =>
        !removed.some((gone) => gone[0] === key && (gone[1] === undefined || gone[1] === value)),
    );
    if (left.length < column.min) throw tooFew(table, column, left.length);
    if (column.kind === "scalar") return;
    for (const [key, value] of removed) {
      const gone = value === undefined ? [key] : new Map([[key, value]]);
      context.txn.mutate(table.name, row._uuid, column.name, "delete", gone);
    }
  },
};

export const clear: Behaviour = {
  needs: (context) => {
    const [name = "", record = "", ...columns] = context.args;
    const table = findTable(context.schema, name);
    needRecords(context, table, [record]);
    context.need(
      table,
      columns.map((column) => findColumn(table, column)),
      false,
    );
  },
  run: (context) => {
    const [name = "", record = "", ...columns] = context.args;
    const table = findTable(context.schema, name);
    const row = findRecordToKeep(context.options.has("if-exists"), context, table, record);
    if (row === undefined) return;
    for (const columnName of columns) {
      const column = findColumn(table, columnName);
      if (column.min > 0) throw notEmptiable(table, column);
      context.txn.update(table.name, row._uuid, { [column.name]: datumOf(column.kind, []) });
    }
  },
};

function needColumn(context: NeedsContext): void {
  const [name = "", record = "", column = ""] = context.args;
  const table = findTable(context.schema, name);
  needRecords(context, table, [record]);
  context.need(table, [findColumn(table, column)], false);
}

interface Target {
  readonly table: TableSchema;
  readonly column: ColumnSchema;
  readonly row: AnyRow | undefined;
  readonly values: readonly string[];
}

function target(context: CommandContext): Target {
  const [name = "", record = "", columnName = "", ...values] = context.args;
  const table = findTable(context.schema, name);
  const row = findRecordToKeep(context.options.has("if-exists"), context, table, record);
  return { table, column: findColumn(table, columnName), row, values };
}

/** An argument holds at least one element, and may hold any number. */
function someOf(column: ColumnSchema): ParseType {
  const kind = column.value === null ? "set" : "map";
  return { kind, key: column.key, value: column.value, min: 1, max: Number.POSITIVE_INFINITY };
}

/** Of a map, pairs that are removed if they are exactly so, or else keys. */
function parseRemoved({ symbols }: CommandContext, column: ColumnSchema, text: string): Element[] {
  const type = someOf(column);
  if (column.value === null) return parseElements(text, type, symbols.resolve);
  try {
    return parseElements(text, type, symbols.resolve);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return parseElements(text, { ...type, kind: "set", value: null }, symbols.resolve);
  }
}

function checkLargest(
  table: TableSchema,
  column: ColumnSchema,
  old: readonly Element[],
  added: readonly Element[],
): void {
  const count = new Set([...old, ...added].map(([key]) => key)).size;
  if (count <= column.max) return;
  const elements = column.value === null ? "values" : "pairs";
  throw new CommandError(
    `"add" operation would put ${count} ${elements} in column ${column.name} of table ${table.name} ` +
      `but the maximum number is ${column.max}`,
  );
}

function tooFew(table: TableSchema, column: ColumnSchema, count: number): CommandError {
  const elements = column.value === null ? "values" : "pairs";
  return new CommandError(
    `"remove" operation would put ${count} ${elements} in column ${column.name} of table ${table.name} ` +
      `but the minimum number is ${column.min}`,
  );
}

function notEmptiable(table: TableSchema, column: ColumnSchema): CommandError {
  return new CommandError(
    `"clear" operation cannot be applied to column ${column.name} of table ${table.name}, ` +
      "which is not allowed to be empty",
  );
}
