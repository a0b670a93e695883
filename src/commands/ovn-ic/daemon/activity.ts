/**
 * What a controller does, counted: for the control socket and for metrics.
 *
 * The stages of a pass are the planners. One turn plans some units of some stages; if a full pass was asked for since the turn
 * before, it counts as a recomputation of these stages, else as an incremental run.
 */
import type { Outcome, Planner } from "../../../core/planning/index.ts";
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

export class Activity {
  readonly transactions: TransactionCounts = {
    ...{ committed: 0, unchanged: 0, tryAgain: 0, notLocked: 0, unknown: 0, unavailable: 0, error: 0 },
  };
  readonly stages: readonly Stage[];
  /** The planners, so that their work is seen. */
  readonly planners: readonly Planner[];
  readonly #listeners: TurnListener[] = [];
  #full = 0;

  constructor(planners: readonly Planner[]) {
    this.stages = planners.map(({ name }) => ({
      ...{ name, units: 0, recomputed: 0, computed: 0 },
      turn: { units: 0, milliseconds: 0 },
    }));
    this.planners = planners.map((planner, index) => watched(planner, this.stages[index]));
  }

  onTurn(listener: TurnListener): void {
    this.#listeners.push(listener);
  }

  /** To be called for every transaction that was answered. */
  readonly answered: NonNullable<ControllerOptions["answered"]> = (_, { status }) => {
    this.transactions[status]++;
  };

  /** To be called after every turn in which units were planned. Those that go on with what was interrupted count as one. */
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

function watched(planner: Planner, stage: Stage | undefined): Planner {
  return {
    ...planner,
    plan: (key, view, plan) => {
      const began = performance.now();
      try {
        planner.plan(key, view, plan);
      } finally {
        if (stage !== undefined) {
          stage.turn.units++;
          stage.turn.milliseconds += performance.now() - began;
        }
      }
    },
  };
}
