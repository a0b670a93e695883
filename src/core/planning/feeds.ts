/** From changed rows to the units that they concern. */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { Batch, DatabaseName, RowChange, RowOf, TableOf, View } from "../model/index.ts";
import type { AnyRow } from "./operations.ts";
import type { Feed, Planner } from "./planner.ts";
import { ALL } from "./planner.ts";

/** The keys of a planner's units that some changes of a database concern; `ALL` for every unit. */
export function fedUnits<S extends OvsSchema>(
  planner: Planner,
  view: View,
  batch: ChangeBatch<S>,
): Iterable<string> | typeof ALL {
  const keys = new Set<string>();
  const lists = new Set<readonly string[]>();
  for (const [table, feed] of Object.entries(planner.feeds[batch.database] ?? {})) {
    for (const change of batch.of(table)) {
      // The changes of a table are of rows of that table, which is what its feed takes.
      const fed = (feed as Feed<unknown>)(change, view, batch);
      if (fed === ALL) return ALL;
      for (const one of fed) {
        if (typeof one === "string") keys.add(one);
        else lists.add(one);
      }
    }
  }
  for (const list of lists) for (const key of list) keys.add(key);
  return keys;
}

/** The changes of one batch, by table, to be asked for single rows. */
export class ChangeBatch<S extends OvsSchema> implements Batch {
  readonly database: DatabaseName;
  readonly #changes: ChangeSet<S>;
  readonly #tables = new Map<string, RowChange<unknown>[]>();
  #rows: Map<string, AnyRow | undefined> | null = null;

  constructor(database: DatabaseName, changes: ChangeSet<S>) {
    this.database = database;
    this.#changes = changes;
    for (const change of changes) {
      const known = this.#tables.get(change.table);
      if (known === undefined) this.#tables.set(change.table, [change]);
      else known.push(change);
    }
  }

  get size(): number {
    return this.#changes.length;
  }

  /** The changes of a table's rows. */
  of(table: string): readonly RowChange<unknown>[] {
    return this.#tables.get(table) ?? [];
  }

  before<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    _table: T,
    uuid: string,
  ): RowOf<D, T> | undefined {
    if (database !== this.database) return undefined;
    // A uuid occurs in one table only, so the row found is of the table asked for.
    return this.#index().get(uuid) as RowOf<D, T> | undefined;
  }

  #index(): Map<string, AnyRow | undefined> {
    this.#rows ??= new Map(
      this.#changes.map((change) => [change.uuid, (change.old ?? undefined) as AnyRow | undefined]),
    );
    return this.#rows;
  }
}
