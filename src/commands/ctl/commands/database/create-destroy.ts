/** `create` and `destroy`: whole rows. */
import type { TableSchema, Uuid } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import { CommandError } from "../../../cli/index.ts";
import type { Behaviour, CommandContext } from "../../command/index.ts";
import { findRecordToKeep, findTable, needRecords, rowsOf } from "../../find/index.ts";
import { applySetting } from "./set.ts";

export const create: Behaviour = {
  needs: (context) => {
    // Columns are looked at when the command runs: what a new row holds needn't be read.
    const table = findTable(context.schema, context.args[0] ?? "");
    if (!context.options.has("id") && !table.isRoot) {
      const why = `applying "create" command to table ${table.name} without --id option will have no effect`;
      context.warn(why, "db_ctl_base");
    }
    context.need(table, [], false);
  },
  run: (context) => {
    const { args, options, schema } = context;
    const [name = "", ...settings] = args;
    const table = findTable(schema, name);
    const id = options.get("id") ?? null;
    const uuid = insertRow(context, table, id);
    for (const setting of settings) applySetting(context, table, uuid, setting);
    context.remember(uuid);
  },
  after: ({ remembered, committedUuid, print }) => {
    for (const uuid of remembered) print(`${committedUuid(uuid)}\n`);
  },
};

/** @param id `@NAME`, by which the line calls the row; or the uuid that it gets. */
function insertRow({ symbols, txn }: CommandContext, table: TableSchema, id: string | null): Uuid {
  const chosen = id?.toLowerCase() ?? "";
  if (isUuid(chosen)) {
    if (txn.get(table.name, chosen) !== undefined) throw new CommandError(`--id=${id}: the uuid is in use`);
    return txn.insert(table.name, {}, { uuid: chosen });
  }
  const ahead = id === null ? null : symbols.define(id);
  const uuid = ahead ?? txn.insert(table.name, {});
  if (id !== null) symbols.assign(id, uuid, table.isRoot);
  return uuid;
}

export const destroy: Behaviour = {
  needs: (context) => {
    const [name = "", ...records] = context.args;
    const table = findTable(context.schema, name);
    if (context.options.has("all")) context.need(table);
    else needRecords(context, table, records);
  },
  run: (context) => {
    const { args, options, schema } = context;
    const [name = "", ...records] = args;
    const ifExists = options.has("if-exists");
    const all = options.has("all");
    if (all && records.length > 0) {
      throw new CommandError("--all and records argument should not be specified together");
    }
    if (all && ifExists) throw new CommandError("--all and --if-exists should not be specified together");
    const table = findTable(schema, name);
    if (records.length === 0 && !all) {
      context.warn("either --all or records argument should be specified", "db_ctl_base");
    }
    if (all) for (const row of [...rowsOf(context, table)]) destroyRow(context, table, row._uuid);
    for (const record of records) {
      const row = findRecordToKeep(ifExists, context, table, record);
      if (row !== undefined) destroyRow(context, table, row._uuid);
    }
  },
};

/**
 * Rows of a table that is no root are there while something refers to them: the server deletes them when
 * nothing does.
 */
function destroyRow({ txn, destroyed }: CommandContext, table: TableSchema, uuid: Uuid): void {
  if (table.isRoot) txn.delete(table.name, uuid);
  else destroyed.add(uuid);
}
