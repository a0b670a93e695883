/**
 * Whether a server is fit for use, judged by what its database `_Server` says (ovsdb-server(5), table
 * Database). Pure: rows in, verdict out.
 */
import type { JsonValue } from "../jsonrpc/json.ts";
import { isJsonArray, isJsonObject } from "../jsonrpc/json.ts";

/** A row of `_Server.Database`. What a server does not know is null. */
export interface DatabaseStatus {
  readonly name: string;
  readonly model: string;
  readonly connected: boolean;
  readonly leader: boolean;
  /** The schema as a text; null while a relay or a joining member has none. */
  readonly schema: string | null;
  /** Cluster id. */
  readonly cid: string | null;
  /** Server id. */
  readonly sid: string | null;
  /** Index of the last log entry that the server has. */
  readonly index: number | bigint | null;
}

/** What the session asks of a server. */
export interface Requirements {
  readonly database: string;
  readonly leaderOnly: boolean;
  readonly clusterId: string | null;
  /** Per cluster id, the greatest index that was seen: a server that is behind has stale data. */
  readonly seen: ReadonlyMap<string, number | bigint>;
}

/** The row of our database, if the server is fit, else the reason why it is not. */
export type Verdict = { readonly status: DatabaseStatus } | { readonly reason: string };

/**
 * Judges a server by the rows of its table Database.
 *
 * @example
 * judgeServer(rows, { database: "OVN_Northbound", leaderOnly: true, clusterId: null, seen: new Map() });
 */
export function judgeServer(rows: Iterable<DatabaseStatus>, wanted: Requirements): Verdict {
  const all = [...rows];
  const named = all.filter((row) => row.name === wanted.database);
  const status = named.find((row) => wanted.clusterId === null || row.cid === wanted.clusterId);
  if (status === undefined) {
    const reason =
      named.length > 0
        ? `database ${wanted.database} of cluster ${wanted.clusterId} is not here`
        : lacksDatabase(
            wanted.database,
            all.map((row) => row.name),
          );
    return { reason };
  }
  const reason = flaw(status, wanted);
  return reason === null ? { status } : { reason };
}

/** The error text for a database that a server does not have. */
export function lacksDatabase(database: string, names: readonly string[]): string {
  const others = names.filter((name) => name !== "_Server").sort();
  const have = others.length === 0 ? "it has none" : `it has ${others.join(", ")}`;
  return `server has no database ${database} (${have})`;
}

function flaw(status: DatabaseStatus, wanted: Requirements): string | null {
  if (status.model === "clustered") return clusterFlaw(status, wanted);
  // A relay grants locks that its source knows nothing of.
  if (status.model === "relay" && wanted.leaderOnly) return "relay database server cannot be a leader";
  if (!status.connected) {
    const what =
      status.model === "relay" ? "relay is not connected to its source" : "storage is not connected";
    return `database ${status.name}: ${what}`;
  }
  return status.schema === null ? `database ${status.name} has no schema yet` : null;
}

function clusterFlaw(status: DatabaseStatus, wanted: Requirements): string | null {
  if (status.schema === null) return "clustered database server has not yet joined cluster";
  if (!status.connected) return "clustered database server is disconnected from cluster";
  if (wanted.leaderOnly && !status.leader) return "clustered database server is not cluster leader";
  const seen = wanted.seen.get(status.cid ?? "");
  if (seen !== undefined && status.index !== null && status.index < seen) {
    return `clustered database server has stale data (index ${status.index}, but ${seen} was seen)`;
  }
  return null;
}

/** The columns of Database that are watched, as far as the server has them. */
export const STATUS_COLUMNS = [
  "name",
  "model",
  "connected",
  "leader",
  "schema",
  "cid",
  "sid",
  "index",
] as const;

/**
 * Reads a row of Database in wire form (RFC 7047 §5.1), all of whose columns are scalar or optional. Columns
 * that are absent keep the value that they have in `before`.
 *
 * @returns null when the row is malformed.
 * @example
 * decodeStatus({ name: "OVN_Northbound", connected: true, schema: ["set", []] }, null)?.schema; // null
 */
export function decodeStatus(
  row: JsonValue | undefined,
  before: DatabaseStatus | null,
): DatabaseStatus | null {
  if (!isJsonObject(row)) return null;
  const string = (column: "name" | "model" | "schema" | "cid" | "sid") => {
    if (row[column] === undefined) return before?.[column] ?? null;
    const value = optional(row[column]);
    return typeof value === "string" ? value : null;
  };
  const boolean = (column: "connected" | "leader") =>
    row[column] === undefined ? (before?.[column] ?? false) : row[column] === true;
  const index = row["index"] === undefined ? (before?.index ?? null) : optional(row["index"]);
  const name = string("name");
  if (name === null) return null;
  return {
    name,
    model: string("model") ?? "standalone",
    connected: boolean("connected"),
    leader: boolean("leader"),
    schema: string("schema"),
    cid: string("cid"),
    sid: string("sid"),
    index: typeof index === "number" || typeof index === "bigint" ? index : null,
  };
}

/** The value of an optional column, uuids as strings; null for the empty set. */
function optional(value: JsonValue | undefined): JsonValue {
  if (!isJsonArray(value)) return value ?? null;
  if (value[0] === "uuid") return value[1] ?? null;
  return isJsonArray(value[1]) ? optional(value[1][0]) : null;
}
