/**
 * What a controller does, counted: for the control socket and for metrics.
 *
 * The stages of a pass are the planners. One turn plans some units of some stages; if a full pass was asked
 * for since the turn before, it counts as a recomputation of these stages, else as an incremental run.
 */
import type { Outcome, Planner, PlanObserver, Unit } from "../../../core/planning/index.ts";
import type { Controller, ControllerOptions } from "../../../core/sync/run/index.ts";

/** One planner's part of what was done. */
export interface Stage {
  readonly name: string;
  units: number;
  recomputed: number;
  computed: number;
  /** Of the present turn. */
  turn: { units: number; milliseconds: number };
}

export type TransactionCounts = Record<Outcome["status"], number>;

/** What one turn took, by stage; whether it belonged to a full pass. */
export type TurnListener = (stage: Stage, milliseconds: number, full: boolean) => void;

export class Activity implements PlanObserver {
  readonly transactions: TransactionCounts = {
    committed: 0,
    unchanged: 0,
    tryAgain: 0,
    notLocked: 0,
    unknown: 0,
    unavailable: 0,
    error: 0,
  };
  readonly stages: readonly Stage[];
  readonly #stageOf = new Map<Planner, Stage>();
  readonly #listeners: TurnListener[] = [];
  #began = 0;
  #full = 0;

  constructor(planners: readonly Planner[]) {
    this.stages = planners.map(({ name }) => ({
      name,
      units: 0,
      recomputed: 0,
      computed: 0,
      turn: { units: 0, milliseconds: 0 },
    }));
    for (const [index, planner] of planners.entries()) {
      const stage = this.stages[index];
      if (stage !== undefined) this.#stageOf.set(planner, stage);
    }
  }

  readonly planning = (): void => {
    this.#began = performance.now();
  };

  readonly planned = ({ planner }: Unit): void => {
    const stage = this.#stageOf.get(planner);
    if (stage === undefined) return;
    stage.turn.units++;
    stage.turn.milliseconds += performance.now() - this.#began;
  };

  onTurn(listener: TurnListener): void {
    this.#listeners.push(listener);
  }

  /** To be called for every transaction that was answered. */
  readonly answered: NonNullable<ControllerOptions["answered"]> = (_, { status }) => {
    this.transactions[status]++;
  };

  /**
   * To be called after every turn in which units were planned. Those that go on with what was interrupted
   * count as one.
   */
  turnEnded({ engine }: Controller): void {
    if (engine.interrupted) return;
    const full = engine.counters.full > this.#full;
    this.#full = engine.counters.full;
    for (const stage of this.stages) {
      const { units, milliseconds } = stage.turn;
      if (units === 0) continue;
      stage.turn = { units: 0, milliseconds: 0 };
      stage.units += units;
      if (full) stage.recomputed++;
      else stage.computed++;
      for (const listener of this.#listeners) listener(stage, milliseconds, full);
    }
  }

  clearStages(): void {
    for (const stage of this.stages) Object.assign(stage, { recomputed: 0, computed: 0 });
  }
}
