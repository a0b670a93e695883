/** Operations of RFC 7047, and what becomes of them. */
import type { JsonValue, OvsdbClient, OvsSchema } from "ovsdb-client-ts";
import { isJsonObject } from "ovsdb-client-ts";
import { insistOn } from "../../../packages/ovsdb-client-ts/test/fixtures/programs.ts";

/** A row, or what became of an operation, as it is sent. */
export type JsonRow = { readonly [column: string]: JsonValue };

/** Sends operations, once there is a connection. @throws Error when one of them fails. */
export async function transact(
  client: OvsdbClient<OvsSchema>,
  operations: readonly JsonValue[],
): Promise<JsonRow[]> {
  const reply = await client.session.request("transact", [client.database, ...operations], { wait: true });
  return insistOn(client.database, reply).filter(isJsonObject);
}

/** The rows of a `select`. */
export function rowsOf(result: JsonRow | undefined): JsonRow[] {
  const rows = result?.rows;
  return Array.isArray(rows) ? rows.filter(isJsonObject) : [];
}

export function selectAll(table: string): JsonValue {
  return { op: "select", table, where: [] };
}

export function insert(table: string, name: string, row: JsonRow): JsonValue {
  return { op: "insert", table, "uuid-name": name, row: { ...row } };
}

/** Values as they are sent; `named` refers to what the same transaction inserts by that name. */
export const map = (pairs: Readonly<Record<string, string>>): JsonValue => ["map", Object.entries(pairs)];
export const set = (...elements: JsonValue[]): JsonValue => ["set", elements];
export const named = (name: string): JsonValue => ["named-uuid", name];

export function uuidOf(row: JsonRow): string {
  return Array.isArray(row._uuid) ? String(row._uuid[1]) : "";
}
