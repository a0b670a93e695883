/**
 * A session: one database of one of several servers, kept connected. `Reconnect` says when, `connect` and `listen`
 * say how, `ServerDatabase` and `judgeServer` say whether the server will do; this file drives them.
 *
 * States, and what leaves each:
 * - void: made, not started. `start` → backoff, which ends at once.
 * - backoff: between two tries. Its deadline → connecting, or listening for a passive remote.
 * - connecting: a stream is being opened. It opens → checking; it fails or takes too long → backoff.
 * - listening: waiting for a server to connect. One does → checking; the port cannot be had → backoff.
 * - checking: connected, and `_Server` is asked about the server. Fit → up; unfit (no such database, not the leader,
 *   stale …), no answer, connection lost → backoff.
 * - up: usable. Lost, silent beyond the probe, or unfit by a change of `_Server` → backoff; schema changed, or
 *   monitors cancelled → checking for an instant and up again on the same connection.
 * - closed: over for good, by `close` from any state, or from backoff's entrance when `retry` is false and every
 *   remote had its try.
 *
 * Invariants: participants get `up` and `down` strictly in turn. When a connection ends, locks are lost first, then
 * the state changes, then participants hear of it, then state listeners.
 */
import type { Duplex } from "node:stream";
import { ConnectionError, OvsdbError, ProtocolError, TimeoutError } from "../errors.ts";
import { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { connect } from "../transport/connect.ts";
import { type Listener, listen } from "../transport/listen.ts";
import {
  type ActiveRemote,
  formatRemote,
  isPassive,
  type PassiveRemote,
  parseRemotes,
  type Remote,
} from "../transport/remote.ts";
import { type DatabaseStatus, judgeServer, lacksDatabase } from "./leader.ts";
import { type Lock, Locks } from "./locks.ts";
import { Reconnect } from "./reconnect.ts";
import { ServerDatabase } from "./server-database.ts";
import type {
  Log,
  SessionOptions,
  SessionParticipant,
  SessionRequestOptions,
  SessionState,
  WaitOptions,
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
  readonly #options: SessionOptions;
  readonly #log: Log;
  readonly #remotes: readonly Remote[];
  readonly #reconnect: Reconnect;
  readonly #locks = new Locks();
  readonly #participants = new Set<SessionParticipant>();
  readonly #listeners = new Set<(state: SessionState) => void>();
  /** Per cluster id, the greatest log index that any server of it has shown. */
  readonly #seen = new Map<string, number | bigint>();
  readonly #failures: OvsdbError[] = [];
  #resolveClosed: () => void = () => {};
  #state: SessionState = "void";
  #lastError: OvsdbError | null = null;
  #probeInterval: number | null;
  #nextRemote = 0;
  #remote: string | null = null;
  #attempt: AbortController | null = null;
  #listener: Listener | null = null;
  #connection: Connection | null = null;
  #watch: ServerDatabase | null = null;
  /** The row of our database, as judged last; null with servers that have no `_Server`. */
  #status: DatabaseStatus | null = null;
  /** Monitors were cancelled: the change of the schema that the server may announce next is no news. */
  #schemaInDoubt = false;
  #forced = "";
  #timer: NodeJS.Timeout | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #relearning: NodeJS.Immediate | undefined;

  /** @throws ConnectionError when a remote cannot be read. */
  constructor(options: SessionOptions) {
    this.database = options.database;
    this.#options = options;
    this.#log = options.log ?? (() => {});
    this.#remotes = parseRemotes(options.remotes);
    if (options.shuffle ?? true) this.#remotes = shuffled(this.#remotes);
    const passive = this.#remotes.find(isPassive);
    if (passive !== undefined && this.#remotes.length > 1) {
      const text = formatRemote(passive);
      throw new ConnectionError(`remote "${text}": a passive remote must be the only one`, { remote: text });
    }
    this.#probeInterval = options.probeInterval ?? null;
    this.#reconnect = new Reconnect({
      backoff: options.backoff,
      remotes: this.#remotes.length,
      maxTries: options.retry === false ? this.#remotes.length : null,
      connectTimeout: options.connectTimeout,
      passive: passive !== undefined,
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
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
    return this.#remote;
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
    this.#reconnect.enable(performance.now());
    this.#setState("backoff");
    this.#step();
  }

  /** Has `up`, `down` and notifications told to a participant, `up` at once if it is up. Returns what detaches it. */
  attach(participant: SessionParticipant): () => void {
    this.#participants.add(participant);
    if (this.connection !== null) participant.up(this.connection);
    return () => this.#participants.delete(participant);
  }

  /**
   * Sends a request over the usable connection. It is never sent twice: when the connection ends before the reply,
   * its outcome is unknown.
   *
   * @throws ConnectionError when the session is not up (at once, unless `wait`), or the connection ends; RequestError,
   *   TimeoutError (`timeout` includes the waiting) and `signal.reason` as Connection.request.
   */
  async request(
    method: string,
    params: readonly JsonValue[],
    options: SessionRequestOptions = {},
  ): Promise<JsonValue> {
    const { wait, timeout, ...others } = options;
    if (this.connection !== null) return this.connection.request(method, params, { timeout, ...others });
    if (!wait) throw this.#notUp(`cannot send ${method}`);
    const begin = performance.now();
    const connection = await this.whenUp({ signal: options.signal, timeout });
    const left = timeout ? Math.max(1, timeout - (performance.now() - begin)) : undefined;
    return connection.request(method, params, { timeout: left, ...others });
  }

  /**
   * Waits until the session is up.
   *
   * @throws TimeoutError; ConnectionError when the session closes; `signal.reason`.
   */
  whenUp(options: WaitOptions = {}): Promise<Connection> {
    const { signal, timeout } = options;
    return new Promise((resolve, reject) => {
      const look = () => {
        const { connection } = this;
        if (connection !== null) settle(() => resolve(connection));
        else if (this.#state === "closed")
          settle(() => reject(this.#lastError ?? this.#notUp("session is closed")));
      };
      const settle = (outcome: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        off();
        outcome();
      };
      const onAbort = () => settle(() => reject(signal?.reason));
      const onTimeout = () =>
        settle(() => reject(new TimeoutError(this.#notUp(`not up within ${timeout} ms`).message)));
      const timer = timeout ? setTimeout(onTimeout, timeout) : undefined;
      const off = this.onStateChange(look);
      if (signal?.aborted) return onAbort();
      signal?.addEventListener("abort", onAbort, { once: true });
      look();
    });
  }

  /** Drops the connection or the try that there is, and goes on to the next remote. */
  forceReconnect(reason: string): void {
    this.#forced = reason;
    this.#reconnect.forceReconnect(performance.now());
    this.#step();
  }

  /** Sets the probe interval in milliseconds, of unix remotes too; 0: never; otherwise at least 1000. */
  setProbeInterval(milliseconds: number): void {
    this.#probeInterval = milliseconds;
    this.#reconnect.setProbeInterval(milliseconds);
    this.#step();
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
  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#reconnect.disable(performance.now());
    this.#attempt?.abort();
    const error = new ConnectionError("session is closed", { remote: this.#remote });
    if (this.#connection === null) this.#finish(error);
    else this.#connection.close(error);
    await this.#listener?.close();
  }

  /** Does what the state machine says, and waits for its next deadline. */
  #step(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const action = this.#reconnect.run(performance.now());
      if (action === null) break;
      if (action === "connect") this.#try();
      else if (action === "probe") this.#probe();
      else this.#giveUp();
    }
    const deadline = this.#reconnect.deadline();
    if (deadline === null) return;
    // setImmediate: after a long computation, what the peer has sent meanwhile is read before its silence is judged.
    const onTimer = () => setImmediate(() => this.#step());
    this.#timer = setTimeout(onTimer, Math.max(0, deadline - performance.now()));
  }

  #try(): void {
    const remote = this.#remotes[this.#nextRemote++ % this.#remotes.length];
    if (remote === undefined) return;
    this.#remote = formatRemote(remote);
    const quiet = remote.method === "unix" || remote.method === "punix";
    this.#reconnect.setProbeInterval(this.#probeInterval ?? (quiet ? 0 : 5000));
    if (isPassive(remote)) this.#listen(remote, this.#remote);
    else this.#connect(remote, this.#remote);
  }

  #connect(remote: ActiveRemote, name: string): void {
    this.#reconnect.connecting(performance.now());
    this.#log("info", "reconnect", `${name}: connecting...`);
    this.#setState("connecting");
    const attempt = new AbortController();
    this.#attempt = attempt;
    const notice = (text: string) => this.#log("info", "stream_ssl", text);
    connect(remote, { tls: this.#options.tls, signal: attempt.signal, notice }).then(
      (stream) => {
        if (attempt.signal.aborted) stream.destroy();
        else this.#established(stream, name);
      },
      (error) => {
        if (!attempt.signal.aborted) this.#failed(asOvsdbError(error), `${name}: connection attempt failed`);
      },
    );
  }

  #listen(remote: PassiveRemote, name: string): void {
    this.#reconnect.listening(performance.now());
    this.#setState("listening");
    if (this.#listener !== null) return;
    this.#log("info", "reconnect", `${name}: listening...`);
    const handlers = {
      accepted: (stream: Duplex, peer: string) => this.#accepted(stream, peer),
      refused: (error: ConnectionError) => this.#log("warn", "stream_ssl", error.message),
    };
    listen(remote, { tls: this.#options.tls }, handlers).then(
      (listener) => {
        this.#listener = listener;
        if (this.#state === "closed") void listener.close();
      },
      (error) => this.#failed(asOvsdbError(error), `${name}: error listening for connections`),
    );
  }

  #accepted(stream: Duplex, peer: string): void {
    if (this.#state === "closed") {
      stream.destroy();
      return;
    }
    if (this.#connection !== null) {
      this.#log("info", "reconnect", `${peer}: new connection replacing active connection`);
      this.#connection.close(new ConnectionError(`${peer}: connected anew`, { remote: peer }));
    }
    this.#established(stream, peer);
  }

  #established(stream: Duplex, name: string): void {
    this.#attempt = null;
    this.#remote = name;
    this.#log("info", "reconnect", `${name}: connected`);
    const handlers = {
      notification: (method: string, params: readonly JsonValue[]) => this.#notification(method, params),
      received: () => this.#reconnect.activity(performance.now()),
      closed: (error: OvsdbError | null) => this.#lost(connection, error),
    };
    const { maxMessageSize } = this.#options;
    const connection: Connection = new Connection(stream, handlers, { remote: name, maxMessageSize });
    this.#connection = connection;
    this.#reconnect.connected(performance.now());
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
    this.#step();
  }

  #judge(rows: readonly DatabaseStatus[]): void {
    if (this.#state !== "checking" && this.#state !== "up") return;
    const verdict = judgeServer(rows, {
      database: this.database,
      leaderOnly: this.#options.leaderOnly ?? true,
      clusterId: this.#options.clusterId ?? null,
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
    if (this.#state === "checking" && this.#relearning === undefined) this.#goUp();
  }

  #goUp(): void {
    const connection = this.#connection;
    if (connection === null) return;
    clearTimeout(this.#checkTimer);
    this.#lastError = null;
    this.#failures.length = 0;
    this.#state = "up";
    this.#locks.connected(connection);
    for (const participant of [...this.#participants]) {
      if (this.connection === connection && this.#participants.has(participant)) participant.up(connection);
    }
    if (this.connection === connection) this.#tellState();
  }

  /** Takes participants down, and up again a moment later, when the other signs of the same change have come in. */
  #relearn(reason: string): void {
    if (this.#state !== "up") return;
    const connection = this.#connection;
    this.#log("info", "ovsdb_cs", `${this.#remote}: ${reason}`);
    this.#relearning = setImmediate(() => {
      this.#relearning = undefined;
      if (this.#connection === connection && this.#state === "checking") this.#goUp();
    });
    this.#goDown("checking", new OvsdbError("relearn", `${this.#remote}: ${reason}`));
  }

  #goDown(state: SessionState, error: OvsdbError): void {
    const wasUp = this.#state === "up";
    this.#state = state;
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
    const remote = this.#remote;
    this.#log("info", "ovsdb_cs", `${remote}: ${reason}; trying another server`);
    this.#connection?.close(new ConnectionError(`${remote}: ${reason}`, { remote, reason }));
  }

  #probe(): void {
    this.#log("debug", "reconnect", `${this.#remote}: idle, sending inactivity probe`);
    // The reply counts as activity like everything that is received; an error or a loss is seen elsewhere.
    this.#connection?.request("echo", []).catch(() => {});
  }

  /** A try took too long, a probe was not answered, or somebody forced it. */
  #giveUp(): void {
    const remote = this.#remote;
    const { state, probeInterval } = this.#reconnect;
    const silence = `no response to inactivity probe after ${probeInterval / 1000} seconds, disconnecting`;
    const reason = state === "reconnect" ? this.#forced : state === "idle" ? silence : "Connection timed out";
    const error = new ConnectionError(`${remote}: ${reason}`, { remote, reason });
    this.#attempt?.abort();
    if (this.#connection !== null) this.#connection.close(error);
    else this.#failed(error, `${remote}: connection attempt failed`);
  }

  #lost(connection: Connection, error: OvsdbError | null): void {
    if (connection !== this.#connection) return;
    clearTimeout(this.#checkTimer);
    clearImmediate(this.#relearning);
    this.#relearning = undefined;
    this.#connection = null;
    this.#watch = null;
    this.#status = null;
    this.#schemaInDoubt = false;
    this.#locks.disconnected();
    const reason =
      error ?? new ConnectionError(`${this.#remote}: connection closed`, { remote: this.#remote });
    this.#failed(reason, `${this.#remote}: connection dropped`);
  }

  /** A try or a connection is over. */
  #failed(error: OvsdbError, what: string): void {
    this.#attempt = null;
    if (this.#state === "closed") return;
    const closing = this.#reconnect.state === "void";
    this.#lastError = error;
    this.#failures.push(error);
    if (!closing)
      this.#log(
        "info",
        "reconnect",
        `${what} (${error instanceof ConnectionError ? error.reason : error.message})`,
      );
    this.#reconnect.disconnected(performance.now());
    if (this.#reconnect.state === "void") {
      this.#finish(closing ? error : summary(this.#failures));
      return;
    }
    const { pause } = this.#reconnect;
    if (pause > 0)
      this.#log("info", "reconnect", `${this.#remote}: waiting ${pause / 1000} seconds before reconnect`);
    if (this.#options.retry !== false) this.#failures.length = 0;
    this.#goDown("backoff", error);
    this.#step();
  }

  #finish(error: OvsdbError): void {
    clearTimeout(this.#timer);
    this.#lastError = error;
    this.#goDown("closed", error);
    this.#resolveClosed();
    void this.#listener?.close();
  }

  #setState(state: SessionState): void {
    this.#state = state;
    this.#tellState();
  }

  #tellState(): void {
    for (const listener of [...this.#listeners]) listener(this.#state);
  }

  #notUp(what: string): ConnectionError {
    const why = this.#lastError === null ? `session is ${this.#state}` : this.#lastError.message;
    return new ConnectionError(`${this.database}: ${what}: ${why}`, {
      remote: this.#remote,
      cause: this.#lastError,
    });
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  const result = [...values];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}

function asOvsdbError(error: unknown): OvsdbError {
  if (error instanceof OvsdbError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ProtocolError(text, { cause: error });
}

/** What became of the remotes, one after the other, as one error. */
function summary(failures: readonly OvsdbError[]): OvsdbError {
  const last = failures.at(-1) ?? new ConnectionError("not connected");
  if (failures.length < 2) return last;
  const remotes = failures.map((error) => (error instanceof ConnectionError ? error.remote : null));
  return new ConnectionError(failures.map((error) => error.message).join("; "), {
    remote: remotes.filter((remote) => remote !== null).join(","),
    reason: last instanceof ConnectionError ? last.reason : last.message,
    cause: last,
  });
}
