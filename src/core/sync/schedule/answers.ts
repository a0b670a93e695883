/** What servers' answers mean for the units of a transaction: which are done, which are tried again, when, and with whom. */
import type { DatabaseName } from "../../model/index.ts";
import type { Operation, Outcome } from "../../planning/index.ts";
import type { Delays } from "./delays.ts";
import { delayAfter } from "./delays.ts";
import type { Problems } from "./problems.ts";
import type { Reversals } from "./reversals.ts";
import type { Counters } from "./round.ts";
import type { Suspects } from "./suspects.ts";
import type { UnitState } from "./units.ts";
import { MAX_COMMITS } from "./units.ts";

/** Milliseconds after which a server that could write nothing is asked again. */
const UNAVAILABLE_DELAY = 1000;
/** Refusals for a lock that we hold as far as we know, after which that is no passing thing. */
const STEADY = 3;

/** A unit of a transaction, and what it wrote. */
export interface AnsweredUnit {
  readonly unit: UnitState;
  readonly operations: readonly Operation[];
}

export interface AnswersOptions {
  readonly delays: Delays;
  readonly suspects: Suspects;
  readonly reversals: Reversals;
  readonly counters: Counters;
  readonly problems: Problems;
}

/** Whether operations depend on a lock that their own server has granted. */
function needsLock(database: DatabaseName, operations: readonly Operation[]): boolean {
  return database === "sb" || operations.some(({ leader }) => leader);
}

export class Answers {
  readonly #options: AnswersOptions;
  readonly #delays: Delays;
  readonly #suspects: Suspects;
  readonly #counters: Counters;
  /** How often a server said in a row that we don't hold its lock. */
  readonly #notLocked = new Map<DatabaseName, number>();
  /** Units that were refused alone, and have not been accepted since. */
  readonly #refusedAlone = new Set<UnitState>();

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#delays = options.delays;
    this.#suspects = options.suspects;
    this.#counters = options.counters;
  }

  /** Takes in how the transaction of some units ended. */
  take(database: DatabaseName, parts: readonly AnsweredUnit[], outcome: Outcome, now: number): void {
    const { status } = outcome;
    const units = parts.map(({ unit }) => unit);
    if (status === "committed" || status === "unchanged") this.#committed(database, parts, now);
    else if (status === "notLocked") this.#withoutLock(database, parts, outcome, now);
    else if (status === "unavailable") this.#unavailable(database, units, outcome, now);
    else if (status !== "unknown") this.#refused(database, units, outcome, now);
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

  #committed(database: DatabaseName, parts: readonly AnsweredUnit[], now: number): void {
    this.#counters.committed++;
    if (parts.some(({ operations }) => needsLock(database, operations))) this.#notLocked.delete(database);
    const contested: UnitState[] = [];
    for (const { unit, operations } of parts) {
      if (unit.refusedBy === null || unit.refusedBy === database) {
        Object.assign(unit, { refusals: 0, alone: 0, refusedBy: null, problem: null });
        this.#refusedAlone.delete(unit);
      }
      unit.lasting = false;
      unit.commits++;
      if (this.#options.reversals.committed(unit, database, operations, now)) contested.push(unit);
      else if (unit.commits > MAX_COMMITS) {
        this.#delays.add(unit, now + delayAfter(unit.commits - MAX_COMMITS));
        this.#options.problems.report(
          [unit],
          "what it writes is accepted, but does not lead to what it wants",
        );
      }
    }
    if (contested.length > 0) this.#options.problems.reportContested(contested, database, now);
  }

  /**
   * The server does not know that we hold a lock. As a rule that is true: the news are on their way. If it stays so, the lock was granted by somebody
   * who can't: what needs it waits longer and longer, and what doesn't goes on without it.
   */
  #withoutLock(database: DatabaseName, parts: readonly AnsweredUnit[], outcome: Outcome, now: number): void {
    const times = outcome.text === undefined ? 1 : (this.#notLocked.get(database) ?? 0) + 1;
    if (outcome.text !== undefined) this.#notLocked.set(database, times);
    const needing = parts.filter(({ operations }) => needsLock(database, operations)).map(({ unit }) => unit);
    const waiting = needing.length === 0 ? parts.map(({ unit }) => unit) : needing;
    for (const unit of waiting) {
      this.#delays.add(unit, now + delayAfter(times));
      unit.lasting = times >= STEADY;
    }
    if (times >= STEADY)
      this.#options.problems.report(
        waiting,
        `${database}: ${outcome.text}, though this server granted the lock: is it a relay, or a second server? What needs the lock waits`,
      );
  }

  /** No unit is to blame, and all can go on as soon as the server can. */
  #unavailable(database: DatabaseName, units: readonly UnitState[], outcome: Outcome, now: number): void {
    this.#counters.refused++;
    for (const unit of units) this.#delays.add(unit, now + UNAVAILABLE_DELAY);
    this.#options.problems.report(units.slice(0, 1), `${database}: ${outcome.text ?? outcome.status}`);
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
      this.#options.problems.report([first], `${database}: ${outcome.text ?? outcome.status}`);
      return;
    }
    this.#suspects.split(database, units);
  }
}
