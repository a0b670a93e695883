/**
 * The border between JSON and rows: every form in which a server reports contents (`update`, `update2`,
 * `update3`, and the replies of the three monitor methods) becomes a list of changes with whole old and new
 * rows here. A parser that turns bytes into rows directly can take the place of this module.
 *
 * Invariant: decoding changes nothing. A batch that can't be decoded throws before any of it is applied.
 */
import { ProtocolError } from "../errors.ts";
import type { Uuid } from "../schema/atom.ts";
import { isUuid } from "../schema/atom.ts";
import type { AnyChange } from "./changes.ts";
import type { AnyRow, Layout } from "./layout.ts";
import type { TableStore } from "./table.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** RFC 7047 §4.1.6 `<table-updates>`, or the `<table-updates2>` of ovsdb-server(7) §4.1.14. */
export type UpdateFormat = "update" | "update2";

/**
 * Decodes updates to what is there.
 *
 * @throws ProtocolError when they are malformed, or change a row that is not there.
 */
export function decodeUpdates(
  json: unknown,
  format: UpdateFormat,
  tables: ReadonlyMap<string, TableStore>,
): AnyChange[] {
  const changes: AnyChange[] = [];
  const decodeRow = format === "update" ? decodeRowUpdate : decodeRowUpdate2;
  forEachRow(json, tables, (store, uuid, update) => {
    const old = store.get(uuid) ?? null;
    const row = decodeRow(store.layout, uuid, old, update);
    if (row !== old) changes.push({ table: store.name, uuid, old, new: row });
  });
  return changes;
}

/**
 * Decodes a complete dump, as the difference to what is there: rows that the dump lacks go, rows that are the
 * same stay as they are.
 */
export function decodeDump(
  json: unknown,
  format: UpdateFormat,
  tables: ReadonlyMap<string, TableStore>,
): AnyChange[] {
  const changes: AnyChange[] = [];
  const member = format === "update" ? "new" : "initial";
  const seen = new Map([...tables.keys()].map((table) => [table, new Set<Uuid>()]));
  forEachRow(json, tables, (store, uuid, update) => {
    const old = store.get(uuid) ?? null;
    const row = store.layout.decode(uuid, rowObject(update[member] ?? update.insert, store.name, uuid));
    if (old !== null) {
      seen.get(store.name)?.add(uuid);
      if (store.layout.equals(old, row)) return;
    }
    changes.push({ table: store.name, uuid, old, new: row });
  });
  for (const store of tables.values()) {
    const uuids = seen.get(store.name);
    if (uuids?.size === store.size) continue;
    for (const old of store) {
      if (uuids?.has(old._uuid) !== true)
        changes.push({ table: store.name, uuid: old._uuid, old, new: null });
    }
  }
  return changes;
}

function forEachRow(
  json: unknown,
  tables: ReadonlyMap<string, TableStore>,
  visit: (store: TableStore, uuid: Uuid, update: JsonObject) => void,
): void {
  if (!isObject(json)) throw new ProtocolError("a table update must be a JSON object");
  for (const [table, rows] of Object.entries(json)) {
    const store = tables.get(table);
    if (store === undefined) throw new ProtocolError(`update of table ${table}, which is not monitored`);
    if (!isObject(rows)) throw new ProtocolError(`table ${table}: the update must be a JSON object`);
    // Not Object.entries: the list of pairs would double the memory that a dump of a large table takes.
    for (const key of Object.keys(rows)) {
      const uuid = key.toLowerCase();
      if (!isUuid(uuid)) throw new ProtocolError(`table ${table}: "${key}" is not a row's uuid`);
      const update = rows[key];
      if (!isObject(update))
        throw new ProtocolError(`table ${table}, row ${uuid}: the update must be a JSON object`);
      visit(store, uuid, update);
    }
  }
}

/** RFC 7047 §4.1.6: "new" holds all monitored columns, and is missing when the row was deleted. */
function decodeRowUpdate(layout: Layout, uuid: Uuid, old: AnyRow | null, update: JsonObject): AnyRow | null {
  if (update.new === undefined) return null;
  const json = rowObject(update.new, layout.table, uuid);
  if (old === null) return layout.decode(uuid, json);
  const row = layout.replace(old, json);
  return layout.equals(old, row) ? old : row;
}

/**
 * ovsdb-server(7) §4.1.14. A row to be deleted that is not there, or one inserted that is, leaves the copy
 * right all the same (both happen around a change of conditions); a difference to an unknown row does not.
 */
function decodeRowUpdate2(layout: Layout, uuid: Uuid, old: AnyRow | null, update: JsonObject): AnyRow | null {
  const whole = update.initial ?? update.insert;
  if (whole !== undefined) {
    const row = layout.decode(uuid, rowObject(whole, layout.table, uuid));
    return old !== null && layout.equals(old, row) ? old : row;
  }
  if (update.modify !== undefined) {
    if (old === null)
      throw new ProtocolError(`table ${layout.table}: row ${uuid} was modified but is not known`);
    return layout.patch(old, rowObject(update.modify, layout.table, uuid));
  }
  if ("delete" in update) return null;
  throw new ProtocolError(
    `table ${layout.table}, row ${uuid}: the update says neither insert, modify nor delete`,
  );
}

function rowObject(json: unknown, table: string, uuid: Uuid): JsonObject {
  if (isObject(json)) return json;
  throw new ProtocolError(`table ${table}, row ${uuid}: a row must be a JSON object`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
