/**
 * A planner owns one kind of object. It names its units, says which rows feed which unit, and plans one unit at a time.
 *
 * Planners are pure: what they know comes from the view, what they want goes into the plan. They keep nothing between calls.
 *
 * What a feed must do so that no unit is forgotten: from the old *and* the new row, follow the present references to the unit. A path
 * from a row to a unit that has been cut in the same batch was cut at some row nearer to the unit; that row is in the batch too, and
 * its own feed finds the unit. What only the rows on the far side of the cut knew is in `batch`.
 */
import type { Atom, Datum } from "ovsdb-client-ts";
import { compareAtoms, datumEquals } from "ovsdb-client-ts";
import type { DatabaseName, RowOf, TableKey, TableOf } from "./databases.ts";
import { DATABASE_NAMES } from "./databases.ts";
import type { Plan } from "./plan.ts";
import type { View } from "./view.ts";

/** Every unit of the planner. */
export const ALL = "all";

export interface RowChange<R> {
  readonly old: R | null;
  readonly new: R | null;
}

/** The other changes that came together with one. */
export interface Batch {
  /** A row as it was before the batch: undefined if there was none. */
  before<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    uuid: string,
  ): RowOf<D, T> | undefined;
}

/** Keys of units. What is in lists of its own is gone through once, however many changes of a batch name the same list. */
export type Fed = Iterable<string | readonly string[]> | typeof ALL;

/** The units that a changed row may concern. Too many is a waste, too few is an error. */
export type Feed<R> = (change: RowChange<R>, view: View, batch: Batch) => Fed;

export type Feeds = {
  readonly [D in DatabaseName]?: { readonly [T in TableOf<D>]?: Feed<RowOf<D, T>> };
};

export interface Planner {
  readonly name: string;
  /** Databases that its operations are for. While one of them answers a transaction, none of its units is planned: but see `independent`. */
  readonly writes: readonly DatabaseName[];
  /** Whether it makes a difference to the units who holds the global lock. */
  readonly leads: boolean;
  readonly feeds: Feeds;
  /**
   * Whether what its units write has nothing to do with one another: then it doesn't matter which of them a server has committed when others
   * are planned.
   */
  readonly independent?: boolean;
  /**
   * Tables of which it can do with a part of the rows. Where what is missing might matter to a unit (`View.incomplete`), it asks to be planned when
   * everything is there (`Plan.wait`).
   */
  readonly partial?: readonly TableKey[];
  /** Whether it is planned only when no unit of any other planner has anything left to be done. */
  readonly last?: boolean;
  /** What people know a unit by, where the parts of its key don't tell them. */
  nameOf?(key: string, view: View): string | undefined;
  /** The keys of all units that have, or should have, anything. */
  units(view: View): Iterable<string>;
  plan(key: string, view: View, plan: Plan): void;
}

const tables = new WeakMap<Planner, readonly TableKey[]>();

/** The tables that a planner reads: those that feed it. */
export function tablesOf(planner: Planner): readonly TableKey[] {
  const known = tables.get(planner);
  if (known !== undefined) return known;
  const found = DATABASE_NAMES.flatMap((database) =>
    Object.keys(planner.feeds[database] ?? {}).map((table): TableKey => `${database}.${table}`),
  );
  tables.set(planner, found);
  return found;
}

/** Both rows of a change, those that there are. */
export function bothRows<R>({ old, new: now }: RowChange<R>): readonly R[] {
  if (old === null) return now === null ? [] : [now];
  return now === null ? [old] : [old, now];
}

/** The elements that are in one of two sets only. */
export function changedElements<A extends Atom>(
  old: readonly A[] | undefined,
  now: readonly A[] | undefined,
): A[] {
  if (old === now) return [];
  const changed: A[] = [];
  const before = old ?? [];
  const after = now ?? [];
  // Sets are in ascending order, and what stays the same is mostly the same object, so one walk along both tells them apart quickly.
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const a = before[i];
    const b = after[j];
    const order = a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : compareAtoms(a, b);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (order < 0 && a !== undefined) changed.push(a);
    if (order > 0 && b !== undefined) changed.push(b);
  }
  return changed;
}

/** Whether a change touched a column; a row that came or went touched all. */
export function touched<R, C extends keyof R>(change: RowChange<R>, column: C): boolean {
  const { old, new: now } = change;
  return !old || !now || !datumEquals(old[column] as Datum, now[column] as Datum);
}

/** Whether a change touched one of a row's options. */
export function optionChanged(
  { old, new: now }: RowChange<{ readonly options: ReadonlyMap<string, string> }>,
  key: string,
): boolean {
  return old?.options.get(key) !== now?.options.get(key);
}
