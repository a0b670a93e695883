// The options of `ovn-ic sync`.

import { Command, Option } from "commander";
import { defaultRemote } from "../../core/databases.ts";
import type { DatabaseName } from "../../core/model/index.ts";
import type { ConnectOptions } from "../../core/sync/run/index.ts";
import { addConnectionOptions, parseSeconds, tlsOf } from "./tls-options.ts";

/** Those about TLS are there too, by the names that commander makes: `connectOptions` reads them. */
export interface Options {
  once?: boolean;
  watch?: boolean;
  dryRun?: boolean;
  quiet?: boolean;
  json?: boolean;
  timeout: number;
  ovnnbDb?: string;
  ovnsbDb?: string;
  icNbDb?: string;
  icSbDb?: string;
  maxMessageSize?: number;
}

/** The subcommand, still without what it does. */
export function syncOptions(): Command {
  const command = new Command("sync")
    .description("bring this availability zone and the interconnection databases in line with each other")
    .addOption(
      new Option("--once", "until nothing is left to be written (default)").conflicts(["watch", "dryRun"]),
    )
    .addOption(new Option("--watch", "continuously, in the foreground").conflicts("dryRun"))
    .option("--dry-run", "print what would be written, and write nothing")
    .option("--quiet", "print errors and warnings only")
    .option("--json", "print one line of JSON; with --watch one for each transaction")
    .addOption(
      new Option("--timeout <SECONDS>", "give up after so long; 0: never; not with --watch")
        .argParser(parseSeconds)
        .default(60)
        .conflicts("watch"),
    )
    .option("--ovnnb-db <REMOTES>", "OVN_Northbound of this zone (default: $OVN_NB_DB or the local socket)")
    .option("--ovnsb-db <REMOTES>", "OVN_Southbound of this zone (default: $OVN_SB_DB or the local socket)")
    .option("--ic-nb-db <REMOTES>", "OVN_IC_Northbound (default: $OVN_IC_NB_DB or the local socket)")
    .option("--ic-sb-db <REMOTES>", "OVN_IC_Southbound (default: $OVN_IC_SB_DB or the local socket)");
  return addConnectionOptions(command);
}

/** Where the databases are, by the options and the environment. */
export function connectOptions(options: Options): Pick<ConnectOptions, "remotes" | "tls" | "maxMessageSize"> {
  const remote = (database: DatabaseName, asked: string | undefined) =>
    asked ?? defaultRemote(database, process.env);
  return {
    remotes: {
      nb: remote("nb", options.ovnnbDb),
      sb: remote("sb", options.ovnsbDb),
      icNb: remote("icNb", options.icNbDb),
      icSb: remote("icSb", options.icSbDb),
    },
    tls: tlsOf(options),
    maxMessageSize: options.maxMessageSize,
  };
}
