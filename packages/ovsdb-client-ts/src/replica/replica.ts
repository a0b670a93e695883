/**
 * A live, in-memory copy of some tables of a database (RFC 7047 §4.1.5–4.1.7 and ovsdb-server's extensions of it).
 *
 * Invariants: rows are immutable, and unchanged rows stay the same objects, across reconnects too; a batch is applied whole, indexes
 * included, and then announced once; what was announced adds up to what is there.
 */
import { ConnectionError, type OvsdbError, SchemaError, TimeoutError } from "../errors.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Uuid } from "../schema/atom.ts";
import type { ColumnName, Row, TableName } from "../schema/infer.ts";
import type { DatabaseSchema, OvsSchema, TableSchema } from "../schema/schema.ts";
import { type AnyChange, type ChangeSet, makeChangeSet } from "./changes.ts";
import { ConditionSet, type Where } from "./conditions.ts";
import { Layout } from "./layout.ts";
import { Monitor, type MonitorMethod } from "./monitor.ts";
import { type ReplicaTable, TableStore } from "./table.ts";

/** What a replica holds of one table: all described columns and all rows, unless said otherwise. */
export interface TableRequest<C extends string = string> {
  readonly columns?: readonly C[];
  readonly where?: Where<C>;
}

/** What a replica holds: a request for each table. */
export type TableRequests<S extends OvsSchema> = {
  readonly [T in TableName<S>]?: TableRequest<ColumnName<S, T>>;
};

/** Conditions to be changed. */
export type WhereRequests<S extends OvsSchema> = { readonly [T in TableName<S>]?: Where<ColumnName<S, T>> };

export interface ReplicaOptions {
  /** The best monitor method to use; older ones follow when the server lacks it. */
  readonly monitorMethod?: MonitorMethod;
}

/** How long to wait, and what ends the wait early. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; 0 or absent: for ever. */
  readonly timeout?: number;
}

/** What a replica needs of the client that it belongs to. */
export interface ReplicaHost {
  readonly database: string;
  /** The program's description of a table; undefined if it has none, and the server's is to be used. */
  describedTable(table: string): TableSchema | undefined;
  /** What the server sent can't be used: make a new connection. */
  refuse(error: OvsdbError): void;
  /** The replica is closed and wants to hear no more. */
  detach(replica: ReplicaLink): void;
}

/** What a client tells its replicas. */
export interface ReplicaLink {
  up(connection: Connection, schema: DatabaseSchema): void;
  down(error: OvsdbError): void;
  notification(method: string, params: readonly JsonValue[]): void;
  /** No connection will ever come again. */
  end(error: OvsdbError): void;
}

const NO_TABLE = (name: string): TableSchema => ({
  name,
  columns: new Map(),
  indexes: [],
  isRoot: false,
  maxRows: Number.POSITIVE_INFINITY,
});

export class ReadReplica<S extends OvsSchema = OvsSchema> implements ReplicaLink {
  readonly #host: ReplicaHost;
  readonly #requests: ReadonlyMap<string, TableRequest>;
  readonly #tables = new Map<string, TableStore>();
  readonly #conditions: ConditionSet;
  readonly #monitor: Monitor;
  readonly #listeners = new Set<(changes: ChangeSet<S>) => void>();
  readonly #stateListeners = new Set<(complete: boolean) => void>();
  #schema: DatabaseSchema | null = null;
  #complete = false;
  #loadedOnce = false;
  #end: OvsdbError | null = null;

  /** Replicas are made by `OvsdbClient.replica`, and can write too: see txn/replica.ts. */
  constructor(host: ReplicaHost, requests: TableRequests<S>, options: ReplicaOptions = {}) {
    this.#host = host;
    this.#requests = new Map(
      Object.entries<TableRequest | undefined>(requests).map(([name, request]) => [name, request ?? {}]),
    );
    this.#conditions = new ConditionSet(
      [...this.#requests].map(([name, { where }]) => [name, where ?? true]),
    );
    for (const name of this.#requests.keys())
      this.#tables.set(name, new TableStore(this.#layout(name, null)));
    this.#monitor = new Monitor(
      {
        database: host.database,
        tables: this.#tables,
        conditions: this.#conditions,
        apply: (changes) => this.#apply(changes),
        live: () => this.#setComplete(true),
        failed: (error) => {
          this.#setComplete(false);
          host.refuse(error);
        },
      },
      options.monitorMethod,
    );
  }

  /**
   * Whether the copy is whole and follows the server. False before the first dump, and while there is no connection: then the
   * rows are those of the last time.
   */
  get complete(): boolean {
    return this.#complete;
  }

  /** The monitor method in use, null before the first dump. */
  get monitorMethod(): MonitorMethod | null {
    return this.#monitor.method;
  }

  /** A table of this replica. @throws SchemaError if the replica was made without it. */
  table<T extends TableName<S>>(name: T): ReplicaTable<Row<S, T>, ColumnName<S, T>> {
    // A store's rows have the columns that the description of this table gave them, which is what Row<S, T> says.
    return this.#store(name) as unknown as ReplicaTable<Row<S, T>, ColumnName<S, T>>;
  }

  /** The table as transactions see it, whatever its type; undefined if the replica was made without it. */
  store(name: string): TableStore | undefined {
    return this.#tables.get(name);
  }

  /** The described schema of a table, as the replica's rows have it. */
  tableSchema(name: string): TableSchema {
    return this.#host.describedTable(name) ?? this.#schema?.tables.get(name) ?? NO_TABLE(name);
  }

  /**
   * The rows that a reference column points to, in the order of the column. Those that the replica doesn't hold are left out.
   *
   * @example replica.deref("Gateway", gateway, "encaps"); // Row<…, "Encap">[]
   */
  deref<T extends TableName<S>, C extends ColumnName<S, T>>(
    table: T,
    row: Row<S, T>,
    column: C,
  ): RefRows<S, Row<S, T>[C]> {
    const described = this.tableSchema(table).columns.get(column);
    const target = described?.value?.refTable ?? described?.key.refTable ?? null;
    const store = target === null ? undefined : this.#tables.get(target);
    if (described === undefined || store === undefined) {
      throw new SchemaError(
        `${table}.${column} can't be followed: it refers to ${target ?? "nothing"}, which the replica doesn't hold`,
      );
    }
    const value: unknown = row[column];
    const uuids: unknown[] =
      value instanceof Map
        ? [...(described.value?.refTable === target ? value.values() : value.keys())]
        : Array.isArray(value)
          ? value
          : [value];
    const rows = uuids.flatMap((uuid) => (typeof uuid === "string" ? (store.get(uuid) ?? []) : []));
    return rows as unknown as RefRows<S, Row<S, T>[C]>;
  }

  /** Resolves once the copy is complete. @throws TimeoutError, ConnectionError if the client is closed, `signal.reason`. */
  async synced(options: WaitOptions = {}): Promise<this> {
    await this.when(() => true, options);
    return this;
  }

  /**
   * Waits for a condition on the copy: tried now if it is complete, and after each later batch.
   *
   * @returns what `predicate` returned, once that is neither undefined nor false.
   * @throws TimeoutError, ConnectionError if the client is closed, `signal.reason`, and what `predicate` throws.
   * @example await replica.when((r) => r.table("Transit_Switch").index(["name"]).get("ts1"), { timeout: 5000 });
   */
  when<R>(predicate: (replica: this) => R | undefined | false, options: WaitOptions = {}): Promise<R> {
    const { signal, timeout } = options;
    return new Promise<R>((resolve, reject) => {
      const leave: (() => void)[] = [];
      const settle = (finish: () => void) => {
        for (const undo of leave) undo();
        finish();
      };
      const attempt = () => {
        try {
          if (this.#end !== null) throw this.#end;
          const result = this.#complete ? predicate(this) : undefined;
          if (result !== undefined && result !== false) settle(() => resolve(result));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const abort = () => settle(() => reject(signal?.reason));
      if (signal?.aborted === true) return reject(signal.reason);
      leave.push(this.subscribe(attempt), this.onStateChange(attempt));
      if (signal !== undefined) {
        signal.addEventListener("abort", abort, { once: true });
        leave.push(() => signal.removeEventListener("abort", abort));
      }
      if (timeout !== undefined && timeout > 0) {
        const expired = new TimeoutError(
          `database ${this.#host.database}: not as waited for within ${timeout} ms`,
        );
        const timer = setTimeout(() => settle(() => reject(expired)), timeout);
        leave.push(() => clearTimeout(timer));
      }
      attempt();
    });
  }

  /**
   * Calls a function after each batch, synchronously, with all that the batch changed. Returns what ends the subscription.
   *
   * @example replica.subscribe((changes) => { for (const c of changes) if (c.table === "Route") console.log(c.old, c.new); });
   */
  subscribe(listener: (changes: ChangeSet<S>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls a function when `complete` has changed. Returns what ends the subscription. */
  onStateChange(listener: (complete: boolean) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /**
   * The batches from now on, one after the other; ends when the replica is closed.
   *
   * @example for await (const changes of replica.changes({ signal })) console.log(changes.length);
   */
  async *changes(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ChangeSet<S>, void, void> {
    const { signal } = options;
    const queue: ChangeSet<S>[] = [];
    let wake = () => {};
    const unsubscribe = [
      this.subscribe((changes) => {
        queue.push(changes);
        wake();
      }),
      this.onStateChange(() => wake()),
    ];
    const abort = () => wake();
    signal?.addEventListener("abort", abort);
    try {
      while (signal?.aborted !== true) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (this.#end !== null) return;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      throw signal.reason;
    } finally {
      for (const undo of unsubscribe) undo();
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Changes which rows the replica holds. Resolves once the server has acknowledged, that is when all rows that satisfy the new conditions
   * are there; rows that no longer do go away like deleted ones. A table that is not named keeps its condition.
   */
  setConditions(requests: WhereRequests<S>): Promise<void> {
    if (this.#end !== null) return Promise.reject(this.#end);
    const changes = Object.entries<Where | undefined>(requests).flatMap(
      ([table, where]): [string, Where][] => {
        this.#store(table);
        return where === undefined ? [] : [[table, where]];
      },
    );
    const done = this.#conditions.request(changes);
    this.#monitor.changeConditions();
    return done;
  }

  /** Whether the replica holds all rows that satisfy the table's present condition. */
  conditionsAcknowledged(table: TableName<S>): boolean {
    return this.#conditions.isAcknowledged(table);
  }

  /** Stops following the server. The rows stay as they are. */
  close(): void {
    if (this.#end !== null) return;
    this.#monitor.cancel();
    this.#host.detach(this);
    this.end(new ConnectionError(`the replica of database ${this.#host.database} is closed`));
  }

  up(connection: Connection, schema: DatabaseSchema): void {
    const before = new Map(
      [...this.#tables].map(([name, store]) => [name, store.layout.monitored.join(" ")]),
    );
    this.#schema = schema;
    for (const [name, store] of this.#tables) store.layout = this.#layout(name, schema);
    const resume = [...this.#tables].every(
      ([name, store]) => store.layout.monitored.join(" ") === before.get(name),
    );
    this.#monitor.up(connection, schema, resume);
  }

  down(_error: OvsdbError): void {
    this.#monitor.down();
    this.#setComplete(false);
  }

  notification(method: string, params: readonly JsonValue[]): void {
    this.#monitor.notification(method, params);
  }

  end(error: OvsdbError): void {
    this.#end = error;
    this.#conditions.fail(error);
    this.#complete = false;
    for (const listener of [...this.#stateListeners]) listener(false);
  }

  #layout(name: string, schema: DatabaseSchema | null): Layout {
    const server = schema?.tables.get(name);
    return new Layout(
      this.#host.describedTable(name) ?? server ?? NO_TABLE(name),
      server,
      this.#requests.get(name)?.columns,
    );
  }

  #store(name: string): TableStore {
    const store = this.#tables.get(name);
    if (store === undefined)
      throw new SchemaError(`the replica of database ${this.#host.database} was made without table ${name}`);
    return store;
  }

  #apply(changes: AnyChange[]): void {
    for (const change of changes) this.#tables.get(change.table)?.set(change.uuid as Uuid, change.new);
    const initial = !this.#loadedOnce;
    this.#loadedOnce = true;
    if (changes.length === 0 && !initial) return;
    // The untyped changes come from tables whose rows have the described columns: the same step as in `table`.
    const announced = makeChangeSet(changes, initial) as unknown as ChangeSet<S>;
    for (const listener of [...this.#listeners]) listener(announced);
  }

  #setComplete(complete: boolean): void {
    if (this.#complete === complete) return;
    this.#complete = complete;
    for (const listener of [...this.#stateListeners]) listener(complete);
  }
}

type RefTarget<V> = V extends readonly (infer U)[]
  ? RefTarget<U>
  : V extends ReadonlyMap<infer K, infer W>
    ? RefTarget<K> | RefTarget<W>
    : V extends Uuid<infer T>
      ? string extends V
        ? T
        : T
      : never;

/** The rows that a reference column's type points to. */
export type RefRows<S extends OvsSchema, V> =
  RefTarget<V> extends infer T extends TableName<S> ? Row<S, T>[] : never;
