/** Whoever follows what is planned: to tell which unit notes are about, or what planning takes. */
import type { Unit } from "./transactions.ts";

export interface PlanObserver {
  /** A unit is about to be planned: what was noted of it before is noted anew, if it is still so. */
  readonly planning?: (unit: Unit) => void;
  /** It has been planned, or its planner has thrown. */
  readonly planned?: (unit: Unit) => void;
}

/** Plans a unit under the eyes of some. */
export function observed(observers: readonly PlanObserver[], unit: Unit, plan: () => void): void {
  for (const { planning } of observers) planning?.(unit);
  try {
    plan();
  } finally {
    for (const { planned } of observers) planned?.(unit);
  }
}
