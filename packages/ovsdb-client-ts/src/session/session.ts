/**
 * A session: one database of one of several servers, kept usable. `JsonrpcSession` keeps a connection,
 * `ServerDatabase` and `judgeServer` say whether its server will do; this file makes a usable session of it.
 *
 * States, and what leaves each:
 * - void: made, not started. `start` → backoff, which ends at once.
 * - backoff: between two tries. Its deadline → connecting, or listening for a passive remote.
 * - connecting: a stream is being opened. It opens → checking; it fails or takes too long → backoff.
 * - listening: waiting for a server to connect. One does → checking; the port cannot be had → backoff.
 * - checking: connected, and `_Server` is asked about the server. Fit → up; unfit (no such database, not the
 *   leader, stale …), no answer, connection lost → backoff.
 * - up: usable. Lost, silent beyond the probe, or unfit by a change of `_Server` → backoff; schema changed,
 *   or monitors cancelled → checking for one round trip and up again on the same connection.
 * - closed: over for good, by `close` from any state, or instead of backoff when `retry` is false and every
 *   remote had its try.
 *
 * Invariants: participants get `up` and `down` strictly in turn. When a connection ends, locks are lost
 * first, then the state changes, then participants hear of it, then state listeners.
 */

import { asOvsdbError, ConnectionError, OvsdbError, UnfitServerError } from "../errors.ts";
import { checkEcho } from "../jsonrpc/answers.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { now } from "../support/clock.ts";
import { deferred } from "../support/deferred.ts";
import { tell } from "../support/listeners.ts";
import type { WaitOptions } from "../support/wait.ts";
import { rest, waitFor } from "../support/wait.ts";
import { JsonrpcSession } from "./jsonrpc-session.ts";
import type { DatabaseStatus } from "./leader.ts";
import { judgeServer, lacksDatabase } from "./leader.ts";
import type { Lock } from "./locks.ts";
import { Locks } from "./locks.ts";
import { ServerDatabase } from "./server-database.ts";
import type {
  Log,
  SessionOptions,
  SessionParticipant,
  SessionRequestOptions,
  SessionState,
} from "./types.ts";

/** A server that accepts connections and then says nothing for this many milliseconds is given up. */
const CHECK_TIMEOUT = 30_000;

/**
 * A session with an OVSDB server.
 *
 * @example
 * const session = new Session({ remotes: "unix:/run/ovn/ovn_ic_nb_db.sock", database: "OVN_IC_Northbound" });
 * session.start();
 * const schema = await session.request("get_schema", ["OVN_IC_Northbound"], { wait: true });
 * await session.close();
 */
export class Session {
  readonly database: string;
  /** Resolves once the session is closed for good, by close() or because `retry` is false; never rejects. */
  readonly closed: Promise<void>;
  readonly #closed = deferred<void>();
  readonly #leaderOnly: boolean;
  readonly #clusterId: string | null;
  readonly #log: Log;
  readonly #jsonrpc: JsonrpcSession;
  readonly #locks = new Locks();
  readonly #participants = new Set<SessionParticipant>();
  readonly #listeners = new Set<(state: SessionState) => void>();
  /** Per cluster id, the greatest log index that any server of it has shown. */
  readonly #seen = new Map<string, number | bigint>();
  #state: SessionState = "void";
  #lastError: OvsdbError | null = null;
  #connection: Connection | null = null;
  #watch: ServerDatabase | null = null;
  /** The row of our database, as judged last; null with servers that have no `_Server`. */
  #status: DatabaseStatus | null = null;
  /** Monitors were cancelled: the change of the schema that the server may announce next is no news. */
  #schemaInDoubt = false;
  #checkTimer: NodeJS.Timeout | undefined;
  /** An echo is on its way, before whose reply the signs of one change have all come in. */
  #relearning = false;

  /** @throws ConnectionError when a remote cannot be read. */
  constructor(options: SessionOptions) {
    this.database = options.database;
    this.#leaderOnly = options.leaderOnly ?? true;
    this.#clusterId = options.clusterId ?? null;
    this.#log = options.log ?? (() => {});
    this.#jsonrpc = new JsonrpcSession(options, {
      trying: (how) => this.#setState(how),
      connected: (connection) => this.#connected(connection),
      notification: (method, params) => this.#notification(method, params),
      ended: (error, over) => this.#ended(error, over),
    });
    this.closed = this.#closed.promise;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Whether the session is up. */
  get connected(): boolean {
    return this.#state === "up";
  }

  /** The remote that is connected, or tried last. With a passive one: the server that connected. */
  get remote(): string | null {
    return this.#jsonrpc.remote;
  }

  /** The usable connection; null unless the session is up. */
  get connection(): Connection | null {
    return this.connected ? this.#connection : null;
  }

  /** Why the session is not up, as far as it is known; null while it is. */
  get lastError(): OvsdbError | null {
    return this.#lastError;
  }

  /** Begins to connect. Does nothing the second time. */
  start(): void {
    if (this.#state !== "void") return;
    this.#setState("backoff");
    this.#jsonrpc.start();
  }

  /**
   * Has `up`, `down` and notifications told to a participant, `up` at once if it is up. Returns what detaches
   * it.
   */
  attach(participant: SessionParticipant): () => void {
    this.#participants.add(participant);
    if (this.connection !== null) participant.up(this.connection);
    return () => this.#participants.delete(participant);
  }

  /**
   * Sends a request over the usable connection. It is never sent twice: when the connection ends before the
   * reply, its outcome is unknown.
   *
   * @throws ConnectionError when the session is not up (at once, unless `wait`), or the connection ends;
   *   RequestError, TimeoutError (`timeout` includes the waiting) and `signal.reason` as Connection.request.
   */
  async request(
    method: string,
    params: readonly JsonValue[],
    options: SessionRequestOptions = {},
  ): Promise<JsonValue> {
    const began = now();
    if (this.connection === null && !options.wait) throw this.#notUp(`cannot send ${method}`);
    const connection = this.connection ?? (await this.whenUp(options));
    const result = await connection.request(method, params, rest(options, began));
    if (connection === this.connection) this.inUse();
    return result;
  }

  /**
   * Notes that the connection does what it is there for. One that is in use and has to be given up (its
   * server is the leader no more, `forceReconnect`) is followed by the next at once; any other failure is
   * followed by a pause. @internal
   */
  inUse(): void {
    this.#jsonrpc.inUse();
  }

  /**
   * Waits until the session is up.
   *
   * @throws TimeoutError; ConnectionError when the session closes; `signal.reason`.
   */
  whenUp(options: WaitOptions = {}): Promise<Connection> {
    return waitFor<Connection>(options, {
      listen: (resolve, reject) => {
        const look = () => {
          const { connection } = this;
          if (connection !== null) resolve(connection);
          else if (this.#state === "closed") reject(this.#lastError);
        };
        look();
        return this.onStateChange(look);
      },
      late: (milliseconds) => this.#notUp(`not up within ${milliseconds} ms`).message,
    });
  }

  /**
   * Drops the connection or the try that there is, and goes on to the next remote: at once if the connection
   * was in use.
   */
  forceReconnect(reason: string): void {
    this.#jsonrpc.forceReconnect(reason);
  }

  /**
   * Changes `retry` of the options: whether from now on the remotes are tried for as long as it takes, or
   * once more each.
   */
  setRetry(retry: boolean): void {
    this.#jsonrpc.setRetry(retry);
  }

  /** Sets the probe interval in milliseconds, of unix remotes too; 0: never; otherwise at least 1000. */
  setProbeInterval(milliseconds: number): void {
    this.#jsonrpc.setProbeInterval(milliseconds);
  }

  /**
   * The lock of that name; nothing is asked of the server yet.
   *
   * @throws OvsdbError when no server would take the name.
   */
  lock(name: string): Lock {
    return this.#locks.get(name);
  }

  /** Calls the listener after each change of `state`; returns the function that ends this. */
  onStateChange(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the session and what connection it has. */
  close(): Promise<void> {
    return this.#jsonrpc.close(new ConnectionError("session is closed", { remote: this.remote }));
  }

  #connected(connection: Connection): void {
    this.#connection = connection;
    this.#setState("checking");
    this.#checkTimer = setTimeout(() => this.#moveOn("server does not answer"), CHECK_TIMEOUT);
    this.#watch = new ServerDatabase(connection, {
      changed: (rows) => this.#judge(rows),
      absent: (databases) => {
        if (databases.includes(this.database)) this.#goUp();
        else this.#moveOn(lacksDatabase(this.database, databases));
      },
    });
    this.#watch.watch().catch((error) => connection.close(asOvsdbError(error)));
  }

  #judge(rows: readonly DatabaseStatus[]): void {
    const verdict = judgeServer(rows, {
      database: this.database,
      leaderOnly: this.#leaderOnly,
      clusterId: this.#clusterId,
      seen: this.#seen,
    });
    if ("reason" in verdict) {
      this.#moveOn(verdict.reason);
      return;
    }
    const before = this.#status;
    this.#status = verdict.status;
    const { cid, index, schema } = verdict.status;
    if (cid !== null && index !== null) this.#seen.set(cid, index);
    const schemaChanged = before !== null && before.schema !== schema;
    if (schemaChanged && !this.#schemaInDoubt) this.#relearn("the schema of the database changed");
    if (schemaChanged) this.#schemaInDoubt = false;
    if (this.#state === "checking" && !this.#relearning) this.#goUp();
  }

  #goUp(): void {
    const connection = this.#connection;
    if (connection === null) return;
    clearTimeout(this.#checkTimer);
    this.#lastError = null;
    this.#jsonrpc.approve();
    this.#state = "up";
    this.#locks.connected(connection);
    for (const participant of [...this.#participants]) {
      if (this.connection === connection && this.#participants.has(participant)) participant.up(connection);
    }
    if (this.connection === connection) this.#tellState();
  }

  /**
   * Takes participants down, and up again when the server answers an echo: it cancels all monitors of a
   * database before it reads on, so that no further sign of the same change comes after that.
   */
  #relearn(reason: string): void {
    const connection = this.#connection;
    if (this.#state !== "up" || connection === null) return;
    this.#log("info", "ovsdb_cs", `${this.remote}: ${reason}`);
    this.#relearning = true;
    const onResult = (result: JsonValue) => {
      checkEcho(result);
      this.#relearning = false;
      this.#goUp();
    };
    connection.request("echo", [], { onResult }).catch((error) => connection.close(asOvsdbError(error)));
    this.#goDown("checking", new OvsdbError("relearn", `${this.remote}: ${reason}`));
  }

  #goDown(state: SessionState, error: OvsdbError): void {
    const wasUp = this.#state === "up";
    this.#state = state;
    this.#lastError = error;
    if (wasUp) for (const participant of [...this.#participants]) participant.down(error);
    this.#tellState();
  }

  #notification(method: string, params: readonly JsonValue[]): void {
    if (this.#watch?.notification(method, params) || this.#locks.notification(method, params)) return;
    if (method === "monitor_canceled") {
      this.#schemaInDoubt = true;
      this.#relearn("server cancelled monitors: the schema changed, or the database was removed");
    } else if (this.#state === "up") {
      for (const participant of [...this.#participants]) participant.notification(method, params);
    }
  }

  #moveOn(reason: string): void {
    const { remote } = this;
    this.#jsonrpc.sayOfTry("ovsdb_cs", `${remote}: ${reason}; trying another server`);
    this.#jsonrpc.drop(new UnfitServerError(`${remote}: ${reason}`, { remote, reason }));
  }

  /** The connection or a try for one ended. */
  #ended(error: OvsdbError, over: boolean): void {
    clearTimeout(this.#checkTimer);
    this.#relearning = false;
    this.#connection = null;
    this.#watch = null;
    this.#status = null;
    this.#schemaInDoubt = false;
    this.#locks.disconnected();
    this.#goDown(over ? "closed" : "backoff", error);
    if (over) this.#closed.resolve();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#tellState();
  }

  #tellState(): void {
    tell(this.#listeners, this.#state);
  }

  #notUp(what: string): ConnectionError {
    const { remote, database } = this;
    const waiting = this.#state === "connecting" || this.#state === "checking";
    const state = waiting ? `${remote}: no answer yet` : `session is ${this.#state}`;
    const why = this.#lastError?.message ?? state;
    return new ConnectionError(`${database}: ${what}: ${why}`, { remote, cause: this.#lastError });
  }
}
