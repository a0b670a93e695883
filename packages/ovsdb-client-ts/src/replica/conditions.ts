/**
 * Which rows of each table a replica wants, and which the server is known to have sent.
 *
 * A table's condition is *new* until it was sent, *requested* while the server has not answered, then
 * *acknowledged*: from then on the replica holds every row that satisfies it. One `monitor_cond_change` is in
 * flight at a time; what is asked for meanwhile goes with the next one.
 *
 * Invariant: `acknowledged` names a table only while no other condition of it may be in force at the server.
 */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { TableSchema } from "../schema/schema.ts";
import type { Deferred } from "../support/deferred.ts";
import { deferred } from "../support/deferred.ts";
import type { Condition } from "../wire/condition.ts";
import { conditionColumn, encodeCondition } from "../wire/condition.ts";

/**
 * The rows of a table that a replica holds: those that satisfy any of the conditions; all (true); none
 * (false).
 */
export type Where<C extends string = string> = readonly Condition<C>[] | boolean;

interface Waiter extends Deferred<void> {
  readonly version: number;
}

/** Conditions that were sent, and what is to be done when the answer comes. */
export interface Sent {
  readonly conditions: readonly (readonly [string, Where])[];
  /** Everything that was asked for up to this version is in it. */
  readonly version: number;
  /** What was in force before. */
  readonly before: ReadonlyMap<string, Where>;
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
    const waiter = { version, ...deferred<void>() };
    this.#waiters.push(waiter);
    // Who does not wait for it need not handle that the replica was closed before.
    waiter.promise.catch(() => {});
    return waiter.promise;
  }

  desired(table: string): Where {
    return this.#desired.get(table) ?? true;
  }

  /** All conditions go out with a monitor request. */
  sendAll(): Sent {
    return this.#send([...this.#desired]);
  }

  /** Those go out that the server has not acknowledged. */
  sendOutstanding(): Sent {
    return this.#send([...this.#desired].filter(([table, where]) => this.#acknowledged.get(table) !== where));
  }

  isAcknowledged(table: string): boolean {
    return this.#acknowledged.has(table) && this.#acknowledged.get(table) === this.#desired.get(table);
  }

  /** The server has answered. */
  acknowledge({ conditions, version }: Sent): void {
    for (const [table, where] of conditions) this.#acknowledged.set(table, where);
    for (const waiter of this.#take(version)) waiter.resolve();
  }

  /**
   * The server refuses a change: what was in force stays so, and is what is wanted unless that has changed
   * again meanwhile.
   */
  refuse({ conditions, version, before }: Sent, error: unknown): void {
    for (const [table, where] of conditions) {
      const old = before.get(table);
      if (old === undefined) continue;
      this.#acknowledged.set(table, old);
      if (this.#desired.get(table) === where) this.#desired.set(table, old);
    }
    for (const waiter of this.#take(version)) waiter.reject(error);
  }

  /**
   * The connection is lost: nothing is acknowledged any more. @param reflected whether the copy was of what
   * was acknowledged
   */
  forget(reflected: boolean): void {
    if (reflected) this.#reflected = new Map(this.#acknowledged);
    this.#acknowledged.clear();
  }

  /** Whether the copy that was left when the connection was lost is of what is wanted now. */
  get stillReflected(): boolean {
    return [...this.#desired].every(([table, where]) => this.#reflected.get(table) === where);
  }

  /** Ends everybody's wait: the replica is closed. */
  fail(error: unknown): void {
    for (const waiter of this.#take(this.#version)) waiter.reject(error);
  }

  #send(conditions: [string, Where][]): Sent {
    const before = new Map(this.#acknowledged);
    for (const [table] of conditions) this.#acknowledged.delete(table);
    return { conditions, version: this.#version, before };
  }

  #take(version: number): Waiter[] {
    const done = this.#waiters.filter((waiter) => waiter.version <= version);
    this.#waiters = this.#waiters.filter((waiter) => waiter.version > version);
    return done;
  }
}

/**
 * Encodes a table's condition for `monitor_cond` (ovsdb-server(7) §4.1.12). One that is right by the
 * program's description but can't be put to this server, for the column is missing there or of another type,
 * becomes "all rows": more than was asked for and never less.
 *
 * @throws SchemaError when it is wrong by the description, or by the server's schema if there is no
 *   description.
 */
export function encodeWhere(
  where: Where,
  server: TableSchema,
  described: TableSchema | undefined,
): JsonValue {
  if (typeof where === "boolean") return [where];
  if (where.length === 0) return [false];
  if (described !== undefined) checkWhere(where, described);
  if (where.some(([column]) => conditionColumn(column, server.columns) === undefined)) return [true];
  try {
    return where.map((condition) => encodeCondition(condition, server.name, server.columns));
  } catch (error) {
    if (described === undefined || !(error instanceof SchemaError)) throw error;
    return [true];
  }
}

/** The columns by which a server decides about a condition, as `encodeWhere` puts it. */
export function namedColumns(where: Where, server: TableSchema): string[] {
  if (typeof where === "boolean") return [];
  const names = [...new Set<string>(where.map(([column]) => column))];
  return names.every((name) => conditionColumn(name, server.columns) !== undefined) ? names : [];
}

/** @throws SchemaError unless a table of this schema can be asked for these rows. */
export function checkWhere(where: Where, schema: TableSchema): void {
  if (typeof where === "boolean") return;
  for (const condition of where) encodeCondition(condition, schema.name, schema.columns);
}
