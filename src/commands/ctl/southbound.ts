/** What `--wait=sb` waits for: that the southbound database has caught up with a change of the northbound one. */
import type { ColumnSchema, DatabaseSchema, Integer, OvsSchema, Replica } from "ovsdb-client-ts";
import { CommandError } from "./command-error.ts";

const COLUMNS = ["nb_ic_cfg", "sb_ic_cfg"];

/**
 * The columns by which changes are counted.
 *
 * @throws CommandError if the server is too old to have them.
 */
export function sequenceColumns(schema: DatabaseSchema, globalTable: string): ColumnSchema[] {
  return COLUMNS.map((name) => {
    const column = schema.tables.get(globalTable)?.columns.get(name);
    if (column !== undefined) return column;
    throw new CommandError(
      `--wait=sb: the database (${schema.name} ${schema.version}) lacks column ${name} of table ${globalTable}; ` +
        "upgrade its schema",
    );
  });
}

/** Whether the southbound database is as far as `value` says. */
export function hasCaughtUp(replica: Replica<OvsSchema>, globalTable: string, value: Integer): boolean {
  for (const row of replica.transaction().rows(globalTable)) {
    const reached = row.sb_ic_cfg;
    if ((typeof reached === "number" || typeof reached === "bigint") && reached >= value) return true;
  }
  return false;
}
