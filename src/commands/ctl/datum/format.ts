/**
 * Column values as text, in the three forms of `--data`.
 */
import type { Atom, ColumnSchema, Datum } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import { elementsOf } from "./elements.ts";

const PLAIN_STRING = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const UUID_LENGTH = 36;

/** A value, together with what its column (or `_uuid`) holds. */
export type ValueType = Pick<ColumnSchema, "kind" | "key" | "value">;

/**
 * A column value in the "string" form, which `set` reads back: `{a=b, c="d e"}`, `[1, 2]`, `"10.0.0.1"`.
 *
 * @example formatDatum(["a", "b c"], column); // '[a, "b c"]'
 */
export function formatDatum(datum: Datum, type: ValueType): string {
  // Most values are one atom, and a table may have a million of them.
  if (typeof datum !== "object") return formatAtom(datum, type.key.type === "uuid");
  const elements = elementsOf(datum);
  const [open, close] = brackets(type, elements.length);
  const texts = elements.map(([key, value]) => {
    const text = formatAtom(key, type.key.type === "uuid");
    if (value === undefined) return text;
    return `${text}=${formatAtom(value, type.value?.type === "uuid")}`;
  });
  return `${open}${texts.join(", ")}${close}`;
}

function brackets(type: ValueType, count: number): readonly [string, string] {
  if (type.kind === "map") return ["{", "}"];
  if (type.kind === "set" || count === 0) return ["[", "]"];
  return ["", ""];
}

/** An atom in the "string" form: a string is quoted unless it looks like a word and like nothing else. */
export function formatAtom(atom: Atom, uuid = false): string {
  if (typeof atom !== "string" || uuid) return formatBareAtom(atom);
  if (!PLAIN_STRING.test(atom) || atom === "true" || atom === "false") return JSON.stringify(atom);
  return atom.length === UUID_LENGTH && isUuid(atom.toLowerCase()) ? JSON.stringify(atom) : atom;
}

/** A column value in the "bare" form: elements separated by spaces, nothing quoted. */
export function formatBareDatum(datum: Datum): string {
  if (typeof datum !== "object") return formatBareAtom(datum);
  return elementsOf(datum)
    .map(([key, value]) =>
      value === undefined ? formatBareAtom(key) : `${formatBareAtom(key)}=${formatBareAtom(value)}`,
    )
    .join(" ");
}

/** An atom as it is. Reals have up to 15 digits, as with printf's `%.15g`. */
export function formatBareAtom(atom: Atom): string {
  if (typeof atom !== "number" || Number.isInteger(atom)) return String(atom);
  return String(Number(atom.toPrecision(15)));
}

/**
 * A column value as JSON text, in the wire form of RFC 7047 §5.1; integers beyond 2^53 stay exact.
 *
 * @example formatJsonDatum(["a", "b"], column); // '["set",["a","b"]]'
 */
export function formatJsonDatum(datum: Datum, type: ValueType): string {
  if (typeof datum !== "object") return formatJsonAtom(datum, type.key.type === "uuid");
  const elements = elementsOf(datum);
  const keys = type.key.type === "uuid";
  if (type.kind === "map") {
    const values = type.value?.type === "uuid";
    const pairs = elements.map(
      ([key, value = ""]) => `[${formatJsonAtom(key, keys)},${formatJsonAtom(value, values)}]`,
    );
    return `["map",[${pairs.join(",")}]]`;
  }
  const atoms = elements.map(([key]) => formatJsonAtom(key, keys));
  return atoms.length === 1 ? atoms.join() : `["set",[${atoms.join(",")}]]`;
}

function formatJsonAtom(atom: Atom, uuid: boolean): string {
  if (uuid) return `["uuid",${JSON.stringify(atom)}]`;
  return typeof atom === "string" ? JSON.stringify(atom) : formatBareAtom(atom);
}
