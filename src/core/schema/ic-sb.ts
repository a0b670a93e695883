/**
 * The OVN_IC_Southbound database, complete, as of OVN 26.09. Older servers lack some of it, and know fewer
 * enum values (and `stt` as an encapsulation before 25.09): ask the server's own schema.
 */
import type { OvsSchema, Row } from "ovsdb-client-ts";
import { BACKOFF, OPTIONAL_INTEGER, OPTIONAL_UUID, STRING_MAP, STRINGS } from "./types.ts";

export const icSb = {
  name: "OVN_IC_Southbound",
  version: "2.7.0",
  tables: {
    IC_SB_Global: {
      columns: {
        nb_ic_cfg: { type: { key: "integer" } },
        external_ids: { type: STRING_MAP },
        connections: { type: { key: { type: "uuid", refTable: "Connection" }, min: 0, max: "unlimited" } },
        ssl: { type: { key: { type: "uuid", refTable: "SSL" }, min: 0, max: 1 } },
        options: { type: STRING_MAP },
      },
      maxRows: 1,
      isRoot: true,
    },
    Availability_Zone: {
      columns: {
        name: { type: "string" },
        nb_ic_cfg: { type: { key: "integer" } },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Gateway: {
      columns: {
        name: { type: "string" },
        availability_zone: { type: { key: { type: "uuid", refTable: "Availability_Zone" } } },
        hostname: { type: "string" },
        encaps: { type: { key: { type: "uuid", refTable: "Encap" }, min: 1, max: "unlimited" } },
        external_ids: { type: STRING_MAP },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Encap: {
      columns: {
        type: { type: { key: { type: "string", enum: ["set", ["geneve", "vxlan"]] } } },
        options: { type: STRING_MAP },
        ip: { type: "string" },
        gateway_name: { type: "string" },
      },
      indexes: [["type", "ip"]],
    },
    Datapath_Binding: {
      columns: {
        transit_switch: { type: "string" },
        type: {
          type: {
            key: { type: "string", enum: ["set", ["transit-switch", "transit-router"]] },
            min: 0,
            max: 1,
          },
        },
        nb_ic_uuid: { type: OPTIONAL_UUID },
        tunnel_key: { type: { key: { type: "integer", minInteger: 1, maxInteger: 16777215 } } },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["nb_ic_uuid", "tunnel_key"]],
      isRoot: true,
    },
    Port_Binding: {
      columns: {
        logical_port: { type: "string" },
        transit_switch: { type: "string" },
        availability_zone: { type: { key: { type: "uuid", refTable: "Availability_Zone" } } },
        tunnel_key: { type: { key: { type: "integer", minInteger: 1, maxInteger: 32767 } } },
        gateway: { type: "string" },
        encap: { type: { key: { type: "uuid", refTable: "Encap", refType: "weak" }, min: 0, max: 1 } },
        address: { type: "string" },
        type: {
          type: {
            key: { type: "string", enum: ["set", ["transit-switch-port", "transit-router-port"]] },
            min: 0,
            max: 1,
          },
        },
        nb_ic_uuid: { type: OPTIONAL_UUID },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["transit_switch", "tunnel_key"], ["logical_port"]],
      isRoot: true,
    },
    Route: {
      columns: {
        transit_switch: { type: "string" },
        availability_zone: { type: { key: { type: "uuid", refTable: "Availability_Zone" } } },
        route_table: { type: "string" },
        ip_prefix: { type: "string" },
        nexthop: { type: "string" },
        origin: {
          type: {
            key: {
              type: "string",
              enum: ["set", ["connected", "static", "loadbalancer", "connected-dynamic"]],
            },
          },
        },
        options: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["transit_switch", "availability_zone", "route_table", "ip_prefix", "nexthop"]],
      isRoot: true,
    },
    Connection: {
      columns: {
        target: { type: "string" },
        max_backoff: { type: BACKOFF },
        inactivity_probe: { type: OPTIONAL_INTEGER },
        other_config: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
        is_connected: { type: "boolean", ephemeral: true },
        status: { type: STRING_MAP, ephemeral: true },
      },
      indexes: [["target"]],
    },
    SSL: {
      columns: {
        private_key: { type: "string" },
        certificate: { type: "string" },
        ca_cert: { type: "string" },
        bootstrap_ca_cert: { type: "boolean" },
        ssl_protocols: { type: "string" },
        ssl_ciphers: { type: "string" },
        ssl_ciphersuites: { type: "string" },
        external_ids: { type: STRING_MAP },
      },
      maxRows: 1,
    },
    Service_Monitor: {
      columns: {
        type: { type: { key: { type: "string", enum: ["set", ["load-balancer"]] }, min: 0, max: 1 } },
        ip: { type: "string" },
        protocol: { type: { key: { type: "string", enum: ["set", ["tcp", "udp"]] }, min: 0, max: 1 } },
        port: { type: { key: { type: "integer", minInteger: 0, maxInteger: 65535 } } },
        logical_port: { type: "string" },
        src_ip: { type: "string" },
        src_mac: { type: "string" },
        status: {
          type: { key: { type: "string", enum: ["set", ["online", "offline", "error"]] }, min: 0, max: 1 },
        },
        target_availability_zone: { type: "string" },
        source_availability_zone: { type: "string" },
        options: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
      },
      isRoot: true,
    },
    Address_Set: {
      columns: {
        name: { type: "string" },
        addresses: { type: STRINGS },
        availability_zone: { type: { key: { type: "uuid", refTable: "Availability_Zone" } } },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["name", "availability_zone"]],
      isRoot: true,
    },
  },
} as const satisfies OvsSchema;

export type ICSBGlobal = Row<typeof icSb, "IC_SB_Global">;
export type AvailabilityZone = Row<typeof icSb, "Availability_Zone">;
export type Gateway = Row<typeof icSb, "Gateway">;
export type Encap = Row<typeof icSb, "Encap">;
export type DatapathBinding = Row<typeof icSb, "Datapath_Binding">;
export type PortBinding = Row<typeof icSb, "Port_Binding">;
export type Route = Row<typeof icSb, "Route">;
export type Connection = Row<typeof icSb, "Connection">;
export type SSL = Row<typeof icSb, "SSL">;
export type ServiceMonitor = Row<typeof icSb, "Service_Monitor">;
export type AddressSet = Row<typeof icSb, "Address_Set">;
