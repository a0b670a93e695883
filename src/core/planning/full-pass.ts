/**
 * A full pass from what the databases hold now, without an engine: what a dry run shows, and what must be
 * nothing once all is in order.
 */
import type { Note, View } from "../model/index.ts";
import { DATABASE_NAMES } from "../model/index.ts";
import type { PlanObserver } from "./observer.ts";
import { observed } from "./observer.ts";
import { Plan } from "./plan.ts";
import type { Planner } from "./planner.ts";
import type { PlannedTransaction, UnitOperations } from "./transactions.ts";
import { TunnelKeys } from "./tunnel-keys.ts";

export interface FullPassOptions {
  readonly warn?: (note: Note) => void;
  readonly explain?: (note: Note) => void;
  readonly finding?: (note: Note) => void;
  readonly observers?: readonly PlanObserver[];
  /**
   * Who leads: the engine knows, if nothing is said here. true shows what the leader would write, whoever
   * that is.
   */
  readonly leader?: boolean;
}

/**
 * Plans every unit once. What depends on the outcome of the first writes (a row's uuid, a key, what northd
 * makes of it) is not in it.
 *
 * @returns for each database that would be written to, what each unit would do.
 */
export function planFullPass(
  view: View,
  planners: readonly Planner[],
  options: FullPassOptions = {},
): PlannedTransaction[] {
  const { leader = view.leader } = options;
  return view.supposing({ leader }, () => view.facts.during(() => planAll(view, planners, options)));
}

function planAll(view: View, planners: readonly Planner[], options: FullPassOptions): PlannedTransaction[] {
  const tunnelKeys = new TunnelKeys(view);
  const parts = new Map<string, UnitOperations[]>(DATABASE_NAMES.map((database) => [database, []]));
  view.refreshIdentity();
  for (const planner of planners) {
    if (planner.last === true && [...parts.values()].some((list) => list.length > 0)) continue;
    for (const key of new Set(planner.units(view))) {
      const plan = new Plan({
        warn: options.warn ?? (() => {}),
        explain: options.explain ?? null,
        finding: options.finding ?? null,
        tunnelKeys,
        columnOf: view.schemas.columnOf,
      });
      observed(options.observers ?? [], { planner, key }, () => planner.plan(key, view, plan));
      for (const database of DATABASE_NAMES) {
        const operations = plan.operations[database];
        if (operations.length > 0) parts.get(database)?.push({ unit: { planner, key }, operations });
      }
    }
  }
  return DATABASE_NAMES.flatMap((database) => {
    const list = parts.get(database) ?? [];
    return list.length === 0 ? [] : [{ database, parts: list }];
  });
}
