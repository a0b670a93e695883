/**
 * What the databases hold, as a text that is the same for controllers that did the same: row by row, without
 * what may differ.
 */
import { createHash } from "node:crypto";
import type { OvsSchema, Row } from "ovsdb-client-ts";
import type { DatabaseName } from "../../src/core/databases.ts";
import type { Clients } from "./databases.ts";

/** The columns that count. Tunnel keys may differ, and so may uuids of rows that the controllers make. */
const COLUMNS: readonly (readonly [DatabaseName, string, readonly string[]])[] = [
  ["nb", "Logical_Router_Static_Route", ["ip_prefix", "nexthop", "route_table", "options", "external_ids"]],
  ["nb", "Logical_Switch_Port", ["name", "type", "addresses"]],
  ["nb", "Logical_Switch", ["name"]],
  ["sb", "Chassis", ["name", "hostname"]],
  ["icSb", "Route", ["transit_switch", "ip_prefix", "nexthop", "route_table", "origin"]],
  ["icSb", "Port_Binding", ["logical_port", "transit_switch", "address", "gateway"]],
  ["icSb", "Gateway", ["name", "hostname"]],
  ["icSb", "Availability_Zone", ["name"]],
];

/** A line for each table: its name, how many rows it has, and a hash of them. */
export async function digest(clients: Clients): Promise<string> {
  const lines: string[] = [];
  for (const [database, table, columns] of COLUMNS) {
    const rows = await clients[database].select(table, { columns });
    const texts = rows.map((row) => text(row, columns)).sort();
    const hash = createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 12);
    lines.push(`${database}.${table}: ${rows.length} rows, ${hash}`);
  }
  return lines.join("\n");
}

function text(row: Partial<Row<OvsSchema, string>>, columns: readonly string[]): string {
  const values = columns.map((column) => {
    const value = row[column];
    return value instanceof Map ? [...value] : value;
  });
  return JSON.stringify(values);
}
