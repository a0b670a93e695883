/** What a line's commands need of the database: asked of each one, once the schema is known. */
import type { ColumnSchema, DatabaseSchema, Where } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import type { NeedsContext } from "../command/index.ts";
import type { Line } from "./line.ts";
import { atCommand } from "./line.ts";

/** What is needed of a table. */
export interface Request {
  readonly columns: Set<string>;
  where: Where;
}

/** What is needed, by table. */
export type Requests = ReadonlyMap<string, Request>;

/**
 * Collects what a line needs.
 *
 * @throws CommandError for tables and columns that there aren't.
 */
export function collectNeeds(
  line: Pick<Line, "program" | "commands" | "log" | "settings">,
  schema: DatabaseSchema,
): Requests {
  const { program, log, settings } = line;
  const { globalTable, recordNames, logModule } = program;
  if (!schema.tables.has(globalTable)) {
    throw new CommandError(
      `database ${schema.name} of the server lacks table ${globalTable}; it is not the one for ${program.name}`,
    );
  }
  // No column of it unless a command asks: only whether there is a row.
  const requests = new Map<string, Request>([[globalTable, { columns: new Set(), where: true }]]);
  const need: NeedsContext["need"] = (table, columns = [], where = true) => {
    const request = requests.get(table.name) ?? { columns: new Set(), where: false };
    for (const column of columns) request.columns.add(column.name);
    request.where = either(request.where, where);
    requests.set(table.name, request);
  };
  const warn: NeedsContext["warn"] = (message, module = logModule) => log.warn(module, message);
  for (const [index, { behaviour, args, options }] of line.commands.entries()) {
    atCommand(index, () =>
      behaviour.needs?.({ args, options, schema, recordNames, globalTable, need, warn }),
    );
  }
  if (settings.wait) {
    for (const column of sequenceColumns(schema, globalTable))
      requests.get(globalTable)?.columns.add(column.name);
  }
  return requests;
}

function either(a: Where, b: Where): Where {
  if (a === true || b === true) return true;
  return [...(a === false ? [] : a), ...(b === false ? [] : b)];
}

/** By these columns changes are counted, for `--wait=sb`. */
const COLUMNS = ["nb_ic_cfg", "sb_ic_cfg"];

/**
 * The columns by which changes are counted.
 *
 * @throws CommandError if the server is too old to have them.
 */
function sequenceColumns(schema: DatabaseSchema, globalTable: string): ColumnSchema[] {
  return COLUMNS.map((name) => {
    const column = schema.tables.get(globalTable)?.columns.get(name);
    if (column !== undefined) return column;
    throw new CommandError(
      `--wait=sb: the database (${schema.name} ${schema.version}) lacks column ${name} of table ${globalTable}; ` +
        "upgrade its schema",
    );
  });
}
