/**
 * A planner owns one kind of object. It names its units, says which rows feed which unit, and plans one unit
 * at a time.
 *
 * Planners are pure: what they know comes from the view, what they want goes into the plan. They keep nothing
 * between calls.
 *
 * What a feed must do so that no unit is forgotten: from the old *and* the new row, follow the present
 * references to the unit. A path from a row to a unit that has been cut in the same batch was cut at some row
 * nearer to the unit; that row is in the batch too, and its own feed finds the unit. What only the rows on
 * the far side of the cut knew is in `batch`.
 */
import type { Batch, DatabaseName, RowChange, RowOf, TableKey, TableOf, View } from "../model/index.ts";
import { DATABASE_NAMES, trait } from "../model/index.ts";
import type { Need } from "./need.ts";
import type { Plan } from "./plan.ts";

/** Every unit of the planner. */
export const ALL: unique symbol = Symbol("all units");

/**
 * Keys of units. What is in lists of its own is gone through once, however many changes of a batch name the
 * same list.
 */
export type Fed = readonly (string | readonly string[])[] | typeof ALL;

/** The units that a changed row may concern. Too many is a waste, too few is an error. */
export type Feed<R> = (change: RowChange<R>, view: View, batch: Batch) => Fed;

export type Feeds = {
  readonly [D in DatabaseName]?: { readonly [T in TableOf<D>]?: Feed<RowOf<D, T>> };
};

export interface Planner {
  readonly name: string;
  /**
   * Databases that its operations are for. While one of them answers a transaction, none of its units is
   * planned: but see `independent`.
   */
  readonly writes: readonly DatabaseName[];
  /** Whether it makes a difference to the units who holds the global lock. */
  readonly leads: boolean;
  readonly feeds: Feeds;
  /**
   * Whether what its units write has nothing to do with one another: then it doesn't matter which of them a
   * server has committed when others are planned.
   */
  readonly independent?: boolean;
  /**
   * Tables of which it can do with a part of the rows. Where what is missing might matter to a unit
   * (`View.incomplete`), it asks to be planned when everything is there (`Plan.wait`).
   */
  readonly partial?: readonly TableKey[];
  /**
   * Whether its unit is this zone's own row: to be made anew when another deployment has our name, too, and
   * has taken the row for its own.
   */
  readonly isIdentity?: boolean;
  /** Whether it is planned only when no unit of any other planner has anything left to be done. */
  readonly last?: boolean;
  /** What people know a unit by, where the parts of its key don't tell them. */
  nameOf?(key: string, view: View): string | undefined;
  /** The keys of all units that have, or should have, anything. */
  units(view: View): Iterable<string>;
  plan(key: string, view: View, plan: Plan): void;
}

/** What a controller goes by: what should exist, and which rows that takes. */
export interface Rules {
  /** In the order in which they are planned. */
  readonly planners: readonly Planner[];
  /** Of all tables that are not read whole, or not at once, in the order in which one leads to another. */
  readonly needs: readonly Need[];
}

/** The tables that a planner reads: those that feed it. */
export const tablesOf = trait((planner: Planner): readonly TableKey[] =>
  DATABASE_NAMES.flatMap((database) =>
    Object.keys(planner.feeds[database] ?? {}).map((table): TableKey => `${database}.${table}`),
  ),
);
