/** What a replica tells its subscribers: which rows changed, from what to what. */

import type { Uuid } from "../schema/atom.ts";
import type { Row, TableName } from "../schema/infer.ts";
import type { OvsSchema } from "../schema/schema.ts";
import type { AnyRow } from "./layout.ts";

/** A row that came (`old` null), went (`new` null) or changed. Typed by its table's name. */
export type Change<S extends OvsSchema = OvsSchema> = {
  [T in TableName<S>]: {
    readonly table: T;
    readonly uuid: Uuid<T>;
    readonly old: Row<S, T> | null;
    readonly new: Row<S, T> | null;
  };
}[TableName<S>];

/**
 * All that changed in one batch: one notification of the server, or the difference that a fresh dump made.
 * `initial` is true for the first dump, which announces every row.
 */
export type ChangeSet<S extends OvsSchema = OvsSchema> = readonly Change<S>[] & { readonly initial: boolean };

/** The untyped form, as the replica makes it. */
export interface AnyChange {
  readonly table: string;
  readonly uuid: Uuid;
  readonly old: AnyRow | null;
  readonly new: AnyRow | null;
}

/** Makes a ChangeSet from a list of changes. */
export function makeChangeSet(
  changes: AnyChange[],
  initial: boolean,
): readonly AnyChange[] & { readonly initial: boolean } {
  return Object.assign(changes, { initial });
}
