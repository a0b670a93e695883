/**
 * Whether a server would take a value: what its schema says of a column, looked at before anything is sent.
 * What one server may hold another one need not take: its schema is of another release, or the server is
 * broken.
 */
import type { Atom, BaseType, ColumnSchema, DatumInput } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import { isPlaceholder } from "./operations.ts";

/**
 * What is wrong with a value for a column; null if nothing is. Placeholders are uuids.
 *
 * @example whyImpossible(70000, port); // "70000 is more than 65535"
 */
export function whyImpossible(value: DatumInput, column: ColumnSchema): string | null {
  if (typeof value !== "object") {
    return column.kind === "map" ? `${shown(value)} is no map` : whyNoElement(value, column.key);
  }
  if (column.kind === "map") return whyNoMap(value, column);
  if (value !== null && !(value instanceof Set) && !Array.isArray(value))
    return `${shown(value)} is no ${column.kind === "set" ? "set" : "single value"}`;
  const elements = new Set<Atom>(value ?? []);
  return whyWrongCount(elements.size, column) ?? whyNone(elements, column.key);
}

function whyNoMap(value: object | null, column: ColumnSchema): string | null {
  if (value === null || value instanceof Set || Array.isArray(value)) return `${shown(value)} is no map`;
  const pairs: readonly (readonly [Atom, Atom])[] = value instanceof Map ? [...value] : Object.entries(value);
  const wrong = whyWrongCount(pairs.length, column);
  if (wrong !== null) return wrong;
  for (const [key, one] of pairs) {
    const why = whyNoElement(key, column.key) ?? (column.value && whyNoElement(one, column.value));
    if (why !== null) return why;
  }
  return null;
}

function whyWrongCount(count: number, { min, max }: ColumnSchema): string | null {
  if (count > max) return `${count} elements are more than ${max}`;
  return count < min ? "it must not be empty" : null;
}

function whyNone(elements: Iterable<Atom>, base: BaseType): string | null {
  for (const element of elements) {
    const why = whyNoElement(element, base);
    if (why !== null) return why;
  }
  return null;
}

const PRINTABLE_ASCII = /^[ -~]*$/;
/** What a server can't read in JSON: it drops the connection, and with it all that is under way. */
const UNSENDABLE = /\0|\p{Surrogate}/u;

function whyNoElement(value: Atom, base: BaseType): string | null {
  if (isPlaceholder(value)) return base.type === "uuid" ? null : "a row can't be referred to here";
  if (!isOfType(value, base)) return `${shown(value)} is no ${base.type}`;
  if (base.enum !== null && !base.enum.includes(value))
    return `${shown(value)} is none of ${base.enum.join(", ")}`;
  if (typeof value === "string") {
    if (!PRINTABLE_ASCII.test(value) && UNSENDABLE.test(value))
      return `${shown(value)} has characters that can't be sent`;
    if (base.type === "uuid" || (base.min === null && base.max === null)) return null;
    // Servers count characters, not halves of surrogate pairs.
    return whyOutOfRange([...value].length, base, `the length of ${shown(value)}`);
  }
  return typeof value === "boolean" ? null : whyOutOfRange(value, base, shown(value));
}

function whyOutOfRange(value: number | bigint, { min, max }: BaseType, what: string): string | null {
  if (min !== null && value < min) return `${what} is less than ${min}`;
  return max !== null && value > max ? `${what} is more than ${max}` : null;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

function isOfType(value: Atom, { type }: BaseType): boolean {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "uuid":
      return typeof value === "string" && isUuid(value);
    case "boolean":
      return typeof value === "boolean";
    case "real":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return typeof value === "bigint"
        ? value >= INT64_MIN && value <= INT64_MAX
        : Number.isSafeInteger(value);
  }
}

const SHOWN = 60;

function shown(value: DatumInput): string {
  const plain = value instanceof Set ? [...value] : value instanceof Map ? Object.fromEntries(value) : value;
  const text = JSON.stringify(plain, (_key, one: unknown) => (typeof one === "bigint" ? String(one) : one));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
