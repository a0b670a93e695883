/** `create` and `destroy`: whole rows. */
import { isUuid } from "ovsdb-client-ts";
import type { Behaviour } from "../command.ts";
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
    const { args, options, schema, symbols, txn } = context;
    const [name = "", ...settings] = args;
    const table = findTable(schema, name);
    const id = options.get("id") ?? null;
    if (id !== null && isUuid(id.toLowerCase())) {
      throw new CommandError(`--id=${id}: a chosen uuid is not supported; use --id=@NAME`);
    }
    const ahead = id === null ? null : symbols.define(id);
    const uuid = ahead ?? txn.insert(table.name, {});
    if (id !== null) symbols.assign(id, uuid, table.isRoot);
    for (const setting of settings) applySetting(context, table, uuid, setting);
    context.remember(uuid);
  },
  after: ({ remembered, committedUuid, print }) => {
    for (const uuid of remembered) print(`${committedUuid(uuid)}\n`);
  },
};

export const destroy: Behaviour = {
  needs: (context) => {
    const [name = "", ...records] = context.args;
    needRecords(context, findTable(context.schema, name));
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
