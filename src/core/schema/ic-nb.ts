/**
 * The OVN_IC_Northbound database, complete, as of OVN 26.09. Older servers lack some of it: ask the replica
 * what is there.
 */
import type { OvsSchema, Row } from "ovsdb-client-ts";
import { BACKOFF, OPTIONAL_INTEGER, STRING_MAP, STRINGS } from "./types.ts";

export const icNb = {
  name: "OVN_IC_Northbound",
  version: "1.4.0",
  tables: {
    IC_NB_Global: {
      columns: {
        nb_ic_cfg: { type: { key: "integer" } },
        sb_ic_cfg: { type: { key: "integer" } },
        external_ids: { type: STRING_MAP },
        connections: { type: { key: { type: "uuid", refTable: "Connection" }, min: 0, max: "unlimited" } },
        ssl: { type: { key: { type: "uuid", refTable: "SSL" }, min: 0, max: 1 } },
        options: { type: STRING_MAP },
      },
      maxRows: 1,
      isRoot: true,
    },
    Transit_Switch_Port: {
      columns: {
        name: { type: "string" },
        other_config: { type: STRING_MAP },
        type: { type: "string" },
        chassis: { type: "string" },
        peer: { type: "string" },
        addresses: { type: STRINGS },
        external_ids: { type: STRING_MAP },
      },
      indexes: [["name"]],
    },
    Transit_Switch: {
      columns: {
        name: { type: "string" },
        ports: {
          type: {
            key: { type: "uuid", refTable: "Transit_Switch_Port", refType: "strong" },
            min: 0,
            max: "unlimited",
          },
        },
        other_config: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Transit_Router: {
      columns: {
        name: { type: "string" },
        ports: {
          type: {
            key: { type: "uuid", refTable: "Transit_Router_Port", refType: "strong" },
            min: 0,
            max: "unlimited",
          },
        },
        other_config: { type: STRING_MAP },
        external_ids: { type: STRING_MAP },
      },
      isRoot: true,
      indexes: [["name"]],
    },
    Transit_Router_Port: {
      columns: {
        name: { type: "string" },
        other_config: { type: STRING_MAP },
        mac: { type: "string" },
        chassis: { type: "string" },
        networks: { type: STRINGS },
        tr_uuid: { type: { key: { type: "uuid" }, min: 1, max: 1 } },
      },
      indexes: [["name"]],
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
  },
} as const satisfies OvsSchema;

export type ICNBGlobal = Row<typeof icNb, "IC_NB_Global">;
export type TransitSwitchPort = Row<typeof icNb, "Transit_Switch_Port">;
export type TransitSwitch = Row<typeof icNb, "Transit_Switch">;
export type TransitRouter = Row<typeof icNb, "Transit_Router">;
export type TransitRouterPort = Row<typeof icNb, "Transit_Router_Port">;
export type Connection = Row<typeof icNb, "Connection">;
export type SSL = Row<typeof icNb, "SSL">;
