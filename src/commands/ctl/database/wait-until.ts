/** `wait-until`: waits for a record, and for it to satisfy conditions; `comment`: words for the database's log. */
import { argumentColumn } from "../column-argument.ts";
import { type Command, TryAgain } from "../command.ts";
import { findTable } from "../names.ts";
import { findRecord, needRecords } from "../record.ts";
import { satisfies } from "../relation.ts";

export const waitUntil: Command = {
  name: "wait-until",
  args: [2, Number.POSITIVE_INFINITY],
  usage: "!TABLE !RECORD *COLUMN?:KEY=VALUE",
  readOnly: true,
  help: [["wait-until TBL REC [COL[:KEY]=VALUE]", "wait until condition is true", 40]],
  needs: (context) => {
    const [name = "", , ...conditions] = context.args;
    const table = findTable(context.schema, name);
    needRecords(context, table);
    context.need(
      table,
      conditions.map((condition) => argumentColumn(condition, table)),
    );
  },
  run: (context) => {
    const [name = "", record = "", ...conditions] = context.args;
    const table = findTable(context.schema, name);
    const row = findRecord(context, table, record);
    if (row === undefined) throw new TryAgain(`no row "${record}" in table ${table.name} yet`);
    for (const condition of conditions) {
      if (!satisfies(row, condition, table, context.symbols.resolve)) throw new TryAgain(condition);
    }
  },
};

/** Does nothing by itself: the whole line is the comment of its transaction anyway. */
export const comment: Command = {
  name: "comment",
  args: [0, Number.POSITIVE_INFINITY],
  usage: "*ARG",
};
