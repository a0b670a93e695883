/**
 * What planning one unit yields: operations for each database, warnings about bad data, and, if somebody
 * wants to know, the reason for everything that was left out.
 */
import type { ColumnSchema, DatumInput, Insert, Uuid } from "ovsdb-client-ts";
import type { DatabaseName, Note, RowOf, Schemas, TableOf } from "../model/index.ts";
import { DATABASE_NAMES, SCHEMAS } from "../model/index.ts";
import type { AnyRow, Columns, Holder, KeyChanges, Operation } from "./operations.ts";
import { isPlaceholder, nameOf, placeholder } from "./operations.ts";
import type { TunnelKeys } from "./tunnel-keys.ts";
import { whyImpossible } from "./values.ts";

export interface PlanOptions {
  /** Called for everything left out; null when nobody asks, and then nothing is computed for it. */
  readonly explain: ((note: Note) => void) | null;
  /** Called for bad data. The same warning comes again with every pass: whoever shows it limits its rate. */
  readonly warn: (note: Note) => void;
  /**
   * Called for what the rules allow and is most likely a mistake; null when nobody asks. The same comes again
   * whenever the unit is planned.
   */
  readonly finding: ((note: Note) => void) | null;
  readonly tunnelKeys: TunnelKeys;
  /** What a server's schema says of a column. */
  readonly columnOf: (database: DatabaseName, table: string, column: string) => ColumnSchema | undefined;
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
  readonly #columnOf: PlanOptions["columnOf"];
  /** What stands for rows that can't be made. */
  readonly #impossible = new Set<string>();
  #inserted = 0;
  #waits = false;

  constructor(options: PlanOptions) {
    this.explain = options.explain;
    this.warn = options.warn;
    this.finding = options.finding;
    this.tunnelKeys = options.tunnelKeys;
    this.#columnOf = options.columnOf;
  }

  /** Says, and counts, that something is left out which others have asked for. */
  refuse(note: Note): void {
    this.warn(note);
    this.explain?.(note);
  }

  get isEmpty(): boolean {
    return DATABASE_NAMES.every((name) => this.operations[name].length === 0);
  }

  /**
   * Asks that the unit is planned when all its planner's tables are known whole: until then it is left as it
   * is.
   */
  wait(): void {
    this.#waits = true;
  }

  /** Whether that was asked for. */
  get waits(): boolean {
    return this.#waits;
  }

  /**
   * Asks for a new row. Returns what stands for its uuid in this plan. What the server's schema forbids is
   * left out with a warning, and so is what would refer to it: sent, it would be refused, and all else that
   * goes with it.
   */
  insert<D extends DatabaseName, T extends TableOf<D>>(
    database: D,
    table: T,
    columns: Insert<Schemas[D], T>,
    aspects: Aspects,
  ): Uuid<T> {
    const uuid = placeholder<T>(this.#inserted++);
    if (!this.#isPossible(database, table, columns as Columns, {}, aspects, null)) {
      this.#impossible.add(uuid);
      return uuid;
    }
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
    if (!this.#isPossible(database, table, columns as Columns, keys, aspects, old)) return;
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
    // Such a row can't be, then, and what should be made instead neither.
    if (this.#findImpossible(database, table, values as Columns, {}) !== null) return;
    this.operations[database].push({ kind: "absent", table, values: values as Columns, ...asked(aspects) });
  }

  /** Whether the server's schema allows what is to be written; else it is said. */
  #isPossible(
    database: DatabaseName,
    table: string,
    columns: Columns,
    keys: KeyChanges,
    { why }: Aspects,
    old: AnyRow | null,
  ): boolean {
    const found = this.#findImpossible(database, table, columns, keys);
    if (found === null) return true;
    // What it refers to was said already.
    if (found.text === null) return false;
    const name = nameOf(old ?? columns);
    this.refuse({
      reason: "impossible-value",
      text:
        `${SCHEMAS[database].name} ${table} ${name} is not written (${why}): the server's schema forbids it, ` +
        `${found.column}: ${found.text}`,
      subject: { database, table, uuid: old?._uuid ?? "", name },
    });
    return false;
  }

  #findImpossible(
    database: DatabaseName,
    table: string,
    columns: Columns,
    keys: KeyChanges,
  ): { readonly column: string; readonly text: string | null } | null {
    for (const column in columns) {
      const value = columns[column] ?? null;
      if (this.#impossible.size > 0 && this.#refersToImpossible(value)) return { column, text: null };
      const schema = this.#columnOf(database, table, column);
      const text = schema === undefined ? null : whyImpossible(value, schema);
      if (text !== null) return { column, text };
    }
    for (const column in keys) {
      const schema = this.#columnOf(database, table, column);
      if (schema === undefined) continue;
      const set = Object.entries(keys[column] ?? {}).flatMap(([key, value]) =>
        value === null ? [] : [[key, value] as const],
      );
      const text = set.length === 0 ? null : whyImpossible(new Map(set), schema);
      if (text !== null) return { column, text };
    }
    return null;
  }

  #refersToImpossible(value: DatumInput): boolean {
    if (isPlaceholder(value)) return this.#impossible.has(value);
    return Array.isArray(value) && value.some((atom) => isPlaceholder(atom) && this.#impossible.has(atom));
  }
}

function asked(aspects: Aspects): { why: string; leader: boolean } {
  return { why: aspects.why, leader: aspects.leader ?? false };
}
