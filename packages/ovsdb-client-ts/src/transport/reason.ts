/** Why a connection failed, in words: the C library's for system errors, plain ones for TLS. */

const SYSTEM: { readonly [code: string]: string } = {
  EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused",
  ECONNRESET: "Connection reset by peer",
  EHOSTUNREACH: "No route to host",
  EINVAL: "Invalid argument",
  EISDIR: "Is a directory",
  EMFILE: "Too many open files",
  ENAMETOOLONG: "File name too long",
  ENETUNREACH: "Network is unreachable",
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  ENOTSOCK: "Socket operation on non-socket",
  EPERM: "Operation not permitted",
  EPIPE: "Broken pipe",
  EPROTOTYPE: "Protocol wrong type for socket",
  ETIMEDOUT: "Connection timed out",
};

/** The peer hung up without a word. */
export const END_OF_FILE = "End of file";

const RESOLVER: { readonly [code: string]: string } = {
  ENOTFOUND: "host name is unknown",
  EAI_AGAIN: "host name cannot be resolved at the moment",
};

/** Alerts by which a TLS server says what it thinks of our certificate (RFC 8446 §6.2). */
const REFUSED = /alert (unknown ca|bad certificate|certificate \w+|unsupported certificate|decrypt error)/;

/** What OpenSSL's verification of the server's certificate can end with. */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_SIGNATURE_FAILURE",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "INVALID_CA",
  "INVALID_PURPOSE",
  "PATH_LENGTH_EXCEEDED",
]);

/**
 * Describes an error of a socket in the words that the C programs use, as far as they have some.
 *
 * @example
 * describeSocketError(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })); // "Connection refused"
 */
export function describeSocketError(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const system = SYSTEM[code] ?? RESOLVER[code];
  if (system !== undefined) return system;
  if (UNTRUSTED.has(code)) return `the server's certificate is not trusted: ${error.message}`;
  // "40A7…:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../ssl/record.c:1588:SSL alert
  // number 48"
  const tls = /error:[0-9A-F]+:SSL routines:[^:]*:([^:]+)/.exec(error.message)?.[1];
  if (tls === undefined) return error.message === "" ? code : error.message;
  const refused = REFUSED.exec(tls)?.[1];
  return refused === undefined ? `TLS: ${tls}` : `the server refused our certificate: ${refused}`;
}
