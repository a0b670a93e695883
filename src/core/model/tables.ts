/**
 * Tables to be read by planners, which count every row that they hand out: what a change costs is tested by
 * these counts.
 */
import type {
  ColumnName,
  DatabaseSchema,
  Index,
  IndexKey,
  OvsSchema,
  ReplicaTable,
  Row,
  TableName,
  Uuid,
} from "ovsdb-client-ts";

/** What a view reads of one database: a `Replica` is one. */
export interface RowSource<S extends OvsSchema> {
  table<T extends TableName<S>>(name: T): ReplicaTable<Row<S, T>, ColumnName<S, T>>;
  /** The schema that the server has; null while it is not known. */
  readonly serverSchema: DatabaseSchema | null;
}

/** The tables of one database, by name. */
export type Tables<S extends OvsSchema> = {
  readonly [T in TableName<S>]: CountedTable<Row<S, T>, ColumnName<S, T>>;
};

export interface ReadCount {
  rows: number;
}

/** The tables of one database, read through a counter. */
export function countedTables<S extends OvsSchema>(
  schema: S,
  source: RowSource<S>,
  reads: ReadCount,
): Tables<S> {
  const tables: Record<string, unknown> = {};
  for (const name of Object.keys(schema.tables))
    tables[name] = new CountedTable(source.table(name as TableName<S>), reads);
  return tables as Tables<S>; // one entry for each table of the description, made from the table of that name
}

export class CountedTable<R extends { readonly _uuid: Uuid }, C extends string> implements Iterable<R> {
  readonly #table: ReplicaTable<R, C>;
  readonly #reads: ReadCount;

  constructor(table: ReplicaTable<R, C>, reads: ReadCount) {
    this.#table = table;
    this.#reads = reads;
  }

  /** Whether the server has this table. */
  get exists(): boolean {
    return this.#table.exists;
  }

  get size(): number {
    return this.#table.size;
  }

  /** Whether the server has this column. */
  has(column: C): boolean {
    return this.#table.has(column);
  }

  get(uuid: Uuid): R | undefined {
    this.#reads.rows++;
    return this.#table.get(uuid);
  }

  /** The only row of a table that has just one. */
  first(): R | undefined {
    this.#reads.rows++;
    for (const row of this.#table) return row;
    return undefined;
  }

  *[Symbol.iterator](): Generator<R, void, void> {
    for (const row of this.#table) {
      this.#reads.rows++;
      yield row;
    }
  }

  index(...columns: readonly C[]): CountedIndex<R> {
    return new CountedIndex(this.#table.index(columns), this.#reads);
  }

  indexBy(name: string, key: (row: R) => IndexKey | readonly IndexKey[] | undefined): CountedIndex<R> {
    return new CountedIndex(this.#table.indexBy(name, key), this.#reads);
  }
}

export class CountedIndex<R> {
  readonly #index: Index<R>;
  readonly #reads: ReadCount;

  constructor(index: Index<R>, reads: ReadCount) {
    this.#index = index;
    this.#reads = reads;
  }

  get(...values: readonly IndexKey[]): R | undefined {
    this.#reads.rows++;
    return this.#index.get(...values);
  }

  find(...values: readonly IndexKey[]): readonly R[] {
    const found = this.#index.find(...values);
    this.#reads.rows += found.length;
    return found;
  }

  /** Whether there is a row with these values. Reads no row. */
  has(...values: readonly IndexKey[]): boolean {
    return this.#index.get(...values) !== undefined;
  }

  /** How many rows have these values. Reads no row. */
  count(...values: readonly IndexKey[]): number {
    return this.#index.count(...values);
  }

  keys(): Iterable<IndexKey> {
    return this.#index.keys();
  }
}
