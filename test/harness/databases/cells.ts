/**
 * Values of rows as tests write them down: sets are sorted arrays (of two or more, or none), maps are
 * objects, uuids are texts.
 */
import type { JsonValue } from "ovsdb-client-ts";
import type { JsonRow } from "./transact.ts";

export type Cell = string | number | boolean | null | Cell[] | { [key: string]: Cell };

/** Some columns of rows, in an order that is always the same. */
export function cellsOf(rows: readonly JsonRow[], columns: readonly string[]): Cell[][] {
  const list = rows.map((row) => columns.map((column) => cellOf(row[column] ?? null)));
  return list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function cellOf(value: JsonValue): Cell {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    throw new Error(`this is no value of a column: ${JSON.stringify(value)}`);
  if (typeof value === "bigint") return String(value);
  if (!Array.isArray(value)) return value;
  const [kind, content] = value;
  if (kind === "uuid") return String(content);
  const elements = Array.isArray(content) ? content : [];
  if (kind === "set") return elements.map(cellOf).sort();
  const pairs = elements.map((pair) => (Array.isArray(pair) ? pair : []));
  return Object.fromEntries(pairs.map(([key = "", one = ""]) => [String(cellOf(key)), cellOf(one)]));
}
