/** What units wait for: a time, the turn of their group, or something that no feed tells of. */
import type { ChangeSet, OvsSchema } from "ovsdb-client-ts";
import type { DatabaseName } from "../../model/index.ts";
import type { PlannedTransaction, Planner, Unit } from "../../planning/index.ts";
import type { Group, UnitState } from "./unit.ts";
import { deferred, groupOf, isInFlight, landed, quarantined, refusedAlone } from "./unit.ts";

const FIRST_DELAY = 100;
const MAX_DELAY = 30_000;

/** Milliseconds to wait after so many failures. */
export function delayAfter(failures: number): number {
  return Math.min(FIRST_DELAY * 2 ** (failures - 1), MAX_DELAY);
}

/**
 * Backoff, and quarantine. A group of units that was refused is halved, until the offender is alone. Whoever
 * was refused alone is planned alone until that database has accepted it.
 */
export class Waiting {
  /** Whose time has not come. */
  readonly #timed = new Set<UnitState>();
  #groups: Group[] = [];

  /** Lets a unit wait; for ever is until something that feeds it changes. */
  add(unit: UnitState, until: number): void {
    deferred(unit, until);
    this.#timed.add(unit);
    this.#isolate(unit);
  }

  /** Ends the wait of a unit for its time. */
  end(unit: UnitState): void {
    deferred(unit, 0);
    this.#timed.delete(unit);
  }

  /** Ends the waits that are over. */
  expire(now: number): void {
    for (const unit of this.#timed) if (unit.phase.from <= now) this.end(unit);
  }

  /** When the first wait is over; null if none ends by itself. */
  get deadline(): number | null {
    let earliest = Number.POSITIVE_INFINITY;
    for (const unit of this.#timed) earliest = Math.min(earliest, unit.phase.from);
    return earliest === Number.POSITIVE_INFINITY ? null : earliest;
  }

  /** A transaction that a unit is in was answered. */
  land(unit: UnitState, transaction: PlannedTransaction): void {
    landed(unit, transaction);
    this.#isolate(unit);
  }

  /** Units were refused together: each half of them is planned by itself. */
  split(database: DatabaseName, units: readonly UnitState[]): void {
    const half = Math.ceil(units.length / 2);
    this.#quarantine(database, units.slice(0, half));
    this.#quarantine(database, units.slice(half));
  }

  /** A unit was refused with nobody else around: it waits, longer each time. */
  refusedAlone(unit: UnitState, now: number): void {
    refusedAlone(unit);
    this.add(unit, now + delayAfter(unit.alone));
  }

  /**
   * The units of the groups whose turn it is: their time has come, their databases are free, and all of them
   * may be planned. The databases of groups whose time has come are reserved until these had their turn.
   */
  takeGroups(
    isFree: (database: DatabaseName) => boolean,
    reserved: Set<DatabaseName>,
    isHeld: (planner: Planner) => boolean,
  ): UnitState[] {
    const waiting: Group[] = [];
    const taken: UnitState[] = [];
    for (const group of this.#groups) {
      const units = group.units.filter((unit) => groupOf(unit) === group);
      if (units.length === 0) continue;
      if (units.some(({ phase }) => phase.from > 0)) {
        waiting.push(group);
        continue;
      }
      const writes = new Set(units.flatMap(({ planner }) => planner.writes)).add(group.database);
      const mayPlan = units.every((unit) => !isInFlight(unit) && !isHeld(unit.planner));
      const ready = mayPlan && [...writes].every((name) => isFree(name) && !reserved.has(name));
      for (const database of writes) reserved.add(database);
      if (ready) taken.push(...units);
      else waiting.push(group);
    }
    this.#groups = waiting;
    return taken;
  }

  #isolate(unit: UnitState): void {
    if (unit.alone > 0 && unit.refusedBy !== null && groupOf(unit) === null && !isInFlight(unit))
      this.#quarantine(unit.refusedBy, [unit]);
  }

  #quarantine(database: DatabaseName, units: readonly UnitState[]): void {
    const group = { database, units };
    for (const unit of units) quarantined(unit, group);
    this.#groups.push(group);
  }
}

/** Units by planner and key, put aside until something happens that their feeds don't tell of. */
export class PutAside {
  readonly #keys = new Map<Planner, Set<string>>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  add({ planner, key }: Unit): void {
    const keys = this.#keys.get(planner) ?? new Set();
    this.#keys.set(planner, keys.add(key));
  }

  remove({ planner, key }: Unit): void {
    this.#keys.get(planner)?.delete(key);
  }

  /** Takes out the units of some planners. */
  take(isDue: (planner: Planner) => boolean): [Planner, Set<string>][] {
    const due = [...this.#keys].filter(([planner]) => isDue(planner));
    for (const [planner] of due) this.#keys.delete(planner);
    return due;
  }
}

const TABLES_WITH_KEYS = new Set(["Datapath_Binding", "Port_Binding"]);

/**
 * Whether changes may have given a tunnel key back: the row that did so feeds none of the units that found no
 * free one.
 */
export function freesTunnelKeys<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>): boolean {
  return database === "icSb" && changes.some(({ table, old }) => old !== null && TABLES_WITH_KEYS.has(table));
}
