/** Changes of rows, as feeds look at them. */
import type { Atom, Datum } from "ovsdb-client-ts";
import { compareAtoms, datumEquals } from "ovsdb-client-ts";
import type { DatabaseName, RowOf, TableOf } from "./databases.ts";

export interface RowChange<R> {
  readonly old: R | null;
  readonly new: R | null;
}

/** The other changes that came together with one. */
export interface Batch {
  /** How many there are. */
  readonly size: number;
  /** A row as it was before the batch: undefined if there was none. */
  before<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    uuid: string,
  ): RowOf<D, T> | undefined;
}

/** Both rows of a change, those that there are. */
export function bothRows<R>({ old, new: now }: RowChange<R>): readonly R[] {
  if (old === null) return now === null ? [] : [now];
  return now === null ? [old] : [old, now];
}

/** The elements that are in one of two sets only. */
export function changedElements<A extends Atom>(
  old: readonly A[] | undefined,
  now: readonly A[] | undefined,
): A[] {
  if (old === now) return [];
  const changed: A[] = [];
  const before = old ?? [];
  const after = now ?? [];
  // Sets are in ascending order, and what stays the same is mostly the same object, so one walk along both
  // tells them apart quickly.
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const a = before[i];
    const b = after[j];
    const order = a === b ? 0 : a === undefined ? 1 : b === undefined ? -1 : compareAtoms(a, b);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (order < 0 && a !== undefined) changed.push(a);
    if (order > 0 && b !== undefined) changed.push(b);
  }
  return changed;
}

/** Whether a change touched a column; a row that came or went touched all. */
export function touched<R, C extends keyof R>(change: RowChange<R>, column: C): boolean {
  const { old, new: now } = change;
  return !old || !now || !datumEquals(old[column] as Datum, now[column] as Datum);
}

/** Whether a change touched one of a row's options. */
export function optionChanged(
  { old, new: now }: RowChange<{ readonly options: ReadonlyMap<string, string> }>,
  key: string,
): boolean {
  return old?.options.get(key) !== now?.options.get(key);
}
