/**
 * Sending a transaction and understanding the answer (RFC 7047 §4.1.3).
 *
 * The answer is a list of results, one for each operation until the first that failed; one more than
 * operations were sent when the commit as a whole failed, as for a broken reference.
 */
import type { OvsdbError } from "../errors.ts";
import { ConnectionError, ProtocolError, RequestError, TimeoutError, TransactionError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../jsonrpc/json.ts";
import { isJsonArray, isJsonObject } from "../jsonrpc/json.ts";
import type { Integer, Uuid } from "../schema/atom.ts";
import { isUuid } from "../schema/atom.ts";
import type { WaitOptions } from "../support/wait.ts";
import type { CommitHost, CommitOptions } from "./commit-host.ts";
import type { Outcome } from "./outcome.ts";
import { resolveOutcome } from "./outcome.ts";
import type { PendingRow } from "./pending-row.ts";

/**
 * How a commit ended.
 *
 * - `unchanged`: there was nothing to write; nothing was sent.
 * - `committed`: done. `uuids` leads from temporary uuids of inserted rows to real ones; `newValue` is what
 *   `increment` made.
 * - `tryAgain`: nothing was written, since what was verified has changed, or there is no connection. Read
 *   again, and make a new one.
 * - `notLocked`: nothing was written, since a lock that was asserted isn't held.
 * - `error`: nothing was written; the server refused it (`error.error` is its word: "constraint violation",
 *   …).
 * - `unknown`: the connection was lost, or the time was up, before the answer. `resolve` finds out by
 *   looking.
 */
export type CommitResult =
  | { readonly status: "unchanged" }
  | { readonly status: "committed"; readonly uuids: ReadonlyMap<Uuid, Uuid>; readonly newValue?: Integer }
  | { readonly status: "tryAgain"; readonly reason: string }
  | { readonly status: "notLocked" }
  | { readonly status: "error"; readonly error: TransactionError | RequestError }
  | {
      readonly status: "unknown";
      readonly cause: OvsdbError;
      resolve(options?: WaitOptions): Promise<Outcome>;
    };

/** Sends operations as one transaction. `rows` are what the operations do, to tell what became of them. */
export async function commit(
  host: CommitHost,
  operations: readonly JsonValue[],
  rows: readonly PendingRow[],
  options: CommitOptions,
): Promise<CommitResult> {
  options.signal?.throwIfAborted();
  if (operations.length === 0) return { status: "unchanged" };
  const connection = host.connection();
  if (connection === null) return { status: "tryAgain", reason: `database ${host.database}: not connected` };
  const sent = options.dryRun === true ? [...operations, { op: "abort" }] : operations;
  const arrivals = host.noteArrivals();
  const inserted = new Set(rows.filter(({ kind }) => kind === "insert").map(({ table }) => table.name));
  try {
    const { signal, timeout } = options;
    const reply = await connection.request("transact", [host.database, ...sent], { signal, timeout });
    return readReply(reply, sent, rows, options.dryRun === true);
  } catch (error) {
    if (error instanceof RequestError) return { status: "error", error };
    // Who answers nonsense can't be talked to; on another connection it may be another one.
    if (error instanceof ProtocolError) connection.close(error);
    if (error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ProtocolError) {
      const before = arrivals.rowsBefore(inserted);
      const resolve = (wait: WaitOptions = {}) => resolveOutcome(host, rows, before, wait);
      return { status: "unknown", cause: error, resolve };
    }
    throw error;
  } finally {
    arrivals.end();
  }
}

function readReply(
  reply: JsonValue,
  operations: readonly JsonValue[],
  rows: readonly PendingRow[],
  dryRun: boolean,
): CommitResult {
  if (!isJsonArray(reply)) throw new ProtocolError("transact: the result must be an array");
  for (const [index, result] of reply.entries()) {
    if (!isJsonObject(result) || typeof result.error !== "string") continue;
    if (dryRun && index === operations.length - 1 && result.error === "aborted") break;
    return readError(result, index, operations);
  }
  if (!dryRun && reply.length < operations.length)
    throw new ProtocolError("transact: the result is shorter than the request");
  return {
    status: "committed",
    uuids: insertedUuids(reply, operations, rows),
    ...incremented(reply, operations),
  };
}

function readError(result: JsonObject, index: number, operations: readonly JsonValue[]): CommitResult {
  const operation = operations[index];
  const error = String(result.error);
  const details = typeof result.details === "string" ? result.details : null;
  if (error === "not owner") return { status: "notLocked" };
  if (error === "timed out" && isJsonObject(operation) && operation.timeout === 0) {
    return { status: "tryAgain", reason: `table ${String(operation.table)} is not as it was read` };
  }
  const at = operation === undefined ? null : { index, operation };
  return { status: "error", error: new TransactionError({ error, details }, at, { answer: result }) };
}

function insertedUuids(
  reply: readonly JsonValue[],
  operations: readonly JsonValue[],
  rows: readonly PendingRow[],
): ReadonlyMap<Uuid, Uuid> {
  const results = operations.flatMap((operation, index) =>
    isJsonObject(operation) && operation.op === "insert" ? [reply[index]] : [],
  );
  // Operations stand in the order of the rows that they are for.
  const inserted = rows.filter(({ kind }) => kind === "insert");
  return new Map(
    inserted.map((row, index) => [row.uuid, row.uuidIsChosen ? row.uuid : insertedUuid(results[index])]),
  );
}

function insertedUuid(result: JsonValue | undefined): Uuid {
  const uuid = isJsonObject(result) && isJsonArray(result.uuid) ? result.uuid[1] : undefined;
  if (typeof uuid === "string" && isUuid(uuid)) return uuid;
  throw new ProtocolError("transact: the result of an insert has no uuid");
}

/** The only `select` that a transaction sends is that of `increment`. */
function incremented(reply: readonly JsonValue[], operations: readonly JsonValue[]): { newValue?: Integer } {
  const index = operations.findIndex((operation) => isJsonObject(operation) && operation.op === "select");
  const result = reply[index];
  const row = isJsonObject(result) && isJsonArray(result.rows) ? result.rows[0] : undefined;
  const value = isJsonObject(row) ? Object.values(row)[0] : undefined;
  return typeof value === "number" || typeof value === "bigint" ? { newValue: value } : {};
}
