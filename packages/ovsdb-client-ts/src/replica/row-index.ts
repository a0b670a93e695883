/**
 * Secondary indexes over the rows of a replica's table, kept current by the table.
 *
 * An index leads to uuids, not rows: a row that changes elsewhere than in its keys, or in one of 100,000
 * keys, costs the index no more than that. A key path has one level for each indexed column. A bucket is the
 * uuid itself while there is just one, which is the common case and saves a Set for each row of a unique
 * index.
 */
import type { Atom, Datum, Uuid } from "../schema/atom.ts";

/** A value that rows are found by. An empty optional column is found as null. */
export type IndexKey = Atom | null;

/** Finds rows by the values of some columns, or by a computed key. */
export interface Index<R> {
  /** The row with these values, or any one of several; undefined if there is none. */
  get(...values: readonly IndexKey[]): R | undefined;
  /** All rows with these values, as they are now. */
  find(...values: readonly IndexKey[]): readonly R[];
  /** How many rows have these values. */
  count(...values: readonly IndexKey[]): number;
  /** The distinct values of the first column, or the distinct computed keys. */
  keys(): Iterable<IndexKey>;
}

type Bucket = Uuid | Set<Uuid>;
type Level = Map<IndexKey, Level | Bucket>;

/**
 * What a row is found under: a key, each of several distinct keys, or not at all; of a path, the values of
 * its levels.
 */
export interface RowKeys<R> {
  readonly isPath: boolean;
  of(row: R): IndexKey | readonly IndexKey[] | undefined;
}

const NONE: readonly never[] = [];

/** An index over rows of type R. The owner calls `replace` for every change. */
export class RowIndex<R extends { readonly _uuid: Uuid }> implements Index<R> {
  readonly #keys: RowKeys<R>;
  readonly #rows: ReadonlyMap<Uuid, R>;
  readonly #root: Level = new Map();

  /** @param rows the rows by uuid, of which the index need not be told as long as their keys are the same */
  constructor(keys: RowKeys<R>, rows: ReadonlyMap<Uuid, R>) {
    this.#keys = keys;
    this.#rows = rows;
    for (const row of rows.values()) this.replace(undefined, row);
  }

  get(...values: readonly IndexKey[]): R | undefined {
    const bucket = this.#bucket(values);
    if (bucket === undefined) return undefined;
    if (typeof bucket === "string") return this.#rows.get(bucket);
    for (const uuid of bucket) return this.#rows.get(uuid);
    return undefined;
  }

  find(...values: readonly IndexKey[]): readonly R[] {
    const bucket = this.#bucket(values);
    if (bucket === undefined) return NONE;
    const rows: R[] = [];
    for (const uuid of typeof bucket === "string" ? [bucket] : bucket) {
      const row = this.#rows.get(uuid);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  count(...values: readonly IndexKey[]): number {
    const bucket = this.#bucket(values);
    if (bucket === undefined) return 0;
    return typeof bucket === "string" ? 1 : bucket.size;
  }

  keys(): Iterable<IndexKey> {
    return this.#root.keys();
  }

  /** A row came (no `old`), went (no `row`), or changed. */
  replace(old: R | undefined, row: R | undefined): void {
    const uuid = (row ?? old)?._uuid;
    if (uuid === undefined) return;
    const before = old === undefined ? undefined : this.#keys.of(old);
    const after = row === undefined ? undefined : this.#keys.of(row);
    if (before === after) return;
    if (!isList(before) && !isList(after)) {
      if (before !== undefined) removeKey(this.#root, before, uuid);
      if (after !== undefined) addKey(this.#root, after, uuid);
    } else if (this.#keys.isPath) this.#replacePath(listOf(before), listOf(after), uuid);
    else this.#replaceList(listOf(before), listOf(after), uuid);
  }

  #replacePath(before: readonly IndexKey[], after: readonly IndexKey[], uuid: Uuid): void {
    if (before.length === after.length && before.every((key, i) => key === after[i])) return;
    if (before.length > 0) this.#remove(this.#root, before, 0, uuid);
    if (after.length > 0) this.#add(after, uuid);
  }

  /** Only what is not the same at both ends has changed, which in sorted keys is nearly nothing else. */
  #replaceList(before: readonly IndexKey[], after: readonly IndexKey[], uuid: Uuid): void {
    const least = Math.min(before.length, after.length);
    let head = 0;
    while (head < least && before[head] === after[head]) head++;
    let tail = 0;
    while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
    for (let i = head; i < before.length - tail; i++) removeKey(this.#root, before[i] ?? null, uuid);
    for (let i = head; i < after.length - tail; i++) addKey(this.#root, after[i] ?? null, uuid);
  }

  #add(path: readonly IndexKey[], uuid: Uuid): void {
    let level = this.#root;
    for (const key of path.slice(0, -1)) {
      const next = level.get(key);
      if (next instanceof Map) {
        level = next;
      } else {
        const made: Level = new Map();
        level.set(key, made);
        level = made;
      }
    }
    addKey(level, path.at(-1) ?? null, uuid);
  }

  /** Removes a row from below `level`, and the levels that this leaves empty. */
  #remove(level: Level, path: readonly IndexKey[], depth: number, uuid: Uuid): void {
    const key = path[depth] ?? null;
    const next = level.get(key);
    if (next instanceof Map) {
      this.#remove(next, path, depth + 1, uuid);
      if (next.size === 0) level.delete(key);
    } else {
      removeKey(level, key, uuid);
    }
  }

  #bucket(values: readonly IndexKey[]): Bucket | undefined {
    let level: Level | Bucket | undefined = this.#root;
    for (const value of values) {
      if (!(level instanceof Map)) return undefined;
      level = level.get(value);
    }
    return level instanceof Map ? undefined : level;
  }
}

function addKey(level: Level, key: IndexKey, uuid: Uuid): void {
  const bucket = level.get(key);
  if (bucket instanceof Set) bucket.add(uuid);
  else level.set(key, typeof bucket === "string" ? new Set([bucket, uuid]) : uuid);
}

function removeKey(level: Level, key: IndexKey, uuid: Uuid): void {
  const bucket = level.get(key);
  if (bucket instanceof Set) {
    bucket.delete(uuid);
    if (bucket.size === 0) level.delete(key);
  } else if (bucket === uuid) {
    level.delete(key);
  }
}

/**
 * The keys of an index on columns. A set column is indexed by each of its elements and a map column by each
 * of its keys, as "the logical switch that has this port" asks for; such a column must be the only one.
 */
export function columnKeys<R extends { readonly [column: string]: Datum }>(
  columns: readonly string[],
): RowKeys<R> {
  const [first] = columns;
  if (columns.length !== 1 || first === undefined) {
    const keyOf = (value: Datum | undefined): IndexKey =>
      typeof value === "object" || value === undefined ? null : value;
    return { isPath: true, of: (row) => columns.map((column) => keyOf(row[column])) };
  }
  return {
    isPath: false,
    of(row) {
      const value = row[first] ?? null;
      if (typeof value !== "object" || value === null) return value;
      return value instanceof Map ? [...value.keys()] : (value as readonly Atom[]);
    },
  };
}

/** The keys of an index by a computed key: none for undefined. */
export function computedKeys<R>(key: (row: R) => IndexKey | readonly IndexKey[] | undefined): RowKeys<R> {
  return {
    isPath: false,
    of(row) {
      const value = key(row);
      return isList(value) ? [...new Set(value)] : value;
    },
  };
}

type Keys = IndexKey | readonly IndexKey[] | undefined;

function isList(keys: Keys): keys is readonly IndexKey[] {
  return Array.isArray(keys);
}

function listOf(keys: Keys): readonly IndexKey[] {
  if (keys === undefined) return NONE;
  return isList(keys) ? keys : [keys];
}
