/** Why planners leave things out, counted over all that is left out now. */
import type { PlanObserver, Unit } from "../../../core/planning/index.ts";
import type { ControllerOptions } from "../../../core/sync/run/index.ts";

export class Dropped implements PlanObserver {
  /** How much is left out, by reason. */
  readonly counts = new Map<string, number>();
  readonly #units = new Map<string, string[]>();
  #unit = "";

  /** To be handed to the controller, as `explain` is: which unit it is that notes are about. */
  readonly planning = ({ planner, key }: Unit): void => {
    this.#unit = `${planner.name}\0${key}`;
    for (const reason of this.#units.get(this.#unit) ?? []) this.#add(reason, -1);
    this.#units.delete(this.#unit);
  };

  readonly explain: NonNullable<ControllerOptions["explain"]> = ({ reason }) => {
    const reasons = this.#units.get(this.#unit);
    if (reasons === undefined) this.#units.set(this.#unit, [reason]);
    else reasons.push(reason);
    this.#add(reason, 1);
  };

  /** Forgets everything: who plans nothing leaves nothing out. */
  clear(): void {
    this.#units.clear();
    this.counts.clear();
  }

  #add(reason: string, count: number): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + count);
  }
}
