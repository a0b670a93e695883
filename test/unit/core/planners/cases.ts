/** Tables of tests: rows in, operations and notes out. */
import { expect, it } from "vitest";
import type { Planner } from "../../../../src/core/planning/index.ts";
import { ALL, ChangeBatch, fedUnits, unitName } from "../../../../src/core/planning/index.ts";
import type { Announced, Circumstances, Rows } from "../../../harness/memory/rows.ts";
import { World } from "../../../harness/memory/rows.ts";
import { outcomeOf } from "./planned.ts";

export interface Case extends Circumstances {
  /** What is planned, for people: it completes "plans …". */
  readonly name: string;
  readonly given: Rows;
  /** What happens then, before anything is planned: for what planners know of the past. */
  readonly after?: (world: World) => void;
  readonly does?: readonly string[];
  /** What is said, with what is said only to who asks why. */
  readonly says?: readonly string[];
  readonly waits?: readonly string[];
}

export function itPlans(planner: Planner, cases: readonly Case[]): void {
  it.each(cases.map((one) => [one.name, one] as const))(
    "%s",
    (_name, { given, after, does = [], says = [], waits = [], ...circumstances }) => {
      const world = new World(given, circumstances);
      after?.(world);
      expect(outcomeOf(planner, world.view)).toEqual({ does, says, waits });
    },
  );
}

export interface FeedCase {
  /** What has changed, for people: it completes "is planned again when …". */
  readonly name: string;
  readonly given: Rows;
  readonly change: (world: World) => Announced;
  /** Names of the units that are to be planned again, in order. */
  readonly feeds: readonly string[];
}

export function itFeeds(planner: Planner, cases: readonly FeedCase[]): void {
  it.each(cases.map((one) => [one.name, one] as const))("%s", (_name, { given, change, feeds }) => {
    const world = new World(given);
    const { database, changes } = change(world);
    const fed = fedUnits(planner, world.view, new ChangeBatch(database, changes));
    const names = fed === ALL ? ["(all)"] : [...fed].map((key) => unitName({ planner, key }, world.view));
    expect(names.sort()).toEqual(feeds);
  });
}

type AnyTables = Record<string, Record<string, unknown[]>>;

/** The rows of several fixtures together. */
export function rows(...fixtures: readonly Rows[]): Rows {
  const all: AnyTables = {};
  for (const fixture of fixtures) {
    for (const [database, tables] of Object.entries(fixture)) {
      all[database] ??= {};
      const known = all[database];
      for (const [table, list] of Object.entries(tables)) known[table] = [...(known[table] ?? []), ...list];
    }
  }
  // Each list has rows of the table under whose name it was found.
  return all as unknown as Rows;
}

/** This zone, az1, another one, az2, and the options of this one. */
export function zones(options: Readonly<Record<string, string>> = {}): Rows {
  return {
    nb: { NB_Global: [{ name: "az1", options }] },
    icSb: { Availability_Zone: [{ name: "az1" }, { name: "az2" }] },
  };
}
