/**
 * The part of the OVN_Northbound database (as of OVN 26.09) that interconnection reads or writes.
 */
import type { OvsSchema, Row } from "ovsdb-client-ts";
import { OPTIONAL_BOOLEAN, OPTIONAL_STRING, STRING_MAP, STRINGS } from "./types.ts";

export const nb = {
  name: "OVN_Northbound",
  version: "7.19.0",
  tables: {
    NB_Global: {
      columns: {
        name: { type: "string" },
        options: { type: STRING_MAP },
      },
      maxRows: 1,
      isRoot: true,
    },
    Logical_Switch: {
      columns: {
        name: { type: "string" },
        ports: {
          type: {
            key: { type: "uuid", refTable: "Logical_Switch_Port", refType: "strong" },
            min: 0,
            max: "unlimited",
          },
        },
        other_config: { type: STRING_MAP },
      },
      isRoot: true,
    },
    Logical_Switch_Port: {
      columns: {
        name: { type: "string" },
        type: { type: "string" },
        options: { type: STRING_MAP },
        addresses: { type: STRINGS },
        peer: { type: OPTIONAL_STRING },
        up: { type: OPTIONAL_BOOLEAN },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["name"]],
    },
    Address_Set: {
      columns: {
        name: { type: "string" },
        addresses: { type: STRINGS },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["name"]],
      isRoot: true,
    },
    Port_Group: {
      columns: {
        name: { type: "string" },
      },
      indexes: [["name"]],
      isRoot: true,
    },
    Load_Balancer: {
      columns: {
        name: { type: "string" },
        vips: { type: STRING_MAP },
      },
      isRoot: true,
    },
    Load_Balancer_Group: {
      columns: {
        name: { type: "string" },
        load_balancer: {
          type: {
            key: { type: "uuid", refTable: "Load_Balancer", refType: "weak" },
            min: 0,
            max: "unlimited",
          },
        },
      },
      indexes: [["name"]],
      isRoot: true,
    },
    Logical_Router: {
      columns: {
        name: { type: "string" },
        ports: {
          type: {
            key: { type: "uuid", refTable: "Logical_Router_Port", refType: "strong" },
            min: 0,
            max: "unlimited",
          },
        },
        static_routes: {
          type: {
            key: { type: "uuid", refTable: "Logical_Router_Static_Route", refType: "strong" },
            min: 0,
            max: "unlimited",
          },
        },
        enabled: { type: OPTIONAL_BOOLEAN },
        load_balancer: {
          type: {
            key: { type: "uuid", refTable: "Load_Balancer", refType: "weak" },
            min: 0,
            max: "unlimited",
          },
        },
        load_balancer_group: {
          type: { key: { type: "uuid", refTable: "Load_Balancer_Group" }, min: 0, max: "unlimited" },
        },
        options: { type: STRING_MAP },
      },
      isRoot: true,
    },
    Logical_Router_Port: {
      columns: {
        name: { type: "string" },
        options: { type: STRING_MAP },
        networks: { type: STRINGS },
        mac: { type: "string" },
      },
      indexes: [["name"]],
    },
    Logical_Router_Static_Route: {
      columns: {
        route_table: { type: "string" },
        ip_prefix: { type: "string" },
        policy: { type: { key: { type: "string", enum: ["set", ["src-ip", "dst-ip"]] }, min: 0, max: 1 } },
        nexthop: { type: "string" },
        output_port: { type: OPTIONAL_STRING },
        options: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
      },
    },
  },
} as const satisfies OvsSchema;

export type NBGlobal = Row<typeof nb, "NB_Global">;
export type LogicalSwitch = Row<typeof nb, "Logical_Switch">;
export type LogicalSwitchPort = Row<typeof nb, "Logical_Switch_Port">;
export type AddressSet = Row<typeof nb, "Address_Set">;
export type LoadBalancer = Row<typeof nb, "Load_Balancer">;
export type LoadBalancerGroup = Row<typeof nb, "Load_Balancer_Group">;
export type LogicalRouter = Row<typeof nb, "Logical_Router">;
export type LogicalRouterPort = Row<typeof nb, "Logical_Router_Port">;
export type LogicalRouterStaticRoute = Row<typeof nb, "Logical_Router_Static_Route">;
