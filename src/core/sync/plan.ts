/**
 * What planning one unit yields: operations for each database, warnings about bad data, and, if somebody wants to know, the
 * reason for everything that was left out.
 */
import type { Insert, Uuid } from "ovsdb-client-ts";
import type { DatabaseName, RowOf, Schemas, TableOf } from "./databases.ts";
import { DATABASE_NAMES } from "./databases.ts";
import type { AnyRow, Columns, Holder, KeyChanges, Operation } from "./operations.ts";
import { placeholder } from "./operations.ts";
import type { TunnelKeys } from "./tunnel-keys.ts";

/** A row, as far as people need it to find it. */
export interface Subject {
  readonly database: DatabaseName;
  readonly table: string;
  readonly uuid: Uuid;
  readonly name: string;
}

/** Why something was left out. */
export interface Note {
  /** For programs: `deny-list`, `own-static-route-wins` … */
  readonly reason: string;
  /** What was left out, for people. */
  readonly text: string;
  readonly subject: Subject;
  /** The row and the option that decided it. */
  readonly decidedBy?: Subject & { readonly option?: string; readonly value?: string };
}

export interface PlanOptions {
  /** Called for everything left out; null when nobody asks, and then nothing is computed for it. */
  readonly explain: ((note: Note) => void) | null;
  /** Called for bad data. The same warning comes again with every pass: whoever shows it limits its rate. */
  readonly warn: (note: Note) => void;
  /**
   * Called for what the rules allow and is most likely a mistake; null when nobody asks. The same comes again whenever the unit is planned.
   */
  readonly finding: ((note: Note) => void) | null;
  readonly tunnelKeys: TunnelKeys;
}

type OperationLists = { readonly [D in DatabaseName]: Operation[] };

export interface Aspects {
  readonly why: string;
  readonly leader?: boolean;
  readonly holder?: Holder | null;
  /** Columns that must be as they are now for the row to be deleted. */
  readonly verify?: readonly string[];
}

export class Plan {
  readonly operations: OperationLists = { nb: [], sb: [], icNb: [], icSb: [] };
  readonly explain: ((note: Note) => void) | null;
  readonly warn: (note: Note) => void;
  readonly finding: ((note: Note) => void) | null;
  readonly tunnelKeys: TunnelKeys;
  #inserted = 0;
  #waits = false;

  constructor(options: PlanOptions) {
    this.explain = options.explain;
    this.warn = options.warn;
    this.finding = options.finding;
    this.tunnelKeys = options.tunnelKeys;
  }

  get isEmpty(): boolean {
    return DATABASE_NAMES.every((name) => this.operations[name].length === 0);
  }

  /** Asks that the unit is planned when all its planner's tables are known whole: until then it is left as it is. */
  wait(): void {
    this.#waits = true;
  }

  /** Whether that was asked for since the last call. */
  takeWait(): boolean {
    const waits = this.#waits;
    this.#waits = false;
    return waits;
  }

  /** Says, and counts, that something is left out which others have asked for. */
  refuse(note: Note): void {
    this.warn(note);
    this.explain?.(note);
  }

  /** Asks for a new row. Returns what stands for its uuid in this plan. */
  insert<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    columns: Insert<Schemas[D], T>,
    aspects: Aspects,
  ): Uuid<T> {
    const uuid = placeholder<T>(this.#inserted++);
    this.operations[database].push({
      kind: "insert",
      table,
      uuid,
      columns: columns as Columns,
      holder: aspects.holder ?? null,
      ...asked(aspects),
    });
    return uuid;
  }

  /** Asks for other values in a row: whole columns, and single keys of maps. */
  update<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    row: RowOf<D, T>,
    columns: Insert<Schemas[D], T>,
    keys: KeyChanges,
    aspects: Aspects,
  ): void {
    const old = row as unknown as AnyRow;
    this.operations[database].push({
      kind: "update",
      table,
      old,
      columns: columns as Columns,
      keys,
      ...asked(aspects),
    });
  }

  /** Asks for a row to be deleted; one of a non-root table goes when its holder lets it go. */
  delete<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    row: RowOf<D, T>,
    aspects: Aspects,
  ): void {
    const old = row as unknown as AnyRow;
    this.operations[database].push({
      kind: "delete",
      table,
      old,
      holder: aspects.holder ?? null,
      verify: aspects.verify ?? [],
      ...asked(aspects),
    });
  }

  /** Makes the transaction depend on there being no row with these values. */
  requireAbsent<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    values: Insert<Schemas[D], T>,
    aspects: Aspects,
  ): void {
    this.operations[database].push({ kind: "absent", table, values: values as Columns, ...asked(aspects) });
  }
}

function asked(aspects: Aspects): { why: string; leader: boolean } {
  return { why: aspects.why, leader: aspects.leader ?? false };
}
