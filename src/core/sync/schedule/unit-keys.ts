/** Units by planner and key, put aside until something happens that their feeds don't tell of. */
import type { Planner, Unit } from "../../planning/index.ts";

export class UnitKeys {
  readonly #keys = new Map<Planner, Set<string>>();

  get isEmpty(): boolean {
    return this.#keys.size === 0;
  }

  add({ planner, key }: Unit): void {
    const keys = this.#keys.get(planner) ?? new Set();
    this.#keys.set(planner, keys.add(key));
  }

  remove({ planner, key }: Unit): void {
    this.#keys.get(planner)?.delete(key);
  }

  /** Takes out the units of some planners. */
  take(isDue: (planner: Planner) => boolean): [Planner, Set<string>][] {
    const due = [...this.#keys].filter(([planner]) => isDue(planner));
    for (const [planner] of due) this.#keys.delete(planner);
    return due;
  }
}
