/**
 * One JSON-RPC connection (RFC 7047 §4, JSON-RPC 1.0) over a byte stream that is open already.
 *
 * Invariants:
 * - Handlers and `onResult` are called synchronously, in the order of the stream: an update is processed
 *   before the reply that follows it resolves, and with `onResult` a reply before the update that follows it.
 * - `echo` is answered always and here (§4.1.11); nobody above sees it.
 * - Everything in flight is rejected when the connection closes, and `closed` is called exactly once.
 * - What the peer sends can close the connection with ProtocolError, and nothing worse.
 */
import type { Duplex } from "node:stream";
import type { OvsdbError } from "../errors.ts";
import { asConnectionError, asOvsdbError, ConnectionError, ProtocolError, RequestError } from "../errors.ts";
import { limit } from "../support/wait.ts";
import { describeSocketError, END_OF_FILE } from "../transport/reason.ts";
import { Framer } from "./framer.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import { isJsonArray, isJsonObject, stringifyJson } from "./json.ts";

export interface ConnectionHandlers {
  /**
   * A notification other than echo ("update", "update2", "update3", "locked", "stolen", "monitor_canceled").
   */
  notification?(method: string, params: readonly JsonValue[]): void;
  /** The connection is over. `null` when this side closed it without an error. */
  closed?(error: OvsdbError | null): void;
  /** Bytes arrived: a sign of life, however little they say. */
  received?(): void;
}

export interface ConnectionOptions {
  /** Name of the peer for error messages, in the syntax of ovsdb(7). */
  remote?: string;
  /** Bytes; default 1 GiB. */
  maxMessageSize?: number;
  /** Values in one message, at least 65536. Default: one for each 8 bytes of `maxMessageSize`. */
  maxNodes?: number;
}

export interface RequestOptions {
  /** Cancels the request; the promise is rejected with `signal.reason`. */
  signal?: AbortSignal;
  /** Milliseconds until the request is cancelled with TimeoutError; 0 or absent: no limit. */
  timeout?: number;
  /**
   * Called synchronously with the result, before anything that follows it in the stream is processed (a
   * promise resolves later than that). What it throws closes the connection, as for any handler.
   */
  onResult?: (result: JsonValue) => void;
}

/** Characters of answers that may wait for a peer to read them. */
const MAX_UNREAD = 1024 * 1024;

interface Pending {
  readonly method: string;
  readonly onResult: ((result: JsonValue) => void) | undefined;
  readonly resolve: (result: JsonValue) => void;
  readonly reject: (error: unknown) => void;
  readonly dispose: () => void;
}

/**
 * A JSON-RPC peer.
 *
 * @example
 * const connection = new Connection(socket, { notification: (method, params) => console.log(method, params) });
 * const databases = await connection.request("list_dbs", []);
 */
export class Connection {
  readonly remote: string;
  readonly #stream: Duplex;
  readonly #handlers: ConnectionHandlers;
  readonly #framer: Framer;
  readonly #pending = new Map<number, Pending>();
  /** Requests that nobody waits for any more and that the server may yet answer. */
  readonly #cancelled = new Set<number>();
  #lastId = 0;
  /** Length of the answers that have not left yet. */
  #unread = 0;
  #closed = false;
  /** Whether any message made sense so far. */
  #speaksOvsdb = false;

  constructor(stream: Duplex, handlers: ConnectionHandlers = {}, options: ConnectionOptions = {}) {
    this.remote = options.remote ?? "peer";
    this.#stream = stream;
    this.#handlers = handlers;
    this.#framer = new Framer((message) => this.#take(message), options);
    stream.on("data", (chunk: Buffer) => this.#data(chunk));
    stream.on("error", (error: Error) => this.close(this.#lost(describeSocketError(error), error)));
    stream.on("end", () => this.close(this.#lost("connection closed by peer", undefined, END_OF_FILE)));
    stream.on("close", () => this.close(this.#lost("connection closed")));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes that were handed to the stream and have not left yet. */
  get backlog(): number {
    return this.#stream.writableLength;
  }

  /**
   * Sends a request (RFC 7047 §4.1) and resolves with its result.
   *
   * Cancelling a `transact` sends the `cancel` notification (§4.1.4), since it may still be waiting at the
   * server; whether it took effect is unknown. Cancelling any other request sends nothing; its reply is
   * dropped.
   *
   * @throws RequestError when the server answers with an error; ConnectionError when the connection closes
   *   first; TimeoutError; `signal.reason`.
   */
  request(method: string, params: readonly JsonValue[], options: RequestOptions = {}): Promise<JsonValue> {
    const { signal, onResult } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#closed) return Promise.reject(this.#lost(`cannot send ${method}, connection is closed`));
    const id = ++this.#lastId;
    const text = stringifyJson({ method, params, id });
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => this.#cancel(id, reason);
      const late = (milliseconds: number) =>
        `${this.remote}: no reply to ${method} within ${milliseconds} ms`;
      const dispose = limit(options, giveUp, late);
      this.#pending.set(id, { method, onResult, resolve, reject, dispose });
      this.#stream.write(text);
    });
  }

  /**
   * Sends the requests that `send` makes in one piece. A peer that hangs up at the first of several is not
   * met by the next ones then, and what it has said before is read: a write that fails loses what came in.
   */
  together<R>(send: () => R): R {
    this.#stream.cork();
    try {
      return send();
    } finally {
      this.#stream.uncork();
    }
  }

  /** Sends a notification (JSON-RPC 1.0: a request whose id is null), which nobody answers. */
  notify(method: string, params: readonly JsonValue[]): void {
    if (!this.#closed) this.#stream.write(stringifyJson({ method, params, id: null }));
  }

  /** Ends the connection; what is in flight is rejected with `error`, or with ConnectionError without one. */
  close(error: OvsdbError | null = null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.on("error", () => {});
    this.#stream.destroy();
    const named = error === null ? null : this.#named(error);
    const rejection = named ?? this.#lost("connection closed by this side");
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    this.#cancelled.clear();
    for (const request of pending) {
      request.dispose();
      request.reject(rejection);
    }
    this.#handlers.closed?.(named);
  }

  #data(chunk: Buffer): void {
    if (this.#closed) return;
    try {
      this.#handlers.received?.();
      this.#framer.push(chunk);
    } catch (error) {
      // What has no remote yet comes from the framer, which knows of none.
      const unnamed = error instanceof ProtocolError && error.remote === null;
      this.close(unnamed ? this.#bad(error.reason) : asOvsdbError(error));
    }
  }

  #take(message: JsonValue): void {
    try {
      this.#message(message);
      this.#speaksOvsdb = true;
    } catch (error) {
      throw this.#named(asOvsdbError(error));
    }
  }

  #message(message: JsonValue): void {
    // A handler of an earlier message may have closed the connection; what came with it in one chunk is void.
    if (this.#closed) return;
    if (!isJsonObject(message)) throw this.#bad("message is not an object");
    const { method, id } = message;
    if (method === undefined || method === null) this.#reply(message);
    else if (typeof method !== "string") throw this.#bad('member "method" is not a string');
    else this.#call(method, message["params"], id ?? null);
  }

  #call(method: string, params: JsonValue | undefined, id: JsonValue): void {
    if (!isJsonArray(params)) throw this.#bad(`member "params" of ${method} is not an array`);
    if (id === null) {
      this.#handlers.notification?.(method, params);
    } else if (method === "echo") {
      this.#answer({ result: params, error: null, id });
    } else {
      const error = { error: "unknown method", details: `this client does not implement ${method}` };
      this.#answer({ result: null, error, id });
    }
  }

  /** A peer that asks on and on and reads no answers must not fill our memory. */
  #answer(reply: JsonObject): void {
    const text = stringifyJson(reply);
    if (this.#unread > MAX_UNREAD) throw this.#bad("requests come faster than their answers are read");
    this.#unread += text.length;
    this.#stream.write(text, () => {
      this.#unread -= text.length;
    });
  }

  #reply(message: JsonObject): void {
    const { id, result, error } = message;
    if (typeof id !== "number") throw this.#bad("a reply carries an id that was never sent");
    if (this.#cancelled.delete(id)) return;
    const request = this.#pending.get(id);
    if (request === undefined)
      throw this.#bad(`a reply carries the id ${id}, which no request in flight has`);
    if (result === undefined && error === undefined) {
      throw this.#bad(`the reply to ${request.method} has neither result nor error`);
    }
    this.#pending.delete(id);
    request.dispose();
    if (error !== undefined && error !== null) {
      const { remote } = this;
      request.reject(new RequestError(request.method, parseServerError(error), { remote }));
      return;
    }
    try {
      request.onResult?.(result ?? null);
    } catch (thrown) {
      const error = this.#named(asOvsdbError(thrown));
      request.reject(error);
      throw error;
    }
    request.resolve(result ?? null);
  }

  #cancel(id: number, reason: unknown): void {
    const request = this.#pending.get(id);
    if (request === undefined) return;
    this.#pending.delete(id);
    this.#cancelled.add(id);
    request.dispose();
    if (request.method === "transact") this.notify("cancel", [id]);
    request.reject(reason);
  }

  #bad(what: string): ProtocolError {
    const problem = this.#speaksOvsdb ? "bad JSON-RPC message" : "the peer does not speak OVSDB";
    return new ProtocolError(`${problem}: ${what}`, { remote: this.remote });
  }

  /** An error with our remote in it, as one for which a connection can end. */
  #named(error: OvsdbError): ConnectionError | ProtocolError {
    if (!(error instanceof ProtocolError)) return asConnectionError(error, this.remote);
    if (error.remote !== null) return error;
    return new ProtocolError(error.reason, { remote: this.remote, cause: error.cause ?? error });
  }

  #lost(what: string, cause?: unknown, reason: string = what): ConnectionError {
    return new ConnectionError(`${this.remote}: ${what}`, { remote: this.remote, reason, cause });
  }
}

/**
 * Reads member "error" of a response. RFC 7047 says an `<error>` object or a string; servers send both.
 *
 * @example
 * parseServerError({ error: "unknown database", details: "no such database" }).error; // "unknown database"
 */
export function parseServerError(answer: JsonValue): { error: string; details: string | null } {
  if (typeof answer === "string") return { error: answer, details: null };
  if (isJsonObject(answer) && typeof answer["error"] === "string") {
    const details = answer["details"];
    return { error: answer["error"], details: typeof details === "string" ? details : null };
  }
  return { error: "unrecognized error", details: stringifyJson(answer) };
}
