/** `tr-add`, `tr-del`, `tr-list`. */

import { CommandError } from "../cli/index.ts";
import type { Behaviour, Behaviours, NeedsContext } from "../ctl/command/index.ts";
import { needTable, sortedBy, textOf } from "../ctl/find/index.ts";
import { findNamed, notFound, requireTable } from "./named-row.ts";

const TABLE = "Transit_Router";

const trAdd: Behaviour = {
  needs: needRouters,
  run: ({ args, options, txn }) => {
    const [name = ""] = args;
    const [row] = txn.find(TABLE, "name", name);
    if (row !== undefined) {
      if (options.has("may-exist")) return txn.verify(TABLE, row._uuid, ["name"]);
      throw new CommandError(`${name}: a transit router with this name already exists`);
    }
    txn.insert(TABLE, { name });
  },
};

/** The server deletes the ports with their router, as nothing refers to them any more. */
const trDel: Behaviour = {
  needs: needRouters,
  run: (context) => {
    const { args, options, txn } = context;
    const [id = ""] = args;
    const row = findNamed(context, TABLE, id);
    if (row !== undefined) {
      txn.verify(TABLE, row._uuid, ["name"]);
      txn.delete(TABLE, row._uuid);
    } else if (!options.has("if-exists")) {
      throw notFound("router", id);
    }
  },
};

/** On a server without transit routers there are none. */
const trList: Behaviour = {
  needs: (context) => needTable(context, TABLE, ["name"]),
  run: ({ txn, print }) => {
    for (const row of sortedBy("name", txn.rows(TABLE))) print(`${row._uuid} (${textOf(row, "name")})\n`);
  },
};

function needRouters(context: NeedsContext): void {
  requireTable(context, TABLE);
  needTable(context, TABLE, ["name"]);
}

export const behaviours: Behaviours = { "tr-add": trAdd, "tr-del": trDel, "tr-list": trList };
