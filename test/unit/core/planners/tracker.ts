/**
 * What each unit of all planners has read, and what it made of it. When rows change, it tells which units
 * make something else of it now, and which of these no feed has named.
 *
 * A unit's plan follows from what it reads and nothing else, so that only those units are planned again which
 * have read something that is not the same any more.
 */
import type { View } from "../../../../src/core/model/index.ts";
import type { Planner } from "../../../../src/core/planning/index.ts";
import { ALL, ChangeBatch, fedUnits, unitName } from "../../../../src/core/planning/index.ts";
import type { Announced } from "../../../harness/memory/rows.ts";
import { lineOfNote, linesOf, planUnit } from "./planned.ts";
import type { Recorder } from "./recorder.ts";

export interface Tracked {
  readonly planner: Planner;
  readonly key: string;
  readonly reads: ReadonlySet<string>;
  /** What it asks for, and what it warns of. */
  readonly outcome: readonly string[];
  /** Whether it asks for anything. */
  readonly asks: boolean;
}

/**
 * A unit that no feed has named, though it makes something else of what is there now; or that full passes
 * would not find.
 */
export interface Forgotten {
  readonly unit: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export class Tracker {
  readonly #view: View;
  readonly #recorder: Recorder;
  readonly #planners: readonly Planner[];
  readonly #units = new Map<string, Tracked>();
  readonly #readers = new Map<string, Set<string>>();
  /** How often a feed alone has named a unit that had to be: `advertised-routes icSb.Route`. */
  readonly decisive = new Map<string, number>();
  /** How often units have made something else of what had changed. */
  differences = 0;
  /** The tables that units of each planner have read: `advertised-routes icSb.Route`. */
  readonly tables = new Set<string>();

  constructor(view: View, recorder: Recorder, planners: readonly Planner[]) {
    this.#view = view;
    this.#recorder = recorder;
    this.#planners = planners;
    this.planAll();
  }

  get units(): Iterable<Tracked> {
    return this.#units.values();
  }

  /**
   * Plans everything: after changes of what is no row. Returns the planners of units that make something else
   * of it.
   */
  planAll(): string[] {
    for (const planner of this.#planners)
      for (const key of planner.units(this.#view))
        if (!this.#units.has(idOf(planner, key))) this.#plan(planner, key);
    return [...this.#units.values()].flatMap((before) => {
      const after = this.#plan(before.planner, before.key);
      return isSame(before, after) ? [] : [before.planner.name];
    });
  }

  /** Takes in what has changed. */
  changed(announced: Announced): Forgotten[] {
    if (announced.isOther) {
      this.planAll();
      return [];
    }
    const fed = this.#fed(announced);
    const changed = this.#recorder.changed(announced);
    const affected = new Set<string>();
    for (const what of changed) for (const id of this.#readers.get(what) ?? []) affected.add(id);
    const forgotten: Forgotten[] = [];
    for (const id of affected) {
      const before = this.#units.get(id);
      if (before === undefined) continue;
      const after = this.#plan(before.planner, before.key);
      const by = fed.get(before.planner)?.filter((one) => one.keys === ALL || one.keys.has(before.key)) ?? [];
      // What asks for anything is planned again as soon as that is answered, fed or not.
      if (before.asks) continue;
      if (isSame(before, after)) continue;
      this.differences++;
      const [first, ...rest] = by;
      if (first === undefined) forgotten.push(this.#forgotten(before, after));
      else if (rest.length === 0) count(this.decisive, `${before.planner.name} ${first.table}`);
    }
    forgotten.push(...this.#newUnits(fed));
    return forgotten;
  }

  /**
   * Units that are there now: those with something to do have to be fed. And those that aren't there have
   * nothing to do.
   */
  #newUnits(fed: ReadonlyMap<Planner, readonly Fed[]>): Forgotten[] {
    const forgotten: Forgotten[] = [];
    const listed = new Set<string>();
    for (const planner of this.#planners) {
      for (const key of planner.units(this.#view)) {
        const id = idOf(planner, key);
        listed.add(id);
        if (this.#units.has(id)) continue;
        const after = this.#plan(planner, key);
        if (after.outcome.length === 0) continue;
        this.differences++;
        const by = fed.get(planner)?.filter((one) => one.keys === ALL || one.keys.has(key)) ?? [];
        const [first, ...rest] = by;
        if (first === undefined) forgotten.push(this.#forgotten(null, after));
        else if (rest.length === 0) count(this.decisive, `${planner.name} ${first.table}`);
      }
    }
    for (const [id, tracked] of this.#units) {
      if (listed.has(id)) continue;
      if (tracked.asks)
        forgotten.push({ ...this.#forgotten(null, tracked), before: ["(is not in the list of units)"] });
      this.#forget(id, tracked);
    }
    return forgotten;
  }

  #forgotten(before: Tracked | null, after: Tracked): Forgotten {
    const { planner, key } = after;
    return {
      unit: `${planner.name}: ${unitName({ planner, key }, this.#view)}`,
      before: before?.outcome ?? ["(was not there)"],
      after: after.outcome,
    };
  }

  /** The units that each feed names. */
  #fed({ database, changes }: Announced): ReadonlyMap<Planner, readonly Fed[]> {
    const batch = new ChangeBatch(database, changes);
    return this.#view.facts.during(() => {
      const pairs = this.#planners.map((planner) => {
        const feeds = Object.entries(planner.feeds[database] ?? {}).map(([table, feed]): Fed => {
          const only = { ...planner, feeds: { [database]: { [table]: feed } } };
          const keys = fedUnits(only, this.#view, batch);
          return { table: `${database}.${table}`, keys: keys === ALL ? ALL : new Set(keys) };
        });
        return [planner, feeds] as const;
      });
      return new Map(pairs);
    });
  }

  #plan(planner: Planner, key: string): Tracked {
    const id = idOf(planner, key);
    const known = this.#units.get(id);
    if (known !== undefined) this.#forget(id, known);
    let asks = false;
    let outcome: readonly string[] = [];
    const reads = this.#recorder.during(() => {
      const { plan, said } = planUnit(planner, key, this.#view, false);
      asks = !plan.isEmpty;
      // Any free key is as good as another one, and which are free is nobody's to be told.
      const lines = linesOf(plan).map((line) => line.replaceAll(/\btunnel_key=\d+/g, "tunnel_key=free"));
      outcome = [...lines, ...new Set(said.map(lineOfNote))];
    });
    const tracked = { planner, key, reads, outcome, asks };
    this.#units.set(id, tracked);
    for (const what of reads) {
      this.tables.add(`${planner.name} ${what.slice(0, what.search(/[:[]/))}`);
      const readers = this.#readers.get(what);
      if (readers === undefined) this.#readers.set(what, new Set([id]));
      else readers.add(id);
    }
    return tracked;
  }

  #forget(id: string, { reads }: Tracked): void {
    this.#units.delete(id);
    for (const what of reads) {
      const readers = this.#readers.get(what);
      readers?.delete(id);
      if (readers?.size === 0) this.#readers.delete(what);
    }
  }
}

interface Fed {
  readonly table: string;
  readonly keys: ReadonlySet<string> | typeof ALL;
}

function idOf(planner: Planner, key: string): string {
  return `${planner.name} ${key}`;
}

/** Whether something is asked for, or said, that was not before. What isn't said any more nobody has kept. */
function isSame(before: Tracked, after: Tracked): boolean {
  return after.asks === before.asks && after.outcome.every((line) => before.outcome.includes(line));
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
