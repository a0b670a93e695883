/** Units that asked to wait until a table is known whole, of which their planner can do with a part otherwise (`Planner.partial`). */
import type { Planner } from "./planner.ts";
import type { Unit } from "./transactions.ts";

export class Waiting {
  readonly #units = new Map<Planner, Set<string>>();

  add({ planner, key }: Unit): void {
    const keys = this.#units.get(planner) ?? new Set();
    this.#units.set(planner, keys.add(key));
  }

  /** A unit is planned again before that. */
  remove(planner: Planner, key: string): void {
    this.#units.get(planner)?.delete(key);
  }

  /** The units of planners that lack nothing any more. */
  take(lacks: (planner: Planner) => boolean): [Planner, Set<string>][] {
    const due = [...this.#units].filter(([planner]) => !lacks(planner));
    for (const [planner] of due) this.#units.delete(planner);
    return due;
  }
}
