/**
 * Which rows of each table a replica wants, and which the server is known to have sent.
 *
 * A table's condition is *new* until it was sent, *requested* while the server has not answered, then *acknowledged*: from then on the
 * replica holds every row that satisfies it. One `monitor_cond_change` is in flight at a time; what is asked for meanwhile goes
 * with the next one.
 */
import type { JsonValue } from "../jsonrpc/json.ts";
import type { TableSchema } from "../schema/schema.ts";
import { type Condition, conditionColumn, encodeCondition } from "../wire/condition.ts";

/** The rows of a table that a replica holds: those that satisfy any of the conditions; all (true); none (false). */
export type Where<C extends string = string> = readonly Condition<C>[] | boolean;

interface Waiter {
  readonly version: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class ConditionSet {
  readonly #desired = new Map<string, Where>();
  readonly #acknowledged = new Map<string, Where>();
  /** What the copy was made with when the connection was lost. */
  #reflected: ReadonlyMap<string, Where> = new Map();
  #waiters: Waiter[] = [];
  #version = 0;

  constructor(initial: Iterable<readonly [string, Where]>) {
    for (const [table, where] of initial) this.#desired.set(table, where);
  }

  /** Asks for other rows. Resolves once the server has acknowledged that the replica holds them. */
  request(changes: Iterable<readonly [string, Where]>): Promise<void> {
    for (const [table, where] of changes) this.#desired.set(table, where);
    const version = ++this.#version;
    return new Promise((resolve, reject) => this.#waiters.push({ version, resolve, reject }));
  }

  /** The version to be given to `acknowledge` once the server has answered for what is wanted now. */
  get version(): number {
    return this.#version;
  }

  desired(table: string): Where {
    return this.#desired.get(table) ?? true;
  }

  /** The tables whose condition the server has not acknowledged, with that condition. */
  outstanding(): [string, Where][] {
    return [...this.#desired].filter(([table, where]) => this.#acknowledged.get(table) !== where);
  }

  isAcknowledged(table: string): boolean {
    return this.#acknowledged.has(table) && this.#acknowledged.get(table) === this.#desired.get(table);
  }

  /** The server has answered for these conditions, which were wanted at `version`. */
  acknowledge(conditions: Iterable<readonly [string, Where]>, version: number): void {
    for (const [table, where] of conditions) this.#acknowledged.set(table, where);
    const done = this.#waiters.filter((waiter) => waiter.version <= version);
    this.#waiters = this.#waiters.filter((waiter) => waiter.version > version);
    for (const waiter of done) waiter.resolve();
  }

  /** What is wanted, to go with a monitor request. */
  snapshot(): [string, Where][] {
    return [...this.#desired];
  }

  /** The connection is lost: nothing is acknowledged any more. */
  forget(): void {
    if (this.#acknowledged.size > 0) this.#reflected = new Map(this.#acknowledged);
    this.#acknowledged.clear();
  }

  /** Whether the copy that was left when the connection was lost is of what is wanted now. */
  get stillReflected(): boolean {
    return [...this.#desired].every(([table, where]) => this.#reflected.get(table) === where);
  }

  /** Ends everybody's wait: the replica is closed, or the server refused. */
  fail(error: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }
}

/**
 * Encodes a table's condition for `monitor_cond` (ovsdb-server(7) §4.1.12). A condition on a column that the server lacks can't be
 * put to it: then the replica gets all rows, more than it asked for and never less.
 */
export function encodeWhere(where: Where, server: TableSchema): JsonValue {
  if (typeof where === "boolean") return [where];
  if (where.length === 0) return [false];
  if (where.some(([column]) => conditionColumn(column, server.columns) === undefined)) return [true];
  return where.map((condition) => encodeCondition(condition, server.name, server.columns));
}
