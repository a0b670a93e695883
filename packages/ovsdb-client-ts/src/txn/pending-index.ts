/**
 * Finds the rows that a transaction has written to by the value of one column. It is told which rows have
 * been touched, and looks at them when something is searched for: many writes and searches in turn cost no
 * more than their number.
 */
import type { IndexKey } from "../replica/row-index.ts";
import type { Uuid } from "../schema/atom.ts";
import { PendingRow } from "./pending-row.ts";

const NONE: readonly never[] = [];

export class PendingIndex {
  readonly #table: string;
  readonly #column: string;
  /** The row itself while there is just one, as in a replica's index. */
  readonly #byKey = new Map<IndexKey, PendingRow | Set<PendingRow>>();
  readonly #keys = new Map<Uuid, IndexKey>();
  /** How many of the touched rows have been looked at. */
  #seen = 0;

  constructor(table: string, column: string) {
    this.#table = table;
    this.#column = column;
  }

  /** The rows with a value. @param touched all rows written to, in order, some of them more than once */
  find(key: IndexKey, touched: readonly PendingRow[]): Iterable<PendingRow> {
    for (; this.#seen < touched.length; this.#seen++) {
      const row = touched[this.#seen];
      if (row !== undefined && row.table.name === this.#table) this.#place(row);
    }
    const rows = this.#byKey.get(key) ?? NONE;
    return rows instanceof PendingRow ? [rows] : rows;
  }

  #place(row: PendingRow): void {
    const old = this.#keys.get(row.uuid);
    if (old !== undefined) {
      this.#remove(old, row);
      this.#keys.delete(row.uuid);
    }
    const key = row.resultOf(this.#column);
    if (key === undefined || (typeof key === "object" && key !== null)) return;
    this.#keys.set(row.uuid, key);
    const rows = this.#byKey.get(key);
    if (rows === undefined) this.#byKey.set(key, row);
    else if (rows instanceof PendingRow) this.#byKey.set(key, new Set([rows, row]));
    else rows.add(row);
  }

  #remove(key: IndexKey, row: PendingRow): void {
    const rows = this.#byKey.get(key);
    if (rows instanceof Set) rows.delete(row);
    else if (rows === row) this.#byKey.delete(key);
  }
}
