/**
 * Keeps a JSON-RPC connection to one of several remotes: the driver of `Reconnect`, which says when to try,
 * probe and give up, with `connect` and `listen`, which say how. What a connection is good for is the
 * business of the owner.
 *
 * States: those of `Reconnect`. Invariant: `connected` and `ended` are told in turn, `ended` also for tries
 * that led to no connection; after `ended` with `over` nothing follows.
 */
import type { Duplex } from "node:stream";
import type { OvsdbError } from "../errors.ts";
import { asConnectionError, ConnectionError } from "../errors.ts";
import { checkEcho } from "../jsonrpc/answers.ts";
import { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { now } from "../support/clock.ts";
import { connect } from "../transport/connect.ts";
import type { Listener } from "../transport/listen.ts";
import { listen } from "../transport/listen.ts";
import { END_OF_FILE } from "../transport/reason.ts";
import type { ActiveRemote, PassiveRemote, Remote } from "../transport/remote.ts";
import { formatRemote, isPassive, parseRemotes } from "../transport/remote.ts";
import { Reconnect } from "./reconnect.ts";
import type { Log, LogModule, SessionOptions } from "./types.ts";

/**
 * Default interval of probes in milliseconds; a unix socket needs none, because the kernel tells when its
 * peer dies.
 */
const PROBE_INTERVAL = 5000;

export interface JsonrpcSessionHandlers {
  /** A stream is being opened, or waited for. */
  trying(how: "connecting" | "listening"): void;
  /** A connection was made. Nothing was sent on it yet. */
  connected(connection: Connection): void;
  /** See Connection: in stream order, for the connection last told of. */
  notification(method: string, params: readonly JsonValue[]): void;
  /** The connection or try ended. `over`: there will be no other. */
  ended(error: OvsdbError, over: boolean): void;
}

export type JsonrpcSessionOptions = Omit<SessionOptions, "database" | "leaderOnly" | "clusterId">;

export class JsonrpcSession {
  readonly #options: JsonrpcSessionOptions;
  readonly #handlers: JsonrpcSessionHandlers;
  readonly #log: Log;
  readonly #remotes: readonly Remote[];
  readonly #reconnect: Reconnect;
  readonly #failures: ConnectionError[] = [];
  #retry: boolean;
  #probeInterval: number | null;
  #nextRemote = 0;
  #remote: string | null = null;
  #attempt: AbortController | null = null;
  #listener: Listener | null = null;
  #connection: Connection | null = null;
  #over = false;
  #forced = "";
  #approved = false;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ConnectionError when a remote cannot be read. */
  constructor(options: JsonrpcSessionOptions, handlers: JsonrpcSessionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#log = options.log ?? (() => {});
    this.#retry = options.retry ?? true;
    const remotes = parseRemotes(options.remotes);
    this.#remotes = (options.shuffle ?? true) ? shuffled(remotes) : remotes;
    const passive = remotes.find(isPassive);
    if (passive !== undefined && remotes.length > 1) {
      const text = formatRemote(passive);
      throw new ConnectionError(`remote "${text}": a passive remote must be the only one`, { remote: text });
    }
    this.#probeInterval = options.probeInterval ?? null;
    this.#reconnect = new Reconnect({
      backoff: options.backoff,
      remotes: remotes.length,
      maxTries: this.#retry ? null : remotes.length,
      connectTimeout: options.connectTimeout,
      passive: passive !== undefined,
    });
  }

  /** The remote that is connected, or tried last. With a passive one: the server that connected. */
  get remote(): string | null {
    return this.#remote;
  }

  start(): void {
    this.#reconnect.enable(now());
    this.#step();
  }

  /** The connection is good: failures so far are no reason any more for anything that may come. */
  approve(): void {
    this.#failures.length = 0;
    this.#reconnect.approve();
    if (this.#approved) return;
    if (this.#quiet) this.#log("info", "reconnect", `${this.#remote}: connected`);
    this.#approved = true;
  }

  /** The connection does what it is there for: if it must be dropped, no pause follows. */
  inUse(): void {
    this.#reconnect.inUse();
  }

  /** Whether what is tried without success is of no interest any more, for it is what was tried before. */
  get #quiet(): boolean {
    return this.#reconnect.weary && !this.#approved;
  }

  /**
   * Says something about a try, unless that was said often enough; then only who looks for faults hears of
   * it.
   */
  sayOfTry(module: LogModule, text: string): void {
    this.#log(this.#quiet ? "debug" : "info", module, text);
  }

  /** Ends the current connection for a reason, and goes on to the next remote. */
  drop(error: OvsdbError): void {
    this.#reconnect.relieve(now());
    this.#connection?.close(error);
  }

  /** Ends the current connection or try, if any, and goes on to the next remote. */
  forceReconnect(reason: string): void {
    this.#forced = reason;
    this.#reconnect.forceReconnect(now());
    this.#step();
  }

  /** Whether the remotes are tried again for as long as it takes, or each once more. */
  setRetry(retry: boolean): void {
    this.#retry = retry;
    this.#failures.length = 0;
    this.#reconnect.setTries(retry ? null : this.#remotes.length);
  }

  setProbeInterval(milliseconds: number): void {
    this.#probeInterval = milliseconds;
    this.#reconnect.setProbeInterval(milliseconds);
    this.#step();
  }

  /** Ends it all; `ended` is told once, with this error. */
  async close(error: OvsdbError): Promise<void> {
    if (this.#over) return;
    this.#reconnect.disable(now());
    this.#attempt?.abort();
    if (this.#connection === null) this.#finish(error);
    else this.#connection.close(error);
    await this.#listener?.close();
  }

  /** Does what the state machine says, and waits for its next deadline. */
  #step(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const action = this.#reconnect.run(now());
      if (action === null) break;
      if (action === "connect") this.#try();
      else if (action === "probe") this.#probe();
      else this.#giveUp();
    }
    const deadline = this.#reconnect.deadline();
    if (deadline === null) return;
    // setImmediate: after a long computation, what the peer has sent meanwhile is read before its silence is
    // judged.
    const onTimer = () => setImmediate(() => this.#step());
    this.#timer = setTimeout(onTimer, Math.max(0, deadline - now()));
  }

  #try(): void {
    const remote = this.#remotes[this.#nextRemote++ % this.#remotes.length];
    if (remote === undefined) return;
    this.#remote = formatRemote(remote);
    const isUnix = remote.method === "unix" || remote.method === "punix";
    this.#reconnect.setProbeInterval(this.#probeInterval ?? (isUnix ? 0 : PROBE_INTERVAL));
    if (isPassive(remote)) this.#listen(remote, this.#remote);
    else this.#connect(remote, this.#remote);
  }

  #connect(remote: ActiveRemote, name: string): void {
    this.#reconnect.connecting(now());
    this.sayOfTry("reconnect", `${name}: connecting...`);
    const attempt = new AbortController();
    this.#attempt = attempt;
    const notice = (text: string) => this.#log("info", "stream_ssl", text);
    connect(remote, { tls: this.#options.tls, signal: attempt.signal, notice }).then(
      (stream) => {
        if (attempt.signal.aborted) stream.destroy();
        else this.#established(stream, name);
      },
      (error) => {
        if (!attempt.signal.aborted) this.#failed(error, "connection attempt failed");
      },
    );
    this.#handlers.trying("connecting");
  }

  #listen(remote: PassiveRemote, name: string): void {
    this.#reconnect.listening(now());
    this.#handlers.trying("listening");
    if (this.#listener !== null || this.#over) return;
    this.#log("info", "reconnect", `${name}: listening...`);
    const handlers = {
      accepted: (stream: Duplex, peer: string) => this.#accepted(stream, peer),
      refused: (error: ConnectionError) => this.#log("warn", "stream_ssl", error.message),
    };
    listen(remote, { tls: this.#options.tls }, handlers).then(
      (listener) => {
        this.#listener = listener;
        if (this.#over) void listener.close();
      },
      (error) => this.#failed(error, "error listening for connections"),
    );
  }

  #accepted(stream: Duplex, peer: string): void {
    if (this.#over) {
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
    this.#approved = false;
    this.sayOfTry("reconnect", `${name}: connected`);
    const handlers = {
      notification: (method: string, params: readonly JsonValue[]) =>
        this.#handlers.notification(method, params),
      received: () => this.#reconnect.activity(now()),
      closed: (error: OvsdbError | null) => this.#lost(error),
    };
    const { maxMessageSize, maxNodes } = this.#options;
    const connection = new Connection(stream, handlers, { remote: name, maxMessageSize, maxNodes });
    this.#connection = connection;
    this.#reconnect.connected(now());
    this.#handlers.connected(connection);
    this.#step();
  }

  #probe(): void {
    this.#log("debug", "reconnect", `${this.#remote}: idle, sending inactivity probe`);
    // The reply counts as activity like everything that is received, an error too; a loss is seen elsewhere.
    this.#connection?.request("echo", [], { onResult: checkEcho }).catch(() => {});
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
    else this.#failed(error, "connection attempt failed");
  }

  #lost(error: OvsdbError | null): void {
    this.#connection = null;
    const remote = this.#remote;
    this.#failed(
      error ?? new ConnectionError(`${remote}: connection closed`, { remote }),
      "connection dropped",
    );
  }

  /** A try or a connection is over; what follows is up to the state machine. */
  #failed(cause: unknown, what: string): void {
    this.#attempt = null;
    if (this.#over) return;
    const error = asConnectionError(cause, this.#remote);
    if (this.#reconnect.state === "void") {
      this.#finish(error);
      return;
    }
    const { reason } = error;
    // Two lines of C's.
    const text = reason === END_OF_FILE ? "connection closed by peer" : `${what} (${reason})`;
    this.sayOfTry("reconnect", `${this.#remote}: ${text}`);
    if (!this.#retry) this.#failures.push(error);
    const { weary } = this.#reconnect;
    if (!this.#reconnect.disconnected(now())) {
      this.#finish(summary(this.#failures));
      return;
    }
    this.#approved = false;
    this.#sayPause(weary);
    this.#handlers.ended(error, false);
    this.#step();
  }

  /** @param wasWeary whether it was said already that no more will be said */
  #sayPause(wasWeary: boolean): void {
    const { pause, weary } = this.#reconnect;
    const what = !weary
      ? `waiting ${pause / 1000} seconds before reconnect`
      : "continuing to reconnect in the background but suppressing further logging";
    if (pause > 0 && !(weary && wasWeary)) this.#log("info", "reconnect", `${this.#remote}: ${what}`);
  }

  #finish(error: OvsdbError): void {
    this.#over = true;
    clearTimeout(this.#timer);
    void this.#listener?.close();
    this.#handlers.ended(error, true);
  }
}

function shuffled<T>(values: readonly T[]): T[] {
  const keyed = values.map((value) => ({ value, key: Math.random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
}

/** What became of the remotes, one after the other, as one error. */
function summary(failures: readonly ConnectionError[]): ConnectionError {
  const last = failures.at(-1) ?? new ConnectionError("not connected");
  if (failures.length < 2) return last;
  const remotes = failures.map((error) => error.remote);
  return new ConnectionError(failures.map((error) => error.message).join("; "), {
    remote: remotes.filter((remote) => remote !== null).join(","),
    reason: last.reason,
    cause: last,
  });
}
