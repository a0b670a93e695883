/** Which rows of a large table planners need: what is said of one table. */
import type { Where } from "ovsdb-client-ts";
import type { DatabaseName, RowChange, RowOf, TableKey, TableOf, View } from "../model/index.ts";

/** What is needed of one table. */
export interface Need {
  readonly database: DatabaseName;
  readonly table: string;
  /**
   * Whether nearly all conditions name single rows: then they need no portions, and may stay for a while when
   * they are not needed any more.
   */
  readonly single?: boolean;
  /**
   * Whether conditions name `_uuid`: then servers are asked for that column too, which for 100,000 rows is no
   * trifle.
   */
  readonly byUuid?: boolean;
  /** Changes after which other rows may be needed. */
  readonly feeds: NeedFeeds;
  readonly where: (view: View) => Where;
}

type NeedFeed<R> = (change: RowChange<R>, view: View) => boolean;
export type NeedFeeds = {
  readonly [D in DatabaseName]?: { readonly [T in TableOf<D>]?: NeedFeed<RowOf<D, T>> };
};

export function keyOf(need: Need): TableKey {
  return `${need.database}.${need.table}`;
}

/**
 * The tables of a database that are not read whole, or not at once, and whether rows of them are asked for by
 * their `_uuid`.
 */
export function conditionedTables(
  needs: readonly Need[],
  database: DatabaseName,
): ReadonlyMap<string, boolean> {
  const own = needs.filter((need) => need.database === database);
  return new Map(own.map(({ table, byUuid }) => [table, byUuid === true]));
}
