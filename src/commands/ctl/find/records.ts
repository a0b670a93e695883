/**
 * Records as a user calls them: by uuid or at least four letters of one, `.` for the only row of a table, or
 * by the value of a column that names such records.
 */
import type { ColumnSchema, Condition, TableSchema, Uuid } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import type { AnyRow, CommandContext, NeedsContext } from "../command/index.ts";

/** Lower case only, as in the C programs. */
const PARTIAL_UUID = /^[0-9a-f][0-9a-f-]{3,35}$/;

/** The rows of a table that the line's commands see. */
export function* rowsOf({ txn, destroyed }: CommandContext, table: TableSchema): Generator<AnyRow> {
  for (const row of txn.rows(table.name)) if (!destroyed.has(row._uuid)) yield row;
}

/** Declares what finding records of a table needs. */
export function needRecords(context: NeedsContext, table: TableSchema, ids: readonly string[]): void {
  const columns = nameColumns(context, table);
  const conditions = ids.map((id) => conditionsFor(id, columns));
  const where = conditions.every((some) => some !== null) ? conditions.flat() : true;
  context.need(table, columns, where);
}

/** Which rows an identifier may stand for, as far as the server can tell; null: any. */
function conditionsFor(id: string, columns: readonly ColumnSchema[]): Condition[] | null {
  const uuid = id.toLowerCase();
  if (id === "." || (PARTIAL_UUID.test(id) && !isUuid(uuid))) return null;
  const names = columns.filter(({ key }) => key.type === "string" || isUuid(id));
  return [
    ...(isUuid(uuid) ? [["_uuid", "==", uuid] as const] : []),
    ...names.map((column) => [column.name, "==", id] as const),
  ];
}

function nameColumns({ recordNames }: Pick<NeedsContext, "recordNames">, table: TableSchema): ColumnSchema[] {
  return (recordNames[table.name] ?? []).flatMap((name) => table.columns.get(name) ?? []);
}

/**
 * The row that a record identifier stands for; undefined if there is none.
 *
 * @throws CommandError if several rows have this name, or this beginning of their uuids.
 * @example findRecord(context, table, "ts1")
 */
export function findRecord(context: CommandContext, table: TableSchema, id: string): AnyRow | undefined {
  const { txn } = context;
  const uuid: Uuid = id.toLowerCase();
  if (isUuid(uuid)) {
    const row = txn.get(table.name, uuid);
    if (row !== undefined && !context.destroyed.has(uuid)) return row;
  }
  if (id === ".") {
    const [row, ...others] = rowsOf(context, table);
    if (row !== undefined && others.length === 0) return row;
  }
  for (const column of nameColumns(context, table)) {
    const row = findByName(context, table, column, id);
    if (row !== undefined) return row;
  }
  return PARTIAL_UUID.test(id) ? findByPartialUuid(context, table, id) : undefined;
}

/** Like `findRecord`, but a missing record is an error unless `ifExists`. */
export function findRecordUnless(
  ifExists: boolean,
  context: CommandContext,
  table: TableSchema,
  id: string,
): AnyRow | undefined {
  const row = findRecord(context, table, id);
  if (row === undefined && !ifExists) throw new CommandError(`no row "${id}" in table ${table.name}`);
  return row;
}

function findByName(
  { txn, destroyed }: CommandContext,
  table: TableSchema,
  column: ColumnSchema,
  name: string,
): AnyRow | undefined {
  const all = [...txn.find(table.name, column.name, name)];
  const [found, other] = all.filter((row) => !destroyed.has(row._uuid));
  if (other !== undefined) throw new CommandError(`multiple rows in ${table.name} match "${name}"`);
  return found;
}

function findByPartialUuid(context: CommandContext, table: TableSchema, part: string): AnyRow | undefined {
  const [first, second] = [...rowsOf(context, table)].filter((row) => row._uuid.startsWith(part));
  if (first === undefined || second === undefined) return first;
  throw new CommandError(
    `${table.name} contains 2 or more rows whose UUIDs begin with ${part}: ` +
      `at least ${first._uuid} and ${second._uuid}`,
  );
}

/**
 * A record that counts for the rest of the line: it must still be there, under this name, when the line is
 * committed.
 */
export function findRecordToKeep(
  ifExists: boolean,
  context: CommandContext,
  table: TableSchema,
  id: string,
): AnyRow | undefined {
  const row = findRecordUnless(ifExists, context, table, id);
  if (row !== undefined) keepName(context, table, row);
  return row;
}

/** A row that was found by its name must still have it when the line is committed. */
export function keepName(context: CommandContext, table: TableSchema, row: AnyRow): void {
  keepColumns(
    context,
    table.name,
    row,
    nameColumns(context, table).map((column) => column.name),
  );
}

/**
 * Columns of a row that the line has looked at: they must be the same when the line is committed, or else the
 * line is run again. So what is printed is what there was when the line's writes were made, and a condition
 * still holds then.
 */
export function keepColumns(
  { txn }: Pick<CommandContext, "txn">,
  table: string,
  row: AnyRow,
  columns: readonly string[],
): void {
  txn.verify(table, row._uuid, columns);
}
