/**
 * Column values that a user types: atoms, sets and maps (ovs-vsctl(8), "Database Values").
 */
import type { Atom, BaseType, ColumnKind, Datum } from "ovsdb-client-ts";
import { compareAtoms, normalizeInteger } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import { checkConstraints } from "./constraints.ts";
import type { Element } from "./elements.ts";
import { datumOf } from "./elements.ts";
import { parseString } from "./string.ts";
import { isDelimiter, readToken } from "./token.ts";

/** What a text is parsed as. A column is one; commands widen or narrow the limits. */
export interface ParseType {
  readonly kind: ColumnKind;
  readonly key: BaseType;
  readonly value: BaseType | null;
  readonly min: number;
  readonly max: number;
}

/** Gives the uuid that `@name` stands for; `base` says what it is about to be used as. */
export type ResolveSymbol = (name: string, base: BaseType) => string;

/**
 * Parses a column value.
 *
 * @throws CommandError in the words of the C programs.
 * @example parseDatum("a=b,c=d", column, symbols.resolve); // Map { "a" => "b", "c" => "d" }
 */
export function parseDatum(text: string, type: ParseType, resolve: ResolveSymbol): Datum {
  return datumOf(type.kind, parseElements(text, type, resolve));
}

/** Like `parseDatum`, with the elements as a list in ascending order of their keys. */
export function parseElements(text: string, type: ParseType, resolve: ResolveSymbol): Element[] {
  const isMap = type.value !== null;
  if (text === "") {
    throw new CommandError(isMap ? 'use "{}" to specify the empty map' : 'use "[]" to specify the empty set');
  }
  const [open, close] = isMap ? ["{", "}"] : ["[", "]"];
  let at = skipSpaces(text, 0);
  const bracketed = text.charAt(at) === open;
  if (bracketed) at = skipSpaces(text, at + 1);
  const elements: Element[] = [];
  while (at < text.length && !(bracketed && text.charAt(at) === close)) {
    at = readElement(text, at, type, resolve, elements);
    at = skipSpaces(text, at);
    if (text.charAt(at) === ",") at = skipSpaces(text, at + 1);
  }
  if (bracketed) {
    if (at >= text.length) throw new CommandError(`${text}: missing "${close}" at end of data`);
    if (skipSpaces(text, at + 1) < text.length) {
      throw new CommandError(`${text}: trailing garbage after "${close}"`);
    }
  }
  checkCount(text, elements.length, type);
  return sortElements(text, elements, isMap);
}

function skipSpaces(text: string, at: number): number {
  let position = at;
  while (/[ \t\n\v\f\r]/.test(text.charAt(position))) position += 1;
  return position;
}

function readElement(
  text: string,
  start: number,
  type: ParseType,
  resolve: ResolveSymbol,
  into: Element[],
): number {
  const key = readAtoms(text, start, type, type.key, resolve);
  if (type.value === null) {
    for (const atom of key.atoms) into.push([atom]);
    return key.end;
  }
  const equals = skipSpaces(text, key.end);
  const found = text.charAt(equals);
  // The C programs print a character that isn't there as the end of the message.
  if (found === "") throw new CommandError(`${text.slice(start)}: syntax error at "`);
  if (found !== "=") throw new CommandError(`${text.slice(start)}: syntax error at "${found}" expecting "="`);
  const valueAt = skipSpaces(text, equals + 1);
  const token = readToken(text, valueAt);
  const value = parseAtom(token.text, type.value, resolve);
  const [first] = key.atoms;
  if (first !== undefined) into.push([first, value]);
  return token.end;
}

/** One atom, or in a set of integers all of a range `1-3`. */
function readAtoms(text: string, at: number, type: ParseType, base: BaseType, resolve: ResolveSymbol) {
  const character = text.charAt(at);
  if (isDelimiter(character)) {
    throw new CommandError(`${text}: unexpected "${character}" parsing ${describeType(type)}`);
  }
  const token = readToken(text, at);
  if (base.type === "integer" && type.value === null) {
    return { atoms: parseIntegerOrRange(token.text, base), end: token.end };
  }
  return { atoms: [parseAtom(token.text, base, resolve)], end: token.end };
}

/**
 * Parses one atom.
 *
 * @throws CommandError in the words of the C programs.
 * @example parseAtom("10", integer, resolve); // 10
 */
export function parseAtom(text: string, base: BaseType, resolve: ResolveSymbol): Atom {
  const atom = parseAtomOf(text, base, resolve);
  checkConstraints(atom, base);
  return atom;
}

function parseAtomOf(text: string, base: BaseType, resolve: ResolveSymbol): Atom {
  switch (base.type) {
    case "integer":
      return parseInteger(text) ?? fail(`"${text}" is not a valid integer`);
    case "real":
      return parseReal(text) ?? fail(`"${text}" is not a valid real number`);
    case "boolean":
      return parseBoolean(text) ?? fail(`"${text}" is not a valid boolean (use "true" or "false")`);
    case "string":
      return parseString(text);
    case "uuid":
      return text.startsWith("@") ? resolve(text, base) : parseUuid(text);
  }
}

function fail(message: string): never {
  throw new CommandError(message);
}

const INTEGER = /^\s*[+-]?\d+$/;
const LARGEST = 2n ** 63n - 1n;

function parseInteger(text: string): number | bigint | null {
  if (!INTEGER.test(text)) return null;
  const value = BigInt(text.trim().replace(/^\+/, ""));
  return value > LARGEST || value < -LARGEST - 1n ? null : normalizeInteger(value);
}

/** More elements than any column holds: a typing error must not fill the memory. */
const LONGEST_RANGE = 1_000_000;

function parseIntegerOrRange(text: string, base: BaseType): Atom[] {
  const single = parseInteger(text);
  if (single !== null) {
    checkConstraints(single, base);
    return [single];
  }
  const [, from = "", to = ""] = /^(\s*[+-]?\d+)-(\s*[+-]?\d+)$/.exec(text) ?? [];
  const first = parseInteger(from);
  const last = parseInteger(to);
  if (first === null || last === null) fail(`"${text}" is not a valid integer or range`);
  if (first >= last) fail(`"${text}" is not a valid range. Range end cannot be before start.`);
  const count = Number(BigInt(last) - BigInt(first)) + 1;
  if (count > LONGEST_RANGE) fail(`"${text}" is a range of more than ${LONGEST_RANGE} integers`);
  checkConstraints(first, base);
  checkConstraints(last, base);
  return Array.from({ length: count }, (_, i) => normalizeInteger(BigInt(first) + BigInt(i)));
}

function parseReal(text: string): number | null {
  if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value + 0 : null;
}

function parseBoolean(text: string): boolean | null {
  if (["true", "yes", "on", "1"].includes(text)) return true;
  if (["false", "no", "off", "0"].includes(text)) return false;
  return null;
}

function parseUuid(text: string): string {
  const uuid = text.toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) fail(`"${text}" is not a valid UUID`);
  return uuid;
}

function checkCount(text: string, count: number, type: ParseType): void {
  const elements = type.value === null ? "value(s)" : "pair(s)";
  if (count < type.min) {
    fail(`${text}: ${count} ${elements} specified but the minimum number is ${type.min}`);
  }
  if (count > type.max) {
    fail(`${text}: ${count} ${elements} specified but the maximum number is ${type.max}`);
  }
}

function sortElements(text: string, elements: Element[], isMap: boolean): Element[] {
  elements.sort((a, b) => compareAtoms(a[0], b[0]));
  if (elements.some((element, index) => index > 0 && element[0] === elements[index - 1]?.[0])) {
    fail(`${text}: ${isMap ? "map contains duplicate key" : "set contains duplicate value"}`);
  }
  return elements;
}

/** A type in English: "string", "set of up to 1 integers", "map of (string, string) pairs". */
function describeType(type: ParseType): string {
  const { key, value, min, max } = type;
  if (value === null && min === 1 && max === 1) return key.type;
  const collection = value === null ? "set" : "map";
  const count =
    max === Number.POSITIVE_INFINITY
      ? min > 0
        ? `${min} or more `
        : ""
      : min > 0
        ? `${min} to ${max} `
        : `up to ${max} `;
  const elements = value === null ? `${key.type}s` : `(${key.type}, ${value.type}) pairs`;
  return `${collection} of ${count}${elements}`;
}
