/** `create` and `destroy`: whole rows. */
import { isUuid, type TableSchema, type Uuid } from "ovsdb-client-ts";
import type { Behaviour, CommandContext } from "../command.ts";
import { CommandError } from "../command-error.ts";
import { findTable } from "../names.ts";
import { findRecordToWrite, needRecords } from "../record.ts";
import { applySetting, needSettings } from "./set.ts";

export const create: Behaviour = {
  needs: (context) => {
    const [name = "", ...settings] = context.args;
    const table = findTable(context.schema, name);
    if (!context.options.has("id") && !table.isRoot) {
      const why = `applying "create" command to table ${table.name} without --id option will have no effect`;
      context.warn(why, "db_ctl_base");
    }
    needSettings(context, table, settings);
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
    if (records.length === 0 && !context.options.has("all")) {
      context.warn("either --all or records argument should be specified", "db_ctl_base");
    }
  },
  run: (context) => {
    const { args, options, schema, txn } = context;
    const [name = "", ...records] = args;
    const ifExists = options.has("if-exists");
    const all = options.has("all");
    if (all && records.length > 0) {
      throw new CommandError("--all and records argument should not be specified together");
    }
    if (all && ifExists) throw new CommandError("--all and --if-exists should not be specified together");
    const table = findTable(schema, name);
    // Rows of other tables are there only while something refers to them: the server itself deletes them when nothing does.
    const mayDelete = table.isRoot;
    if (all && mayDelete) for (const row of [...txn.rows(table.name)]) txn.delete(table.name, row._uuid);
    for (const record of records) {
      const row = findRecordToWrite(ifExists, context, table, record);
      if (row !== undefined && mayDelete) txn.delete(table.name, row._uuid);
    }
  },
};
