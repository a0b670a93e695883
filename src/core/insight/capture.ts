/** What one database holds at one time: read at once, by one transaction. */
import type { JsonObject, JsonValue, OvsSchema, TlsOptions } from "ovsdb-client-ts";
import {
  isJsonObject,
  MemoryDatabase,
  OvsdbClient,
  OvsdbError,
  ProtocolError,
  parseSchema,
} from "ovsdb-client-ts";
import type { DatabaseName } from "../model/index.ts";
import { SCHEMAS } from "../model/index.ts";

/** What a server says of a database that it serves (`_Server`, ovsdb-server(5)), as far as it says it. */
export interface ServerState {
  readonly model: string;
  readonly leader: boolean;
  readonly connected: boolean;
  /**
   * Ids of the cluster and of the server, and the number of the last entry of its log; null outside of
   * clusters.
   */
  readonly cid: string | null;
  readonly sid: string | null;
  readonly index: number | null;
}

export interface Capture {
  readonly database: DatabaseName;
  /** Where it was read. */
  readonly remote: string;
  /** When: ISO 8601, UTC. */
  readonly taken: string;
  /** The server's schema (RFC 7047 §3.2). */
  readonly schema: JsonObject;
  readonly server: ServerState | null;
  /** Rows as `select` gives them, by table; those that this program knows and the server has. */
  readonly tables: Readonly<Record<string, readonly JsonValue[]>>;
}

/** Why a database could not be read. */
export interface Unreachable {
  readonly database: DatabaseName;
  /** Where it should be; null if nobody said. */
  readonly remote: string | null;
  readonly reason: string;
}

export type Reading = Capture | Unreachable;

export function isCapture(reading: Reading): reading is Capture {
  return "tables" in reading;
}

export interface CaptureOptions {
  readonly tls?: TlsOptions;
  /** Milliseconds; default 10,000. */
  readonly timeout?: number;
  /** Tables to be left out. */
  readonly without?: ReadonlySet<string>;
  readonly maxMessageSize?: number;
}

const PATIENCE = 10_000;
/** Bytes: a table of 400,000 routes. */
const MAX_MESSAGE_SIZE = 128 * 1024 * 1024;

/** Reads a database; never rejects for what a server does or doesn't do. */
export async function capture(
  database: DatabaseName,
  remotes: string,
  options: CaptureOptions = {},
): Promise<Reading> {
  const { tls, timeout = PATIENCE, without = new Set(), maxMessageSize = MAX_MESSAGE_SIZE } = options;
  const schema: OvsSchema = SCHEMAS[database];
  // Everybody may be asked who has the rows: a follower, and a relay too.
  const reach = { leaderOnly: false, retry: false, timeout, maxMessageSize };
  let client: OvsdbClient<OvsSchema> | null = null;
  try {
    client = await OvsdbClient.connect({ remotes, schema, ...reach, ...(tls === undefined ? {} : { tls }) });
    const { session } = client;
    const taken = new Date().toISOString();
    const served = await session.request("get_schema", [schema.name], { timeout });
    const names = Object.keys(schema.tables).filter(
      (name) => client?.serverSchema.tables.has(name) === true && !without.has(name),
    );
    const selects = names.map((name) =>
      selectAll(name, schema, client?.serverSchema.tables.get(name)?.columns),
    );
    const [reply, server] = await Promise.all([
      session.request("transact", [schema.name, ...selects], { timeout }),
      serverState(client, schema.name, timeout),
    ]);
    const tables = Object.fromEntries(names.map((name, i) => [name, rowsOf(reply, i, name)]));
    if (!isJsonObject(served)) throw new ProtocolError("get_schema: the reply is no schema");
    return { database, remote: session.remote ?? remotes, taken, schema: served, server, tables };
  } catch (error) {
    if (!(error instanceof OvsdbError)) throw error;
    return { database, remote: remotes, reason: error.message };
  } finally {
    await client?.close();
  }
}

function selectAll(
  table: string,
  schema: OvsSchema,
  columns: ReadonlyMap<string, unknown> | undefined,
): JsonObject {
  const described = Object.keys(schema.tables[table]?.columns ?? {});
  const known = described.filter((name) => columns?.has(name));
  return { op: "select", table, where: [], columns: ["_uuid", ...known] };
}

function rowsOf(reply: JsonValue, index: number, table: string): readonly JsonValue[] {
  const result = Array.isArray(reply) ? reply[index] : undefined;
  if (isJsonObject(result) && Array.isArray(result.rows)) return result.rows;
  const details = isJsonObject(result) ? `: ${String(result.error)} ${String(result.details ?? "")}` : "";
  throw new ProtocolError(`table ${table} could not be read${details}`);
}

async function serverState(
  client: OvsdbClient<OvsSchema>,
  database: string,
  timeout: number,
): Promise<ServerState | null> {
  const where = [["name", "==", database]];
  const select: JsonObject = { op: "select", table: "Database", where };
  try {
    const reply = await client.session.request("transact", ["_Server", select], { timeout });
    const result = Array.isArray(reply) ? reply[0] : undefined;
    const row = isJsonObject(result) && Array.isArray(result.rows) ? result.rows[0] : undefined;
    if (!isJsonObject(row)) return null;
    return {
      model: String(row.model),
      leader: row.leader === true,
      connected: row.connected === true,
      cid: uuidOf(row.cid),
      sid: uuidOf(row.sid),
      index: typeof row.index === "number" ? row.index : null,
    };
  } catch (error) {
    // Servers before Open vSwitch 2.9 have no such database.
    if (error instanceof OvsdbError) return null;
    throw error;
  }
}

/** An optional uuid, as it is on the wire. */
function uuidOf(value: JsonValue | undefined): string | null {
  return Array.isArray(value) && value[0] === "uuid" ? String(value[1]) : null;
}

/**
 * The rows of a capture, as planners read them. @throws ProtocolError, SchemaError for what is no capture of
 * that database.
 */
export function loadCapture<S extends OvsSchema>(
  description: S,
  { schema, tables }: Capture,
): MemoryDatabase<S> {
  const database = new MemoryDatabase(description, parseSchema(schema));
  for (const [table, rows] of Object.entries(tables))
    if (Object.hasOwn(description.tables, table)) database.load(table, rows);
  return database;
}
