/** `get-ssl`, `del-ssl`, `set-ssl`: the keys and certificates that the database server itself uses. */

import { CommandError } from "../../cli/index.ts";
import type { AnyRow, Behaviour, Behaviours, CommandContext, NeedsContext } from "../command/index.ts";
import { globalRow, keepColumns, needTable, textOf } from "../find/index.ts";

const SHOWN = ["private_key", "certificate", "ca_cert", "bootstrap_ca_cert"];

const getSsl: Behaviour = {
  needs: needSsl,
  run: (context) => {
    const { print } = context;
    const row = sslRow(context);
    if (row === undefined) return;
    keepColumns(context, "SSL", row, SHOWN);
    print(`Private key: ${textOf(row, "private_key")}\n`);
    print(`Certificate: ${textOf(row, "certificate")}\n`);
    print(`CA Certificate: ${textOf(row, "ca_cert")}\n`);
    print(`Bootstrap: ${row.bootstrap_ca_cert === true}\n`);
  },
};

const delSsl: Behaviour = {
  needs: needSsl,
  run: deleteSsl,
};

const setSsl: Behaviour = {
  needs: needSsl,
  run: (context) => {
    const { args, options, schema, txn } = context;
    const [private_key = "", certificate = "", ca_cert = "", protocols, ciphers, ciphersuites] = args;
    const known = schema.tables.get("SSL")?.columns.has("ssl_ciphersuites") === true;
    if (ciphersuites !== undefined && !known) {
      throw new CommandError(
        "set-ssl: the database lacks column ssl_ciphersuites of table SSL; upgrade its schema",
      );
    }
    deleteSsl(context);
    const ssl = txn.insert("SSL", {
      private_key,
      certificate,
      ca_cert,
      bootstrap_ca_cert: options.has("bootstrap"),
      ...(protocols === undefined ? {} : { ssl_protocols: protocols }),
      ...(ciphers === undefined ? {} : { ssl_ciphers: ciphers }),
      ...(ciphersuites === undefined ? {} : { ssl_ciphersuites: ciphersuites }),
    });
    const { table, uuid } = globalRow(context);
    txn.update(table, uuid, { ssl });
  },
};

function needSsl(context: NeedsContext): void {
  needTable(context, "SSL", SHOWN);
  needTable(context, context.globalTable, ["ssl"]);
}

/**
 * The row that counts: the one referred to, since another may be about to go. It must be so when the line is
 * committed.
 */
function sslRow(context: CommandContext): AnyRow | undefined {
  const { txn, destroyed } = context;
  const { table, uuid, row } = globalRow(context);
  if (row !== undefined) keepColumns(context, table, row, ["ssl"]);
  const rows = [...txn.rows("SSL")].filter((one) => !destroyed.has(one._uuid));
  return rows.find((one) => one._uuid === txn.get(table, uuid)?.ssl) ?? rows[0];
}

function deleteSsl(context: CommandContext): void {
  const { txn } = context;
  const row = sslRow(context);
  if (row === undefined) return;
  const { table, uuid } = globalRow(context);
  txn.delete("SSL", row._uuid);
  txn.update(table, uuid, { ssl: null });
}

export const behaviours: Behaviours = { "get-ssl": getSsl, "del-ssl": delSsl, "set-ssl": setSsl };
