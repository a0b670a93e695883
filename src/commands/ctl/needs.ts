/** What a line's commands need of the database: asked of each one, once the schema is known. */
import type { DatabaseSchema } from "ovsdb-client-ts";
import type { NeedsContext } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { Line } from "./loaded-line.ts";

/** The columns needed, by table. */
export type Requests = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Collects what a line needs.
 *
 * @throws CommandError for tables and columns that there aren't.
 */
export function collectNeeds(
  line: Pick<Line, "program" | "commands" | "log">,
  schema: DatabaseSchema,
): Requests {
  const { program, log } = line;
  const { globalTable, recordNames, logModule } = program;
  if (!schema.tables.has(globalTable)) {
    throw new CommandError(
      `database ${schema.name} of the server lacks table ${globalTable}; it is not the one for ${program.name}`,
    );
  }
  // No column of it unless a command asks: only whether there is a row.
  const requests = new Map<string, Set<string>>([[globalTable, new Set()]]);
  const need: NeedsContext["need"] = (table, columns = []) => {
    const known = requests.get(table.name) ?? new Set();
    for (const column of columns) known.add(column.name);
    requests.set(table.name, known);
  };
  const warn: NeedsContext["warn"] = (message, module = logModule) => log.warn(module, message);
  for (const { behaviour, args, options } of line.commands) {
    behaviour.needs?.({ args, options, schema, recordNames, globalTable, need, warn });
  }
  return requests;
}
