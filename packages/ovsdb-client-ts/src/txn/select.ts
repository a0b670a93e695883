/** `select` (RFC 7047 §5.2.2): the operation, and the rows in its reply. */
import { ProtocolError, TransactionError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../jsonrpc/json.ts";
import { isJsonArray, isJsonObject } from "../jsonrpc/json.ts";
import type { Uuid } from "../schema/atom.ts";
import { isUuid } from "../schema/atom.ts";

/** A select of some columns, and of the uuid. */
export function selectOperation(
  table: string,
  where: readonly JsonValue[],
  columns: readonly string[],
): JsonObject {
  return { op: "select", table, where, columns: ["_uuid", ...columns] };
}

/**
 * The rows in the reply to a transaction of one select.
 *
 * @throws TransactionError if the server refused it.
 */
export function selectedRows(reply: JsonValue, operation: JsonValue): readonly JsonObject[] {
  const result = isJsonArray(reply) ? reply[0] : undefined;
  if (!isJsonObject(result)) throw new ProtocolError("select: the reply holds no result");
  if (typeof result.error === "string") {
    const details = typeof result.details === "string" ? result.details : null;
    throw new TransactionError({ error: result.error, details }, { index: 0, operation });
  }
  if (!isJsonArray(result.rows)) throw new ProtocolError("select: the result has no rows");
  return result.rows.map((row) => {
    if (isJsonObject(row)) return row;
    throw new ProtocolError("select: a row must be a JSON object");
  });
}

/** The uuid of a selected row. */
export function uuidOf(row: JsonObject): Uuid {
  const json = row._uuid;
  const uuid = isJsonArray(json) ? json[1] : undefined;
  if (typeof uuid === "string" && isUuid(uuid)) return uuid;
  throw new ProtocolError("select: a row has no uuid");
}
