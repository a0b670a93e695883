/**
 * Tables and columns by their names or unambiguous beginnings, case and `-`/`_` folded, among those that the
 * server has.
 */
import type { ColumnSchema, DatabaseSchema, TableSchema } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";

/**
 * The table that a name stands for.
 *
 * @throws CommandError for an unknown or ambiguous name.
 * @example findTable(schema, "avail").name; // "Availability_Zone"
 */
export function findTable(schema: DatabaseSchema, name: string): TableSchema {
  const matches = matching(schema.tables, name);
  const [table, ...others] = matches;
  if (table === undefined) throw new CommandError(`unknown table "${name}"`);
  if (others.length > 0) {
    throw new CommandError(`"${name}" matches multiple table names: ${listOf(matches)}`);
  }
  return table;
}

/**
 * The column that a name stands for; `_uuid` isn't one.
 *
 * @throws CommandError for an unknown or ambiguous name.
 */
export function findColumn(table: TableSchema, name: string): ColumnSchema {
  const matches = matching(table.columns, name);
  const [column, ...others] = matches;
  if (column === undefined) {
    throw new CommandError(`${table.name} does not contain a column whose name matches "${name}"`);
  }
  if (others.length > 0) {
    throw new CommandError(
      `${table.name} contains more than one column whose name matches "${name}": ${listOf(matches)}`,
    );
  }
  return column;
}

function listOf(matches: readonly { readonly name: string }[]): string {
  return matches.map((match) => match.name).join(", ");
}

/** The one with exactly this name, or with this name when folded; else all whose names begin so, in order. */
function matching<T extends { readonly name: string }>(all: ReadonlyMap<string, T>, name: string): T[] {
  const exact = all.get(name);
  if (exact !== undefined) return [exact];
  if (name === "") return [];
  const folded = fold(name);
  const candidates = [...all.values()].filter((item) => fold(item.name).startsWith(folded));
  const whole = candidates.filter((item) => item.name.length === name.length);
  return (whole.length > 0 ? whole : candidates).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}
