/**
 * What databases hold, in a form in which those of two places can be compared: rows are known by their names
 * instead of uuids, and tunnel keys are only right or wrong.
 */
import type { JsonValue } from "ovsdb-client-ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import type { Database } from "./names.ts";
import { nameOf } from "./names.ts";
import type { JsonRow } from "./transact.ts";
import { uuidOf } from "./transact.ts";

/** Database, table, rows. */
export type Contents = Map<Database, Map<string, JsonRow[]>>;

/**
 * Tables that controllers read or write, with what in them is not compared: northd's own work, counters, and
 * what uuids are for.
 */
const TABLES: { readonly [D in DatabaseName]: { readonly [table: string]: readonly string[] } } = {
  nb: {
    Logical_Switch: [],
    Logical_Switch_Port: ["up"],
    Logical_Router: [],
    Logical_Router_Port: ["status"],
    Logical_Router_Static_Route: [],
    Load_Balancer: [],
    Load_Balancer_Group: [],
  },
  sb: {
    SB_Global: ["*"],
    Chassis: ["nb_cfg"],
    Encap: [],
    Port_Binding: ["*", "logical_port", "type", "chassis"],
    Service_Monitor: [],
    Learned_Route: ["datapath"],
  },
  icNb: {
    IC_NB_Global: ["nb_ic_cfg", "sb_ic_cfg", "connections", "ssl"],
    Transit_Switch: [],
    Transit_Router: [],
    Transit_Router_Port: [],
  },
  icSb: {
    IC_SB_Global: ["nb_ic_cfg", "connections", "ssl"],
    Availability_Zone: ["nb_ic_cfg"],
    Gateway: [],
    Encap: [],
    Datapath_Binding: [],
    Port_Binding: [],
    Route: [],
    Service_Monitor: [],
  },
};

/**
 * Keys of maps that hold uuids only for the controllers' own use; and one that C writes since 25.03, ours to
 * every NB.
 */
const UNCOMPARED_KEYS = new Set(["lr-id", "nb-id", "router-id"]);
const NEWER_KEYS = new Set(["ic-vxlan_mode"]);
/** Columns that C writes since 26.03. */
const NEWER_COLUMNS = new Set(["nb_ic_uuid", "type"]);
const TYPED_TABLES = new Set(["Datapath_Binding", "Port_Binding"]);
const NAMES = ["name", "logical_port", "transit_switch", "type", "ip_prefix", "ip", "nexthop", "route_table"];

/** The transit switch that a logical switch stands for, whatever it is called. */
function transitSwitchOf(row: JsonRow): JsonValue | undefined {
  const config = Array.isArray(row.other_config) ? row.other_config[1] : undefined;
  const pairs = Array.isArray(config) ? config : [];
  const pair = pairs.find((one) => Array.isArray(one) && one[0] === "interconn-ts");
  return Array.isArray(pair) ? pair[1] : undefined;
}

/**
 * One text per row: database, table, columns. Without `newer`, what only newer controllers write is left out.
 */
export function comparable(contents: Contents, newer = true): string[] {
  const labels = labelsOf(contents);
  const keys = tunnelKeys(contents);
  const lines: string[] = [];
  for (const [database, tables] of contents) {
    for (const [table, rows] of tables) {
      for (const row of rows)
        lines.push(`${database} ${table} ${JSON.stringify(plainRow(database, table, row))}`);
    }
  }
  return lines.sort();

  function plainRow(database: Database, table: string, row: JsonRow): JsonRow {
    const ignored = ignoredColumns(database, table);
    const old = !newer && database === "ic.sb" && TYPED_TABLES.has(table) ? NEWER_COLUMNS : new Set<string>();
    const name = String(transitSwitchOf(row) ?? (row.name || row.logical_port || row.transit_switch || ""));
    const columns = Object.entries(row)
      .filter(([column]) => !ignored(column) && !old.has(column))
      .map(([column, value]) => [column, column === "tunnel_key" ? "KEY" : plain(value, name)] as const)
      .filter(([, value]) => !isEmpty(value));
    return Object.fromEntries(columns.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function plain(value: JsonValue, name: string): JsonValue {
    if (!Array.isArray(value)) return typeof value === "string" ? (labels.get(value) ?? value) : value;
    const [kind, content] = value;
    // A row that is not compared; or none: ovsdb-server 3.7 sometimes leaves a weak reference to a row that
    // was deleted.
    if (kind === "uuid") return labels.get(String(content)) ?? "";
    if (!Array.isArray(content)) return value;
    if (kind === "set") {
      const elements = content
        .map((one) => plain(one, name))
        .filter((one) => one !== "")
        .sort();
      return elements.length === 1 ? (elements[0] ?? "") : elements;
    }
    const pairs = content.flatMap((pair) => {
      const [key = "", one = ""] = Array.isArray(pair) ? pair : [];
      if (UNCOMPARED_KEYS.has(String(key)) || (!newer && NEWER_KEYS.has(String(key)))) return [];
      if (key === "requested-tnl-key")
        return [[key, keys.get(name) === one ? "KEY" : `not ${keys.get(name)}: ${one}`]];
      return [[String(key), plain(one, name)] as const];
    });
    return Object.fromEntries(pairs.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  }
}

function ignoredColumns(database: Database, table: string): (column: string) => boolean {
  const [first = "", ...rest] = tablesOf(database)[table] ?? [];
  const listed = new Set([first, ...rest]);
  return (column) => column === "_uuid" || column === "_version" || listed.has(column) !== listed.has("*");
}

/** The tables of a database that are compared. */
export function tablesOf(database: Database): { readonly [table: string]: readonly string[] } {
  return TABLES[nameOf(database)];
}

/** The rows that only one of two has, each with what that one is called. */
export function difference(
  one: readonly string[],
  other: readonly string[],
  [first, second]: readonly [string, string],
): string[] {
  const [ours, theirs] = [new Set(one), new Set(other)];
  return [
    ...one.filter((row) => !theirs.has(row)).map((row) => `${first}: ${row}`),
    ...other.filter((row) => !ours.has(row)).map((row) => `${second}: ${row}`),
  ];
}

function isEmpty(value: JsonValue): boolean {
  return value === "" || value === 0 || value === false || /^(\[\]|\{\})$/.test(JSON.stringify(value));
}

function labelsOf(contents: Contents): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [database, tables] of contents) {
    for (const [table, rows] of tables) {
      for (const row of rows) {
        const mac = svcMonitorMac(row);
        if (mac !== undefined) labels.set(mac, `<address of ${database}>`);
        const names = NAMES.flatMap((column) => (typeof row[column] === "string" ? [row[column]] : []));
        const zone = Array.isArray(row.availability_zone)
          ? zoneName(contents, String(row.availability_zone[1]))
          : [];
        labels.set(uuidOf(row), `<${[database, table, ...zone, ...names].join(" ")}>`);
      }
    }
  }
  return labels;
}

/** The address that northd gave a zone's monitors, by chance. */
function svcMonitorMac(row: JsonRow): string | undefined {
  return /"svc_monitor_mac","([^"]+)"/.exec(JSON.stringify(row.options ?? ""))?.[1];
}

function zoneName(contents: Contents, uuid: string): string[] {
  const zones = contents.get("ic.sb")?.get("Availability_Zone") ?? [];
  return zones.flatMap((zone) => (uuidOf(zone) === uuid ? [String(zone.name)] : []));
}

/** What the global database says: keys of switches, routers and ports, by name. */
function tunnelKeys(contents: Contents): Map<string, string> {
  const keys = new Map<string, string>();
  const global = contents.get("ic.sb");
  const routers = new Map(
    (contents.get("ic.nb")?.get("Transit_Router") ?? []).map((row) => [uuidOf(row), String(row.name)]),
  );
  for (const row of global?.get("Datapath_Binding") ?? []) {
    const router = Array.isArray(row.nb_ic_uuid) ? routers.get(String(row.nb_ic_uuid[1])) : undefined;
    keys.set(router ?? String(row.transit_switch), String(row.tunnel_key));
  }
  for (const row of global?.get("Port_Binding") ?? [])
    keys.set(String(row.logical_port), String(row.tunnel_key));
  return keys;
}
