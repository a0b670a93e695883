/** `get`: values of columns, one per line. */
import type { TableSchema } from "ovsdb-client-ts";
import { CommandError } from "../../../cli/index.ts";
import type { AnyRow, Behaviour, CommandContext } from "../../command/index.ts";
import { elementsOf, formatAtom, formatDatum, parseAtom } from "../../datum/index.ts";
import {
  argumentColumn,
  findRecordToKeep,
  findTable,
  keepColumns,
  needRecords,
  parseColumnKey,
} from "../../find/index.ts";

export const get: Behaviour = {
  needs: (context) => {
    const [name = "", record = "", ...columns] = context.args;
    const table = findTable(context.schema, name);
    needRecords(context, table, [record]);
    context.need(
      table,
      columns.filter((column) => !isUuid(column)).map((arg) => argumentColumn(arg, table)),
      false,
    );
  },
  run: (context) => {
    const { args, options, symbols } = context;
    const [name = "", record = "", ...columns] = args;
    const ifExists = options.has("if-exists");
    const symbol = options.get("id") ?? null;
    if (ifExists && symbol !== null) {
      throw new CommandError("--if-exists and --id may not be specified together");
    }
    const table = findTable(context.schema, name);
    const row = findRecordToKeep(ifExists, context, table, record);
    if (row === undefined) return;
    if (symbol !== null) {
      const used = symbols.has(symbol);
      symbols.define(symbol);
      if (used)
        throw new CommandError(
          `row id "${symbol}" specified on "get" command was used before it was defined`,
        );
      symbols.assign(symbol, row._uuid, true);
    }
    for (const column of columns) {
      context.print(isUuid(column) ? `${row._uuid}\n` : `${value(context, table, row, column)}\n`);
    }
  },
};

function isUuid(column: string): boolean {
  return column.toLowerCase() === "_uuid";
}

function value(context: CommandContext, table: TableSchema, row: AnyRow, arg: string): string {
  const { column, key } = parseColumnKey(arg, table);
  keepColumns(context, table.name, row, [column.name]);
  const datum = row[column.name] ?? null;
  if (key === null) return formatDatum(datum, column);
  if (column.value === null) {
    throw new CommandError(`cannot specify key to get for non-map column ${column.name}`);
  }
  const atom = parseAtom(key, column.key, context.symbols.resolve);
  const found = elementsOf(datum).find(([candidate]) => candidate === atom)?.[1];
  if (found !== undefined) return formatAtom(found, column.value.type === "uuid");
  if (context.options.has("if-exists")) return "";
  const record = context.args[1] ?? "";
  throw new CommandError(`no key "${key}" in ${table.name} record "${record}" column ${column.name}`);
}
