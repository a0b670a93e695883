/** The commands that only `ovn-ic-nbctl` has, as data. */
import type { CommandGroup } from "../ctl/command/index.ts";

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
      options: ["--filter="],
      readOnly: true,
      help: [["show", "print overview of database contents"]],
    },
    // Its line of --help stands beside the options that it is for.
    { name: "sync", args: [0, 0], usage: "", readOnly: true },
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

export const transitSwitchPortCommands: CommandGroup = {
  heading: "Transit switch port commands",
  load: async () => (await import("./transit-switch-port.ts")).behaviours,
  commands: [
    {
      name: "tsp-add",
      args: [2, Number.POSITIVE_INFINITY],
      usage: "!SWITCH !PORT *COLUMN?:KEY=VALUE",
      options: ["--may-exist"],
      help: ["tsp-add SWITCH PORT [COLUMN[:KEY]=VALUE]...", ["", "add a port to SWITCH"]],
    },
    {
      name: "tsp-set-addr",
      args: [1, Number.POSITIVE_INFINITY],
      usage: "!PORT *ADDRESS",
      help: ["tsp-set-addr PORT [ADDRESS]...", ["", "set the addresses of PORT"]],
    },
    {
      name: "tsp-del",
      args: [1, 1],
      usage: "!PORT",
      options: ["--if-exists"],
      help: [["tsp-del PORT", "delete PORT"]],
    },
  ],
};

export const transitRouterCommands: CommandGroup = {
  heading: "Transit router commands",
  load: async () => ({
    ...(await import("./transit-router.ts")).behaviours,
    ...(await import("./transit-router-port.ts")).behaviours,
  }),
  commands: [
    {
      name: "tr-add",
      args: [1, 1],
      usage: "!ROUTER",
      options: ["--may-exist"],
      help: [["tr-add ROUTER", "create a transit router named ROUTER"]],
    },
    {
      name: "tr-del",
      args: [1, 1],
      usage: "!ROUTER",
      options: ["--if-exists"],
      help: [["tr-del ROUTER", "delete ROUTER"]],
    },
    {
      name: "tr-list",
      args: [0, 0],
      usage: "",
      readOnly: true,
      help: [["tr-list", "print all transit routers"]],
    },
    {
      name: "trp-add",
      args: [5, Number.POSITIVE_INFINITY],
      usage: "!ROUTER !PORT !MAC *NETWORK?COLUMN?:KEY=VALUE",
      options: ["--may-exist"],
      help: ["trp-add ROUTER PORT MAC [NETWORK]...[chassis=CHASSIS]", ["", "add a transit router PORT"]],
    },
    {
      name: "trp-del",
      args: [1, 1],
      usage: "!PORT",
      options: ["--if-exists"],
      help: [["trp-del PORT", "delete a transit router PORT"]],
    },
  ],
};
