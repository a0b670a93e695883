/**
 * What the databases of a lab hold, in a form in which two labs can be compared: rows are known by their names instead of uuids, and tunnel
 * keys are only right or wrong.
 */
import type { JsonValue } from "ovsdb-client-ts";

/** Database (`ic.nb`, `ic.sb`, `az1.nb`, `az1.sb` …), table, rows. */
export type Contents = Map<string, Map<string, JsonRow[]>>;
export type JsonRow = { readonly [column: string]: JsonValue };

/** Tables that controllers read or write, with what in them is not compared: northd's own work, counters, and what uuids are for. */
const TABLES: { readonly [database: string]: { readonly [table: string]: readonly string[] } } = {
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
  "ic.nb": {
    IC_NB_Global: ["nb_ic_cfg", "sb_ic_cfg", "connections", "ssl"],
    Transit_Switch: [],
    Transit_Router: [],
    Transit_Router_Port: [],
  },
  "ic.sb": {
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

/** Keys of maps that hold uuids only for the controllers' own use; and one that C writes since 25.03, ours to every NB. */
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

/** One text per row: database, table, columns. Without `newer`, what only newer controllers write is left out. */
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

  function plainRow(database: string, table: string, row: JsonRow): JsonRow {
    const ignored = ignoredColumns(database, table);
    const old = !newer && database === "ic.sb" && TYPED_TABLES.has(table) ? NEWER_COLUMNS : new Set<string>();
    const name = String(transitSwitchOf(row) ?? (row.name || row.logical_port || row.transit_switch || ""));
    const columns = Object.entries(row)
      .filter(([column]) => !ignored(column) && !old.has(column))
      .map(
        ([column, value]) =>
          [column, column === "tunnel_key" ? "KEY" : plain(value, name, database)] as const,
      )
      .filter(([, value]) => !isEmpty(value));
    return Object.fromEntries(columns.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function plain(value: JsonValue, name: string, database: string): JsonValue {
    if (!Array.isArray(value)) return typeof value === "string" ? (labels.get(value) ?? value) : value;
    const [kind, content] = value;
    // A row that is not compared; or none: ovsdb-server 3.7 sometimes leaves a weak reference to a row that was deleted.
    if (kind === "uuid") return labels.get(String(content)) ?? "";
    if (!Array.isArray(content)) return value;
    if (kind === "set") {
      const elements = content
        .map((one) => plain(one, name, database))
        .filter((one) => one !== "")
        .sort();
      return elements.length === 1 ? (elements[0] ?? "") : elements;
    }
    const pairs = content.flatMap((pair) => {
      const [key = "", one = ""] = Array.isArray(pair) ? pair : [];
      if (UNCOMPARED_KEYS.has(String(key)) || (!newer && NEWER_KEYS.has(String(key)))) return [];
      if (key === "requested-tnl-key")
        return [[key, keys.get(name) === one ? "KEY" : `not ${keys.get(name)}: ${one}`]];
      return [[String(key), plain(one, name, database)] as const];
    });
    return Object.fromEntries(pairs.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
  }
}

function ignoredColumns(database: string, table: string): (column: string) => boolean {
  const [first = "", ...rest] = tablesOf(database)[table] ?? [];
  const listed = new Set([first, ...rest]);
  return (column) => column === "_uuid" || column === "_version" || listed.has(column) !== listed.has("*");
}

/** The tables of a database that are compared. */
export function tablesOf(database: string): { readonly [table: string]: readonly string[] } {
  const tables = TABLES[database] ?? TABLES[database.slice(-2)];
  if (tables === undefined) throw new Error(`no database ${database}`);
  return tables;
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

export function uuidOf(row: JsonRow): string {
  return Array.isArray(row._uuid) ? String(row._uuid[1]) : "";
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
