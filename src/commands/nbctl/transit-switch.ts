/** `ts-add`, `ts-del`, `ts-list`. */

import { isUuid } from "ovsdb-client-ts";
import type { AnyRow, Behaviour, Behaviours, CommandContext, NeedsContext } from "../ctl/command.ts";
import { CommandError } from "../ctl/command-error.ts";
import { needTable, sortedBy, textOf } from "../ctl/global-row.ts";

const TABLE = "Transit_Switch";

const tsAdd: Behaviour = {
  needs: needSwitches,
  run: ({ args, options, txn }) => {
    const [name = ""] = args;
    for (const row of txn.rows(TABLE)) {
      if (row.name !== name) continue;
      if (options.has("may-exist")) return;
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
    const row = findSwitch(context, id);
    if (row !== undefined) {
      txn.verify(TABLE, row._uuid, ["name"]);
      txn.delete(TABLE, row._uuid);
    } else if (!options.has("if-exists")) {
      throw new CommandError(`${id}: switch ${isUuid(id.toLowerCase()) ? "UUID" : "name"} not found`);
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

/** A transit switch by uuid, or else by name. */
function findSwitch({ txn }: CommandContext, id: string): AnyRow | undefined {
  const uuid = id.toLowerCase();
  const byUuid = isUuid(uuid) ? txn.get(TABLE, uuid) : undefined;
  if (byUuid !== undefined) return byUuid;
  for (const row of txn.rows(TABLE)) if (row.name === id) return row;
  return undefined;
}

export const behaviours: Behaviours = { "ts-add": tsAdd, "ts-del": tsDel, "ts-list": tsList };
