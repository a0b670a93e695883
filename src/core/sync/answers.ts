/** What servers' answers mean for the units of a transaction: which are done, which are tried again, when, and with whom. */
import type { DatabaseName } from "./databases.ts";
import type { Delays } from "./delays.ts";
import { delayAfter } from "./delays.ts";
import type { Counters } from "./round.ts";
import type { Suspects } from "./suspects.ts";
import type { Outcome, Problem } from "./transactions.ts";
import type { UnitState } from "./units.ts";
import { isSameProblem, MAX_COMMITS } from "./units.ts";

/** Milliseconds after which a server that could write nothing is asked again. */
const UNAVAILABLE_DELAY = 1000;

export class Answers {
  readonly #delays: Delays;
  readonly #suspects: Suspects;
  readonly #counters: Counters;
  readonly #problem: (problem: Problem) => void;
  /** Units that were refused alone, and have not been accepted since. */
  readonly #refusedAlone = new Set<UnitState>();

  /** @param problem called when a unit begins to have a problem */
  constructor(delays: Delays, suspects: Suspects, counters: Counters, problem: (problem: Problem) => void) {
    this.#delays = delays;
    this.#suspects = suspects;
    this.#counters = counters;
    this.#problem = problem;
  }

  /** Takes in how the transaction of some units ended. */
  take(database: DatabaseName, units: readonly UnitState[], outcome: Outcome, now: number): void {
    if (outcome.status === "committed" || outcome.status === "unchanged")
      this.#committed(database, units, now);
    else if (outcome.status === "notLocked")
      for (const unit of units) this.#delays.add(unit, now + delayAfter(1));
    else if (outcome.status === "unavailable") this.#unavailable(database, units, outcome, now);
    else if (outcome.status !== "unknown") this.#refused(database, units, outcome, now);
  }

  /** Puts what was refused alone, and is due again, into groups of its own. */
  isolate(now: number): void {
    this.#delays.expire(now);
    for (const unit of this.#refusedAlone) {
      const isolated = unit.dirty && !unit.suspect && unit.inFlight === 0;
      if (!isolated || this.#delays.has(unit) || unit.refusedBy === null) continue;
      this.#suspects.add(unit.refusedBy, [unit]);
    }
  }

  /** A unit is clean. */
  forget(unit: UnitState): void {
    this.#refusedAlone.delete(unit);
  }

  #committed(database: DatabaseName, units: readonly UnitState[], now: number): void {
    this.#counters.committed++;
    for (const unit of units) {
      if (unit.refusedBy === null || unit.refusedBy === database) {
        Object.assign(unit, { refusals: 0, alone: 0, refusedBy: null, problem: null });
        this.#refusedAlone.delete(unit);
      }
      unit.commits++;
      if (unit.commits <= MAX_COMMITS) continue;
      this.#delays.add(unit, now + delayAfter(unit.commits - MAX_COMMITS));
      this.report(unit, "what it writes is changed back, or does not lead to what it wants");
    }
  }

  /** No unit is to blame, and all can go on as soon as the server can. */
  #unavailable(database: DatabaseName, units: readonly UnitState[], outcome: Outcome, now: number): void {
    this.#counters.refused++;
    for (const unit of units) this.#delays.add(unit, now + UNAVAILABLE_DELAY);
    if (units[0] !== undefined) this.report(units[0], `${database}: ${outcome.text ?? outcome.status}`);
  }

  /**
   * Once is normal: somebody was faster. Everything is planned anew then. What is refused again is split, and what is refused alone has to
   * wait.
   */
  #refused(database: DatabaseName, units: readonly UnitState[], outcome: Outcome, now: number): void {
    this.#counters.refused++;
    for (const unit of units) {
      unit.refusals++;
      unit.refusedBy = database;
    }
    const [first] = units;
    if (first === undefined || units.every((unit) => unit.refusals === 1)) return;
    if (units.length === 1) {
      first.alone++;
      this.#refusedAlone.add(first);
      this.#delays.add(first, now + delayAfter(first.alone));
      this.report(first, `${database}: ${outcome.text ?? outcome.status}`);
      return;
    }
    this.#suspects.split(database, units);
  }

  report(unit: UnitState, text: string): void {
    const known = unit.problem;
    unit.problem = { unit, text };
    if (!isSameProblem(known, unit.problem)) this.#problem(unit.problem);
  }
}
