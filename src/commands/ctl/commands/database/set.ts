/** `set`, and the writing of `COLUMN[:KEY]=VALUE`, which other commands use too. */
import type { TableSchema, Uuid } from "ovsdb-client-ts";
import { CommandError } from "../../../cli/index.ts";
import type { Behaviour, CommandContext, NeedsContext } from "../../command/index.ts";
import { parseAtom, parseDatum } from "../../datum/index.ts";
import {
  argumentColumn,
  findRecordToKeep,
  findTable,
  needRecords,
  parseColumnKeyValue,
} from "../../find/index.ts";

export const set: Behaviour = {
  needs: (context) => {
    const [name = "", record = "", ...settings] = context.args;
    const table = findTable(context.schema, name);
    needRecords(context, table, [record]);
    needSettings(context, table, settings);
  },
  run: (context) => {
    const [name = "", record = "", ...settings] = context.args;
    const table = findTable(context.schema, name);
    const row = findRecordToKeep(context.options.has("if-exists"), context, table, record);
    if (row === undefined) return;
    for (const setting of settings) applySetting(context, table, row._uuid, setting);
  },
};

/** Declares what applying some settings needs. */
export function needSettings(context: NeedsContext, table: TableSchema, settings: readonly string[]): void {
  const columns = settings.map((setting) => argumentColumn(setting, table));
  const fixed = columns.find((column) => !column.mutable);
  if (fixed !== undefined) {
    throw new CommandError(`cannot modify read-only column ${fixed.name} in table ${table.name}`);
  }
  context.need(table, columns, false);
}

/** Writes one `COLUMN[:KEY]=VALUE` to a row; with a key no other key is touched. */
export function applySetting(
  { txn, symbols }: CommandContext,
  table: TableSchema,
  uuid: Uuid,
  setting: string,
): void {
  const { column, key, value } = parseColumnKeyValue(setting, table, ["="]);
  if (key === null) {
    txn.update(table.name, uuid, { [column.name]: parseDatum(value, column, symbols.resolve) });
    return;
  }
  if (column.value === null) {
    throw new CommandError(`cannot specify key to set for non-map column ${column.name}`);
  }
  const keyAtom = parseAtom(key, column.key, symbols.resolve);
  const valueAtom = parseAtom(value, column.value, symbols.resolve);
  txn.setKey(table.name, uuid, column.name, keyAtom, valueAtom);
}
