/**
 * The part of the OVN_Southbound database (as of OVN 26.09) that interconnection reads or writes.
 */
import type { OvsSchema, Row } from "ovsdb-client-ts";
import { OPTIONAL_BOOLEAN, OPTIONAL_UUID, STRING_MAP, STRINGS } from "./types.ts";

export const sb = {
  name: "OVN_Southbound",
  version: "21.11.0",
  tables: {
    SB_Global: {
      columns: {
        options: { type: STRING_MAP },
      },
      maxRows: 1,
      isRoot: true,
    },
    Chassis: {
      columns: {
        name: { type: "string" },
        hostname: { type: "string" },
        encaps: { type: { key: { type: "uuid", refTable: "Encap" }, min: 1, max: "unlimited" } },
        other_config: { type: STRING_MAP },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Encap: {
      columns: {
        type: { type: { key: { type: "string", enum: ["set", ["geneve", "vxlan"]] } } },
        options: { type: STRING_MAP },
        ip: { type: "string" },
        chassis_name: { type: "string" },
      },
      indexes: [["type", "ip"]],
    },
    Address_Set: {
      columns: {
        name: { type: "string" },
        addresses: { type: STRINGS },
        options: { type: STRING_MAP },
      },
      indexes: [["name"]],
      isRoot: true,
    },
    Datapath_Binding: {
      columns: {
        tunnel_key: { type: { key: { type: "integer", minInteger: 1, maxInteger: 16777215 } } },
        type: {
          type: {
            key: { type: "string", enum: ["set", ["logical-switch", "logical-router"]] },
            min: 0,
            max: 1,
          },
        },
        nb_uuid: { type: OPTIONAL_UUID },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["tunnel_key"]],
      isRoot: true,
    },
    Port_Binding: {
      columns: {
        logical_port: { type: "string" },
        type: { type: "string" },
        options: { type: STRING_MAP },
        datapath: { type: { key: { type: "uuid", refTable: "Datapath_Binding" } } },
        tunnel_key: { type: { key: { type: "integer", minInteger: 1, maxInteger: 32767 } } },
        chassis: { type: { key: { type: "uuid", refTable: "Chassis", refType: "weak" }, min: 0, max: 1 } },
        encap: { type: { key: { type: "uuid", refTable: "Encap", refType: "weak" }, min: 0, max: 1 } },
        mac: { type: STRINGS },
        up: { type: OPTIONAL_BOOLEAN },
      },
      indexes: [["datapath", "tunnel_key"], ["logical_port"]],
      isRoot: true,
    },
    Service_Monitor: {
      columns: {
        type: {
          type: {
            key: {
              type: "string",
              enum: ["set", ["load-balancer", "network-function", "logical-switch-port"]],
            },
            min: 0,
            max: 1,
          },
        },
        ip: { type: "string" },
        protocol: {
          type: { key: { type: "string", enum: ["set", ["tcp", "udp", "icmp"]] }, min: 0, max: 1 },
        },
        port: { type: { key: { type: "integer", minInteger: 0, maxInteger: 65535 } } },
        logical_port: { type: "string" },
        src_mac: { type: "string" },
        src_ip: { type: "string" },
        chassis_name: { type: "string" },
        status: {
          type: { key: { type: "string", enum: ["set", ["online", "offline", "error"]] }, min: 0, max: 1 },
        },
        ic_learned: { type: "boolean" },
        remote: { type: "boolean" },
        options: { type: STRING_MAP },
      },
      indexes: [["logical_port", "ip", "port", "protocol"]],
      isRoot: true,
    },
    Learned_Route: {
      columns: {
        datapath: { type: { key: { type: "uuid", refTable: "Datapath_Binding", refType: "strong" } } },
        logical_port: { type: { key: { type: "uuid", refTable: "Port_Binding", refType: "strong" } } },
        ip_prefix: { type: "string" },
        nexthop: { type: "string" },
      },
      indexes: [["datapath", "logical_port", "ip_prefix", "nexthop"]],
      isRoot: true,
    },
  },
} as const satisfies OvsSchema;

export type SBGlobal = Row<typeof sb, "SB_Global">;
export type Chassis = Row<typeof sb, "Chassis">;
export type Encap = Row<typeof sb, "Encap">;
export type AddressSet = Row<typeof sb, "Address_Set">;
export type DatapathBinding = Row<typeof sb, "Datapath_Binding">;
export type PortBinding = Row<typeof sb, "Port_Binding">;
export type ServiceMonitor = Row<typeof sb, "Service_Monitor">;
export type LearnedRoute = Row<typeof sb, "Learned_Route">;
