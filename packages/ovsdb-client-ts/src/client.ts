/**
 * One database at one server or cluster: the session to it, its schema, replicas, transactions, and one-shot
 * reads.
 *
 * States follow the session's. Each time it comes up the schema is fetched first, and only then do replicas
 * begin: nothing is asked for that the server doesn't have.
 */

import type { OvsdbError } from "./errors.ts";
import { asOvsdbError, ConnectionError, ProtocolError, SchemaError } from "./errors.ts";
import type { Connection } from "./jsonrpc/connection.ts";
import type { JsonValue } from "./jsonrpc/json.ts";
import { asDescribed, Layout } from "./replica/layout.ts";
import type { ReplicaHost, ReplicaLink, ReplicaOptions, TableRequests } from "./replica/types.ts";
import type { ColumnName, Row, TableName } from "./schema/infer.ts";
import type { DatabaseSchema, OvsSchema, TableSchema } from "./schema/schema.ts";
import { parseSchema } from "./schema/schema.ts";
import type { Lock } from "./session/locks.ts";
import { Session } from "./session/session.ts";
import type { SessionOptions, SessionParticipant } from "./session/types.ts";
import { now } from "./support/clock.ts";
import type { WaitOptions } from "./support/wait.ts";
import { rest, waitFor } from "./support/wait.ts";
import type { TransactionLink } from "./txn/replica.ts";
import { Replica } from "./txn/replica.ts";
import { selectedRows, selectOperation, uuidOf } from "./txn/select.ts";
import { Transaction } from "./txn/transaction.ts";
import type { Condition } from "./wire/condition.ts";
import { encodeCondition } from "./wire/condition.ts";

/**
 * Where to connect to, and what the program knows of the database: a description (`schema`), or its name
 * alone.
 */
export type ClientOptions<S extends OvsSchema> = Omit<SessionOptions, "database"> &
  (
    | { readonly schema: S; readonly database?: string }
    | { readonly schema?: undefined; readonly database: string }
  );

export interface SelectOptions<C extends string> extends WaitOptions {
  /** All of these must hold. */
  readonly where?: readonly Condition<C>[];
  /** The columns to read; the others of the rows have their defaults. */
  readonly columns?: readonly C[];
}

/**
 * A client of one database.
 *
 * @example
 * const client = await OvsdbClient.connect({ remotes: "unix:/var/run/ovn/ovn_ic_nb_db.sock", schema: icNb });
 * const replica = await client.replica({ Transit_Switch: {} }).synced();
 * for (const ts of replica.table("Transit_Switch")) console.log(ts.name);
 * await client.close();
 */
export class OvsdbClient<S extends OvsSchema = OvsSchema> {
  readonly database: string;
  readonly session: Session;
  readonly #described: DatabaseSchema | null;
  readonly #replicas = new Set<ReplicaLink>();
  readonly #readyListeners = new Set<() => void>();
  /** Tables as transactions write to them, made when they are first needed. */
  readonly #writable = new Map<string, TableSchema>();
  #connection: Connection | null = null;
  #schema: DatabaseSchema | null = null;
  #current = false;
  #end: OvsdbError | null = null;

  constructor(options: ClientOptions<S>) {
    this.#described = options.schema === undefined ? null : parseSchema(options.schema);
    this.database = options.database ?? this.#described?.name ?? "";
    const { schema: _schema, ...sessionOptions } = options;
    this.session = new Session({ ...sessionOptions, database: this.database });
    this.session.attach(this.#participant());
    void this.session.closed.then(() => this.#ended());
  }

  /**
   * Makes a client, and resolves once it is connected and knows the server's schema.
   *
   * @throws ConnectionError for a remote that can't be read; as `ready`.
   * @example await OvsdbClient.connect({ remotes: "ssl:10.0.0.1:6645", database: "OVN_IC_Northbound", tls, timeout: 5000 });
   */
  static async connect<S extends OvsSchema = OvsSchema>(
    options: ClientOptions<S> & WaitOptions,
  ): Promise<OvsdbClient<S>> {
    const client = new OvsdbClient<S>(options);
    client.start();
    try {
      await client.ready(options);
    } catch (error) {
      await client.close();
      throw error;
    }
    return client;
  }

  /**
   * Begins to connect. Replicas can be made before or after.
   *
   * @example const client = new OvsdbClient(options); client.start();
   */
  start(): void {
    this.session.start();
  }

  /** Whether requests can be made now. */
  get connected(): boolean {
    return this.#current;
  }

  /**
   * Resolves once the client is connected and knows the server's schema.
   *
   * @throws ConnectionError when the session gives up (`retry: false`) or is closed; TimeoutError;
   *   `signal.reason`.
   * @example await client.ready({ timeout: 5000 });
   */
  async ready(options: WaitOptions = {}): Promise<void> {
    await this.#readyConnection(options);
  }

  /** The schema that the server has. @throws ConnectionError before the first connection. */
  get serverSchema(): DatabaseSchema {
    if (this.#schema === null)
      throw new ConnectionError(`database ${this.database}: the server's schema is not known yet`);
    return this.#schema;
  }

  /**
   * Whether the server has a table, or a column of it. False before the first connection.
   *
   * @example client.has("Transit_Router") // with OVN 25.09 and later
   */
  has<T extends TableName<S>>(table: T, column?: ColumnName<S, T>): boolean {
    const known = this.#schema?.tables.get(table);
    return known !== undefined && (column === undefined || known.columns.has(column));
  }

  /**
   * Starts to replicate some tables; `await replica.synced()` waits for their contents. Tables and columns
   * that the server lacks stay empty.
   *
   * @throws SchemaError for a condition that can't be right by the description. Without a description that
   *   turns out later, and ends the replica: `synced` then rejects with it.
   * @example client.replica({ Gateway: {}, Route: { columns: ["ip_prefix"], where: [["transit_switch", "==", "ts1"]] } })
   */
  replica(tables: TableRequests<S>, options: ReplicaOptions = {}): Replica<S> {
    const replica = new Replica<S>(this.#replicaHost(), this.#transactionLink(), tables, options);
    if (this.#end !== null) {
      replica.end(this.#end);
      return replica;
    }
    this.#replicas.add(replica);
    if (this.#current && this.#connection !== null && this.#schema !== null)
      replica.up(this.#connection, this.#schema);
    return replica;
  }

  /**
   * A new transaction, which sees nothing but its own writes; `replica.transaction()` makes one that sees the
   * replica.
   *
   * @example const txn = client.transaction(); txn.insert("Transit_Switch", { name: "ts1" }); await txn.commit();
   */
  transaction(): Transaction<S> {
    return new Transaction<S>({
      ...this.#transactionLink(),
      row: () => undefined,
      rows: () => [],
      find: () => [],
      sees: () => false,
      noteArrivals: () => ({ end: () => undefined, rowsBefore: () => new Set() }),
    });
  }

  /**
   * Reads rows once (`select`, RFC 7047 §5.2.2), when the client is connected; again if the connection is
   * lost before the answer.
   *
   * @throws SchemaError for a condition that can't be right, or on a column that the server lacks;
   *   TransactionError; as `ready`.
   * @example await client.select("Availability_Zone", { where: [["name", "==", "az1"]], columns: ["name"] });
   */
  async select<T extends TableName<S>>(
    table: T,
    options: SelectOptions<ColumnName<S, T>> = {},
  ): Promise<Row<S, T>[]> {
    return this.#read(options, async (connection, left) => {
      const server = this.serverSchema.tables.get(table);
      if (server === undefined) return [];
      const layout = new Layout(this.#described?.tables.get(table) ?? server, server, options.columns);
      const where = (options.where ?? []).map((condition) =>
        encodeCondition(condition, table, server.columns),
      );
      const select = selectOperation(table, where, layout.monitored);
      const reply = await connection.request("transact", [this.database, select], left);
      const rows = selectedRows(reply, select).map((row) => layout.decode(uuidOf(row), row));
      // The layout gave the rows the columns of the table's description, which is what Row<S, T> says.
      return rows as unknown as Row<S, T>[];
    });
  }

  /** A lock of this session at the server (RFC 7047 §4.1.8). @example client.lock("ovn_ic").request(); */
  lock(name: string): Lock {
    return this.session.lock(name);
  }

  /**
   * Closes the connection for good. Everything that still waits is rejected with ConnectionError; a commit
   * ends as "unknown".
   *
   * @example await client.close();
   */
  async close(): Promise<void> {
    await this.session.close();
    this.#ended();
  }

  #participant(): SessionParticipant {
    return {
      up: (connection) => {
        this.#connection = connection;
        const learn = (reply: JsonValue) => this.#learned(connection, reply);
        // What is refused or can't be understood ends this connection; the next one tries again.
        connection.request("get_schema", [this.database], { onResult: learn }).catch((error: unknown) => {
          if (this.#connection === connection) this.session.forceReconnect(asOvsdbError(error).message);
        });
      },
      down: () => {
        this.#connection = null;
        if (!this.#current) return;
        this.#current = false;
        for (const replica of [...this.#replicas]) replica.down();
      },
      notification: (method, params) => {
        if (!this.#current) return;
        for (const replica of this.#replicas) replica.notification(method, params);
      },
    };
  }

  #learned(connection: Connection, reply: JsonValue): void {
    if (this.#connection !== connection) return;
    const schema = parseSchema(reply);
    this.#schema = schema;
    this.#writable.clear();
    this.#current = true;
    for (const replica of [...this.#replicas]) replica.up(connection, schema);
    this.#noteUse();
    for (const listener of [...this.#readyListeners]) listener();
  }

  /** A connection is in use once all that was asked for at its beginning is there. */
  #noteUse(): void {
    if (this.#current && [...this.#replicas].every(({ complete }) => complete)) this.session.inUse();
  }

  #transactionLink(): TransactionLink {
    return {
      database: this.database,
      connection: () => (this.#current ? this.#connection : null),
      read: (options, request) => this.#read(options, request),
      table: (name) => this.#writableTable(name),
      rowSchema: (name) => this.#described?.tables.get(name) ?? this.#writableTable(name),
    };
  }

  #writableTable(name: string): TableSchema {
    const known = this.#writable.get(name);
    if (known !== undefined) return known;
    const { name: database, version, tables } = this.serverSchema;
    const server = tables.get(name);
    if (server === undefined)
      throw new SchemaError(`database ${database} of the server (version ${version}) has no table ${name}`);
    const table = asDescribed(server, this.#described?.tables.get(name));
    this.#writable.set(name, table);
    return table;
  }

  #replicaHost(): ReplicaHost {
    return {
      database: this.database,
      remote: () => this.session.remote,
      describedTable: (table): TableSchema | undefined => this.#described?.tables.get(table),
      refuse: (error) => this.session.forceReconnect(error.message),
      loaded: () => this.#noteUse(),
      detach: (replica) => this.#replicas.delete(replica),
    };
  }

  async #readyConnection(options: WaitOptions): Promise<Connection> {
    const began = now();
    for (;;) {
      await this.session.whenUp(rest(options, began));
      if (this.#current && this.#connection !== null) return this.#connection;
      // Unless the session went down again before this could go on.
      if (this.session.connected) await this.#nextReady(rest(options, began));
    }
  }

  /** A read changes nothing, so one that a lost connection cut off is simply made again on the next. */
  async #read<R>(
    options: WaitOptions,
    request: (connection: Connection, left: WaitOptions) => Promise<R>,
  ): Promise<R> {
    const began = now();
    for (;;) {
      const connection = await this.#readyConnection(rest(options, began));
      try {
        return await request(connection, rest(options, began));
      } catch (error) {
        // Who answers nonsense can't be talked to; on another connection it may be another one.
        if (error instanceof ProtocolError) connection.close(error);
        if (!(error instanceof ConnectionError) || !connection.closed || this.session.state === "closed")
          throw error;
      }
    }
  }

  /** Resolves when a schema was learned, or the session has changed its state meanwhile. */
  #nextReady(options: WaitOptions): Promise<void> {
    const { remote } = this.session;
    return waitFor<void>(options, {
      listen: (resolve) => {
        const stop = this.session.onStateChange(() => resolve());
        this.#readyListeners.add(resolve);
        return () => {
          stop();
          this.#readyListeners.delete(resolve);
        };
      },
      late: () => `database ${this.database}: the server at ${remote} does not tell its schema`,
    });
  }

  #ended(): void {
    if (this.#end !== null) return;
    this.#end =
      this.session.lastError ?? new ConnectionError(`database ${this.database}: the client is closed`);
    this.#current = false;
    for (const replica of [...this.#replicas]) replica.end(this.#end);
    this.#replicas.clear();
  }
}
