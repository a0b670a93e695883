/**
 * Column values on the wire (RFC 7047 §5.1 `<value>`) and in JavaScript (`Datum`), both ways, and the
 * differences that `update2`/`update3` notifications carry (ovsdb-server(7) §4.1.14).
 *
 * Invariant: whatever `decodeDatum`, `applyDiff` and `normalizeDatum` return is in canonical form (see
 * schema/atom.ts) and of the column's type; all else is refused. Ranges and enums are the server's business:
 * it has checked what it sends, and answers a bad write with a "constraint violation" that names the column.
 */
import { ProtocolError, SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Atom, Datum, Uuid } from "../schema/atom.ts";
import {
  compareAtoms,
  EMPTY_MAP,
  EMPTY_SET,
  isUuid,
  makeMap,
  makeSet,
  normalizeInteger,
  setPosition,
  ZERO_UUID,
} from "../schema/atom.ts";
import type { AtomicType, BaseType, ColumnSchema } from "../schema/schema.ts";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The value of a column that nobody has set (RFC 7047 §5.2.1): 0, "", false, the zero uuid, or empty. */
export function defaultDatum(column: ColumnSchema): Datum {
  switch (column.kind) {
    case "scalar":
      return defaultAtom(column.key.type);
    case "optional":
      return null;
    case "set":
      return column.min === 0 ? EMPTY_SET : [defaultAtom(column.key.type)];
    case "map":
      if (column.min === 0 || column.value === null) return EMPTY_MAP;
      return new Map([[defaultAtom(column.key.type), defaultAtom(column.value.type)]]);
  }
}

function defaultAtom(type: AtomicType): Atom {
  switch (type) {
    case "integer":
    case "real":
      return 0;
    case "boolean":
      return false;
    case "string":
      return "";
    case "uuid":
      return ZERO_UUID;
  }
}

/**
 * Decodes a column's value as a server sends it.
 *
 * @throws ProtocolError when the JSON is not a value of the column's type.
 * @example decodeDatum(["map", [["a", "b"]]], externalIds); // Map { "a" => "b" }
 */
export function decodeDatum(json: unknown, column: ColumnSchema): Datum {
  if (column.kind === "map") return decodeMap(json, column);
  const elements = taggedList(json, "set");
  if (column.kind === "set") {
    if (elements === null) return [decodeAtom(json, column.key, column)];
    return elements.length === 0
      ? EMPTY_SET
      : makeSet(elements.map((e) => decodeAtom(e, column.key, column)));
  }
  if (elements === null) return decodeAtom(json, column.key, column);
  if (elements.length === 0 && column.kind === "optional") return null;
  if (elements.length === 1) return decodeAtom(elements[0], column.key, column);
  throw unexpected(json, column);
}

function decodeMap(json: unknown, column: ColumnSchema): ReadonlyMap<Atom, Atom> {
  const { key, value } = column;
  const pairs = taggedList(json, "map");
  if (pairs === null || value === null) throw unexpected(json, column);
  if (pairs.length === 0) return EMPTY_MAP;
  const map = new Map<Atom, Atom>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw unexpected(json, column);
    map.set(decodeAtom(pair[0], key, column), decodeAtom(pair[1], value, column));
  }
  return makeMap(map);
}

function taggedList(json: unknown, tag: "set" | "map"): readonly unknown[] | null {
  return Array.isArray(json) && json.length === 2 && json[0] === tag && Array.isArray(json[1])
    ? json[1]
    : null;
}

function decodeAtom(json: unknown, base: BaseType, column: ColumnSchema): Atom {
  switch (base.type) {
    case "string":
      if (typeof json === "string") return json;
      break;
    case "uuid":
      if (Array.isArray(json) && json.length === 2 && json[0] === "uuid" && typeof json[1] === "string") {
        const uuid = json[1].toLowerCase();
        if (isUuid(uuid)) return uuid;
      }
      break;
    case "integer":
      if (typeof json === "bigint" || (typeof json === "number" && Number.isInteger(json)))
        return toInt64(json, column);
      break;
    case "real":
      if (typeof json === "number" || typeof json === "bigint") return Number(json);
      break;
    case "boolean":
      if (typeof json === "boolean") return json;
      break;
  }
  throw unexpected(json, column);
}

function toInt64(value: number | bigint, column: ColumnSchema): Atom {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  const exact = BigInt(value);
  if (exact < INT64_MIN || exact > INT64_MAX) throw unexpected(value, column);
  return normalizeInteger(exact);
}

function unexpected(json: unknown, column: ColumnSchema): ProtocolError {
  return new ProtocolError(
    `column ${column.name}: ${preview(json)} is not a value of type ${describeType(column)}`,
  );
}

function preview(json: unknown): string {
  const text =
    JSON.stringify(json, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)) ??
    "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** A column's type in words, as in "set of up to 3 strings", for messages. */
export function describeType(column: ColumnSchema): string {
  const key = column.key.refTable === null ? column.key.type : `uuid of a ${column.key.refTable} row`;
  switch (column.kind) {
    case "scalar":
      return key;
    case "optional":
      return `optional ${key}`;
    case "set":
      return `set of ${key}`;
    case "map":
      return `map from ${key} to ${column.value?.type}`;
  }
}

/**
 * Applies the difference that an `update2`/`update3` "modify" carries for a column: the new value where the
 * column holds at most one element; the elements to add or take away (set); the pairs to add, change, or,
 * where equal, take away (map).
 *
 * @example applyDiff(ports, ["a", "b"], ["b", "c"]); // ["a", "c"]
 */
export function applyDiff(column: ColumnSchema, old: Datum, diff: Datum): Datum {
  if (column.max === 1) return diff;
  if (Array.isArray(old) && Array.isArray(diff)) return symmetricDifference(old, diff);
  if (old instanceof Map && diff instanceof Map) {
    const result = new Map<Atom, Atom>(old);
    for (const [key, value] of diff) {
      if (result.get(key) === value) result.delete(key);
      else result.set(key, value);
    }
    return makeMap(result);
  }
  throw new ProtocolError(`column ${column.name}: a difference of another type than ${describeType(column)}`);
}

/**
 * Differences with so many times more elements in the set than in themselves are looked up in it, not merged
 * with it.
 */
const SPARSE = 16;

/**
 * Both arrays are ascending, so a change to a set of 100,000 elements costs one pass and no sort, or even
 * only a copy.
 */
function symmetricDifference(a: readonly Atom[], b: readonly Atom[]): readonly Atom[] {
  return b.length * SPARSE < a.length ? toggle(a, b) : merge(a, b);
}

function toggle(set: readonly Atom[], elements: readonly Atom[]): readonly Atom[] {
  const pieces: (readonly Atom[])[] = [];
  let from = 0;
  for (const element of elements) {
    const at = setPosition(set, element, from);
    pieces.push(set.slice(from, at));
    const isThere = set[at] === element;
    if (!isThere) pieces.push([element]);
    from = isThere ? at + 1 : at;
  }
  return ([] as Atom[]).concat(...pieces, set.slice(from));
}

function merge(a: readonly Atom[], b: readonly Atom[]): readonly Atom[] {
  const result: Atom[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const x = a[i];
    const y = b[j];
    if (x === undefined && y === undefined) break;
    const order = x === undefined ? 1 : y === undefined ? -1 : compareAtoms(x, y);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (order < 0 && x !== undefined) result.push(x);
    if (order > 0 && y !== undefined) result.push(y);
  }
  return result.length === 0 ? EMPTY_SET : result;
}

/**
 * How a uuid is written in a request: `["uuid", …]`, or `["named-uuid", …]` for a row of the same
 * transaction.
 */
export type EncodeUuid = (uuid: Uuid) => JsonValue;

/** A uuid that is no row of the transaction at hand. */
export const encodeUuid: EncodeUuid = (uuid) => ["uuid", uuid];

/** Encodes a column's value for a request (RFC 7047 §5.1). */
export function encodeDatum(datum: Datum, column: ColumnSchema, uuid: EncodeUuid = encodeUuid): JsonValue {
  if (datum === null) return ["set", []];
  if (datum instanceof Map) {
    const { key, value } = column;
    if (value === null) throw new SchemaError(`column ${column.name} is no map`);
    return ["map", [...datum].map(([k, v]) => [encodeAtom(k, key, uuid), encodeAtom(v, value, uuid)])];
  }
  if (Array.isArray(datum)) return ["set", datum.map((atom: Atom) => encodeAtom(atom, column.key, uuid))];
  return encodeAtom(datum as Atom, column.key, uuid);
}

function encodeAtom(atom: Atom, base: BaseType, uuid: EncodeUuid): JsonValue {
  return base.type === "uuid" && typeof atom === "string" ? uuid(atom) : atom;
}

/**
 * Brings what a program hands in for a column into canonical form: a Set or array in any order becomes a
 * sorted array, an object a Map; integers get their one representation.
 *
 * @throws SchemaError when it is not a value of the column's type.
 * @example normalizeDatum({ b: "2", a: "1" }, externalIds); // Map { "a" => "1", "b" => "2" }
 */
export function normalizeDatum(input: unknown, column: ColumnSchema): Datum {
  if (column.kind === "map") {
    const { key, value } = column;
    if (
      typeof input !== "object" ||
      input === null ||
      Array.isArray(input) ||
      input instanceof Set ||
      value === null
    ) {
      throw wrongType(input, column);
    }
    const pairs = input instanceof Map ? input : Object.entries(input as Readonly<Record<string, Atom>>);
    const map = new Map<Atom, Atom>();
    for (const [k, v] of pairs) map.set(checkAtom(k, key, column), checkAtom(v, value, column));
    return makeMap(map);
  }
  if (column.kind === "set") {
    const elements =
      Array.isArray(input) || input instanceof Set ? [...input] : input === null ? [] : [input];
    return makeSet(elements.map((element) => checkAtom(element, column.key, column)));
  }
  if (column.kind === "optional") {
    // A set of one element is the same as that element (RFC 7047 §5.1).
    const [element, ...more] = Array.isArray(input) || input instanceof Set ? input : [input ?? undefined];
    if (element === undefined && input !== undefined) return null;
    if (more.length === 0) return checkAtom(element, column.key, column);
  }
  return checkAtom(input, column.key, column);
}

function checkAtom(value: unknown, base: BaseType, column: ColumnSchema): Atom {
  switch (base.type) {
    case "string":
      if (typeof value === "string" && isSendable(value)) return value;
      break;
    case "uuid":
      if (typeof value === "string" && isUuid(value)) return value;
      break;
    case "integer":
      if (typeof value === "number" && Number.isSafeInteger(value)) return value + 0; // never -0
      if (typeof value === "bigint" && value >= INT64_MIN && value <= INT64_MAX)
        return normalizeInteger(value);
      break;
    case "real":
      if (typeof value === "number" && Number.isFinite(value) && !isDenormal(value)) return value;
      break;
    case "boolean":
      if (typeof value === "boolean") return value;
      break;
  }
  throw wrongType(value, column);
}

const PRINTABLE_ASCII = /^[ -~]*$/;
const UNSENDABLE_TEXT = /\0|\p{Surrogate}/u;

/**
 * Servers can't read some texts in JSON, and drop the whole connection when they meet one: these must never
 * be sent.
 */
function isSendable(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || !UNSENDABLE_TEXT.test(text);
}

// Nor can they read these.
const SMALLEST_NORMAL = 2 ** -1022;

function isDenormal(value: number): boolean {
  return value !== 0 && Math.abs(value) < SMALLEST_NORMAL;
}

function wrongType(value: unknown, column: ColumnSchema): SchemaError {
  return new SchemaError(
    `column ${column.name}: ${preview(value)} is not a value of type ${describeType(column)}`,
  );
}
