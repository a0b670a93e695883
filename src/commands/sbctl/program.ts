/** `ovn-ic-sbctl`: the IC southbound database (ovn-ic-sbctl(8)). */
import type { Program } from "../ctl/command/index.ts";
import { connectionCommands, databaseCommands, sslCommands } from "../ctl/commands/index.ts";
import { generalCommands } from "./commands.ts";

export const sbctl: Program = {
  name: "ovn-ic-sbctl",
  title: "OVN interconnection southbound DB management utility",
  database: "icSb",
  databaseName: "OVN_IC_Southbound",
  daemonVariable: "OVN_IC_SB_DAEMON",
  schemaVersion: "2.7.0",
  loadSchema: async () => (await import("../../core/schema/ic-sb.ts")).icSb,
  tables: [
    ["IC_SB_Global", true],
    ["Availability_Zone", false],
    ["Gateway", false],
    ["Encap", false],
    ["Datapath_Binding", false],
    ["Port_Binding", false],
    ["Route", false],
    ["Service_Monitor", false],
    ["Address_Set", false],
    ["Connection", false],
    ["SSL", true],
  ],
  globalTable: "IC_SB_Global",
  logModule: "ic_sbctl",
  recordNames: {
    Availability_Zone: ["name"],
    Gateway: ["name"],
    Datapath_Binding: ["transit_switch"],
    Port_Binding: ["logical_port"],
  },
  groups: [generalCommands, connectionCommands, sslCommands, databaseCommands],
};
