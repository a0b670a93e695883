/** The types through which a Session is made and listened to. */
import type { OvsdbError } from "../errors.ts";
import type { Connection, RequestOptions } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { TlsOptions } from "../transport/tls.ts";

export type LogLevel = "debug" | "info" | "warn";
export type LogModule = "reconnect" | "jsonrpc" | "stream_ssl" | "ovsdb_cs";
export type Log = (level: LogLevel, module: LogModule, text: string) => void;

export interface SessionOptions {
  /** Remotes in the syntax of ovsdb(7), "Connection Methods": one string, comma separated, or a list. */
  remotes: string | readonly string[];
  /** Name of the database, for example "OVN_IC_Northbound". */
  database: string;
  /** Use only the leader of a clustered database, and no relay, whose locks are its own. Default true. */
  leaderOnly?: boolean;
  /** Try the remotes in random order. Default true. */
  shuffle?: boolean;
  /** Take only servers of the cluster with this id (`cid` in `_Server.Database`). */
  clusterId?: string;
  /**
   * Milliseconds of silence after which the peer is asked for a sign of life; 0: never; otherwise at least
   * 1000.
   */
  probeInterval?: number;
  /** Milliseconds between attempts. Default 1000 … 8000. */
  backoff?: { min: number; max: number };
  /** Milliseconds for one attempt to connect. Default: as long as the last pause, at least 1000. */
  connectTimeout?: number;
  tls?: TlsOptions;
  /**
   * false: every remote is tried once; when none works the session closes with a ConnectionError. Default
   * true.
   */
  retry?: boolean;
  log?: Log;
  /** Greatest size of what the server sends at once, in bytes; default 1 GiB. More ends the connection. */
  maxMessageSize?: number;
  /**
   * Greatest number of values in what the server sends at once, at least 65536: 10 MB of nonsense can take
   * 218 MB when parsed. Default: one for each 8 bytes of `maxMessageSize`.
   */
  maxNodes?: number;
}

/** What leaves each state stands at the head of session.ts. */
export type SessionState = "void" | "backoff" | "connecting" | "listening" | "checking" | "up" | "closed";

/** What lives on a session and wants to know when a usable connection comes and goes. */
export interface SessionParticipant {
  /** A usable connection is there. Everything known from an earlier one may be out of date. */
  up(connection: Connection): void;
  /**
   * The connection is not usable any more. Also called when the schema of the database changed at the server,
   * or the server cancelled its monitors: then `up` follows, often with the same connection, and schema and
   * contents must be learned anew.
   */
  down(error: OvsdbError): void;
  /** A notification of the connection last given to `up`, in stream order. */
  notification(method: string, params: readonly JsonValue[]): void;
}

export interface SessionRequestOptions extends RequestOptions {
  /** Wait until the session is up, instead of failing at once when it is not. Default false. */
  wait?: boolean;
}
