/**
 * How TLS connections prove who they are and whom they trust, as ovsdb(7) and the C programs have it: a chain
 * that leads to a CA in the given file is all that is asked of a peer. **Host names are not compared** unless
 * `checkName` says so, since OVS certificates name switches, not hosts; whoever holds a certificate of the CA
 * may be the server. A certificate that does not verify is an error, never a fallback.
 *
 * Files are read anew for every connection, so that replaced certificates are used from the next one on.
 */
import type { KeyObject } from "node:crypto";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { PeerCertificate, SecureContextOptions } from "node:tls";
import { checkServerIdentity, DEFAULT_CIPHERS } from "node:tls";
import { ConnectionError } from "../errors.ts";
import { fileToBootstrap } from "./bootstrap.ts";
import { describeSocketError } from "./reason.ts";

export interface TlsOptions {
  /** PEM file with the private key (`--private-key`). */
  privateKey?: string;
  /** PEM file with the certificate for it (`--certificate`). */
  certificate?: string;
  /**
   * PEM file with the CA certificates that the peer's must be signed by (`--ca-cert`). "none": trust anybody.
   */
  caCert?: string;
  /**
   * Like `caCert`, but a file that does not exist yet is made from the first CA presented
   * (`--bootstrap-ca-cert`). A passive remote refuses peers until there is one.
   */
  bootstrapCaCert?: string;
  /** `--ssl-protocols`: "TLSv1.2,TLSv1.3", "TLSv1.2-TLSv1.3" or "TLSv1.2+". Default "TLSv1.2+". */
  protocols?: string;
  /** `--ssl-ciphers`: OpenSSL cipher list for TLS 1.2 and below. */
  ciphers?: string;
  /** `--ssl-ciphersuites`: names of TLS 1.3 suites, colon separated. */
  ciphersuites?: string;
  /** `--ssl-server-name`: name sent as SNI. Default: the host of the remote when it is a DNS name. */
  serverName?: string;
  /**
   * `--ssl-check-name`: the peer's certificate must be for `serverName`, or without one for the host of the
   * remote, be it a name or an address. For a passive remote `serverName` must be given. Default false.
   */
  checkName?: boolean;
}

type ProtocolVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

const VERSIONS: readonly ProtocolVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/**
 * Parses the value of `--ssl-protocols`: a list (separated by commas or spaces) of names, which stands for
 * the range from its lowest to its highest; a range "TLSv1.2-TLSv1.3"; or "TLSv1.2+", that one and all later
 * ones.
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

/** What a secure context of Node is made of. */
export type Credentials = SecureContextOptions & { readonly rejectUnauthorized: boolean };

/**
 * Reads the files, for connections whose peer proves who it is; unless `caCert` is "none".
 *
 * @param peer remote, for error messages.
 * @throws ConnectionError when a file cannot be read or used, or what TLS needs is not configured.
 * @example
 * tls.connect({ host, port, ...loadCredentials("ssl:10.0.0.1:6640", { privateKey, certificate, caCert }) });
 */
export function loadCredentials(peer: string, options: TlsOptions): Credentials {
  const own = loadOwnCredentials(peer, options);
  const file = options.caCert ?? options.bootstrapCaCert;
  if (file === undefined) fail(peer, "a CA certificate must be configured to use TLS");
  if (options.caCert !== "none") return { ...own, ca: [readCa(peer, file)], rejectUnauthorized: true };
  if (options.checkName === true)
    fail(
      peer,
      'the name in a certificate proves nothing without a CA certificate: "none" and a check of it exclude each other',
    );
  return { ...own, ca: [], rejectUnauthorized: false };
}

/** The same without what is needed of the peer: any is believed, to learn its CA. @throws ConnectionError */
export function loadCredentialsToBootstrap(peer: string, options: TlsOptions): Credentials {
  return { ...loadOwnCredentials(peer, options), ca: [], rejectUnauthorized: false };
}

function loadOwnCredentials(peer: string, options: TlsOptions): SecureContextOptions {
  if (options.privateKey === undefined) fail(peer, "a private key must be configured to use TLS");
  if (options.certificate === undefined) fail(peer, "a certificate must be configured to use TLS");
  return {
    key: readPem(peer, "private key", options.privateKey),
    cert: readPem(peer, "certificate", options.certificate),
    ...parseProtocols(options.protocols ?? "TLSv1.2+"),
    ...cipherOptions(options),
  };
}

/**
 * Says at once what would keep every connection from being made: files that can't be read or used, or don't
 * belong together.
 *
 * @param peer remote, for error messages.
 * @throws ConnectionError
 * @example checkCredentials("ssl:10.0.0.1:6640", { privateKey, certificate, caCert });
 */
export function checkCredentials(peer: string, options: TlsOptions): void {
  if (fileToBootstrap(peer, options) === null) loadCredentials(peer, options);
  else loadCredentialsToBootstrap(peer, options);
  const { privateKey = "", certificate = "" } = options;
  const key = parsePem(
    () => createPrivateKey(readPem(peer, "private key", privateKey)),
    () => fail(peer, `the private key file ${privateKey} holds no key that can be used`),
  );
  const own = parseCertificate(peer, "certificate", certificate, readPem(peer, "certificate", certificate));
  if (!own.checkPrivateKey(key))
    fail(peer, `the private key ${privateKey} does not belong to the certificate ${certificate}`);
}

/** Node takes what is no certificate for none, and an empty text for the CAs of the web. */
function readCa(peer: string, file: string): string {
  const text = readPem(peer, "CA certificate", file);
  parseCertificate(peer, "CA certificate", file, text);
  return text;
}

/** The first certificate in a file. */
function parseCertificate(peer: string, what: string, file: string, text: string): X509Certificate {
  return parsePem(
    () => new X509Certificate(text),
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

/**
 * Node takes suites of TLS 1.3 and ciphers of older versions in one list; what is not given keeps its
 * default.
 */
function cipherOptions(options: TlsOptions): { ciphers?: string } {
  if (options.ciphers === undefined && options.ciphersuites === undefined) return {};
  const defaults = DEFAULT_CIPHERS.split(":");
  const suites = options.ciphersuites ?? defaults.filter((name) => name.startsWith("TLS_")).join(":");
  const ciphers = options.ciphers ?? defaults.filter((name) => !name.startsWith("TLS_")).join(":");
  return { ciphers: `${suites}:${ciphers}` };
}

/**
 * Why a certificate that verified won't do; null if it will. With `checkName` it must be for the name that is
 * asked for, else for the host that is connected to.
 *
 * @example whyNotNamed({ checkName: true }, "10.0.0.1", socket.getPeerCertificate());
 */
export function whyNotNamed(options: TlsOptions, host: string, certificate: PeerCertificate): string | null {
  if (options.checkName !== true) return null;
  const name = options.serverName ?? host.replace(/%.*/, "");
  if (checkServerIdentity(name, certificate) === undefined) return null;
  const { subjectaltname, subject } = certificate;
  return `the certificate is not for ${name}, but for ${subjectaltname ?? subject?.CN ?? "nobody"}`;
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

function readPem(peer: string, what: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? describeSocketError(error) : String(error);
    return fail(peer, `cannot read the ${what} file ${file}: ${reason}`, error);
  }
}

function fail(remote: string, reason: string, cause?: unknown): never {
  throw new ConnectionError(`${remote}: ${reason}`, { remote, reason, cause });
}
