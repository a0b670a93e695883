/** What is asked of our controllers, wherever they run in this process. */
import { DATABASE_NAMES } from "../../src/core/model/databases.ts";
import { PLANNERS } from "../../src/core/planners/all.ts";
import { planFullPass } from "../../src/core/planning/full-pass.ts";
import type { PlannedTransaction } from "../../src/core/planning/transactions.ts";
import type { Controller } from "../../src/core/sync/run/controller.ts";

export function describePlan(plan: readonly PlannedTransaction[]): string[] {
  return plan.flatMap(({ database, parts }) =>
    parts.flatMap(({ operations }) =>
      operations.map((one) => `${database} ${one.kind} ${one.table}: ${one.why}`),
    ),
  );
}

/** What a full pass, from scratch, would write. */
export function leftToDo(one: Controller, options: Parameters<typeof planFullPass>[2] = {}): string[] {
  return describePlan(planFullPass(one.view, PLANNERS, options));
}

/**
 * Waits until it knows all that was committed before: what a server committed before it answers an `echo` has
 * been told before that.
 */
export async function caughtUp(one: Controller): Promise<void> {
  await Promise.all(
    DATABASE_NAMES.map((name) => one.connections[name].client.session.request("echo", [], { wait: true })),
  );
}
