/** `ts-add`, `ts-del`, `ts-list`. */

import { CommandError } from "../cli/index.ts";
import type { Behaviour, Behaviours, NeedsContext } from "../ctl/command/index.ts";
import { needTable, sortedBy, textOf } from "../ctl/find/index.ts";
import { findNamed, notFound } from "./named-row.ts";

const TABLE = "Transit_Switch";

const tsAdd: Behaviour = {
  needs: needSwitches,
  run: ({ args, options, txn }) => {
    const [name = ""] = args;
    const [row] = txn.find(TABLE, "name", name);
    if (row !== undefined) {
      if (options.has("may-exist")) return txn.verify(TABLE, row._uuid, ["name"]);
      throw new CommandError(`${name}: a transit switch with this name already exists`);
    }
    txn.insert(TABLE, { name });
  },
};

const tsDel: Behaviour = {
  needs: needSwitches,
  run: (context) => {
    const { args, options, txn } = context;
    const [id = ""] = args;
    const row = findNamed(context, TABLE, id);
    if (row !== undefined) {
      txn.verify(TABLE, row._uuid, ["name"]);
      txn.delete(TABLE, row._uuid);
    } else if (!options.has("if-exists")) {
      throw notFound("switch", id);
    }
  },
};

const tsList: Behaviour = {
  needs: needSwitches,
  run: ({ txn, print }) => {
    for (const row of sortedBy("name", txn.rows(TABLE))) print(`${row._uuid} (${textOf(row, "name")})\n`);
  },
};

function needSwitches(context: NeedsContext): void {
  needTable(context, TABLE, ["name"]);
}

export const behaviours: Behaviours = { "ts-add": tsAdd, "ts-del": tsDel, "ts-list": tsList };
