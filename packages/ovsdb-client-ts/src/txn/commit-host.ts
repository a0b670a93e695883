/** What committing needs of the client, and what the program can ask of it. */
import type { Connection } from "../jsonrpc/connection.ts";
import type { Uuid } from "../schema/atom.ts";
import type { WaitOptions } from "../support/wait.ts";

export interface CommitHost {
  readonly database: string;
  /** The connection to commit on; null while there is none that can be used. */
  connection(): Connection | null;
  /**
   * Reads once there is a connection, and a replica that has caught up on it; again when the connection is
   * lost meanwhile.
   */
  read<R>(
    options: WaitOptions,
    request: (connection: Connection, left: WaitOptions) => Promise<R>,
  ): Promise<R>;
  /** Begins to note which rows come, since one of them may be an inserted one. */
  noteArrivals(): Arrivals;
}

/** The rows that come while a commit is on its way. */
export interface Arrivals {
  /**
   * The rows of these tables that were there before, as far as the replica can tell while it is as it was
   * when the answer was lost.
   */
  rowsBefore(tables: Iterable<string>): ReadonlySet<Uuid>;
  /** Ends the noting. */
  end(): void;
}

export interface CommitOptions {
  /**
   * Gives up waiting. The outcome is then unknown to the caller, and the promise rejects with
   * `signal.reason`.
   */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds to wait for the answer; 0 or absent: for ever. When they are over the result is "unknown".
   */
  readonly timeout?: number;
  /** Has the server check and execute the transaction, then abort it (`abort`, RFC 7047 §5.2.8). */
  readonly dryRun?: boolean;
}
