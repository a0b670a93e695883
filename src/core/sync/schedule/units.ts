/** The units of all planners that are not clean, and what the engine knows of each. */
import type { DatabaseName } from "../../model/index.ts";
import type { Planner, Problem, Unit } from "../../planning/index.ts";

export interface UnitState extends Unit {
  dirty: boolean;
  suspect: boolean;
  inFlight: number;
  /** Refusals since the last success, those that it suffered alone, and by which database. */
  refusals: number;
  alone: number;
  refusedBy: DatabaseName | null;
  /** Commits since the last empty plan. */
  commits: number;
  notBefore: number;
  problem: Problem | null;
  /** Whether the problem is one that more attempts don't solve: somebody keeps changing back what it writes, or the server denies a lock. */
  lasting: boolean;
}

/** Commits of a unit in a row, without an empty plan between them, after which it is slowed down. */
export const MAX_COMMITS = 10;
/** Refusals of a unit alone, after which it is not expected to be accepted by and by. */
const LASTING = 3;

/** Whether a unit has a problem that more attempts don't solve, unless something changes. */
export function hasLastingProblem({ problem, lasting, alone, commits, notBefore }: UnitState): boolean {
  const again = lasting || alone >= LASTING || commits >= MAX_COMMITS + LASTING;
  return problem !== null && (again || notBefore === Number.POSITIVE_INFINITY);
}

const UUIDS = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Whether a problem is one that was known before. A server names the rows of which it refuses one by their uuids, which are other ones with
 * every attempt, and so is which of them it calls the first: what counts is that the words are the same.
 */
export function isSameProblem(before: Problem | null, text: string): boolean {
  return before !== null && words(before.text) === words(text);
}

function words(text: string): string {
  return text.replace(UUIDS, "").split(/\W+/).sort().join(" ");
}

export class Units {
  readonly #units: ReadonlyMap<Planner, Map<string, UnitState>>;

  /** @param planners in the order in which they are planned */
  constructor(planners: readonly Planner[]) {
    this.#units = new Map(planners.map((planner) => [planner, new Map<string, UnitState>()]));
  }

  get planners(): Iterable<Planner> {
    return this.#units.keys();
  }

  of(planner: Planner): Iterable<UnitState> {
    return this.#units.get(planner)?.values() ?? [];
  }

  some(planner: Planner, condition: (unit: UnitState) => boolean): boolean {
    for (const unit of this.of(planner)) if (condition(unit)) return true;
    return false;
  }

  /** A unit, which is clean if it was not here. */
  find(planner: Planner, key: string): UnitState {
    const units = this.#units.get(planner);
    const known = units?.get(key);
    if (known !== undefined) return known;
    const unit = newUnit(planner, key);
    units?.set(key, unit);
    return unit;
  }

  /** A unit is clean. */
  remove(unit: UnitState): void {
    this.#units.get(unit.planner)?.delete(unit.key);
  }

  get size(): number {
    return [...this.#units.values()].reduce((sum, units) => sum + units.size, 0);
  }

  /** Whether all units but those of one planner are clean or given up. */
  areDone(except: Planner, isGivenUp: (unit: UnitState) => boolean): boolean {
    for (const [planner, units] of this.#units) {
      if (planner === except) continue;
      for (const unit of units.values()) if (!isGivenUp(unit)) return false;
    }
    return true;
  }

  /** Whether something is left, and all of that is given up. */
  areStuck(isGivenUp: (unit: UnitState) => boolean): boolean {
    for (const unit of this) if (!isGivenUp(unit)) return false;
    return this.size > 0;
  }

  *[Symbol.iterator](): Generator<UnitState, void, void> {
    for (const units of this.#units.values()) yield* units.values();
  }
}

/** A clean unit. */
export function newUnit(planner: Planner, key: string): UnitState {
  return {
    planner,
    key,
    dirty: false,
    suspect: false,
    inFlight: 0,
    refusals: 0,
    alone: 0,
    refusedBy: null,
    commits: 0,
    notBefore: 0,
    problem: null,
    lasting: false,
  };
}
