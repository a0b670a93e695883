/**
 * What should be, against what is: the one place where differences become operations.
 *
 * Rows are paired by keys, the most exact first: a row that exists and one that is wanted belong together if
 * their first keys are equal; of those that are left, if their second keys are, and so on. Of several rows
 * with one key the first one is taken.
 */
import type { Datum, DatumInput, Insert } from "ovsdb-client-ts";
import { datumEquals, makeMap, makeSet } from "ovsdb-client-ts";
import type { DatabaseName, RowOf, Schemas, TableOf, View } from "../model/index.ts";
import type { Columns, Holder, KeyChanges } from "./operations.ts";
import type { Plan } from "./plan.ts";

/** A row that should be. */
export interface Desired<D extends DatabaseName, T extends TableOf<D>> {
  /** As many as `keysOf` returns. */
  readonly keys: readonly string[];
  /** Columns that belong to the unit whole. */
  readonly columns: Insert<Schemas[D], T>;
  /** Single keys of map columns that belong to the unit. */
  readonly mapKeys?: KeyChanges;
  /** Columns that are only set when the row is made. */
  readonly initial?: () => Insert<Schemas[D], T>;
  readonly why: string;
}

export interface Reconciliation<D extends DatabaseName, T extends TableOf<D>> {
  readonly database: D;
  readonly table: T;
  readonly desired: readonly Desired<D, T>[];
  /** All rows that the unit owns. */
  readonly existing: Iterable<RowOf<D, T>>;
  readonly keysOf: (row: RowOf<D, T>) => readonly string[];
  /** Why a row is not wanted any more. */
  readonly whyNot: (row: RowOf<D, T>) => string;
  readonly leader?: boolean;
  /** Columns that must be as they are now for a row to be deleted. */
  readonly verify?: readonly string[];
  /** For rows of a non-root table: what holds a new row, and what holds an existing one. */
  readonly holder?: (row: RowOf<D, T> | null) => Holder | null;
}

/** Asks for what makes the rows that the unit owns those that it should have. */
export function reconcile<D extends DatabaseName, T extends TableOf<D>>(
  view: View,
  plan: Plan,
  task: Reconciliation<D, T>,
): void {
  const { pairs, missing, left } = pairUp(task);
  const { database, table, leader = false, holder = () => null, verify = [] } = task;
  for (const row of left)
    plan.delete(database, table, row, { why: task.whyNot(row), leader, holder: holder(row), verify });
  for (const [row, wanted] of pairs) update(view, plan, task, row, wanted);
  for (const wanted of missing) {
    const columns = known(view, database, table, { ...withKeys(wanted), ...wanted.initial?.() });
    plan.insert(database, table, columns, { why: wanted.why, leader, holder: holder(null) });
  }
}

/** Asks for other values in one row, as far as they differ and the server has such columns. */
export function updateRow<D extends DatabaseName, T extends TableOf<D>>(
  view: View,
  plan: Plan,
  database: D,
  table: T,
  row: RowOf<D, T>,
  wanted: Pick<Desired<D, T>, "columns" | "mapKeys" | "why"> & { leader?: boolean },
): void {
  const columns = changedColumns(row, known(view, database, table, wanted.columns));
  const keys = changedKeys(row, known(view, database, table, wanted.mapKeys ?? {}));
  if (columns === null && keys === null) return;
  const aspects = { why: wanted.why, leader: wanted.leader ?? false };
  plan.update(database, table, row, (columns ?? {}) as Insert<Schemas[D], T>, keys ?? {}, aspects);
}

function update<D extends DatabaseName, T extends TableOf<D>>(
  view: View,
  plan: Plan,
  task: Reconciliation<D, T>,
  row: RowOf<D, T>,
  wanted: Desired<D, T>,
): void {
  updateRow(view, plan, task.database, task.table, row, { ...wanted, leader: task.leader ?? false });
}

interface Pairing<D extends DatabaseName, T extends TableOf<D>> {
  readonly pairs: readonly (readonly [RowOf<D, T>, Desired<D, T>])[];
  readonly missing: Iterable<Desired<D, T>>;
  readonly left: readonly RowOf<D, T>[];
}

function pairUp<D extends DatabaseName, T extends TableOf<D>>(task: Reconciliation<D, T>): Pairing<D, T> {
  let left = [...task.existing];
  const [row] = left;
  // These are most: a row that is missing, and one that is there.
  if (row === undefined) return { pairs: [], missing: task.desired, left };
  const [only] = task.desired;
  if (only === undefined) return { pairs: [], missing: [], left };
  if (left.length === 1 && task.desired.length === 1 && only.keys[0] === task.keysOf(row)[0])
    return { pairs: [[row, only]], missing: [], left: [] };
  const missing = new Set(task.desired);
  const pairs: [RowOf<D, T>, Desired<D, T>][] = [];
  for (let level = 0; level < only.keys.length && left.length > 0 && missing.size > 0; level++) {
    const open = byKey(missing, level);
    left = left.filter((row) => {
      const wanted = open.get(task.keysOf(row)[level] ?? "")?.shift();
      if (wanted === undefined) return true;
      missing.delete(wanted);
      pairs.push([row, wanted]);
      return false;
    });
  }
  return { pairs, missing, left };
}

function byKey<W extends { readonly keys: readonly string[] }>(
  wanted: Iterable<W>,
  level: number,
): Map<string, W[]> {
  const groups = new Map<string, W[]>();
  for (const one of wanted) {
    const key = one.keys[level] ?? "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/** Leaves out what the server's schema lacks. */
function known<D extends DatabaseName, T extends TableOf<D>, V extends object>(
  view: View,
  database: D,
  table: T,
  columns: V,
): V {
  let lacking: Set<string> | null = null;
  for (const column in columns) {
    if (view.has(database, table, column)) continue;
    lacking ??= new Set();
    lacking.add(column);
  }
  if (lacking === null) return columns;
  const left = Object.entries(columns).filter(([column]) => lacking?.has(column) !== true);
  return Object.fromEntries(left) as V;
}

function withKeys<D extends DatabaseName, T extends TableOf<D>>(wanted: Desired<D, T>): Columns {
  const columns: Record<string, DatumInput> = { ...(wanted.columns as Columns) };
  const { mapKeys = {} } = wanted;
  for (const column in mapKeys) {
    const keys = mapKeys[column] ?? {};
    const map = new Map<string, string>();
    for (const key in keys) {
      const value = keys[key] ?? null;
      if (value !== null) map.set(key, value);
    }
    if (map.size > 0) columns[column] = map;
  }
  return columns;
}

function changedColumns(row: object, columns: object): Columns | null {
  const current = row as { readonly [column: string]: Datum };
  const wanted = columns as Columns;
  let changed: Record<string, DatumInput> | null = null;
  for (const column in wanted) {
    const value = wanted[column] ?? null;
    if (datumEquals(current[column] ?? null, canonical(value, current[column]))) continue;
    changed ??= {};
    changed[column] = value;
  }
  return changed;
}

function changedKeys(row: object, wanted: KeyChanges): KeyChanges | null {
  let changes: Record<string, Record<string, string | null>> | null = null;
  for (const column in wanted) {
    const current = (row as { readonly [column: string]: unknown })[column];
    if (!(current instanceof Map)) continue;
    const keys = wanted[column] ?? {};
    for (const key in keys) {
      const value = keys[key] ?? null;
      if ((current.get(key) ?? null) === value) continue;
      changes ??= {};
      changes[column] = { ...changes[column], [key]: value };
    }
  }
  return changes;
}

/** What planners hand in, in the form that rows have. */
function canonical(value: DatumInput, like: Datum | undefined): Datum {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value) || value instanceof Set) return makeSet(value);
  if (value instanceof Map) return makeMap(value);
  if (like instanceof Map) return makeMap(Object.entries(value));
  return null;
}
