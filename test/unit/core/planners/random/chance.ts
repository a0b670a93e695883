/** Chance, of which tests ask for rows and values. The same seed gives the same answers. */
import type { Uuid } from "ovsdb-client-ts";
import type { DatabaseName, TableOf } from "../../../../../src/core/model/index.ts";
import type { World } from "../../../../harness/memory/rows.ts";
import { pick, random } from "../../../../harness/random.ts";

export class Chance {
  readonly #random: () => number;
  /** Whose rows are asked for. */
  world: World | null = null;

  constructor(seed: number) {
    this.#random = random(seed);
  }

  /** A number from 0 up to a limit, which it does not reach. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Whether something happens that does so in a part of all cases. */
  happens(part: number): boolean {
    return this.#random() < part;
  }

  of<V>(values: readonly V[]): V {
    return pick(this.#random, values);
  }

  /** Some of them, in their order. */
  some<V>(values: readonly V[], part = 0.5): V[] {
    return values.filter(() => this.happens(part));
  }

  /** Some of them, and one at least where there are any. */
  atLeastOne<V>(values: readonly V[]): V[] {
    return values.length === 0 ? [] : [...this.some(values, 0.3), this.of(values)];
  }

  /** The uuids of a table's rows. */
  all<D extends DatabaseName, T extends TableOf<D>>(database: D, table: T): Uuid<T>[] {
    const rows = this.world?.databases[database].store(table) ?? [];
    return [...rows].map((row) => row._uuid as Uuid<T>); // of that table's rows
  }

  /** Any row of a table; null if there is none. */
  row<D extends DatabaseName, T extends TableOf<D>>(database: D, table: T): Uuid<T> | null {
    const all = this.all(database, table);
    return all.length === 0 ? null : this.of(all);
  }

  /** A map with some of these keys, or with one of them changed in the map that is there. */
  map(
    pool: Readonly<Record<string, readonly string[]>>,
    now: ReadonlyMap<string, string> | undefined,
  ): ReadonlyMap<string, string> {
    const map = new Map(now);
    const keys = Object.keys(pool);
    for (const key of now === undefined ? this.some(keys, 2 / keys.length) : [this.of(keys)]) {
      if (map.has(key) && this.happens(0.5)) map.delete(key);
      else map.set(key, this.of(pool[key] ?? []));
    }
    return map;
  }
}
