/**
 * The options of all programs that are about TLS, in one table, and what is said when a connection is not as
 * safe as TLS can make it.
 */
import { resolve } from "node:path";
import type { TlsOptions } from "ovsdb-client-ts";
import type { Log } from "../../daemon/log.ts";
import type { OptionSpec } from "./getopt.ts";

interface TlsOption extends OptionSpec {
  /** What the client calls it. */
  readonly member: keyof TlsOptions;
}

/** In the order of `--options`. */
export const TLS_OPTIONS = [
  { name: "private-key", short: "p", value: "required", member: "privateKey" },
  { name: "certificate", short: "c", value: "required", member: "certificate" },
  { name: "ca-cert", short: "C", value: "required", member: "caCert" },
  { name: "ssl-protocols", value: "required", member: "protocols" },
  { name: "ssl-ciphers", value: "required", member: "ciphers" },
  { name: "ssl-ciphersuites", value: "required", member: "ciphersuites" },
  { name: "ssl-server-name", value: "required", member: "serverName" },
  { name: "bootstrap-ca-cert", value: "required", member: "bootstrapCaCert" },
  { name: "ssl-check-name", value: "none", member: "checkName", isOurs: true },
] as const satisfies readonly TlsOption[];

export type TlsOptionName = (typeof TLS_OPTIONS)[number]["name"];

/** Notes what one of the options says. */
export function setTls(tls: TlsOptions, { member }: Pick<TlsOption, "member">, value: string): void {
  if (member === "checkName") tls.checkName = true;
  else tls[member] = value;
}

/**
 * The same with paths that mean the same from any directory. As a CA certificate "none" is no file: it stands
 * for trust in anybody.
 */
export function absoluteTls(tls: Readonly<TlsOptions>): TlsOptions {
  const absolute = { ...tls };
  for (const member of ["privateKey", "certificate", "caCert", "bootstrapCaCert"] as const) {
    const path = tls[member];
    if (path !== undefined && !(member === "caCert" && path === "none")) absolute[member] = resolve(path);
  }
  return absolute;
}

/** `--ca-cert=none` must not go unnoticed, whether or not TLS is used. */
export function warnOfTls(log: Log, ...caCertificates: readonly (string | undefined)[]): void {
  if (!caCertificates.includes("none")) return;
  log.warn("stream_ssl", "Peer certificate validation disabled (this is a security risk)");
}
