/** The units of all planners that are not clean. */
import type { View } from "../../model/index.ts";
import type { Planner } from "../../planning/index.ts";
import type { UnitState } from "./unit.ts";
import { isGivenUp, newUnit } from "./unit.ts";

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

  /** A unit, which is due if it was clean. */
  find(planner: Planner, key: string): UnitState {
    const units = this.#units.get(planner);
    const known = units?.get(key);
    if (known !== undefined) return known;
    const unit = newUnit({ planner, key });
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

  /**
   * Whether all units but those of one planner, the last, are clean or given up.
   *
   * What is refused again and again, and nothing has changed since that might help, does not hold up the last
   * planner, with which a zone says that all is in place: "all" is what can be. What is wrong with one row,
   * perhaps since months, and is reported here, would otherwise let everybody wait for ever who asks all
   * zones of a fleet about anything. That is no different from what is skipped with a warning. Whoever asks
   * makes it be tried once more, and so does a change that feeds it: then that comes first.
   */
  areDone(except: Planner): boolean {
    for (const [planner, units] of this.#units) {
      if (planner === except) continue;
      for (const unit of units.values()) if (!isGivenUp(unit)) return false;
    }
    return true;
  }

  /** Whether something is left, and all of that is given up. */
  get areStuck(): boolean {
    for (const unit of this) if (!isGivenUp(unit)) return false;
    return this.size > 0;
  }

  *[Symbol.iterator](): Generator<UnitState, void, void> {
    for (const units of this.#units.values()) yield* units.values();
  }
}

/**
 * Full passes: every unit of a planner is to be planned. Their names are taken a few at a time, for there may
 * be 100,000 of them.
 */
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
