/**
 * `wait-until`: waits for a record, and for it to satisfy conditions; `comment`: words for the database's
 * log.
 */

import type { Behaviour } from "../../command/index.ts";
import { TryAgain } from "../../command/index.ts";
import {
  argumentColumn,
  findRecord,
  findTable,
  keepColumns,
  keepName,
  needRecords,
  rowTest,
} from "../../find/index.ts";

export const waitUntil: Behaviour = {
  needs: (context) => {
    const [name = "", record = "", ...conditions] = context.args;
    const table = findTable(context.schema, name);
    needRecords(context, table, [record]);
    context.need(
      table,
      conditions.map((condition) => argumentColumn(condition, table)),
      false,
    );
  },
  run: (context) => {
    const [name = "", record = "", ...conditions] = context.args;
    const table = findTable(context.schema, name);
    const row = findRecord(context, table, record);
    if (row === undefined) throw new TryAgain(`no row "${record}" in table ${table.name} yet`);
    for (const condition of conditions) {
      if (!rowTest(condition, table, context.symbols.resolve)(row)) throw new TryAgain(condition);
    }
    // What has come true must be so still when the commands that follow take effect.
    keepName(context, table, row);
    const columns = conditions.map((condition) => argumentColumn(condition, table).name);
    keepColumns(context, table.name, row, columns);
  },
};
