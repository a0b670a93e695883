/**
 * The monitor of one replica at the server: chooses the best method that the server has, loads the first dump
 * or what is new since the last time, applies notifications in order, and carries changes of conditions.
 *
 * States, and what leaves each:
 *   idle      nothing runs                   `up` → loading
 *   loading   monitor request sent           reply → live; refused → idle, and the host is told
 *   live      the copy follows the server    `down` → idle; a condition names a new column → live, and another
 *                                            monitor is loaded, which takes this one's place when it answers
 * `down` leads to idle from anywhere. A batch that can't be decoded asks the host for a new connection, with
 * the transaction id forgotten so that a whole dump comes: a copy that may be wrong is never kept.
 *
 * Invariants: each `up` begins a run with an id of its own, for `up` may follow `down` on the same connection
 * while replies are still on their way: what belongs to an earlier run changes nothing, and a monitor that an
 * earlier run leaves at the server is cancelled. Replies are processed in stream order with notifications
 * (`onResult`), so no update overtakes the dump that it builds on.
 */
import { ConnectionError, isUnknownMethod, OvsdbError, ProtocolError } from "../errors.ts";
import { checkDone } from "../jsonrpc/answers.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { isJsonArray } from "../jsonrpc/json.ts";
import { ZERO_UUID } from "../schema/atom.ts";
import type { DatabaseSchema, TableSchema } from "../schema/schema.ts";
import { conditionColumn } from "../wire/condition.ts";
import type { AnyChange } from "./changes.ts";
import type { ConditionSet, Sent } from "./conditions.ts";
import { encodeWhere, namedColumns } from "./conditions.ts";
import type { TableStore } from "./table.ts";
import type { UpdateFormat } from "./updates.ts";
import { decodeDump, decodeUpdates } from "./updates.ts";

/** RFC 7047 §4.1.5 `monitor`; ovsdb-server(7) §4.1.12 `monitor_cond` and §4.1.15 `monitor_cond_since`. */
export type MonitorMethod = "monitor_cond_since" | "monitor_cond" | "monitor";

const METHODS: readonly MonitorMethod[] = ["monitor_cond_since", "monitor_cond", "monitor"];

export interface MonitorHost {
  readonly database: string;
  readonly tables: ReadonlyMap<string, TableStore>;
  readonly conditions: ConditionSet;
  /** The program's description of a table; undefined if it has none. */
  describedTable(table: string): TableSchema | undefined;
  /** The columns that conditions of a table may name later. */
  conditionColumns(table: string): readonly string[];
  apply(changes: AnyChange[]): void;
  /** The first dump, or what it takes to catch up after a reconnect: with it the copy is complete. */
  load(changes: AnyChange[]): void;
  /** The server refuses the monitor, or has sent what can't be understood. */
  failed(error: OvsdbError): void;
}

/** What is between an `up` and a `down`. */
interface Run {
  readonly id: string;
  readonly connection: Connection;
  readonly schema: DatabaseSchema;
  /** By table, what the server was asked for besides the columns that the rows have: what conditions name. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<string>>;
  live: boolean;
  /** A change of conditions is in flight. */
  changing: boolean;
}

let runCount = 0;

export class Monitor {
  readonly #host: MonitorHost;
  readonly #methods: readonly MonitorMethod[];
  #method: MonitorMethod | null = null;
  #run: Run | null = null;
  #lastTransaction: string = ZERO_UUID;

  /** @param best the first method to try, for servers or tests that want an older one */
  constructor(host: MonitorHost, best: MonitorMethod = "monitor_cond_since") {
    this.#host = host;
    this.#methods = METHODS.slice(METHODS.indexOf(best));
  }

  /** The method in use, null before the server has accepted one. */
  get method(): MonitorMethod | null {
    return this.#method;
  }

  /**
   * @param resume whether what is known is still of this schema, so that the server may send only what is new
   */
  up(connection: Connection, schema: DatabaseSchema, resume: boolean): void {
    const run = this.#newRun(connection, schema, null);
    this.#run = run;
    if (!resume || !this.#host.conditions.stillReflected) this.#lastTransaction = ZERO_UUID;
    this.#load(run).catch((error: unknown) => {
      if (this.#run === run) this.#fail(error);
    });
  }

  down(): void {
    // Conditions that are being changed count as not reflected: the copy may hold rows of the old ones, of
    // the new ones, or both.
    this.#host.conditions.forget(this.#run?.live === true);
    this.#run = null;
  }

  /** A notification of the current connection; those of other monitors are ignored. */
  notification(method: string, params: readonly JsonValue[]): void {
    const run = this.#run;
    if (run === null || !run.live || params[0] !== run.id) return;
    try {
      this.#host.apply(this.#decodeNotification(method, params));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Sends conditions that have changed, unless a change is in flight: then its reply calls this again. */
  changeConditions(): void {
    const run = this.#run;
    if (run === null || !run.live || run.changing) return;
    const { conditions } = this.#host;
    const hidden = this.#hiddenColumns(run.schema, run.hidden);
    if (
      this.#method !== "monitor" &&
      [...hidden].some(([table, { size }]) => size !== run.hidden.get(table)?.size)
    ) {
      this.#loadAnew(run);
      return;
    }
    const sent = conditions.sendOutstanding();
    const requests = this.#method === "monitor" ? [] : this.#conditionRequests(run, sent);
    if (requests.length === 0) {
      conditions.acknowledge(sent);
      return;
    }
    run.changing = true;
    const answered = (settle: () => void) => {
      if (this.#run !== run) return;
      run.changing = false;
      settle();
      this.changeConditions();
    };
    const onResult = (result: JsonValue) => {
      checkDone("monitor_cond_change", result);
      answered(() => conditions.acknowledge(sent));
    };
    const params = [run.id, run.id, Object.fromEntries(requests)];
    run.connection.request("monitor_cond_change", params, { onResult }).catch((error: unknown) => {
      // After a lost connection `down` and `up` follow, and the conditions go out with the next monitor
      // request.
      if (!(error instanceof ConnectionError)) answered(() => conditions.refuse(sent, error));
    });
  }

  /** Stops the monitor at the server. One that is still being loaded is stopped when it answers. */
  cancel(): void {
    if (this.#run?.live === true) cancelAtServer(this.#run);
    this.down();
  }

  async #load(run: Run): Promise<void> {
    for (const method of this.#methods) {
      const sent = this.#host.conditions.sendAll();
      const onResult = (reply: JsonValue) => {
        if (this.#run === run) this.#loaded(run, method, reply, sent);
        else cancelAtServer(run);
      };
      try {
        const params = this.#monitorParams(run, method, this.#lastTransaction);
        await run.connection.request(method, params, { onResult });
        return;
      } catch (error) {
        if (this.#run !== run) return;
        if (!isUnknownMethod(error) || method === "monitor") throw error;
      }
    }
  }

  /**
   * Asks for everything again, with the columns that conditions name now, while the copy goes on following
   * the server.
   */
  #loadAnew(run: Run): void {
    const method = this.#method;
    if (method === null) return;
    const next = this.#newRun(run.connection, run.schema, run);
    const sent = this.#host.conditions.sendAll();
    run.changing = true;
    const onResult = (reply: JsonValue) => {
      if (this.#run !== run) return cancelAtServer(next);
      this.#run = next;
      cancelAtServer(run);
      this.#loaded(next, method, reply, sent);
    };
    run.connection
      .request(method, this.#monitorParams(next, method, ZERO_UUID), { onResult })
      .catch((error: unknown) => {
        if (error instanceof ConnectionError || this.#run !== run) return;
        run.changing = false;
        this.#host.conditions.refuse(sent, error);
        this.changeConditions();
      });
  }

  /** @param before the run whose place it takes: what that has asked for may be named again */
  #newRun(connection: Connection, schema: DatabaseSchema, before: Run | null): Run {
    const hidden = this.#hiddenColumns(schema, before?.hidden ?? new Map());
    return { id: `monitor ${++runCount}`, connection, schema, hidden, live: false, changing: false };
  }

  #hiddenColumns(
    schema: DatabaseSchema,
    before: ReadonlyMap<string, ReadonlySet<string>>,
  ): ReadonlyMap<string, ReadonlySet<string>> {
    const hidden = new Map<string, Set<string>>();
    for (const { name, layout } of this.#host.tables.values()) {
      const server = schema.tables.get(name);
      if (server === undefined) continue;
      const announced = this.#host
        .conditionColumns(name)
        .filter((column) => conditionColumn(column, server.columns) !== undefined);
      const named = namedColumns(this.#host.conditions.desired(name), server);
      const columns = [...(before.get(name) ?? []), ...announced, ...named];
      hidden.set(name, new Set(columns.filter((column) => !layout.monitored.includes(column))));
    }
    return hidden;
  }

  #loaded(run: Run, method: MonitorMethod, reply: JsonValue, sent: Sent): void {
    try {
      const changes = this.#decodeReply(method, reply);
      this.#method = method;
      run.live = true;
      this.#host.conditions.acknowledge(sent);
      this.#host.load(changes);
    } catch (error) {
      this.#fail(error);
    }
    this.changeConditions();
  }

  #fail(error: unknown): void {
    this.#lastTransaction = ZERO_UUID;
    this.down();
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

  #monitorParams(run: Run, method: MonitorMethod, since: string): JsonValue[] {
    const requests: Record<string, JsonValue> = {};
    for (const store of this.#host.tables.values()) {
      const server = run.schema.tables.get(store.name);
      if (server === undefined) continue;
      const wanted = this.#host.conditions.desired(store.name);
      const hidden = method === "monitor" ? [] : (run.hidden.get(store.name) ?? []);
      const columns = [...store.layout.monitored, ...hidden];
      requests[store.name] =
        method === "monitor"
          ? { columns }
          : [{ columns, where: this.#where(server, wanted), ...(wanted === false ? NO_INITIAL : {}) }];
    }
    const params = [this.#host.database, run.id, requests];
    return method === "monitor_cond_since" ? [...params, since] : params;
  }

  #conditionRequests(run: Run, { conditions }: Sent): [string, JsonValue][] {
    return conditions.flatMap(([table, where]): [string, JsonValue][] => {
      const server = run.schema.tables.get(table);
      return server === undefined ? [] : [[table, [{ where: this.#where(server, where) }]]];
    });
  }

  #where(server: TableSchema, where: Parameters<typeof encodeWhere>[0]): JsonValue {
    return encodeWhere(where, server, this.#host.describedTable(server.name));
  }
}

/**
 * A server copies all rows of a table for the initial dump, and also if the conditions leave none: for
 * 200,000 rows that takes it a second.
 */
const NO_INITIAL = { select: { initial: false } } as const;

/** A refusal is of no interest: a server that no longer knows the monitor has nothing to stop. */
function cancelAtServer(run: Run): void {
  const onResult = (result: JsonValue) => checkDone("monitor_cancel", result);
  run.connection.request("monitor_cancel", [run.id], { onResult }).catch(() => undefined);
}

function transactionId(json: JsonValue | undefined): string {
  if (typeof json !== "string") throw new ProtocolError("the last transaction id must be a string");
  return json;
}
