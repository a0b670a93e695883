/**
 * The monitor of one replica at the server: chooses the best method that the server has, loads the first dump or what is new since the
 * last time, applies notifications in order, and carries changes of conditions.
 *
 * States, and what leaves each:
 *   idle      no connection                                       `up` → loading
 *   loading   monitor request sent                                reply → live; refused → idle, and the host is told
 *   live      the copy follows the server                         `down` → idle
 * `down` leads to idle from anywhere. A batch that can't be decoded asks the host for a new connection, with the transaction id forgotten
 * so that a whole dump comes: a copy that may be wrong is never kept.
 *
 * Invariants: replies are processed in stream order with notifications (`onResult`), so no update overtakes the dump that it builds
 * on; replies of an earlier connection change nothing (each continuation checks that its connection is still the current one).
 */
import { OvsdbError, ProtocolError, RequestError } from "../errors.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import { isJsonArray, type JsonValue } from "../jsonrpc/json.ts";
import { ZERO_UUID } from "../schema/atom.ts";
import type { DatabaseSchema } from "../schema/schema.ts";
import type { AnyChange } from "./changes.ts";
import { type ConditionSet, encodeWhere } from "./conditions.ts";
import type { TableStore } from "./table.ts";
import { decodeDump, decodeUpdates, type UpdateFormat } from "./updates.ts";

/** RFC 7047 §4.1.5 `monitor`; ovsdb-server(7) §4.1.12 `monitor_cond` and §4.1.15 `monitor_cond_since`. */
export type MonitorMethod = "monitor_cond_since" | "monitor_cond" | "monitor";

const METHODS: readonly MonitorMethod[] = ["monitor_cond_since", "monitor_cond", "monitor"];

export interface MonitorHost {
  readonly database: string;
  readonly tables: ReadonlyMap<string, TableStore>;
  readonly conditions: ConditionSet;
  apply(changes: AnyChange[]): void;
  /** The first dump is in, or the copy has caught up after a reconnect. */
  live(): void;
  /** The server refuses the monitor, or has sent what can't be understood. */
  failed(error: OvsdbError): void;
}

let monitorCount = 0;

export class Monitor {
  readonly #host: MonitorHost;
  readonly #id = `monitor ${++monitorCount}`;
  readonly #methods: readonly MonitorMethod[];
  #method: MonitorMethod | null = null;
  #connection: Connection | null = null;
  #schema: DatabaseSchema | null = null;
  #state: "idle" | "loading" | "live" = "idle";
  #lastTransaction: string = ZERO_UUID;
  #changing = false;

  /** @param best the first method to try, for servers or tests that want an older one */
  constructor(host: MonitorHost, best: MonitorMethod = "monitor_cond_since") {
    this.#host = host;
    this.#methods = METHODS.slice(METHODS.indexOf(best));
  }

  /** The method in use, null before the server has accepted one. */
  get method(): MonitorMethod | null {
    return this.#method;
  }

  /** @param resume whether what is known is still of this schema, so that the server may send only what is new */
  up(connection: Connection, schema: DatabaseSchema, resume: boolean): void {
    this.#connection = connection;
    this.#schema = schema;
    this.#state = "loading";
    if (!resume || !this.#host.conditions.stillReflected) this.#lastTransaction = ZERO_UUID;
    this.#load(connection).catch((error: unknown) => this.#loadFailed(connection, error));
  }

  down(): void {
    // A change of conditions in flight: the copy may hold rows of the old ones, of the new ones, or both.
    if (this.#changing) this.#lastTransaction = ZERO_UUID;
    this.#connection = null;
    this.#state = "idle";
    this.#changing = false;
    this.#host.conditions.forget();
  }

  /** A notification of the current connection; those of other monitors are ignored. */
  notification(method: string, params: readonly JsonValue[]): void {
    if (params[0] !== this.#id || this.#state !== "live") return;
    try {
      this.#host.apply(this.#decodeNotification(method, params));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends conditions that have changed, unless a change is in flight: then its reply calls this again. */
  changeConditions(): void {
    const connection = this.#connection;
    if (connection === null || this.#state !== "live" || this.#changing) return;
    const { conditions } = this.#host;
    const outstanding = conditions.outstanding();
    const { version } = conditions;
    const requests = this.#method === "monitor" ? [] : this.#conditionRequests(outstanding);
    if (requests.length === 0) {
      conditions.acknowledge(outstanding, version);
      return;
    }
    this.#changing = true;
    const onResult = () => {
      if (this.#connection !== connection) return;
      this.#changing = false;
      conditions.acknowledge(outstanding, version);
      this.changeConditions();
    };
    const params = [this.#id, this.#id, Object.fromEntries(requests)];
    connection.request("monitor_cond_change", params, { onResult }).catch((error: unknown) => {
      if (this.#connection !== connection) return;
      this.#changing = false;
      conditions.fail(error);
    });
  }

  /** Stops the monitor at the server. */
  cancel(): void {
    if (this.#connection !== null && this.#state !== "idle") {
      // The answer is of no interest: a server that no longer knows the monitor has nothing to stop.
      this.#connection.request("monitor_cancel", [this.#id]).catch(() => undefined);
    }
    this.down();
  }

  async #load(connection: Connection): Promise<void> {
    const { conditions } = this.#host;
    const snapshot = conditions.snapshot();
    const { version } = conditions;
    for (const method of this.#methods) {
      const onResult = (reply: JsonValue) => {
        if (this.#connection !== connection) return;
        this.#loaded(method, reply);
        if (this.#state !== "live") return;
        conditions.acknowledge(snapshot, version);
        this.#host.live();
        this.changeConditions();
      };
      try {
        await connection.request(method, this.#monitorParams(method), { onResult });
        return;
      } catch (error) {
        if (this.#connection !== connection) return;
        if (!isUnknownMethod(error) || method === "monitor") throw error;
      }
    }
  }

  #loaded(method: MonitorMethod, reply: JsonValue): void {
    try {
      this.#method = method;
      this.#host.apply(this.#decodeReply(method, reply));
      this.#state = "live";
    } catch (error) {
      this.#fail(error);
    }
  }

  #loadFailed(connection: Connection, error: unknown): void {
    if (this.#connection === connection) this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#lastTransaction = ZERO_UUID;
    this.#state = "idle";
    this.#host.failed(
      error instanceof OvsdbError ? error : new ProtocolError(String(error), { cause: error }),
    );
  }

  #decodeNotification(method: string, params: readonly JsonValue[]): AnyChange[] {
    const { tables } = this.#host;
    switch (method) {
      case "update":
      case "update2":
        return decodeUpdates(params[1], method, tables);
      case "update3": {
        const changes = decodeUpdates(params[2], "update2", tables);
        this.#lastTransaction = transactionId(params[1]);
        return changes;
      }
      default:
        throw new ProtocolError(`unexpected notification "${method}" for a monitor`);
    }
  }

  #decodeReply(method: MonitorMethod, reply: JsonValue): AnyChange[] {
    const { tables } = this.#host;
    if (method !== "monitor_cond_since") {
      const format: UpdateFormat = method === "monitor" ? "update" : "update2";
      return decodeDump(reply, format, tables);
    }
    if (!isJsonArray(reply) || reply.length !== 3 || typeof reply[0] !== "boolean") {
      throw new ProtocolError("monitor_cond_since: the reply must be [found, last transaction id, updates]");
    }
    const decode = reply[0] ? decodeUpdates : decodeDump;
    const changes = decode(reply[2], "update2", tables);
    this.#lastTransaction = transactionId(reply[1]);
    return changes;
  }

  #monitorParams(method: MonitorMethod): JsonValue[] {
    const requests: Record<string, JsonValue> = {};
    for (const store of this.#host.tables.values()) {
      const server = this.#schema?.tables.get(store.name);
      if (server === undefined) continue;
      const columns = store.layout.monitored;
      requests[store.name] =
        method === "monitor"
          ? { columns }
          : [{ columns, where: encodeWhere(this.#host.conditions.desired(store.name), server) }];
    }
    const params = [this.#host.database, this.#id, requests];
    return method === "monitor_cond_since" ? [...params, this.#lastTransaction] : params;
  }

  #conditionRequests(
    outstanding: Iterable<readonly [string, Parameters<typeof encodeWhere>[0]]>,
  ): [string, JsonValue][] {
    const requests: [string, JsonValue][] = [];
    for (const [table, where] of outstanding) {
      const server = this.#schema?.tables.get(table);
      if (server !== undefined) requests.push([table, [{ where: encodeWhere(where, server) }]]);
    }
    return requests;
  }
}

function transactionId(json: JsonValue | undefined): string {
  if (typeof json !== "string") throw new ProtocolError("the last transaction id must be a string");
  return json;
}

function isUnknownMethod(error: unknown): boolean {
  return error instanceof RequestError && error.error === "unknown method";
}
