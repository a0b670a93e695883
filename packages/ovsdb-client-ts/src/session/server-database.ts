/**
 * Watches table Database of a server's database `_Server` (ovsdb-server(5)) over one connection, from the
 * first request until the connection ends. Servers before OVS 2.9 have no `_Server`: for them there is only
 * the list of databases (RFC 7047 §4.1.1).
 *
 * The watch speaks first on a connection: `set_db_change_aware` (ovsdb-server(7) §4.1.16), so that the server
 * tells of changes instead of dropping the connection, together with `get_schema`; then `monitor_cond`, or
 * `monitor` where that is unknown (`ovs-appctl ovsdb-server/disable-monitor-cond`).
 */
import { isUnknownMethod, ProtocolError, RequestError } from "../errors.ts";
import { checkDone } from "../jsonrpc/answers.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { isJsonArray, isJsonObject } from "../jsonrpc/json.ts";
import type { DatabaseStatus } from "./leader.ts";
import { decodeStatus, STATUS_COLUMNS } from "./leader.ts";

/** What the session is told. Called synchronously, in stream order. */
export interface ServerDatabaseHandlers {
  /** The rows of Database, first as they are and then after every change. */
  changed(rows: readonly DatabaseStatus[]): void;
  /** The server is too old for `_Server`; these are its databases. */
  absent(databases: readonly string[]): void;
}

const MONITOR_ID = "ovsdb-client-ts _Server";

export class ServerDatabase {
  readonly #connection: Connection;
  readonly #handlers: ServerDatabaseHandlers;
  readonly #rows = new Map<string, DatabaseStatus>();

  constructor(connection: Connection, handlers: ServerDatabaseHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
  }

  /**
   * Begins. Rejects when the server's answers make no sense, or the connection ends before the first rows are
   * here.
   */
  async watch(): Promise<void> {
    // Servers that are too old for this answer with an error, which changes nothing.
    const ask = (method: string, params: JsonValue[]) =>
      this.#connection.request(method, params).catch(tolerateRequestError);
    const [aware, schema] = await this.#connection.together(() =>
      Promise.all([ask("set_db_change_aware", [true]), ask("get_schema", ["_Server"])]),
    );
    if (aware !== undefined) checkDone("set_db_change_aware", aware);
    if (schema === undefined) return this.#listDatabases();
    const columns = knownColumns(schema);
    try {
      await this.#monitor("monitor_cond", [{ columns }]);
    } catch (error) {
      if (!isUnknownMethod(error)) throw error;
      await this.#monitor("monitor", { columns });
    }
  }

  async #monitor(method: "monitor_cond" | "monitor", request: JsonValue): Promise<void> {
    await this.#connection.request(method, ["_Server", MONITOR_ID, { Database: request }], {
      onResult: (tables) => this.#update(tables),
    });
  }

  /** Takes a notification if it belongs to this watch; returns whether it does. */
  notification(method: string, params: readonly JsonValue[]): boolean {
    if (params[0] !== MONITOR_ID) return false;
    if (method === "update2" || method === "update") this.#update(params[1]);
    return true;
  }

  async #listDatabases(): Promise<void> {
    await this.#connection.request("list_dbs", [], {
      onResult: (names) => {
        if (!isJsonArray(names)) throw new ProtocolError("the reply to list_dbs is not an array");
        this.#handlers.absent(names.filter((name) => typeof name === "string"));
      },
    });
  }

  /** `<table-updates2>` of ovsdb-server(7) §4.1.14, or `<table-updates>` of RFC 7047 §4.1.6. */
  #update(tables: JsonValue | undefined): void {
    if (!isJsonObject(tables)) throw new ProtocolError("the update of _Server is not an object");
    const updates = tables["Database"] ?? {};
    if (!isJsonObject(updates)) throw new ProtocolError("the update of _Server.Database is not an object");
    for (const [uuid, update] of Object.entries(updates)) this.#updateRow(uuid, update);
    this.#handlers.changed([...this.#rows.values()]);
  }

  #updateRow(uuid: string, update: JsonValue): void {
    if (!isJsonObject(update))
      throw new ProtocolError(`the update of row ${uuid} of _Server is not an object`);
    const { initial, insert, modify, new: whole } = update;
    const contents = initial ?? insert ?? modify ?? whole;
    if (contents === undefined) {
      this.#rows.delete(uuid);
      return;
    }
    // A change of a column that is scalar or optional is its new value, and Database has no others.
    const before = modify === undefined ? null : (this.#rows.get(uuid) ?? null);
    const row = decodeStatus(contents, before);
    if (row === null) throw new ProtocolError(`row ${uuid} of _Server.Database has no name`);
    this.#rows.set(uuid, row);
  }
}

function tolerateRequestError(error: unknown): undefined {
  if (error instanceof RequestError) return undefined;
  throw error;
}

function knownColumns(schema: JsonValue): string[] {
  const tables = isJsonObject(schema) ? schema["tables"] : undefined;
  const table = isJsonObject(tables) ? tables["Database"] : undefined;
  const columns = isJsonObject(table) ? table["columns"] : undefined;
  if (!isJsonObject(columns)) throw new ProtocolError("the schema of _Server has no table Database");
  return STATUS_COLUMNS.filter((column) => columns[column] !== undefined);
}
