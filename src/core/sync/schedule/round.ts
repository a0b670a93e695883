/** What the engine counts, and what it plans together. */
import type { DatabaseName, View } from "../../model/index.ts";
import type { Operation, PlanOptions } from "../../planning/index.ts";
import { Plan, TunnelKeys } from "../../planning/index.ts";
import type { UnitState } from "./units.ts";

/** What was done since the start. */
export interface Counters {
  /** Units named by feeds and full passes. */
  fed: number;
  /** Full passes asked for. */
  full: number;
  /** Units planned, and rows read for it. */
  planned: number;
  rowsRead: number;
  /** Transactions. */
  committed: number;
  refused: number;
}

/** What is planned together, to be sent together. */
export class Round {
  readonly tunnelKeys: TunnelKeys;
  /** Databases that somebody waits for who comes first: for these nothing more may be planned. */
  readonly reserved = new Set<DatabaseName>();
  readonly parts: Record<DatabaseName, { unit: UnitState; operations: readonly Operation[] }[]> = {
    nb: [],
    sb: [],
    icNb: [],
    icSb: [],
  };
  operations = 0;
  planned = 0;

  readonly #view: View;
  readonly #options: Partial<Pick<PlanOptions, "warn" | "explain" | "finding">>;
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
}
