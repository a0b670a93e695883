/** From changed rows to the units that they concern. */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { DatabaseName, RowOf, TableOf } from "./databases.ts";
import type { AnyRow } from "./operations.ts";
import type { Batch, Feed, Planner } from "./planner.ts";
import { ALL } from "./planner.ts";
import type { View } from "./view.ts";

/** The keys of a planner's units that some changes of a database concern; `ALL` for every unit. */
export function fedUnits<S extends OvsSchema>(
  planner: Planner,
  view: View,
  database: DatabaseName,
  changes: ChangeSet<S>,
  batch: Batch,
): Iterable<string> | typeof ALL {
  const feeds = planner.feeds[database];
  if (feeds === undefined) return [];
  const keys = new Set<string>();
  for (const change of changes) {
    // The changes of a table are of rows of that table, which is what its feed takes.
    const feed = (feeds as Readonly<Record<string, Feed<unknown> | undefined>>)[change.table];
    if (feed === undefined) continue;
    const fed = feed({ old: change.old, new: change.new }, view, batch);
    if (fed === ALL) return ALL;
    for (const key of fed) keys.add(key);
  }
  return keys;
}

/** The changes of one batch, to be asked for single rows. */
export class ChangeBatch<S extends OvsSchema> implements Batch {
  readonly #database: DatabaseName;
  readonly #changes: ChangeSet<S>;
  #rows: Map<string, AnyRow | undefined> | null = null;

  constructor(database: DatabaseName, changes: ChangeSet<S>) {
    this.#database = database;
    this.#changes = changes;
  }

  before<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    _table: T,
    uuid: string,
  ): RowOf<D, T> | undefined {
    if (database !== this.#database) return undefined;
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
