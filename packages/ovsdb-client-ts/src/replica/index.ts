/**
 * Secondary indexes over the rows of a replica's table, kept current by the table.
 *
 * An index leads to uuids, not rows: a row that changes elsewhere than in its keys, or in one of 100,000 keys, costs the index no more
 * than that. A key path has one level for each indexed column. A bucket is the uuid itself while there is just one, which is the
 * common case and saves a Set for each row of a unique index.
 */
import type { Atom, Datum, Uuid } from "../schema/atom.ts";

/** A value that rows are found by. An empty optional column is found as null. */
export type IndexKey = Atom | null;

/** Finds rows by the values of some columns, or by a computed key. */
export interface Index<R> {
  /** The row with these values, or any one of several; undefined if there is none. */
  get(...values: readonly IndexKey[]): R | undefined;
  /** All rows with these values, as they are now. */
  find(...values: readonly IndexKey[]): ReadonlySet<R>;
  /** The distinct values of the first column, or the distinct computed keys. */
  keys(): Iterable<IndexKey>;
}

type Bucket = Uuid | Set<Uuid>;
type Level = Map<IndexKey, Level | Bucket>;

/** What a row is found under: a path of several values, or each of some keys, which are distinct. */
export interface RowKeys<R> {
  readonly isPath: boolean;
  of(row: R): readonly IndexKey[];
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

  find(...values: readonly IndexKey[]): ReadonlySet<R> {
    const bucket = this.#bucket(values);
    const rows = new Set<R>();
    for (const uuid of typeof bucket === "string" ? [bucket] : (bucket ?? NONE)) {
      const row = this.#rows.get(uuid);
      if (row !== undefined) rows.add(row);
    }
    return rows;
  }

  keys(): Iterable<IndexKey> {
    return this.#root.keys();
  }

  /** A row came (no `old`), went (no `row`), or changed. */
  replace(old: R | undefined, row: R | undefined): void {
    const uuid = (row ?? old)?._uuid;
    if (uuid === undefined) return;
    const before = old === undefined ? NONE : this.#keys.of(old);
    const after = row === undefined ? NONE : this.#keys.of(row);
    if (before === after) return;
    const least = Math.min(before.length, after.length);
    let head = 0;
    while (head < least && before[head] === after[head]) head++;
    if (this.#keys.isPath) {
      if (head === before.length && head === after.length) return;
      if (old !== undefined) this.#remove(this.#root, before, 0, uuid);
      if (row !== undefined) this.#add(after, uuid);
      return;
    }
    // Only what is not the same at both ends has changed, which in sorted keys is nearly nothing else.
    let tail = 0;
    while (tail < least - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
    for (let i = head; i < before.length - tail; i++) this.#remove(this.#root, [before[i] ?? null], 0, uuid);
    for (let i = head; i < after.length - tail; i++) this.#add([after[i] ?? null], uuid);
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
    const last = path.at(-1) ?? null;
    const bucket = level.get(last);
    if (bucket instanceof Set) bucket.add(uuid);
    else level.set(last, typeof bucket === "string" ? new Set([bucket, uuid]) : uuid);
  }

  /** Removes a row from below `level`, and the levels that this leaves empty. */
  #remove(level: Level, path: readonly IndexKey[], depth: number, uuid: Uuid): void {
    const key = path[depth] ?? null;
    const next = level.get(key);
    if (next instanceof Map) {
      this.#remove(next, path, depth + 1, uuid);
      if (next.size === 0) level.delete(key);
    } else if (next instanceof Set) {
      next.delete(uuid);
      if (next.size === 0) level.delete(key);
    } else if (next === uuid) {
      level.delete(key);
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

/**
 * The keys of an index on columns. A set column is indexed by each of its elements and a map column by each of its keys, as
 * "the logical switch that has this port" asks for; such a column must be the only one.
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
      if (value instanceof Map) return [...value.keys()];
      return Array.isArray(value) ? value : [value as IndexKey];
    },
  };
}

/** The keys of an index by a computed key: none for undefined. */
export function computedKeys<R>(key: (row: R) => IndexKey | readonly IndexKey[] | undefined): RowKeys<R> {
  return {
    isPath: false,
    of(row) {
      const value = key(row);
      if (value === undefined) return NONE;
      return isList(value) ? [...new Set(value)] : [value];
    },
  };
}

function isList(value: IndexKey | readonly IndexKey[]): value is readonly IndexKey[] {
  return Array.isArray(value);
}
