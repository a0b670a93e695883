/** Readings as servers give them, of rows that are written down here: no server is needed to read them. */
import type { JsonObject, JsonValue } from "ovsdb-client-ts";
import { parseJson } from "ovsdb-client-ts";
import type { Capture, Unreachable } from "../../../../src/core/insight/capture.ts";
import type { Readings, ZoneReadings } from "../../../../src/core/insight/index.ts";
import type { DatabaseName } from "../../../../src/core/model/index.ts";
import { SCHEMAS } from "../../../../src/core/model/index.ts";

let last = 0;

/** A uuid that no other row has. */
export function uuid(): string {
  last++;
  return `00000000-0000-4000-8000-${String(last).padStart(12, "0")}`;
}

export type Rows = Readonly<Record<string, readonly Readonly<Record<string, JsonValue>>[]>>;

/** What a server with the newest schema would have answered. */
export function captured(database: DatabaseName, rows: Rows): Capture {
  const schema = parseJson(JSON.stringify(SCHEMAS[database])) as JsonObject;
  const tables = Object.entries(rows).map(([table, list]) => [
    table,
    list.map((row) => ({ _uuid: ["uuid", uuid()], ...row })),
  ]);
  const taken = "2026-11-29T00:00:00.000Z";
  return {
    database,
    remote: `unix:${database}.sock`,
    taken,
    schema,
    server: null,
    tables: Object.fromEntries(tables),
  };
}

export function unreachable(database: DatabaseName, reason = "no server"): Unreachable {
  return { database, remote: `unix:${database}.sock`, reason };
}

/** A zone that is registered, and has a gateway, a port and a route, and has learned one. */
export function world(
  change: { readonly icSb?: Rows; readonly icNb?: Rows; readonly nb?: Rows } = {},
): Readings {
  const [az1, az2, encap] = [uuid(), uuid(), uuid()];
  const icSb: Rows = {
    IC_SB_Global: [{ nb_ic_cfg: 4 }],
    Availability_Zone: [
      { _uuid: ["uuid", az1], name: "az1", nb_ic_cfg: 4 },
      { _uuid: ["uuid", az2], name: "az2", nb_ic_cfg: 4 },
    ],
    Encap: [{ _uuid: ["uuid", encap], type: "geneve", ip: "10.255.0.1", gateway_name: "gw1" }],
    Gateway: [{ name: "gw1", availability_zone: ["uuid", az1], encaps: ["set", [["uuid", encap]]] }],
    Port_Binding: [
      {
        logical_port: "ts1-lr1",
        transit_switch: "ts1",
        availability_zone: ["uuid", az1],
        gateway: "gw1",
        tunnel_key: 1,
      },
    ],
    Route: [route(az1, "10.0.1.0/24"), route(az2, "10.0.2.0/24")],
    ...change.icSb,
  };
  const nb: Rows = {
    NB_Global: [
      {
        name: "az1",
        options: [
          "map",
          [
            ["ic-route-adv", "true"],
            ["ic-route-learn", "true"],
          ],
        ],
      },
    ],
    Logical_Router_Static_Route: [
      {
        ip_prefix: "10.0.2.0/24",
        nexthop: "169.254.100.2",
        external_ids: ["map", [["ic-learned-route", uuid()]]],
      },
    ],
    ...change.nb,
  };
  const zone: ZoneReadings = {
    name: "az1",
    nb: captured("nb", nb),
    sb: captured("sb", { SB_Global: [{}] }),
  };
  return {
    icNb: captured("icNb", {
      IC_NB_Global: [{ nb_ic_cfg: 4 }],
      Transit_Switch: [{ name: "ts1" }],
      ...change.icNb,
    }),
    icSb: captured("icSb", icSb),
    zones: [zone],
  };
}

function route(zone: string, prefix: string): Readonly<Record<string, JsonValue>> {
  return {
    availability_zone: ["uuid", zone],
    transit_switch: "ts1",
    ip_prefix: prefix,
    nexthop: "169.254.100.1",
    origin: "connected",
    route_table: "",
  };
}
