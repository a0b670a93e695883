/** What a planner is, and what it says: operations, notes, and for whom. What others may use of it. */
export type { JsonColumn, RowCounts, RowDescription } from "./describe.ts";
export { countRows, describeRows } from "./describe.ts";
export { ChangeBatch, fedUnits } from "./feeds.ts";
export { planFullPass } from "./full-pass.ts";
export type { Need, NeedFeeds } from "./need.ts";
export { conditionedTables, keyOf } from "./need.ts";
export type { PlanObserver } from "./observer.ts";
export { observed } from "./observer.ts";
export type {
  Columns,
  DeleteOperation,
  Holder,
  InsertOperation,
  Operation,
  UpdateOperation,
} from "./operations.ts";
export { isPlaceholder } from "./operations.ts";
export type { PlanOptions } from "./plan.ts";
export { Plan } from "./plan.ts";
export type { Fed, Feed, Planner, Rules } from "./planner.ts";
export { ALL, tablesOf } from "./planner.ts";
export type { Desired } from "./reconcile.ts";
export { reconcile, updateRow } from "./reconcile.ts";
export type { Outcome, PlannedTransaction, Problem, Unit, UnitOperations } from "./transactions.ts";
export { datapathKey, sharingKeys, TunnelKeys } from "./tunnel-keys.ts";
export { unitName } from "./unit-name.ts";
