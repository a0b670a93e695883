/**
 * How TLS connections prove who they are and whom they trust, as ovsdb(7) and the C programs have it: a chain that
 * leads to a CA in the given file is all that is asked of a peer. **Host names are not compared**, since OVS
 * certificates name switches, not hosts; whoever holds a certificate of the CA may be the server. A certificate that
 * does not verify is an error, never a fallback.
 *
 * Files are read anew for every connection, so that replaced certificates are used from the next one on.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import {
  DEFAULT_CIPHERS,
  type DetailedPeerCertificate,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import { ConnectionError } from "../errors.ts";
import { describeSocketError } from "./reason.ts";

export interface TlsOptions {
  /** PEM file with the private key (`--private-key`). */
  privateKey?: string;
  /** PEM file with the certificate for it (`--certificate`). */
  certificate?: string;
  /** PEM file with the CA certificates that the peer's must be signed by (`--ca-cert`). "none": trust anybody. */
  caCert?: string;
  /** Like `caCert`, but a file that does not exist yet is made from the first CA presented (`--bootstrap-ca-cert`). */
  bootstrapCaCert?: string;
  /** `--ssl-protocols`: "TLSv1.2,TLSv1.3", "TLSv1.2-TLSv1.3" or "TLSv1.2+". Default "TLSv1.2+". */
  protocols?: string;
  /** `--ssl-ciphers`: OpenSSL cipher list for TLS 1.2 and below. */
  ciphers?: string;
  /** `--ssl-ciphersuites`: names of TLS 1.3 suites, colon separated. */
  ciphersuites?: string;
  /** `--ssl-server-name`: name sent as SNI. Default: the host of the remote when it is a DNS name. */
  serverName?: string;
}

type ProtocolVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

const VERSIONS: readonly ProtocolVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * Parses the value of `--ssl-protocols`: a list (separated by commas or spaces) of names, which stands for the range
 * from its lowest to its highest; a range "TLSv1.2-TLSv1.3"; or "TLSv1.2+", that one and all later ones.
 *
 * @throws ConnectionError for an unknown name.
 * @example
 * parseProtocols("TLSv1.2+"); // { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" }
 */
export function parseProtocols(text: string): { minVersion: ProtocolVersion; maxVersion: ProtocolVersion } {
  const range = /^([^-+]+)(?:-([^-+]+)|(\+))$/.exec(text.trim());
  const names =
    range === null
      ? text.split(/[\s,]+/).filter((name) => name !== "")
      : [range[1] ?? "", range[3] === "+" ? "TLSv1.3" : (range[2] ?? "")];
  const indexes = names.map((name) =>
    VERSIONS.findIndex((v) => v.toLowerCase() === name.trim().toLowerCase()),
  );
  const minVersion = VERSIONS[Math.min(...indexes)];
  const maxVersion = VERSIONS[Math.max(...indexes)];
  if (minVersion === undefined || maxVersion === undefined) {
    throw new ConnectionError(
      `TLS protocols "${text}": expected names among ${VERSIONS.join(", ")}, as a list, a range "TLSv1.2-TLSv1.3" or "TLSv1.2+"`,
      { reason: "Protocol not available" },
    );
  }
  return { minVersion, maxVersion };
}

/** Whether the CA file has yet to be made from what the server presents. */
export function needsBootstrap(options: TlsOptions): boolean {
  return options.bootstrapCaCert !== undefined && !existsSync(options.bootstrapCaCert);
}

/**
 * Reads the files and gives what a secure context of Node is made of.
 *
 * @param peer remote, for error messages.
 * @throws ConnectionError when a file cannot be read, or what TLS needs is not configured.
 * @example
 * tls.connect({ host, port, ...loadCredentials("ssl:10.0.0.1:6640", { privateKey, certificate, caCert }) });
 */
export function loadCredentials(
  peer: string,
  options: TlsOptions,
): SecureContextOptions & { rejectUnauthorized: boolean } {
  const caFile = options.caCert ?? options.bootstrapCaCert;
  if (options.privateKey === undefined) fail(peer, "a private key must be configured to use TLS");
  if (options.certificate === undefined) fail(peer, "a certificate must be configured to use TLS");
  if (caFile === undefined) fail(peer, "a CA certificate must be configured to use TLS");
  const trustAnybody = options.caCert === "none" || (options.caCert === undefined && needsBootstrap(options));
  return {
    key: readPem(peer, "private key", options.privateKey),
    cert: readPem(peer, "certificate", options.certificate),
    ca: trustAnybody ? [] : readPem(peer, "CA certificate", caFile),
    rejectUnauthorized: !trustAnybody,
    ...parseProtocols(options.protocols ?? "TLSv1.2+"),
    ...cipherOptions(options),
  };
}

/**
 * Says at once what would keep every connection from being made: files that can't be read or used, or don't belong together.
 *
 * @param peer remote, for error messages.
 * @throws ConnectionError
 * @example checkCredentials("ssl:10.0.0.1:6640", { privateKey, certificate, caCert });
 */
export function checkCredentials(peer: string, options: TlsOptions): void {
  const { ca } = loadCredentials(peer, options);
  const { privateKey = "", certificate = "", caCert, bootstrapCaCert } = options;
  const key = parsePem(
    () => createPrivateKey(readPem(peer, "private key", privateKey)),
    () => fail(peer, `the private key file ${privateKey} holds no key that can be used`),
  );
  const own = parseCertificate(peer, "certificate", certificate);
  if (!own.checkPrivateKey(key))
    fail(peer, `the private key ${privateKey} does not belong to the certificate ${certificate}`);
  if (typeof ca === "string") parseCertificate(peer, "CA certificate", caCert ?? bootstrapCaCert ?? "");
}

function parseCertificate(peer: string, what: string, file: string): X509Certificate {
  return parsePem(
    () => new X509Certificate(readPem(peer, what, file)),
    () => fail(peer, `the ${what} file ${file} holds no certificate`),
  );
}

function parsePem<T extends KeyObject | X509Certificate>(parse: () => T, refuse: () => never): T {
  try {
    return parse();
  } catch {
    return refuse();
  }
}

/** Node takes suites of TLS 1.3 and ciphers of older versions in one list; what is not given keeps its default. */
function cipherOptions(options: TlsOptions): { ciphers?: string } {
  if (options.ciphers === undefined && options.ciphersuites === undefined) return {};
  const defaults = DEFAULT_CIPHERS.split(":");
  const suites = options.ciphersuites ?? defaults.filter((name) => name.startsWith("TLS_")).join(":");
  const ciphers = options.ciphers ?? defaults.filter((name) => !name.startsWith("TLS_")).join(":");
  return { ciphers: `${suites}:${ciphers}` };
}

/**
 * The name to send as SNI: never an address (RFC 6066 §3).
 *
 * @example
 * serverNameFor({}, "10.0.0.1"); // ""
 */
export function serverNameFor(options: TlsOptions, host: string): string {
  return options.serverName ?? (isIP(host.replace(/%.*/, "")) === 0 ? host : "");
}

/**
 * Saves the CA that the server presented as the last certificate of its chain. A file that exists meanwhile stays as
 * it is.
 *
 * @throws ConnectionError when the server presents no CA, or the file cannot be written.
 * @example
 * if (needsBootstrap(options)) saveBootstrapCa("ssl:10.0.0.1:6640", socket, "/etc/ca.pem");
 */
export function saveBootstrapCa(peer: string, socket: TLSSocket, file: string): void {
  const ca = lastOfChain(socket.getPeerCertificate(true));
  if (ca === null || !ca.ca || !ca.checkIssued(ca)) {
    fail(peer, `cannot bootstrap ${file}: the server presents no self-signed CA certificate`);
  }
  try {
    writeFileSync(file, ca.toString(), { flag: "wx", mode: 0o444 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return;
    fail(peer, `cannot save the CA certificate to ${file}: ${messageOf(error)}`, error);
  }
}

function lastOfChain(certificate: DetailedPeerCertificate): X509Certificate | null {
  const seen = new Set<DetailedPeerCertificate>();
  let last = certificate;
  while (last.issuerCertificate !== undefined && !seen.has(last)) {
    seen.add(last);
    last = last.issuerCertificate;
  }
  // Node gives an empty object when the peer sent nothing.
  return last.raw === undefined ? null : new X509Certificate(last.raw);
}

function readPem(peer: string, what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? describeSocketError(error) : String(error);
    return fail(peer, `cannot read the ${what} file ${file}: ${reason}`, error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fail(remote: string, reason: string, cause?: unknown): never {
  throw new ConnectionError(`${remote}: ${reason}`, { remote, reason, cause });
}
