/**
 * `get-connection`, `del-connection`, `set-connection`: where the database server itself listens, or connects
 * to.
 */
import type { AnyRow, Behaviour, Behaviours, CommandContext, NeedsContext } from "../command/index.ts";
import { globalRow, keepColumns, needTable, textOf } from "../find/index.ts";

const TARGET_METHODS = ["tcp", "ssl", "unix", "ptcp", "pssl", "punix"];

const getConnection: Behaviour = {
  needs: needConnections,
  run: (context) => {
    const targets = connectionsOf(context).map((row) => textOf(row, "target"));
    for (const target of targets.sort()) context.print(`${target}\n`);
  },
};

const delConnection: Behaviour = {
  needs: needConnections,
  run: deleteConnections,
};

const setConnection: Behaviour = {
  needs: needConnections,
  run: (context) => {
    const { args, options, txn } = context;
    deleteConnections(context);
    const probe = options.get("inactivity-probe") ?? null;
    const connections = args.map((target) => {
      const known = TARGET_METHODS.some((method) => target.startsWith(`${method}:`));
      if (!known) context.warn(`target type "${target}" is possibly erroneous`);
      // Like strtoll(3): as many digits as there are, and none are 0.
      const rest = probe === null ? {} : { inactivity_probe: Number.parseInt(probe, 10) || 0 };
      return txn.insert("Connection", { target, ...rest });
    });
    const { table, uuid } = globalRow(context);
    txn.update(table, uuid, { connections });
  },
};

function needConnections(context: NeedsContext): void {
  needTable(context, "Connection", ["target", "inactivity_probe"]);
  needTable(context, context.globalTable, ["connections"]);
}

/** The connections, which must be the same ones when the line is committed. */
function connectionsOf(context: CommandContext): AnyRow[] {
  const { txn } = context;
  const { table, row } = globalRow(context);
  if (row !== undefined) keepColumns(context, table, row, ["connections"]);
  const rows = [...txn.rows("Connection")];
  for (const connection of rows) keepColumns(context, "Connection", connection, ["target"]);
  return rows;
}

function deleteConnections(context: CommandContext): void {
  const { txn } = context;
  const { table, uuid } = globalRow(context);
  for (const row of connectionsOf(context)) txn.delete("Connection", row._uuid);
  txn.update(table, uuid, { connections: [] });
}

export const behaviours: Behaviours = {
  "get-connection": getConnection,
  "del-connection": delConnection,
  "set-connection": setConnection,
};
