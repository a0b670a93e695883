/** Units that wait, and until when. */
import type { UnitState } from "./units.ts";

const FIRST_DELAY = 100;
const MAX_DELAY = 30_000;

/** Milliseconds to wait after so many failures. */
export function delayAfter(failures: number): number {
  return Math.min(FIRST_DELAY * 2 ** (failures - 1), MAX_DELAY);
}

export class Delays {
  readonly #units = new Set<UnitState>();

  /** Lets a unit wait. Times are milliseconds of the clock that the engine is told. */
  add(unit: UnitState, until: number): void {
    unit.notBefore = until;
    this.#units.add(unit);
  }

  /** Ends the wait of a unit. */
  end(unit: UnitState): void {
    unit.notBefore = 0;
    this.#units.delete(unit);
  }

  /** Ends the waits that are over. */
  expire(now: number): void {
    for (const unit of [...this.#units]) if (unit.notBefore <= now) this.#units.delete(unit);
  }

  has(unit: UnitState): boolean {
    return this.#units.has(unit);
  }

  /** When the first wait is over; null if none ends by itself. */
  get deadline(): number | null {
    let earliest = Number.POSITIVE_INFINITY;
    for (const unit of this.#units) earliest = Math.min(earliest, unit.notBefore);
    return earliest === Number.POSITIVE_INFINITY ? null : earliest;
  }
}
