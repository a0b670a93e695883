/** `init` and `show`. */
import type { Command, CommandGroup } from "../ctl/command.ts";
import { formatAtom } from "../ctl/datum/format.ts";
import { needTable, sortedBy, textOf } from "../ctl/global-row.ts";

/** Does nothing by itself: every line creates the row of IC_NB_Global if it is missing. */
const init: Command = {
  name: "init",
  args: [0, 0],
  usage: "",
  help: [["init", "initialize the database"]],
};

const show: Command = {
  name: "show",
  args: [0, 0],
  usage: "",
  readOnly: true,
  help: [["show", "print overview of database contents"]],
  needs: (context) => needTable(context, "Transit_Switch", ["name"]),
  run: ({ txn, print }) => {
    for (const row of sortedBy("name", txn.rows("Transit_Switch"))) {
      print(`Transit_Switch ${formatAtom(textOf(row, "name"))}\n`);
    }
  },
};

export const generalCommands: CommandGroup = { heading: "General commands", commands: [init, show] };
