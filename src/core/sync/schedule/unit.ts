/**
 * One unit's life. Nothing but the functions here assigns a field of a unit; one that doesn't fit the phase
 * throws.
 *
 * Phases, and what leaves each. A unit that is not known is clean: nothing is to be done, and nothing kept.
 * - due: to be planned from some time on. An empty plan → clean; operations → in flight (`sent`); nothing
 *   that may be written now → due later.
 * - in flight: its operations are in transactions without an answer. What comes after them is noted
 *   meanwhile: from when it is due, and in what group it is quarantined. All answered (`landed`) →
 *   quarantined or due: after a success too, since only an empty plan proves that it is done.
 * - quarantined: it was in a transaction that the server refused twice. It waits for the turn of its group,
 *   which is planned apart from all others (`waiting.ts`). Its turn has come (`planning`) → due.
 *
 * A changed row that feeds it makes it due at once, from any phase (`deferred` until 0).
 */
import type { DatabaseName } from "../../model/index.ts";
import type { PlannedTransaction, Problem, Unit } from "../../planning/index.ts";

/**
 * Units to be planned together, and apart from all others, since one of them spoils their transaction with a
 * database.
 */
export interface Group {
  readonly database: DatabaseName;
  /** Those that were in it at the beginning: `groupOf` tells who still is. */
  readonly units: readonly UnitState[];
}

/** `from`: in milliseconds of the clock that the engine is told; 0 is at once. */
export type Phase =
  | { readonly name: "due"; readonly from: number }
  | {
      readonly name: "in flight";
      readonly from: number;
      readonly transactions: readonly PlannedTransaction[];
      readonly group: Group | null;
    }
  | { readonly name: "quarantined"; readonly from: number; readonly group: Group };

/** What servers have said of a unit lately. */
interface Record {
  /** Refusals since the last success, those that it suffered alone, and by which database. */
  readonly refusals: number;
  readonly alone: number;
  readonly refusedBy: DatabaseName | null;
  /** Commits since the last empty plan. */
  readonly commits: number;
  readonly problem: Problem | null;
  /**
   * Whether the problem is one that more attempts don't solve: somebody keeps changing back what it writes,
   * or the server denies a lock.
   */
  readonly lasting: boolean;
}

export type UnitState = Unit & { readonly phase: Phase } & Record;

const DUE_NOW: Phase = { name: "due", from: 0 };

/** Commits of a unit in a row, without an empty plan between them, after which it is slowed down. */
export const MAX_COMMITS = 10;
/** Refusals of a unit alone, after which it is not expected to be accepted by and by. */
const LASTING = 3;

/** A unit that is due. */
export function newUnit({ planner, key }: Unit): UnitState {
  const record: Record = {
    refusals: 0,
    alone: 0,
    refusedBy: null,
    commits: 0,
    problem: null,
    lasting: false,
  };
  return { planner, key, phase: DUE_NOW, ...record };
}

/** Whether it may be planned, as far as its own life is concerned. */
export function isDue({ phase }: UnitState, now: number): boolean {
  return phase.name === "due" && phase.from <= now;
}

export function isInFlight({ phase }: UnitState): boolean {
  return phase.name === "in flight";
}

/** The group that it is in, or will be when it is answered. */
export function groupOf({ phase }: UnitState): Group | null {
  return phase.name === "due" ? null : phase.group;
}

/** It is about to be planned. */
export function planning(unit: UnitState): void {
  if (unit.phase.name === "in flight") throw wrong(unit, "planned");
  if (unit.phase !== DUE_NOW) assign(unit, { phase: DUE_NOW });
}

/** Operations of its plan are in a transaction. */
export function sent(unit: UnitState, transaction: PlannedTransaction): void {
  const { phase } = unit;
  if (phase.name === "quarantined") throw wrong(unit, "sent");
  const before = phase.name === "due" ? [] : phase.transactions;
  const next: Phase = {
    name: "in flight",
    from: 0,
    transactions: [...before, transaction],
    group: null,
  };
  assign(unit, { phase: next });
}

/** A transaction was answered. Where no other one is left, what comes next begins. */
export function landed(unit: UnitState, transaction: PlannedTransaction): void {
  const { phase } = unit;
  if (phase.name !== "in flight" || !phase.transactions.includes(transaction)) throw wrong(unit, "answered");
  const transactions = phase.transactions.filter((one) => one !== transaction);
  const { from, group } = phase;
  if (transactions.length > 0) assign(unit, { phase: { ...phase, transactions } });
  else if (group !== null) assign(unit, { phase: { name: "quarantined", from, group } });
  else assign(unit, { phase: from === 0 ? DUE_NOW : { name: "due", from } });
}

/** It must not be planned before some time. */
export function deferred(unit: UnitState, from: number): void {
  if (unit.phase.from !== from) assign(unit, { phase: { ...unit.phase, from } });
}

/** It is to be planned with a group, and with nobody else. */
export function quarantined(unit: UnitState, group: Group): void {
  const { phase } = unit;
  if (phase.name === "in flight") assign(unit, { phase: { ...phase, group } });
  else assign(unit, { phase: { name: "quarantined", from: phase.from, group } });
}

/** A database has taken what it wrote. */
export function accepted(unit: UnitState, database: DatabaseName): void {
  const commits = unit.commits + 1;
  // What another one has refused is refused still.
  const solved = unit.refusedBy === null || unit.refusedBy === database;
  const record = solved ? { refusals: 0, alone: 0, refusedBy: null, problem: null } : {};
  assign(unit, { ...record, commits, lasting: false });
}

/** A database has refused a transaction in which it was, alone or with others. */
export function refused(unit: UnitState, database: DatabaseName): void {
  assign(unit, { refusals: unit.refusals + 1, refusedBy: database });
}

/** It was the only one there, and not for the first time. */
export function refusedAlone(unit: UnitState): void {
  assign(unit, { alone: unit.alone + 1 });
}

/** Something is wrong with it. */
export function blamed(unit: UnitState, problem: Problem): void {
  assign(unit, { problem });
}

/** Whether more attempts would solve nothing, as long as nothing changes. */
export function expectedToLast(unit: UnitState, lasting: boolean): void {
  assign(unit, { lasting });
}

/** Whether it waits with a problem that more attempts don't solve, unless something changes. */
export function isGivenUp({ phase, problem, lasting, alone, commits }: UnitState): boolean {
  if (problem === null || phase.name === "in flight" || phase.from === 0) return false;
  return (
    lasting || alone >= LASTING || commits >= MAX_COMMITS + LASTING || phase.from === Number.POSITIVE_INFINITY
  );
}

function assign(unit: UnitState, fields: Partial<Record & { phase: Phase }>): void {
  Object.assign(unit, fields);
}

function wrong({ planner, key, phase }: UnitState, what: string): Error {
  return new Error(`unit ${planner.name} ${key} is ${what} while it is ${phase.name}`);
}
