/** Full passes: every unit of a planner is to be planned. Their names are taken a few at a time, for there may be 100,000 of them. */
import type { View } from "../../model/index.ts";
import type { Planner } from "../../planning/index.ts";

export class Passes {
  readonly #view: View;
  readonly #keys = new Map<Planner, Iterator<string>>();

  constructor(view: View) {
    this.#view = view;
  }

  /** Begins one of a planner, anew if one is under way. What changes meanwhile is named by its feeds. */
  begin(planner: Planner): void {
    this.#keys.set(planner, planner.units(this.#view)[Symbol.iterator]());
  }

  /** Whether some are not through. */
  get pending(): boolean {
    return this.#keys.size > 0;
  }

  /** Takes so many names at most. */
  take(most: number, visit: (planner: Planner, key: string) => void): void {
    let left = most;
    for (const [planner, keys] of this.#keys) {
      for (; left > 0; left--) {
        const next = keys.next();
        if (next.done === true) {
          this.#keys.delete(planner);
          break;
        }
        visit(planner, next.value);
      }
    }
  }
}
