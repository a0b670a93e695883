/**
 * Arguments of the form `COLUMN[:KEY][OPERATOR VALUE]` (ovs-vsctl(8), "Database Commands").
 */
import type { ColumnSchema, TableSchema } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import { readToken } from "../datum/index.ts";
import { findColumn } from "./tables.ts";

/** A column, with the key if one was given. */
export interface ColumnKey {
  readonly column: ColumnSchema;
  readonly key: string | null;
}

/** Further an operator and the text behind it. */
export interface ColumnKeyValue<O extends string> extends ColumnKey {
  readonly operator: O;
  readonly value: string;
}

/** Only the column of an argument, for finding out what a command needs. */
export function argumentColumn(arg: string, table: TableSchema): ColumnSchema {
  const { text } = readToken(arg, 0);
  if (text === "") throw new CommandError(`${arg}: missing column name`);
  return findColumn(table, text);
}

/**
 * `COLUMN[:KEY]`.
 *
 * @example parseColumnKey("external_ids:subnet", table); // { column: external_ids, key: "subnet" }
 */
export function parseColumnKey(arg: string, table: TableSchema): ColumnKey {
  const { end, ...columnKey } = readColumnKey(arg, table);
  if (end < arg.length) throw new CommandError(`${arg}: trailing garbage "${arg.slice(end)}" in argument`);
  return columnKey;
}

/**
 * `COLUMN[:KEY]OPERATOR VALUE`; of several operators that fit, the longest counts.
 *
 * @example parseColumnKeyValue("tunnel_key>=5", table, ["=", ">", ">="]); // { column: tunnel_key, operator: ">=", value: "5", … }
 */
export function parseColumnKeyValue<O extends string>(
  arg: string,
  table: TableSchema,
  operators: readonly O[],
): ColumnKeyValue<O> {
  const { end, ...columnKey } = readColumnKey(arg, table);
  const rest = arg.slice(end);
  let operator: O | undefined;
  for (const candidate of operators) {
    // One that nothing follows is none: `a<=` is `a`, `<`, `=`.
    const fits = rest.startsWith(candidate) && rest.length > candidate.length;
    if (fits && candidate.length > (operator?.length ?? 0)) operator = candidate;
  }
  if (operator === undefined) {
    throw new CommandError(`${arg}: argument does not end in ${listOf(operators)} followed by a value.`);
  }
  return { ...columnKey, operator, value: rest.slice(operator.length) };
}

function readColumnKey(arg: string, table: TableSchema): ColumnKey & { readonly end: number } {
  const column = argumentColumn(arg, table);
  const { end } = readToken(arg, 0);
  if (arg.charAt(end) !== ":") return { column, key: null, end };
  const key = readToken(arg, end + 1);
  return { column, key: key.text, end: key.end };
}

function listOf(operators: readonly string[]): string {
  const quoted = operators.map((operator) => `"${operator}"`);
  if (quoted.length < 2) return quoted.join();
  return `${quoted.slice(0, -1).join(", ")}, or ${quoted.at(-1)}`;
}
