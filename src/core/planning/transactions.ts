/** What the engine hands out, and what it is told in return. */
import type { DatabaseName } from "../model/index.ts";
import type { Operation } from "./operations.ts";
import type { Planner } from "./planner.ts";

/** One object of a planner. */
export interface Unit {
  readonly planner: Planner;
  readonly key: string;
}

/** What one unit wants of one database. */
export interface UnitOperations {
  readonly unit: Unit;
  readonly operations: readonly Operation[];
}

/** To be committed as one. */
export interface PlannedTransaction {
  readonly database: DatabaseName;
  readonly parts: readonly UnitOperations[];
}

/**
 * How a commit ended: see `CommitResult` of the client. "unavailable": the server can write nothing now,
 * whatever it is. `text` is for people.
 */
export interface Outcome {
  readonly status: "unchanged" | "committed" | "tryAgain" | "notLocked" | "unknown" | "unavailable" | "error";
  readonly text?: string;
}

/** A unit that the server refuses, or that can't be planned. */
export interface Problem {
  readonly unit: Unit;
  /** What people know the unit by. */
  readonly name: string;
  readonly text: string;
}
