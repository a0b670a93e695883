/** The commands that only `ovn-ic-sbctl` has, as data. */
import type { CommandGroup } from "../ctl/command/index.ts";

export const generalCommands: CommandGroup = {
  heading: "General commands",
  load: async () => (await import("./show.ts")).behaviours,
  commands: [
    // Does nothing by itself: every line creates the row of IC_SB_Global if it is missing.
    { name: "init", args: [0, 0], usage: "" },
    {
      name: "show",
      args: [0, 1],
      usage: "?AZ",
      readOnly: true,
      help: [["show", "print overview of database contents", 30]],
    },
  ],
};
