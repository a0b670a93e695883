/**
 * Finding out what became of a transaction whose answer was lost, by looking for what it would have left
 * behind.
 *
 * A transaction is all or nothing, so any of its rows bears witness. A witness is not proof: somebody else
 * may have written the same, or undone it since. Where witnesses disagree, or there are none, the outcome
 * stays undetermined.
 */
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonObject, JsonValue } from "../jsonrpc/json.ts";
import type { Atom, Datum, Uuid } from "../schema/atom.ts";
import { datumEquals, setHas } from "../schema/atom.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import type { WaitOptions } from "../support/wait.ts";
import { decodeDatum, encodeDatum } from "../wire/datum.ts";
import type { ColumnWrite } from "./column-write.ts";
import type { CommitHost } from "./commit-host.ts";
import type { PendingRow } from "./pending-row.ts";
import { selectedRows, selectOperation, uuidOf } from "./select.ts";

/** What became of a transaction whose answer was lost. */
export type Outcome = "applied" | "not applied" | "undetermined";

/**
 * Waits for the connection to come back, then asks the server for the rows of a transaction; again if it is
 * lost meanwhile.
 *
 * @param before rows that were there before the commit was sent
 */
export async function resolveOutcome(
  host: CommitHost,
  rows: readonly PendingRow[],
  before: ReadonlySet<Uuid>,
  options: WaitOptions,
): Promise<Outcome> {
  const outcomes = await host.read(options, (connection, left) =>
    Promise.all(rows.map((row) => witness(host.database, connection, row, before, left))),
  );
  if (outcomes.includes("applied")) return outcomes.includes("not applied") ? "undetermined" : "applied";
  return outcomes.includes("not applied") ? "not applied" : "undetermined";
}

async function witness(
  database: string,
  connection: Connection,
  row: PendingRow,
  before: ReadonlySet<Uuid>,
  options: WaitOptions,
): Promise<Outcome> {
  const columns = [...row.writes.values()].map((write) => write.column);
  const where = row.kind === "insert" ? insertedWhere(row) : [["_uuid", "==", ["uuid", row.uuid]]];
  if (where.length === 0) return "undetermined";
  const select = selectOperation(
    row.table.name,
    where,
    columns.map(({ name }) => name),
  );
  const reply = await connection.request("transact", [database, select], options);
  const rows = selectedRows(reply, select);
  const [found] = rows;
  switch (row.kind) {
    case "insert":
      return rows.some((one) => !before.has(uuidOf(one))) ? "applied" : "not applied";
    case "delete":
      return found === undefined ? "applied" : "not applied";
    case "update":
      return found === undefined ? "undetermined" : updateOutcome(row, found);
  }
}

/**
 * An inserted row is known by an index of its table, or else by all that was written to it, but for rows of
 * the same transaction.
 */
function insertedWhere(row: PendingRow): JsonValue[] {
  const index = row.table.indexes.find((columns) => columns.every((name) => row.writes.has(name)));
  const writes = index?.flatMap((name) => row.writes.get(name) ?? []) ?? [...row.writes.values()];
  return writes.flatMap(({ column, whole }): JsonValue[] =>
    whole === undefined || holdsUuids(column) ? [] : [[column.name, "==", encodeDatum(whole, column)]],
  );
}

function holdsUuids(column: ColumnSchema): boolean {
  return column.key.type === "uuid" || column.value?.type === "uuid";
}

function updateOutcome(row: PendingRow, found: JsonObject): Outcome {
  for (const write of row.writes.values()) {
    if (write.isEmpty) continue;
    const now = decodeDatum(found[write.column.name], write.column);
    const outcome = writeOutcome(write, now, row.old?.[write.column.name]);
    if (outcome !== "undetermined") return outcome;
  }
  return "undetermined";
}

function writeOutcome(write: ColumnWrite, now: Datum, old: Datum | undefined): Outcome {
  if (write.whole !== undefined) {
    if (datumEquals(now, write.whole)) return "applied";
    return old !== undefined && datumEquals(now, old) ? "not applied" : "undetermined";
  }
  const { delta } = write;
  if (delta === null || delta.added.size + delta.removed.size === 0) return "undetermined";
  const { added, removed } = delta;
  const isThere = [...added].every(([key, value]) => holds(now, key, value));
  const isGone = [...removed].every((key) => added.has(key) || !holds(now, key, null));
  if (isThere && isGone) return "applied";
  if (old === undefined) return "undetermined";
  // Others may have changed the rest of the column meanwhile.
  const isAsBefore = [...added.keys(), ...removed].every(
    (key) => elementOf(now, key) === elementOf(old, key),
  );
  return isAsBefore ? "not applied" : "undetermined";
}

/** The value of a key, or null for an element of a set; undefined if it isn't there. */
function elementOf(value: Datum, key: Atom): Atom | null | undefined {
  if (value instanceof Map) return value.get(key);
  return holds(value, key, null) ? null : undefined;
}

function holds(value: Datum, key: Atom, element: Atom | null): boolean {
  if (value instanceof Map) return element === null ? value.has(key) : value.get(key) === element;
  return Array.isArray(value) ? setHas(value, key) : value === key;
}
