/** What is planned together, to be sent together; and what is on its way. */
import type { DatabaseName, View } from "../../model/index.ts";
import { DATABASE_NAMES } from "../../model/index.ts";
import type { Operation, PlannedTransaction, Planner, PlanOptions } from "../../planning/index.ts";
import { Plan, TunnelKeys } from "../../planning/index.ts";
import type { UnitState } from "./unit.ts";
import { sent } from "./unit.ts";

/** A unit of a transaction, and what it writes. */
export interface Part {
  readonly unit: UnitState;
  readonly operations: readonly Operation[];
}

/** One whose units are known to the engine. */
interface Transaction extends PlannedTransaction {
  readonly parts: Part[];
}

export class Round {
  readonly tunnelKeys: TunnelKeys;
  /** Databases that somebody waits for who comes first: for these nothing more may be planned. */
  readonly reserved = new Set<DatabaseName>();
  operations = 0;
  planned = 0;

  readonly #view: View;
  readonly #options: Partial<Pick<PlanOptions, "warn" | "explain" | "finding">>;
  readonly #transactions = new Map<DatabaseName, Transaction>();
  /** One that nothing was put into: of many units few have anything to be done. */
  #unused: Plan | null = null;

  constructor(view: View, options: Partial<Pick<PlanOptions, "warn" | "explain" | "finding">>) {
    this.tunnelKeys = new TunnelKeys(view);
    this.#view = view;
    this.#options = options;
  }

  /** A plan with nothing in it. */
  takePlan(): Plan {
    const { warn = () => {}, explain = null, finding = null } = this.#options;
    const { columnOf } = this.#view.schemas;
    const plan = this.#unused ?? new Plan({ warn, explain, finding, columnOf, tunnelKeys: this.tunnelKeys });
    this.#unused = null;
    return plan;
  }

  /** Takes back one that is empty still. */
  givePlan(plan: Plan): void {
    this.#unused = plan;
  }

  /** Sends a unit's operations with all others for that database. */
  send(unit: UnitState, database: DatabaseName, operations: readonly Operation[]): void {
    const transaction = this.#transactions.get(database) ?? { database, parts: [] };
    this.#transactions.set(database, transaction);
    transaction.parts.push({ unit, operations });
    sent(unit, transaction);
    this.operations += operations.length;
  }

  get transactions(): Transaction[] {
    return DATABASE_NAMES.flatMap((database) => this.#transactions.get(database) ?? []);
  }
}

/** Transactions of one database that independent planners may have without an answer. */
const MOST = 2;

/**
 * Transactions without an answer.
 *
 * One per database, as a rule: every plan then rests on all that was committed before. A planner whose units
 * have nothing to do with one another may have several: while the server writes one, the next is made. Both
 * cost about the same, so more than two would gain nothing (bench/NOTES.md).
 */
export class InFlight {
  readonly #transactions = new Map<PlannedTransaction, readonly Part[]>();

  add(transaction: Transaction): void {
    this.#transactions.set(transaction, transaction.parts);
  }

  /** A transaction has been answered. Returns what was in it. */
  take(transaction: PlannedTransaction): readonly Part[] {
    const parts = this.#transactions.get(transaction) ?? [];
    this.#transactions.delete(transaction);
    return parts;
  }

  has(database: DatabaseName): boolean {
    return this.#on(database).length > 0;
  }

  /**
   * Whether units of a planner may be planned now, as far as one of the databases that it writes to is
   * concerned.
   */
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
