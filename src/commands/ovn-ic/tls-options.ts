// The options of subcommands that are about TLS and the size of messages, as commander takes them.

import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { TlsOptions } from "ovsdb-client-ts";
import type { TlsOptionName } from "../cli/index.ts";
import { setTls, TLS_OPTIONS } from "../cli/index.ts";
import { mebibytes } from "./mebibytes.ts";

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

/** Adds them to a subcommand. */
export function addConnectionOptions(command: Command): Command {
  const order = Object.keys(TLS_HELP);
  const sorted = [...TLS_OPTIONS].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  for (const spec of sorted) command.addOption(tlsOption(spec));
  return command.addOption(
    new Option(
      "--max-message-size <MIB>",
      "give up a server that sends more at once (default: 128)",
    ).argParser(parseMebibytes),
  );
}

function tlsOption(spec: (typeof TLS_OPTIONS)[number]): Option {
  const [argument, text] = TLS_HELP[spec.name];
  const short = "short" in spec ? `-${spec.short}, ` : "";
  return new Option(`${short}--${spec.name}${argument === "" ? "" : ` <${argument}>`}`, text);
}

/** What the options about TLS say, by the names that commander makes of them. */
export function tlsOf(options: object): TlsOptions {
  const tls: TlsOptions = {};
  const values: Readonly<Record<string, unknown>> = { ...options };
  for (const spec of TLS_OPTIONS) {
    const value = values[tlsOption(spec).attributeName()];
    if (value !== undefined) setTls(tls, spec, String(value));
  }
  return tls;
}

function parseMebibytes(value: string): number {
  const size = mebibytes(value);
  if (size === null) throw new InvalidArgumentError("It must be a number of MiB from 1 to 1024.");
  return size;
}

export function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(value)) throw new InvalidArgumentError("It must be a number of seconds.");
  return seconds;
}
