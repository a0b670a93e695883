/**
 * Transactions without an answer.
 *
 * One per database, as a rule: every plan then rests on all that was committed before. A planner whose units have nothing to do with one another
 * may have several: while the server writes one, the next is made. Both cost about the same, so more than two would gain nothing
 * (bench/NOTES.md).
 */
import type { DatabaseName } from "../../model/index.ts";
import type { PlannedTransaction, Planner } from "../../planning/index.ts";
import type { UnitState } from "./units.ts";

const MOST = 2;

export class InFlight {
  readonly #transactions = new Map<PlannedTransaction, readonly UnitState[]>();

  add(transaction: PlannedTransaction, units: readonly UnitState[]): void {
    for (const unit of units) unit.inFlight++;
    this.#transactions.set(transaction, units);
  }

  /** A transaction has been answered. Returns its units, which are dirty again. */
  take(transaction: PlannedTransaction): readonly UnitState[] {
    const units = this.#transactions.get(transaction) ?? [];
    this.#transactions.delete(transaction);
    for (const unit of units) {
      unit.inFlight--;
      unit.dirty = true;
    }
    return units;
  }

  has(database: DatabaseName): boolean {
    return this.#on(database).length > 0;
  }

  /** Whether units of a planner may be planned now, as far as one of the databases that it writes to is concerned. */
  admits(planner: Planner, database: DatabaseName): boolean {
    const transactions = this.#on(database);
    if (transactions.length === 0) return true;
    if (planner.independent !== true || transactions.length >= MOST) return false;
    return transactions.every(({ parts }) => parts.every(({ unit }) => unit.planner === planner));
  }

  #on(database: DatabaseName): PlannedTransaction[] {
    return [...this.#transactions.keys()].filter((transaction) => transaction.database === database);
  }
}
