/**
 * `show --filter`: words separated by `,`, each `TEXT|TEXT...` for all rows or `TABLE(TEXT|TEXT...)` for
 * those of a table. A row is shown if its line contains one of the texts, whatever their case, or if nothing
 * is said about its table.
 */
import type { DatabaseSchema } from "ovsdb-client-ts";
import { CommandError } from "../cli/index.ts";
import { findTable } from "../ctl/find/index.ts";

interface Filter {
  /** null: for all tables. */
  readonly table: string | null;
  readonly texts: readonly string[];
}

/** Whether a row of a table, which would be shown in such a line, is to be shown. */
export type ShowFilter = (table: string, line: string) => boolean;

/**
 * Parses the value of `--filter`.
 *
 * @throws CommandError in the words of 26.03.1.
 * @example parseShowFilter("Transit_Switch(ts1|ts2)", schema)("Transit_Switch", "Transit_Switch ts1"); // true
 */
export function parseShowFilter(text: string, schema: DatabaseSchema): ShowFilter {
  const filters = text
    .split(",")
    .filter((word) => word !== "")
    .map((word) => parseFilter(word, schema));
  return (table, line) => {
    const relevant = filters.filter((filter) => filter.table === null || filter.table === table);
    const folded = line.toLowerCase();
    return relevant.length === 0 || relevant.some(({ texts }) => texts.some((one) => folded.includes(one)));
  };
}

function parseFilter(word: string, schema: DatabaseSchema): Filter {
  const open = word.indexOf("(");
  if (open === -1) return { table: null, texts: textsOf(word) };
  if (!word.endsWith(")")) throw new CommandError("Malformed filter: missing closing ')'");
  return { table: findTable(schema, word.slice(0, open)).name, texts: textsOf(word.slice(open + 1, -1)) };
}

function textsOf(list: string): string[] {
  return list
    .toLowerCase()
    .split("|")
    .filter((text) => text !== "");
}
