/**
 * Answers that say no more than that something was done. Who gives another one can't be talked to, which ends
 * the connection.
 */
import { ProtocolError } from "../errors.ts";
import type { JsonValue } from "./json.ts";
import { isJsonArray, isJsonObject } from "./json.ts";

/**
 * Checks the result of a request that is answered with `{}`.
 *
 * @throws ProtocolError
 * @example connection.request("unlock", [name], { onResult: (result) => checkDone("unlock", result) });
 */
export function checkDone(method: string, result: JsonValue): void {
  if (!isJsonObject(result)) throw new ProtocolError(`the reply to ${method} is not an object`);
}

/**
 * Checks the result of an `echo` without parameters, which is what was sent (RFC 7047 §4.1.11).
 *
 * @throws ProtocolError
 */
export function checkEcho(result: JsonValue): void {
  if (!isJsonArray(result) || result.length > 0) {
    throw new ProtocolError("the reply to echo is not what was sent");
  }
}
