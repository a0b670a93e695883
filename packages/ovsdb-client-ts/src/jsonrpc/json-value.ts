/** What JSON can say, as JavaScript values. How integers beyond 2^53−1 are told apart stands in json.ts. */

/** Anything that JSON can say. Values are never changed after they were parsed. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object. A key "__proto__" is an ordinary own property. */
export type JsonObject = { readonly [key: string]: JsonValue };

/**
 * Whether a value is a JSON object, rather than null, an array or a scalar.
 *
 * @example
 * if (isJsonObject(reply)) console.log(reply["error"]);
 */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is a JSON array (Array.isArray does not narrow readonly arrays). */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * Sets an own property, "__proto__" included, which plain assignment would turn into a change of the
 * prototype.
 *
 * @example
 * setOwn({}, "__proto__", 1); // an object whose prototype is still Object.prototype
 */
export function setOwn(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  if (key === "__proto__") {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
