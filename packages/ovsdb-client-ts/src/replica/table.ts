/**
 * The in-memory copy of one table: rows by uuid, and the indexes over them.
 *
 * Invariant: between two batches every index holds exactly the rows of the table.
 */

import { SchemaError } from "../errors.ts";
import type { Uuid } from "../schema/atom.ts";
import type { AnyRow, Layout } from "./layout.ts";
import type { Index, IndexKey, RowKeys } from "./row-index.ts";
import { columnKeys, computedKeys, RowIndex } from "./row-index.ts";

/**
 * A table of a replica, to be read. Rows are immutable, and stay the same objects while they don't change.
 */
export interface ReplicaTable<R extends { readonly _uuid: Uuid } = AnyRow, C extends string = string>
  extends Iterable<R> {
  readonly name: string;
  /** Whether the server has this table. Without it the table is simply empty. */
  readonly exists: boolean;
  readonly size: number;
  get(uuid: Uuid): R | undefined;
  /** Whether rows carry a column: the server has it, and it is among those that the replica was asked for. */
  has(column: C): boolean;
  /**
   * The index on some columns; asked for again it is the same one. A single set column is indexed by its
   * elements, a single map column by its keys.
   *
   * @example replica.table("Route").index(["transit_switch", "availability_zone"]).find("ts1", azUuid)
   */
  index(columns: readonly C[]): Index<R>;
  /**
   * An index by a computed key, under a name that is unique in the table. A row is found under each key that
   * the function returns, and not at all for undefined. The function must give the same for the same row each
   * time.
   *
   * @example table.indexBy("interconn-ts", (ls) => ls.other_config.get("interconn-ts"))
   */
  indexBy(name: string, key: (row: R) => IndexKey | readonly IndexKey[] | undefined): Index<R>;
}

/** The table as its replica sees it: it alone writes. */
export class TableStore implements ReplicaTable<AnyRow> {
  layout: Layout;
  readonly #rows = new Map<Uuid, AnyRow>();
  readonly #indexes = new Map<string, RowIndex<AnyRow>>();
  /** The same, to be gone through for every row without an iterator. */
  #allIndexes: readonly RowIndex<AnyRow>[] = [];

  constructor(layout: Layout) {
    this.layout = layout;
  }

  get name(): string {
    return this.layout.table;
  }

  get exists(): boolean {
    return this.layout.exists;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(uuid: Uuid): AnyRow | undefined {
    return this.#rows.get(uuid);
  }

  has(column: string): boolean {
    return this.layout.has(column);
  }

  [Symbol.iterator](): Iterator<AnyRow> {
    return this.#rows.values();
  }

  index(columns: readonly string[]): Index<AnyRow> {
    for (const name of columns) {
      const column = this.layout.column(name);
      if (column === undefined)
        throw new SchemaError(`table ${this.name} has no column ${name} to be indexed`);
      if (columns.length > 1 && (column.kind === "set" || column.kind === "map")) {
        throw new SchemaError(`table ${this.name}: ${column.kind} column ${name} can only be indexed alone`);
      }
    }
    return this.#index(`columns ${columns.join(" ")}`, columnKeys(columns));
  }

  indexBy(name: string, key: (row: AnyRow) => IndexKey | readonly IndexKey[] | undefined): Index<AnyRow> {
    return this.#index(`computed ${name}`, computedKeys(key));
  }

  /** Puts a row in place of what was there; null removes it. */
  set(uuid: Uuid, row: AnyRow | null): void {
    const old = this.#rows.get(uuid);
    if (row === null) this.#rows.delete(uuid);
    else this.#rows.set(uuid, row);
    for (const index of this.#allIndexes) index.replace(old, row ?? undefined);
  }

  #index(name: string, keys: RowKeys<AnyRow>): Index<AnyRow> {
    const known = this.#indexes.get(name);
    if (known !== undefined) return known;
    const index = new RowIndex(keys, this.#rows);
    this.#indexes.set(name, index);
    this.#allIndexes = [...this.#indexes.values()];
    return index;
  }
}
