// The options of `ovn-ic sync`.

import { Command, InvalidArgumentError, Option } from "commander";
import type { TlsOptions } from "ovsdb-client-ts";
import { defaultRemote } from "../../core/databases.ts";
import type { DatabaseName } from "../../core/model/index.ts";
import type { ConnectOptions } from "../../core/sync/run/index.ts";
import { setTls, TLS_OPTIONS, type TlsOptionName } from "../cli/index.ts";
import { mebibytes } from "./mebibytes.ts";

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

/** Of each TLS option what it takes, if anything, and what it is for; in the order of `--help`. */
const TLS_HELP: Readonly<Record<TlsOptionName, readonly [argument: string, text: string]>> = {
  "private-key": ["FILE", "private key for ssl: remotes"],
  certificate: ["FILE", "certificate for ssl: remotes"],
  "ca-cert": ["FILE", "CA certificate that the servers' must be signed by"],
  "bootstrap-ca-cert": ["FILE", "the same, made from the first CA seen if it isn't there"],
  "ssl-protocols": ["PROTOCOLS", "TLS versions to use"],
  "ssl-ciphers": ["CIPHERS", "TLS 1.2 ciphers to use"],
  "ssl-ciphersuites": ["SUITES", "TLS 1.3 ciphersuites to use"],
  "ssl-server-name": ["NAME", "server name to ask for (SNI)"],
  "ssl-check-name": ["", "servers' certificates must be for that name, or for the remotes' hosts"],
};

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
  for (const option of tlsOptions()) command.addOption(option);
  return command.addOption(
    new Option(
      "--max-message-size <MIB>",
      "give up a server that sends more at once (default: 128)",
    ).argParser(parseMebibytes),
  );
}

function tlsOptions(): Option[] {
  const order = Object.keys(TLS_HELP);
  return [...TLS_OPTIONS].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name)).map(tlsOption);
}

function tlsOption(spec: (typeof TLS_OPTIONS)[number]): Option {
  const [argument, text] = TLS_HELP[spec.name];
  const short = "short" in spec ? `-${spec.short}, ` : "";
  return new Option(`${short}--${spec.name}${argument === "" ? "" : ` <${argument}>`}`, text);
}

function parseMebibytes(value: string): number {
  const size = mebibytes(value);
  if (size === null) throw new InvalidArgumentError("It must be a number of MiB from 1 to 1024.");
  return size;
}

function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(value)) throw new InvalidArgumentError("It must be a number of seconds.");
  return seconds;
}

/** Where the databases are, by the options and the environment. */
export function connectOptions(options: Options): Pick<ConnectOptions, "remotes" | "tls" | "maxMessageSize"> {
  const remote = (database: DatabaseName, asked: string | undefined) =>
    asked ?? defaultRemote(database, process.env);
  const tls: TlsOptions = {};
  const values: Readonly<Record<string, unknown>> = { ...options };
  for (const spec of TLS_OPTIONS) {
    const value = values[tlsOption(spec).attributeName()];
    if (value !== undefined) setTls(tls, spec, String(value));
  }
  return {
    remotes: {
      nb: remote("nb", options.ovnnbDb),
      sb: remote("sb", options.ovnsbDb),
      icNb: remote("icNb", options.icNbDb),
      icSb: remote("icSb", options.icSbDb),
    },
    tls,
    maxMessageSize: options.maxMessageSize,
  };
}
