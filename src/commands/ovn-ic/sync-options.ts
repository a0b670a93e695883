// The options of `ovn-ic sync`.

import { Command, InvalidArgumentError, Option } from "commander";
import type { TlsOptions } from "ovsdb-client-ts";
import { defaultRemote } from "../../core/databases.ts";
import type { DatabaseName } from "../../core/model/index.ts";
import type { ConnectOptions } from "../../core/sync/run/index.ts";
import { mebibytes } from "./mebibytes.ts";

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
  privateKey?: string;
  certificate?: string;
  caCert?: string;
  bootstrapCaCert?: string;
  sslProtocols?: string;
  sslCiphers?: string;
  sslCiphersuites?: string;
  sslServerName?: string;
  sslCheckName?: boolean;
  maxMessageSize?: number;
}

/** The subcommand, still without what it does. */
export function syncOptions(): Command {
  return new Command("sync")
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
    .option("--ic-sb-db <REMOTES>", "OVN_IC_Southbound (default: $OVN_IC_SB_DB or the local socket)")
    .option("-p, --private-key <FILE>", "private key for ssl: remotes")
    .option("-c, --certificate <FILE>", "certificate for ssl: remotes")
    .option("-C, --ca-cert <FILE>", "CA certificate that the servers' must be signed by")
    .option("--bootstrap-ca-cert <FILE>", "the same, made from the first CA seen if it isn't there")
    .option("--ssl-protocols <PROTOCOLS>", "TLS versions to use")
    .option("--ssl-ciphers <CIPHERS>", "TLS 1.2 ciphers to use")
    .option("--ssl-ciphersuites <SUITES>", "TLS 1.3 ciphersuites to use")
    .option("--ssl-server-name <NAME>", "server name to ask for (SNI)")
    .option("--ssl-check-name", "servers' certificates must be for that name, or for the remotes' hosts")
    .addOption(
      new Option(
        "--max-message-size <MIB>",
        "give up a server that sends more at once (default: 128)",
      ).argParser(parseMebibytes),
    );
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
  const tls: TlsOptions = {
    ...(options.privateKey === undefined ? {} : { privateKey: options.privateKey }),
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
    ...(options.caCert === undefined ? {} : { caCert: options.caCert }),
    ...(options.bootstrapCaCert === undefined ? {} : { bootstrapCaCert: options.bootstrapCaCert }),
    ...(options.sslProtocols === undefined ? {} : { protocols: options.sslProtocols }),
    ...(options.sslCiphers === undefined ? {} : { ciphers: options.sslCiphers }),
    ...(options.sslCiphersuites === undefined ? {} : { ciphersuites: options.sslCiphersuites }),
    ...(options.sslServerName === undefined ? {} : { serverName: options.sslServerName }),
    ...(options.sslCheckName === undefined ? {} : { checkName: options.sslCheckName }),
  };
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
