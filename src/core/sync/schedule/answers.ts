/**
 * What servers' answers mean for the units of a transaction: which are done, which are tried again, when, and
 * with whom.
 */
import type { DatabaseName } from "../../model/index.ts";
import type { Operation, Outcome, PlannedTransaction } from "../../planning/index.ts";
import type { Problems } from "./problems.ts";
import type { Reversals } from "./reversals.ts";
import type { Part } from "./round.ts";
import type { UnitState } from "./unit.ts";
import { accepted, expectedToLast, MAX_COMMITS, refused } from "./unit.ts";
import type { Waiting } from "./waiting.ts";
import { delayAfter } from "./waiting.ts";

/** Milliseconds after which a server that could write nothing is asked again. */
const UNAVAILABLE_DELAY = 1000;
/** Refusals for a lock that we hold as far as we know, after which that is no passing thing. */
const STEADY = 3;

/** What was done since the start. */
export interface Counters {
  /** Units named by feeds and full passes. */
  fed: number;
  /** Full passes asked for. */
  full: number;
  /** Units planned, and rows read for it. */
  planned: number;
  rowsRead: number;
  /** Transactions. */
  committed: number;
  refused: number;
}

export interface AnswersOptions {
  readonly waiting: Waiting;
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
  readonly #waiting: Waiting;
  readonly #counters: Counters;
  /** How often a server said in a row that we don't hold its lock. */
  readonly #notLocked = new Map<DatabaseName, number>();

  constructor(options: AnswersOptions) {
    this.#options = options;
    this.#waiting = options.waiting;
    this.#counters = options.counters;
  }

  /** Takes in how a transaction ended, for the units that are in it. */
  take(transaction: PlannedTransaction, parts: readonly Part[], outcome: Outcome, now: number): void {
    const { database } = transaction;
    const { status } = outcome;
    const units = parts.map(({ unit }) => unit);
    if (status === "committed" || status === "unchanged") this.#committed(database, parts, now);
    else if (status === "notLocked") this.#withoutLock(database, parts, outcome, now);
    else if (status === "unavailable") this.#unavailable(database, units, outcome, now);
    else if (status !== "unknown") this.#refused(database, units, outcome, now);
    for (const unit of units) this.#waiting.land(unit, transaction);
  }

  #committed(database: DatabaseName, parts: readonly Part[], now: number): void {
    this.#counters.committed++;
    if (parts.some(({ operations }) => needsLock(database, operations))) this.#notLocked.delete(database);
    const contested: UnitState[] = [];
    for (const { unit, operations } of parts) {
      accepted(unit, database);
      if (this.#options.reversals.committed(unit, database, operations, now)) contested.push(unit);
      else if (unit.commits > MAX_COMMITS) {
        this.#waiting.add(unit, now + delayAfter(unit.commits - MAX_COMMITS));
        this.#options.problems.report(
          [unit],
          "what it writes is accepted, but does not lead to what it wants",
        );
      }
    }
    if (contested.length > 0) this.#options.problems.reportContested(contested, database, now);
  }

  /**
   * The server does not know that we hold a lock. As a rule that is true: the news are on their way. If it
   * stays so, the lock was granted by somebody who can't: what needs it waits longer and longer, and what
   * doesn't goes on without it.
   */
  #withoutLock(database: DatabaseName, parts: readonly Part[], outcome: Outcome, now: number): void {
    const times = outcome.text === undefined ? 1 : (this.#notLocked.get(database) ?? 0) + 1;
    if (outcome.text !== undefined) this.#notLocked.set(database, times);
    const needing = parts.filter(({ operations }) => needsLock(database, operations)).map(({ unit }) => unit);
    const waiting = needing.length === 0 ? parts.map(({ unit }) => unit) : needing;
    for (const unit of waiting) {
      this.#waiting.add(unit, now + delayAfter(times));
      expectedToLast(unit, times >= STEADY);
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
    for (const unit of units) this.#waiting.add(unit, now + UNAVAILABLE_DELAY);
    this.#options.problems.report(units.slice(0, 1), `${database}: ${outcome.text ?? outcome.status}`);
  }

  /**
   * Once is normal: somebody was faster. Everything is planned anew then. What is refused again is split, and
   * what is refused alone has to wait.
   */
  #refused(database: DatabaseName, units: readonly UnitState[], outcome: Outcome, now: number): void {
    this.#counters.refused++;
    for (const unit of units) refused(unit, database);
    const [first] = units;
    if (first === undefined || units.every((unit) => unit.refusals === 1)) return;
    if (units.length === 1) {
      this.#waiting.refusedAlone(first, now);
      this.#options.problems.report([first], `${database}: ${outcome.text ?? outcome.status}`);
      return;
    }
    this.#waiting.split(database, units);
  }
}
