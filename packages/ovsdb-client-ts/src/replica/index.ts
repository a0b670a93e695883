/**
 * Secondary indexes over the rows of a replica's table, kept current by the table.
 *
 * A key path has one level for each indexed column. A bucket is the row itself while there is just one, which is the common
 * case and saves a Set for each row of a unique index.
 */
import type { Atom, Datum } from "../schema/atom.ts";

/** A value that rows are found by. An empty optional column is found as null. */
export type IndexKey = Atom | null;

/** Finds rows by the values of some columns, or by a computed key. */
export interface Index<R> {
  /** The row with these values, or the first of several; undefined if there is none. */
  get(...values: readonly IndexKey[]): R | undefined;
  /** All rows with these values. Valid until the next batch of changes. */
  find(...values: readonly IndexKey[]): ReadonlySet<R>;
  /** The distinct values of the first column, or the distinct computed keys. */
  keys(): Iterable<IndexKey>;
}

type Bucket<R> = R | Set<R>;
type Level<R> = Map<IndexKey, Level<R> | Bucket<R>>;

const NONE: ReadonlySet<never> = new Set<never>();

/** The key paths that a row is found under. */
export type KeyPaths<R> = (row: R) => readonly (readonly IndexKey[])[];

/** An index over rows of type R. The owner calls `add` and `remove` for every change. */
export class RowIndex<R extends object> implements Index<R> {
  readonly #paths: KeyPaths<R>;
  readonly #root: Level<R> = new Map();

  constructor(paths: KeyPaths<R>) {
    this.#paths = paths;
  }

  get(...values: readonly IndexKey[]): R | undefined {
    const bucket = this.#bucket(values);
    if (!(bucket instanceof Set)) return bucket;
    for (const row of bucket) return row;
    return undefined;
  }

  find(...values: readonly IndexKey[]): ReadonlySet<R> {
    const bucket = this.#bucket(values);
    if (bucket === undefined) return NONE;
    return bucket instanceof Set ? bucket : new Set([bucket]);
  }

  keys(): Iterable<IndexKey> {
    return this.#root.keys();
  }

  add(row: R): void {
    for (const path of this.#paths(row)) {
      const level = this.#descend(path);
      const last = path[path.length - 1] ?? null;
      const bucket = level.get(last);
      if (bucket === undefined) level.set(last, row);
      else if (bucket instanceof Set) bucket.add(row);
      else if (bucket !== row) level.set(last, new Set([bucket as R, row]));
    }
  }

  remove(row: R): void {
    for (const path of this.#paths(row)) this.#removeAt(this.#root, path, 0, row);
  }

  clear(): void {
    this.#root.clear();
  }

  /** Removes a row from below `level`, and the levels that this leaves empty. */
  #removeAt(level: Level<R>, path: readonly IndexKey[], depth: number, row: R): void {
    const key = path[depth] ?? null;
    const next = level.get(key);
    if (next === undefined) return;
    if (depth < path.length - 1) {
      if (!(next instanceof Map)) return;
      this.#removeAt(next, path, depth + 1, row);
      if (next.size === 0) level.delete(key);
    } else if (next instanceof Set) {
      next.delete(row);
      if (next.size === 0) level.delete(key);
    } else if (next === row) {
      level.delete(key);
    }
  }

  #descend(path: readonly IndexKey[]): Level<R> {
    let level = this.#root;
    for (let depth = 0; depth < path.length - 1; depth++) {
      const key = path[depth] ?? null;
      const next = level.get(key);
      if (next instanceof Map) {
        level = next;
      } else {
        const made: Level<R> = new Map();
        level.set(key, made);
        level = made;
      }
    }
    return level;
  }

  #bucket(values: readonly IndexKey[]): Bucket<R> | undefined {
    let level: Level<R> | Bucket<R> | undefined = this.#root;
    for (const value of values) {
      if (!(level instanceof Map)) return undefined;
      level = level.get(value);
    }
    return level instanceof Map ? undefined : level;
  }
}

/**
 * The key paths of an index on columns. A set column is indexed by each of its elements and a map column by each of its keys, as
 * "the logical switch that has this port" asks for; such a column must be the only one.
 */
export function columnPaths<R extends { readonly [column: string]: Datum }>(
  columns: readonly string[],
): KeyPaths<R> {
  const [first] = columns;
  if (columns.length === 1 && first !== undefined) {
    return (row) => {
      const value = row[first] ?? null;
      if (typeof value !== "object" || value === null) return [[value]];
      return [...(Array.isArray(value) ? value : value.keys())].map((key: Atom) => [key]);
    };
  }
  return (row) => [
    columns.map((column): IndexKey => {
      const value = row[column] ?? null;
      return typeof value === "object" ? null : value;
    }),
  ];
}
