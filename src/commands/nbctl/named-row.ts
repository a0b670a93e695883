/** Switches, routers and ports as users call them: by uuid, or else by name. */
import { isUuid } from "ovsdb-client-ts";
import { CommandError } from "../cli/index.ts";
import type { AnyRow, CommandContext, NeedsContext } from "../ctl/command/index.ts";

/** The row that a uuid or a name stands for. */
export function findNamed({ txn }: CommandContext, table: string, id: string): AnyRow | undefined {
  const uuid = id.toLowerCase();
  const byUuid = isUuid(uuid) ? txn.get(table, uuid) : undefined;
  if (byUuid !== undefined) return byUuid;
  const [row] = txn.find(table, "name", id);
  return row;
}

/** @param what what such rows are called in messages: "switch", "router port". */
export function notFound(what: string, id: string): CommandError {
  return new CommandError(`${id}: ${what} ${isUuid(id.toLowerCase()) ? "UUID" : "name"} not found`);
}

/** Like `findNamed`; no such row is an error. */
export function requireNamed(context: CommandContext, table: string, what: string, id: string): AnyRow {
  const row = findNamed(context, table, id);
  if (row === undefined) throw notFound(what, id);
  return row;
}

/** Fails when the server lacks a table, before anything is written. */
export function requireTable({ schema }: NeedsContext, table: string): void {
  if (schema.tables.has(table)) return;
  throw new CommandError(
    `the database (${schema.name} ${schema.version}) lacks table ${table}; upgrade its schema`,
  );
}
