/** Rows and what is said about them, for people and for programs. */
import type { Uuid } from "ovsdb-client-ts";
import type { DatabaseName } from "./databases.ts";

/** A row, as far as people need it to find it. */
export interface Subject {
  readonly database: DatabaseName;
  readonly table: string;
  readonly uuid: Uuid;
  readonly name: string;
}

/** A row that decides, and its option if that does. */
export type Decision = Subject & { readonly option?: string; readonly value?: string };

/** Why something was left out. */
export interface Note {
  /** For programs: `deny-list`, `own-static-route-wins` … */
  readonly reason: string;
  /** What was left out, for people. */
  readonly text: string;
  readonly subject: Subject;
  /** The row and the option that decided it. */
  readonly decidedBy?: Decision;
}
