/** The bookkeeping of the engine: units, and what is planned together. */
import type { DatabaseName } from "./databases.ts";
import type { Operation } from "./operations.ts";
import type { Planner } from "./planner.ts";
import type { Problem, Unit } from "./transactions.ts";
import { TunnelKeys } from "./tunnel-keys.ts";
import type { View } from "./view.ts";

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
}

/** What was done since the start. */
export interface Counters {
  /** Units named by feeds and full passes. */
  fed: number;
  /** Units planned, and rows read for it. */
  planned: number;
  rowsRead: number;
  /** Transactions. */
  committed: number;
  refused: number;
}

/** What is planned together, to be sent together. */
export class Round {
  readonly tunnelKeys: TunnelKeys;
  /** Databases for which nothing more may be planned. */
  readonly blocked: Set<DatabaseName>;
  readonly parts: Record<DatabaseName, { unit: UnitState; operations: readonly Operation[] }[]> = {
    nb: [],
    sb: [],
    icNb: [],
    icSb: [],
  };
  operations = 0;
  planned = 0;

  constructor(view: View, inFlight: Iterable<DatabaseName>) {
    this.tunnelKeys = new TunnelKeys(view);
    this.blocked = new Set(inFlight);
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
  };
}
