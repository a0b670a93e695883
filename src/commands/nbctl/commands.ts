/** The commands that only `ovn-ic-nbctl` has, as data. */
import type { CommandGroup } from "../ctl/command.ts";

export const generalCommands: CommandGroup = {
  heading: "General commands",
  load: async () => (await import("./general.ts")).behaviours,
  commands: [
    // Does nothing by itself: every line creates the row of IC_NB_Global if it is missing.
    { name: "init", args: [0, 0], usage: "", help: [["init", "initialize the database"]] },
    {
      name: "show",
      args: [0, 0],
      usage: "",
      readOnly: true,
      help: [["show", "print overview of database contents"]],
    },
  ],
};

export const transitSwitchCommands: CommandGroup = {
  heading: "Transit switch commands",
  load: async () => (await import("./transit-switch.ts")).behaviours,
  commands: [
    {
      name: "ts-add",
      args: [1, 1],
      usage: "!SWITCH",
      options: ["--may-exist"],
      help: [["ts-add SWITCH", "create a transit switch named SWITCH"]],
    },
    {
      name: "ts-del",
      args: [1, 1],
      usage: "!SWITCH",
      options: ["--if-exists"],
      help: [["ts-del SWITCH", "delete SWITCH"]],
    },
    {
      name: "ts-list",
      args: [0, 0],
      usage: "",
      readOnly: true,
      help: [["ts-list", "print all transit switches"]],
    },
  ],
};
