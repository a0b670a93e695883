/** `list` and `find`: rows as a table. */
import type { TableSchema } from "ovsdb-client-ts";
import type { AnyRow, Behaviour, CommandContext, NeedsContext } from "../../command/index.ts";
import {
  argumentColumn,
  findRecordUnless,
  findTable,
  needRecords,
  rowsOf,
  rowsSatisfying,
  rowTest,
} from "../../find/index.ts";
import { needShownColumns, rowsTable, shownColumns } from "./columns.ts";

export const list: Behaviour = {
  needs: (context) => {
    const [name = "", ...ids] = context.args;
    const table = findTable(context.schema, name);
    needShownColumns(context, table);
    if (ids.length === 0) context.need(table);
    else needRecords(context, table, ids);
  },
  run: (context) => {
    const [name = "", ...ids] = context.args;
    const table = findTable(context.schema, name);
    const ifExists = context.options.has("if-exists");
    const rows = ids.flatMap((id) => findRecordUnless(ifExists, context, table, id) ?? []);
    printRows(context, table, ids.length > 0 ? rows : allRows(context, table));
  },
};

export const find: Behaviour = {
  needs: (context: NeedsContext) => {
    const [name = "", ...conditions] = context.args;
    const table = findTable(context.schema, name);
    needShownColumns(context, table);
    context.need(
      table,
      conditions.map((condition) => argumentColumn(condition, table)),
      rowsSatisfying(conditions, table),
    );
  },
  run: (context) => {
    const [name = "", ...conditions] = context.args;
    const table = findTable(context.schema, name);
    const tests = conditions.map((condition) => rowTest(condition, table, context.symbols.resolve));
    const fits = (row: AnyRow) => tests.every((test) => test(row));
    printRows(context, table, allRows(context, table).filter(fits));
  },
};

function printRows(context: CommandContext, table: TableSchema, rows: readonly AnyRow[]): void {
  context.printTable(rowsTable(rows, shownColumns(context.options, table)));
}

/** All rows of a table, in the order of their uuids: the same each time. */
function allRows(context: CommandContext, table: TableSchema): AnyRow[] {
  return [...rowsOf(context, table)].sort((a, b) => (a._uuid < b._uuid ? -1 : 1));
}
