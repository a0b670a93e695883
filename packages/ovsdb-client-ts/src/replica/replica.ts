/**
 * A live, in-memory copy of some tables of a database (RFC 7047 §4.1.5–4.1.7 and ovsdb-server's extensions of
 * it).
 *
 * Invariants: rows are immutable, and unchanged rows stay the same objects, across reconnects too; a batch is
 * applied whole, indexes included, and then announced once; what was announced adds up to what is there.
 */
import { ConnectionError, OvsdbError, SchemaError } from "../errors.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Datum, Uuid } from "../schema/atom.ts";
import type { ColumnName, Row, TableName } from "../schema/infer.ts";
import type { DatabaseSchema, OvsSchema, TableSchema } from "../schema/schema.ts";
import { tell } from "../support/listeners.ts";
import type { WaitOptions } from "../support/wait.ts";
import type { AnyChange, ChangeSet } from "./changes.ts";
import { makeChangeSet } from "./changes.ts";
import type { Where } from "./conditions.ts";
import { ConditionSet, checkWhere, encodeWhere } from "./conditions.ts";
import { Layout } from "./layout.ts";
import type { MonitorMethod } from "./monitor.ts";
import { Monitor } from "./monitor.ts";
import type { RefRows } from "./references.ts";
import { references, referredTable } from "./references.ts";
import type { ReplicaTable } from "./table.ts";
import { TableStore } from "./table.ts";
import type {
  ReplicaHost,
  ReplicaLink,
  ReplicaOptions,
  TableRequest,
  TableRequests,
  WhereRequests,
} from "./types.ts";
import { eachBatch, whenHolds } from "./wait.ts";

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
    for (const [name, { where }] of this.#requests) this.#checkWhere(name, where ?? true);
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
        describedTable: (table) => host.describedTable(table),
        conditionColumns: (table) => this.#requests.get(table)?.conditionColumns ?? [],
        apply: (changes) => this.#apply(changes),
        load: (changes) => this.#load(changes),
        failed: (error) => {
          this.#setComplete(false);
          host.refuse(error);
        },
      },
      options.monitorMethod,
    );
  }

  /**
   * Whether the copy is whole and follows the server. False before the first dump, and while there is no
   * connection: then the rows are those of the last time.
   */
  get complete(): boolean {
    return this.#complete;
  }

  /**
   * Why the replica follows the server no more: it or its client was closed, or can't go on. Null while it
   * does.
   */
  get ended(): OvsdbError | null {
    return this.#end;
  }

  get database(): string {
    return this.#host.database;
  }

  /** The database and the server, in words. @internal */
  get source(): string {
    const remote = this.#host.remote();
    return `database ${this.database}${remote === null ? "" : ` at ${remote}`}`;
  }

  /** The monitor method in use, null before the first dump. */
  get monitorMethod(): MonitorMethod | null {
    return this.#monitor.method;
  }

  /**
   * A table of this replica.
   *
   * @throws SchemaError if the replica was made without it.
   * @example for (const ts of replica.table("Transit_Switch")) console.log(ts.name);
   */
  table<T extends TableName<S>>(name: T): ReplicaTable<Row<S, T>, ColumnName<S, T>> {
    // A store's rows have the columns that the description of this table gave them, which is what Row<S, T>
    // says.
    return this.#store(name) as unknown as ReplicaTable<Row<S, T>, ColumnName<S, T>>;
  }

  /**
   * The table as transactions see it, whatever its type; undefined if the replica was made without it.
   * @internal
   */
  store(name: string): TableStore | undefined {
    return this.#tables.get(name);
  }

  /** The described schema of a table, as the replica's rows have it. */
  tableSchema(name: string): TableSchema {
    return this.#host.describedTable(name) ?? this.#schema?.tables.get(name) ?? NO_TABLE(name);
  }

  /**
   * The rows that a reference column points to, in the order of the column: of a map its values, or if these
   * are no references its keys. Those that the replica doesn't hold are left out.
   *
   * @throws SchemaError if the column holds no references, or the replica was made without the table that
   *   they lead to.
   * @example replica.deref("Gateway", gateway, "encaps"); // Row<…, "Encap">[]
   */
  deref<T extends TableName<S>, C extends ColumnName<S, T>>(
    table: T,
    row: Row<S, T>,
    column: C,
  ): RefRows<S, Row<S, T>[C]> {
    const described = this.tableSchema(table).columns.get(column);
    const target = described === undefined ? null : referredTable(described);
    const store = target === null ? undefined : this.#tables.get(target);
    if (described === undefined || store === undefined) {
      throw new SchemaError(
        `${table}.${column} can't be followed: it refers to ${target ?? "nothing"}, which the replica doesn't hold`,
      );
    }
    // A column's type that follows from the description is a Datum; the store holds rows of the table that it
    // refers to.
    const uuids = references(row[column] as Datum, described);
    const rows = uuids.flatMap((uuid) => (typeof uuid === "string" ? (store.get(uuid) ?? []) : []));
    return rows as unknown as RefRows<S, Row<S, T>[C]>;
  }

  /**
   * Resolves once the copy is complete.
   *
   * @throws TimeoutError; ConnectionError if the client is closed; SchemaError if the server can't be asked
   *   for these rows; `signal.reason`.
   * @example const replica = await client.replica({ Gateway: {} }).synced({ timeout: 5000 });
   */
  async synced(options: WaitOptions = {}): Promise<this> {
    await this.when(() => true, options);
    return this;
  }

  /**
   * Waits for a condition on the copy: tried now if it is complete, and after each later batch.
   *
   * @returns what `predicate` returned, once that is neither undefined nor false.
   * @throws as `synced`, and what `predicate` throws.
   * @example await replica.when((r) => r.table("Transit_Switch").index(["name"]).get("ts1"), { timeout: 5000 });
   */
  when<R>(predicate: (replica: this) => R | undefined | false, options: WaitOptions = {}): Promise<R> {
    return whenHolds(this, () => predicate(this), options);
  }

  /**
   * Calls a function after each batch, synchronously, with all that the batch changed. Returns what ends the
   * subscription.
   *
   * @example replica.subscribe((changes) => { for (const c of changes) if (c.table === "Route") console.log(c.old, c.new); });
   */
  subscribe(listener: (changes: ChangeSet<S>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls a function when `complete` has changed, after the batch that completed the copy was announced.
   * Returns what ends the subscription.
   *
   * @example replica.onStateChange((complete) => console.log(complete ? "up to date" : "disconnected"));
   */
  onStateChange(listener: (complete: boolean) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /**
   * The batches from the first step of the iteration on, one after the other; ends when the replica is
   * closed.
   *
   * @throws `signal.reason`.
   * @example for await (const changes of replica.changes({ signal })) console.log(changes.length);
   */
  changes(options: { readonly signal?: AbortSignal } = {}): AsyncGenerator<ChangeSet<S>, void, void> {
    return eachBatch<ChangeSet<S>>(this, options.signal);
  }

  /**
   * Changes which rows the replica holds. Resolves once the server has acknowledged, that is when all rows
   * that satisfy the new conditions are there; rows that no longer do go away like deleted ones. A table that
   * is not named keeps its condition.
   *
   * @throws SchemaError for a condition that can't be right; RequestError if the server refuses it, which
   *   then changes nothing; ConnectionError if the replica or its client is closed.
   * @example await replica.setConditions({ Route: [["transit_switch", "==", "ts1"]] });
   */
  setConditions(requests: WhereRequests<S>): Promise<void> {
    const changes: [string, Where][] = [];
    try {
      if (this.#end !== null) throw this.#end;
      for (const [table, where] of Object.entries<Where | undefined>(requests)) {
        this.#store(table);
        if (where === undefined) continue;
        this.#checkWhere(table, where);
        changes.push([table, where]);
      }
    } catch (error) {
      return Promise.reject(error);
    }
    const done = this.#conditions.request(changes);
    this.#monitor.changeConditions();
    return done;
  }

  /**
   * Whether the replica holds all rows that satisfy the table's present condition.
   *
   * @example if (replica.conditionsAcknowledged("Route")) plan();
   */
  conditionsAcknowledged(table: TableName<S>): boolean {
    return this.#conditions.isAcknowledged(table);
  }

  /**
   * Stops following the server. The rows stay as they are.
   *
   * @example replica.close();
   */
  close(): void {
    if (this.#end !== null) return;
    this.#monitor.cancel();
    this.#host.detach(this);
    this.end(new ConnectionError(`the replica of database ${this.#host.database} is closed`));
  }

  /** @internal */
  up(connection: Connection, schema: DatabaseSchema): void {
    if (this.#end !== null) return;
    const before = [...this.#tables.values()].map(({ layout }) => layout.signature);
    this.#schema = schema;
    for (const [name, store] of this.#tables) store.layout = this.#layout(name, schema);
    const resume = [...this.#tables.values()].every(({ layout }, i) => layout.signature === before[i]);
    try {
      for (const name of this.#tables.keys()) this.#checkWhere(name, this.#conditions.desired(name));
    } catch (error) {
      // Without a description only now can be said that this will never work.
      this.#host.detach(this);
      this.end(error instanceof OvsdbError ? error : new SchemaError(String(error), { cause: error }));
      return;
    }
    this.#monitor.up(connection, schema, resume);
  }

  /** @internal */
  down(): void {
    this.#monitor.down();
    this.#setComplete(false);
  }

  /** @internal */
  notification(method: string, params: readonly JsonValue[]): void {
    this.#monitor.notification(method, params);
  }

  /** @internal */
  end(error: OvsdbError): void {
    this.#end = error;
    this.#conditions.fail(error);
    this.#complete = false;
    tell(this.#stateListeners, false);
  }

  #layout(name: string, schema: DatabaseSchema | null): Layout {
    const server = schema?.tables.get(name);
    return new Layout(
      this.#host.describedTable(name) ?? server ?? NO_TABLE(name),
      server,
      this.#requests.get(name)?.columns,
    );
  }

  /** @throws SchemaError for a condition that is wrong, as far as that can be said now. */
  #checkWhere(name: string, where: Where): void {
    const described = this.#host.describedTable(name);
    const server = this.#schema?.tables.get(name);
    if (described !== undefined) checkWhere(where, described);
    else if (server !== undefined) encodeWhere(where, server, undefined);
  }

  #store(name: string): TableStore {
    const store = this.#tables.get(name);
    if (store === undefined)
      throw new SchemaError(`the replica of database ${this.#host.database} was made without table ${name}`);
    return store;
  }

  #load(changes: AnyChange[]): void {
    const wasComplete = this.#complete;
    this.#complete = true;
    this.#host.loaded();
    this.#apply(changes);
    // A listener may have closed it meanwhile.
    if (this.#complete && !wasComplete) tell(this.#stateListeners, true);
  }

  #apply(changes: AnyChange[]): void {
    for (const change of changes) this.#tables.get(change.table)?.set(change.uuid as Uuid, change.new);
    const initial = !this.#loadedOnce;
    this.#loadedOnce = true;
    if (changes.length === 0 && !initial) return;
    // The untyped changes come from tables whose rows have the described columns: the same step as in
    // `table`.
    tell(this.#listeners, makeChangeSet(changes, initial) as unknown as ChangeSet<S>);
  }

  #setComplete(complete: boolean): void {
    if (this.#complete === complete) return;
    this.#complete = complete;
    tell(this.#stateListeners, complete);
  }
}
