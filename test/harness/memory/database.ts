/**
 * A database of rows and nothing else: the tables, indexes and row shapes of a replica, without a server. It
 * keeps what a server keeps: references lead somewhere, rows that nothing holds are gone, unique indexes are
 * unique. Else planners would be tested with what can't be.
 */
import { createHash } from "node:crypto";
import type {
  Atom,
  ColumnName,
  ColumnSchema,
  DatabaseSchema,
  Datum,
  OvsSchema,
  ReplicaTable,
  Row,
  TableName,
  Uuid,
} from "ovsdb-client-ts";
import { isUuid, parseSchema } from "ovsdb-client-ts";
import type { AnyChange } from "../../../packages/ovsdb-client-ts/src/replica/changes.ts";
import type { AnyRow } from "../../../packages/ovsdb-client-ts/src/replica/layout.ts";
import { Layout } from "../../../packages/ovsdb-client-ts/src/replica/layout.ts";
import { TableStore } from "../../../packages/ovsdb-client-ts/src/replica/table.ts";
import { encodeDatum, normalizeDatum } from "../../../packages/ovsdb-client-ts/src/wire/datum.ts";
import type { DatabaseName, RowSource } from "../../../src/core/model/index.ts";

/** A change that a server would refuse. */
export class Refused extends Error {}

export type AnyColumns = { readonly [column: string]: unknown };

/** A row that comes, one that changes, or one that goes; the latter two by their uuid. */
export type AnyEdit =
  | { readonly insert: string; readonly row: AnyColumns }
  | { readonly update: string; readonly uuid: string; readonly row: AnyColumns }
  | { readonly delete: string; readonly uuid: string };

const tokens = new Map<string, string>();

/** The uuid of a row that tests call by a name: always the same one. A uuid is itself. */
export function uuidFor(database: DatabaseName, table: string, token: string): Uuid {
  if (isUuid(token)) return token;
  const hex = createHash("sha1").update(`${database} ${table} ${token}`).digest("hex");
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  tokens.set(uuid, token);
  return uuid;
}

/** What tests call a row. */
export function tokenOf(uuid: string): string {
  return tokens.get(uuid) ?? uuid;
}

const schemas = new Map<OvsSchema, DatabaseSchema>();

/** A schema, parsed once for all databases that have it. */
function parsed(schema: OvsSchema): DatabaseSchema {
  const known = schemas.get(schema) ?? parseSchema(schema);
  schemas.set(schema, known);
  return known;
}

interface Pending {
  readonly table: string;
  readonly old: AnyRow | null;
  row: AnyRow | null;
}

export class MemoryDatabase<S extends OvsSchema> implements RowSource<S> {
  readonly name: DatabaseName;
  readonly serverSchema: DatabaseSchema;
  readonly #stores: ReadonlyMap<string, TableStore>;
  readonly #described: DatabaseSchema;
  #inserted = 0;

  /** @param server what the server has: the description, unless it is an older one's */
  constructor(name: DatabaseName, description: S, server: OvsSchema = description) {
    this.name = name;
    this.#described = parsed(description);
    this.serverSchema = parsed(server);
    this.#stores = new Map(
      [...this.#described.tables.values()].map((table) => [
        table.name,
        new TableStore(new Layout(table, this.serverSchema.tables.get(table.name))),
      ]),
    );
  }

  table<T extends TableName<S>>(name: T): ReplicaTable<Row<S, T>, ColumnName<S, T>> {
    // As in a replica: a store's rows have the columns that the description of this table gave them.
    return this.store(name) as unknown as ReplicaTable<Row<S, T>, ColumnName<S, T>>;
  }

  store(name: string): TableStore {
    const store = this.#stores.get(name);
    if (store === undefined) throw new Refused(`${this.name} has no table ${name}`);
    return store;
  }

  /** All tables. */
  get stores(): Iterable<TableStore> {
    return this.#stores.values();
  }

  /**
   * Makes some changes at once, and what follows from them.
   *
   * @throws Refused, and then nothing has changed.
   */
  change(edits: readonly AnyEdit[]): AnyChange[] {
    const pending = new Map<Uuid, Pending>();
    for (const edit of edits) this.#edit(pending, edit);
    this.#settle(pending);
    this.#checkIndexes(pending);
    const changes = [...pending].flatMap(([uuid, { table, old, row }]): AnyChange[] => {
      const same = old !== null && row !== null && this.store(table).layout.equals(old, row);
      return same || (old === null && row === null) ? [] : [{ table, uuid, old, new: row }];
    });
    for (const { table, uuid, new: row } of changes) this.store(table).set(uuid, row);
    return changes;
  }

  #edit(pending: Map<Uuid, Pending>, edit: AnyEdit): void {
    const table = "insert" in edit ? edit.insert : "update" in edit ? edit.update : edit.delete;
    const { layout } = this.store(table);
    if ("insert" in edit) {
      const { _uuid, ...columns } = edit.row;
      const uuid = this.#uuid(table, _uuid ?? this.#tokenFor(table, columns));
      if (this.#now(pending, table, uuid) !== null) throw new Refused(`there is a ${table} ${tokenOf(uuid)}`);
      this.#put(pending, table, uuid, layout.decode(uuid, this.#json(table, columns)));
      return;
    }
    const uuid = this.#uuid(table, edit.uuid);
    const row = this.#now(pending, table, uuid);
    if (row === null) throw new Refused(`there is no ${table} ${edit.uuid}`);
    const now = "update" in edit ? layout.replace(row, this.#json(table, edit.row)) : null;
    this.#put(pending, table, uuid, now);
  }

  #uuid(table: string, token: unknown): Uuid {
    if (typeof token !== "string") throw new Refused(`${table}: ${String(token)} is no row's name`);
    return uuidFor(this.name, table, token);
  }

  /** Rows that have a name are called by it, and the only row of a table by that table's. */
  #tokenFor(table: string, columns: AnyColumns): unknown {
    if (this.#described.tables.get(table)?.maxRows === 1) return table;
    return columns.name ?? columns.logical_port ?? `${table} ${++this.#inserted}`;
  }

  #now(pending: ReadonlyMap<Uuid, Pending>, table: string, uuid: Uuid): AnyRow | null {
    const found = pending.get(uuid);
    return found === undefined ? (this.store(table).get(uuid) ?? null) : found.row;
  }

  #put(pending: Map<Uuid, Pending>, table: string, uuid: Uuid, row: AnyRow | null): void {
    const known = pending.get(uuid);
    if (known !== undefined) known.row = row;
    else pending.set(uuid, { table, old: this.store(table).get(uuid) ?? null, row });
  }

  #json(table: string, columns: AnyColumns): Record<string, unknown> {
    const entries = Object.entries(columns).map(([name, value]) => {
      const column = this.#described.tables.get(table)?.columns.get(name);
      if (column === undefined) throw new Refused(`${this.name} ${table} has no column ${name}`);
      return [name, encodeDatum(normalizeDatum(this.#resolve(value, column), column), column)];
    });
    return Object.fromEntries(entries);
  }

  /** References are written by the names of rows. */
  #resolve(value: unknown, { key }: ColumnSchema): unknown {
    const { refTable } = key;
    if (refTable === null) return value;
    const uuid = (token: unknown) => (token === null ? null : this.#uuid(refTable, token));
    return Array.isArray(value) || value instanceof Set ? [...value].map(uuid) : uuid(value);
  }

  /**
   * What a server does at the end of a transaction: weak references to nothing go, and so do rows that
   * nothing holds.
   */
  #settle(pending: Map<Uuid, Pending>): void {
    for (;;) {
      const held = new Set<Atom>();
      let again = false;
      for (const [table, row] of this.#rows(pending)) {
        for (const column of this.#references(table)) {
          const gone = elements(row[column.name] ?? null).filter((uuid) => {
            // Servers don't mind, but nobody would know on which switch or router it is: not northd, and no
            // planner.
            if (this.#isTrusted && this.#isNonRoot(column.key.refTable ?? "") && held.has(uuid))
              throw new Refused(`${column.key.refTable} ${tokenOf(String(uuid))} is held by two rows`);
            held.add(uuid);
            return this.#now(pending, column.key.refTable ?? "", String(uuid)) === null;
          });
          if (gone.length === 0) continue;
          if (column.key.refType !== "weak")
            throw new Refused(
              `${table} ${tokenOf(row._uuid)}: ${column.name} names no row: ${gone.map((one) => tokenOf(String(one)))}`,
            );
          this.#put(pending, table, row._uuid, without(row, column, gone));
          again = true;
        }
      }
      if (again) continue;
      for (const [table, row] of this.#rows(pending)) {
        if (!this.#isNonRoot(table) || held.has(row._uuid)) continue;
        if (this.store(table).get(row._uuid) === undefined)
          throw new Refused(`${table} ${tokenOf(row._uuid)} is held by no row`);
        this.#put(pending, table, row._uuid, null);
        again = true;
      }
      if (!again) return;
    }
  }

  #isNonRoot(table: string): boolean {
    return this.#described.tables.get(table)?.isRoot === false;
  }

  /** Whether only this zone, or its administrator, writes to it. */
  get #isTrusted(): boolean {
    return this.name === "nb" || this.name === "icNb";
  }

  #references(table: string): ColumnSchema[] {
    const known = this.#referring.get(table);
    if (known !== undefined) return known;
    const columns = [...(this.#described.tables.get(table)?.columns.values() ?? [])];
    const found = columns.filter(({ key }) => key.refTable !== null && this.#stores.has(key.refTable));
    this.#referring.set(table, found);
    return found;
  }
  readonly #referring = new Map<string, ColumnSchema[]>();

  #rows(pending: ReadonlyMap<Uuid, Pending>): [string, AnyRow][] {
    const rows: [string, AnyRow][] = [];
    for (const store of this.#stores.values())
      for (const row of store) if (!pending.has(row._uuid)) rows.push([store.name, row]);
    for (const { table, row } of pending.values()) if (row !== null) rows.push([table, row]);
    return rows;
  }

  #checkIndexes(pending: ReadonlyMap<Uuid, Pending>): void {
    const touched = new Set([...pending.values()].map(({ table }) => table));
    const seen = new Map<string, Uuid>();
    for (const [table, row] of this.#rows(pending)) {
      if (!touched.has(table)) continue;
      const { indexes = [], maxRows = 1 } = this.serverSchema.tables.get(table) ?? {};
      for (const columns of maxRows === 1 ? [...indexes, []] : indexes) {
        const key = JSON.stringify([table, columns, columns.map((column) => row[column])]);
        if (seen.has(key)) throw new Refused(`there are two rows of ${key}`);
        seen.set(key, row._uuid);
      }
    }
  }
}

function elements(value: Datum): readonly Atom[] {
  if (value === null) return [];
  if (value instanceof Map) return [...value.keys()];
  return typeof value === "object" ? [...(value as readonly Atom[])] : [value]; // no Map, hence a set
}

function without(row: AnyRow, column: ColumnSchema, gone: readonly Atom[]): AnyRow {
  const left = elements(row[column.name] ?? null).filter((uuid) => !gone.includes(uuid));
  return { ...row, [column.name]: column.kind === "set" ? left : null };
}
