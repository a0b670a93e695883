/** Why planners leave things out, counted over all that is left out now. */
import type { Planner } from "../../../core/planning/index.ts";
import type { ControllerOptions } from "../../../core/sync/run/index.ts";

export class Dropped {
  /** How much is left out, by reason. */
  readonly counts = new Map<string, number>();
  readonly #units = new Map<string, string[]>();
  #unit = "";

  /** To be handed to the controller. */
  readonly explain: NonNullable<ControllerOptions["explain"]> = ({ reason }) => {
    const reasons = this.#units.get(this.#unit);
    if (reasons === undefined) this.#units.set(this.#unit, [reason]);
    else reasons.push(reason);
    this.#add(reason, 1);
  };

  /** Planners that say which unit it is that notes are about. */
  watch(planners: readonly Planner[]): Planner[] {
    return planners.map((planner) => ({
      ...planner,
      plan: (key, view, plan) => {
        this.#begin(`${planner.name}\0${key}`);
        planner.plan(key, view, plan);
      },
    }));
  }

  /** Forgets everything: who plans nothing leaves nothing out. */
  clear(): void {
    this.#units.clear();
    this.counts.clear();
  }

  #begin(unit: string): void {
    this.#unit = unit;
    for (const reason of this.#units.get(unit) ?? []) this.#add(reason, -1);
    this.#units.delete(unit);
  }

  #add(reason: string, count: number): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }
}
