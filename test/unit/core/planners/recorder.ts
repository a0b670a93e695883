/**
 * Which rows a planner reads, as exactly as it reads them: single columns of rows, single keys of maps, and
 * what it looked for in an index and did not find. It lies under the view, so that nothing that a planner
 * does gets past it.
 */
import type {
  Atom,
  ColumnName,
  Datum,
  Index,
  IndexKey,
  OvsSchema,
  ReplicaTable,
  Row,
  TableName,
  Uuid,
} from "ovsdb-client-ts";
import { datumEquals } from "ovsdb-client-ts";
import type { AnyRow } from "../../../../packages/ovsdb-client-ts/src/replica/layout.ts";
import type { RowKeys } from "../../../../packages/ovsdb-client-ts/src/replica/row-index.ts";
import { columnKeys, computedKeys } from "../../../../packages/ovsdb-client-ts/src/replica/row-index.ts";
import type { RowSource } from "../../../../src/core/model/index.ts";
import type { MemoryDatabase } from "../../../harness/memory/database.ts";
import type { Announced, Databases } from "../../../harness/memory/rows.ts";

type KeyFunction = (row: AnyRow) => IndexKey | readonly IndexKey[] | undefined;

/**
 * Notes what is read while `during` runs. What was read is told by texts:
 * `nb.Logical_Router:UUID:options:ic-route-adv`.
 */
export class Recorder {
  readonly #tables = new Map<string, RecordingTable>();
  #reads: Set<string> | null = null;
  /** Rows as they were handed out, each the same object as long as this recording lasts. */
  #rows = new Map<AnyRow, AnyRow>();

  /** To be handed to a `World`. */
  readonly watch = ({ nb, sb, icNb, icSb }: Databases) => ({
    nb: this.#source(nb),
    sb: this.#source(sb),
    icNb: this.#source(icNb),
    icSb: this.#source(icSb),
  });

  /** What `work` reads. */
  during(work: () => void): ReadonlySet<string> {
    const reads = new Set<string>();
    this.#reads = reads;
    this.#rows = new Map();
    try {
      work();
    } finally {
      this.#reads = null;
    }
    return reads;
  }

  /** What has another value after some changes than before. */
  changed({ database, changes }: Announced): Set<string> {
    const found = new Set<string>();
    // Rows of a table that is known by its name only.
    for (const { table, old, new: now } of changes)
      this.#tables.get(`${database}.${table}`)?.compare(old as AnyRow | null, now as AnyRow | null, found);
    return found;
  }

  read(what: string): void {
    this.#reads?.add(what);
  }

  wrap(row: AnyRow | undefined, table: string): AnyRow | undefined {
    if (row === undefined || this.#reads === null) return row;
    const known = this.#rows.get(row);
    if (known !== undefined) return known;
    const wrapped = this.#watched(row, `${table}:${row._uuid}`);
    this.#rows.set(row, wrapped);
    return wrapped;
  }

  #watched(row: AnyRow, place: string): AnyRow {
    const maps = new Map<string, RecordingMap>();
    return new Proxy(row, {
      get: (target, column) => {
        if (typeof column !== "string" || column === "_uuid") return Reflect.get(target, column);
        const value = target[column];
        if (!(value instanceof Map)) {
          this.read(`${place}:${column}`);
          return value;
        }
        const map =
          maps.get(column) ?? new RecordingMap(value, (key) => this.read(`${place}:${column}:${key}`));
        maps.set(column, map);
        return map;
      },
    });
  }

  #source<S extends OvsSchema>(database: MemoryDatabase<S>): RowSource<S> {
    const tables = new Map<string, RecordingTable>();
    for (const store of database.stores) {
      const table = new RecordingTable(this, `${database.name}.${store.name}`, store);
      tables.set(store.name, table);
      this.#tables.set(table.place, table);
    }
    return {
      serverSchema: database.serverSchema,
      // The table of that name, as the database itself would hand it out.
      table: <T extends TableName<S>>(name: T) =>
        tables.get(name) as unknown as ReplicaTable<Row<S, T>, ColumnName<S, T>>,
    };
  }
}

class RecordingTable implements ReplicaTable<AnyRow> {
  readonly place: string;
  readonly #recorder: Recorder;
  readonly #table: ReplicaTable<AnyRow>;
  readonly #indexes = new Map<string, RowKeys<AnyRow>>();

  constructor(recorder: Recorder, place: string, table: ReplicaTable<AnyRow>) {
    this.place = place;
    this.#recorder = recorder;
    this.#table = table;
  }

  get name(): string {
    return this.#table.name;
  }

  get exists(): boolean {
    return this.#table.exists;
  }

  get size(): number {
    this.#recorder.read(`${this.place}:*`);
    return this.#table.size;
  }

  get(uuid: Uuid): AnyRow | undefined {
    this.#recorder.read(`${this.place}:${uuid}`);
    return this.#recorder.wrap(this.#table.get(uuid), this.place);
  }

  has(column: string): boolean {
    return this.#table.has(column);
  }

  *[Symbol.iterator](): Iterator<AnyRow> {
    this.#recorder.read(`${this.place}:*`);
    for (const row of this.#table) yield this.#recorder.wrap(row, this.place) ?? row;
  }

  index(columns: readonly string[]): Index<AnyRow> {
    this.#indexes.set(columns.join(), columnKeys(columns));
    return this.#recording(columns.join(), this.#table.index(columns));
  }

  indexBy(name: string, key: KeyFunction): Index<AnyRow> {
    this.#indexes.set(name, computedKeys(key));
    return this.#recording(name, this.#table.indexBy(name, key));
  }

  #recording(name: string, index: Index<AnyRow>): Index<AnyRow> {
    const place = `${this.place}[${name}]`;
    const read = (values: readonly IndexKey[]) => this.#recorder.read(`${place}:${pathOf(values)}`);
    return {
      get: (...values) => {
        read(values);
        return this.#recorder.wrap(index.get(...values), this.place);
      },
      find: (...values) => {
        read(values);
        return index.find(...values).flatMap((row) => this.#recorder.wrap(row, this.place) ?? []);
      },
      count: (...values) => {
        read(values);
        return index.count(...values);
      },
      keys: () => {
        this.#recorder.read(`${place}:*`);
        return index.keys();
      },
    };
  }

  /** Adds to `found` what is not the same of one row before and after a change. */
  compare(old: AnyRow | null, now: AnyRow | null, found: Set<string>): void {
    const uuid = (old ?? now)?._uuid;
    if (old === null || now === null) {
      found.add(`${this.place}:${uuid}`);
      found.add(`${this.place}:*`);
    }
    for (const column of Object.keys(old ?? now ?? {})) {
      const [before, after] = [old?.[column] ?? null, now?.[column] ?? null];
      if (datumEquals(before, after)) continue;
      found.add(`${this.place}:${uuid}:${column}`);
      for (const key of changedKeys(before, after)) found.add(`${this.place}:${uuid}:${column}:${key}`);
    }
    for (const [name, keys] of this.#indexes) {
      const place = `${this.place}[${name}]`;
      const [before, after] = [pathsOf(keys, old), pathsOf(keys, now)];
      for (const path of [...before, ...after])
        if (before.has(path) !== after.has(path)) found.add(`${place}:${path}`).add(`${place}:*`);
    }
  }
}

/** What an index finds a row by. */
function pathsOf(keys: RowKeys<AnyRow>, row: AnyRow | null): Set<string> {
  const found = row === null ? undefined : keys.of(row);
  if (found === undefined) return new Set();
  if (!Array.isArray(found)) return new Set([String(found)]);
  return new Set(keys.isPath ? [pathOf(found)] : found.map(String));
}

function pathOf(values: readonly IndexKey[]): string {
  return values.map(String).join("\u0001");
}

/** The keys of a map that have other values, and what stands for all of them. */
function changedKeys(before: Datum, after: Datum): string[] {
  const [old, now] = [before instanceof Map ? before : new Map(), after instanceof Map ? after : new Map()];
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => old.get(key) !== now.get(key));
  return ["*", ...keys.map(String)];
}

class RecordingMap extends Map<Atom, Atom> {
  readonly #inner: ReadonlyMap<Atom, Atom>;
  readonly #read: (key: string) => void;

  constructor(inner: ReadonlyMap<Atom, Atom>, read: (key: string) => void) {
    super();
    this.#inner = inner;
    this.#read = read;
  }

  override get(key: Atom): Atom | undefined {
    this.#read(String(key));
    return this.#inner.get(key);
  }

  override has(key: Atom): boolean {
    this.#read(String(key));
    return this.#inner.has(key);
  }

  override get size(): number {
    this.#read("*");
    return this.#inner.size;
  }

  override forEach(callback: (value: Atom, key: Atom, map: Map<Atom, Atom>) => void): void {
    this.#read("*");
    this.#inner.forEach((value, key) => {
      callback(value, key, this);
    });
  }

  override keys(): MapIterator<Atom> {
    this.#read("*");
    return this.#inner.keys();
  }

  override values(): MapIterator<Atom> {
    this.#read("*");
    return this.#inner.values();
  }

  override entries(): MapIterator<[Atom, Atom]> {
    this.#read("*");
    return this.#inner.entries();
  }

  override [Symbol.iterator](): MapIterator<[Atom, Atom]> {
    return this.entries();
  }
}
