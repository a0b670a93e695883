/** `ovn-ic-nbctl`: the IC northbound database (ovn-ic-nbctl(8)). */
import type { Program } from "../ctl/command/index.ts";
import { connectionCommands, databaseCommands, sslCommands } from "../ctl/commands/index.ts";
import {
  generalCommands,
  transitRouterCommands,
  transitSwitchCommands,
  transitSwitchPortCommands,
} from "./commands.ts";

export const nbctl: Program = {
  name: "ovn-ic-nbctl",
  title: "OVN interconnection northbound DB management utility",
  database: "icNb",
  databaseName: "OVN_IC_Northbound",
  daemonVariable: "OVN_IC_NB_DAEMON",
  schemaVersion: "1.4.0",
  loadSchema: async () => (await import("../../core/schema/ic-nb.ts")).icNb,
  tables: [
    ["IC_NB_Global", true],
    ["Transit_Switch", false],
    ["Transit_Switch_Port", false],
    ["Transit_Router", false],
    ["Transit_Router_Port", false],
    ["Connection", false],
    ["SSL", true],
  ],
  globalTable: "IC_NB_Global",
  logModule: "ic_nbctl",
  recordNames: {
    Transit_Switch: ["name"],
    Transit_Switch_Port: ["name"],
    Transit_Router: ["name"],
    Transit_Router_Port: ["name", "tr_uuid", "mac"],
  },
  groups: [
    generalCommands,
    transitSwitchCommands,
    transitSwitchPortCommands,
    transitRouterCommands,
    connectionCommands,
    sslCommands,
    databaseCommands,
  ],
};
