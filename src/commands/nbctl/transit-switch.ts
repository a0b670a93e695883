/** `ts-add`, `ts-del`, `ts-list`. */

import { isUuid } from "ovsdb-client-ts";
import type { AnyRow, Command, CommandContext, CommandGroup, NeedsContext } from "../ctl/command.ts";
import { CommandError } from "../ctl/command-error.ts";
import { needTable, sortedBy, textOf } from "../ctl/global-row.ts";

const TABLE = "Transit_Switch";

const tsAdd: Command = {
  name: "ts-add",
  args: [1, 1],
  usage: "!SWITCH",
  options: ["--may-exist"],
  help: [["ts-add SWITCH", "create a transit switch named SWITCH"]],
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

const tsDel: Command = {
  name: "ts-del",
  args: [1, 1],
  usage: "!SWITCH",
  options: ["--if-exists"],
  help: [["ts-del SWITCH", "delete SWITCH"]],
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

const tsList: Command = {
  name: "ts-list",
  args: [0, 0],
  usage: "",
  readOnly: true,
  help: [["ts-list", "print all transit switches"]],
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

export const transitSwitchCommands: CommandGroup = {
  heading: "Transit switch commands",
  commands: [tsAdd, tsDel, tsList],
};
