/**
 * A CA certificate that is learned from the first server (`--bootstrap-ca-cert`).
 *
 * Invariant: a process trusts a server without proof only while the file does not exist and has never been
 * seen. A file that can't be read, a link that leads nowhere, a file that went away again: all these are
 * errors of whoever needs the certificate.
 */
import { randomBytes, X509Certificate } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { ConnectionError } from "../errors.ts";
import { describeSocketError } from "./reason.ts";

/** The files of `TlsOptions` that matter here. */
export interface CaFiles {
  readonly caCert?: string;
  readonly bootstrapCaCert?: string;
}

/** Files that are or were there: from then on every connection of this process is verified with them. */
const seen = new Set<string>();

/**
 * The CA file that has yet to be made from what a server presents; null: there is one, or none is wanted.
 *
 * @throws ConnectionError when it can't be told whether it exists, or the file couldn't be made.
 * @example fileToBootstrap("ssl:10.0.0.1:6640", { bootstrapCaCert: "/etc/ca.pem" });
 */
export function fileToBootstrap(peer: string, options: CaFiles): string | null {
  const file = options.caCert === undefined ? options.bootstrapCaCert : undefined;
  if (file === undefined || seen.has(resolve(file))) return null;
  try {
    // The link itself: one that leads nowhere is no file that doesn't exist.
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) {
      accessSync(dirname(file), constants.W_OK);
      return file;
    }
  } catch (error) {
    throw refused(peer, `cannot bootstrap the CA certificate file ${file}`, error);
  }
  seen.add(resolve(file));
  return null;
}

/**
 * Saves the CA that the server presented as the last certificate of its chain, whole or not at all. A file
 * that exists meanwhile stays as it is.
 *
 * @returns whether it was saved.
 * @throws ConnectionError when the server presents no CA, or the file cannot be written.
 * @example saveBootstrapCa("ssl:10.0.0.1:6640", socket, "/etc/ca.pem");
 */
export function saveBootstrapCa(peer: string, socket: TLSSocket, file: string): boolean {
  const ca = lastOfChain(socket.getPeerCertificate(true));
  if (ca === null || !ca.ca || !ca.checkIssued(ca)) {
    const reason = `cannot bootstrap ${file}: the server presents no self-signed CA certificate`;
    throw new ConnectionError(`${peer}: ${reason}`, { remote: peer, reason });
  }
  try {
    const made = makeWhole(file, ca.toString());
    seen.add(resolve(file));
    return made;
  } catch (error) {
    throw refused(peer, `cannot save the CA certificate to ${file}`, error);
  }
}

/** Makes a file that has its contents from the first moment on. Returns false if there is one already. */
function makeWhole(file: string, contents: string): boolean {
  const temporary = `${file}.${process.pid}.${randomBytes(6).toString("hex")}`;
  const descriptor = openSync(temporary, "wx", 0o444);
  try {
    try {
      writeFileSync(descriptor, contents);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // Unlike rename(2) this replaces nothing.
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function lastOfChain(certificate: DetailedPeerCertificate): X509Certificate | null {
  const passed = new Set<DetailedPeerCertificate>();
  let last = certificate;
  while (last.issuerCertificate !== undefined && !passed.has(last)) {
    passed.add(last);
    last = last.issuerCertificate;
  }
  // Node gives an empty object when the peer sent nothing.
  return last.raw === undefined ? null : new X509Certificate(last.raw);
}

function refused(peer: string, what: string, error: unknown): ConnectionError {
  const why = error instanceof Error ? describeSocketError(error) : String(error);
  const reason = `${what}: ${why}`;
  return new ConnectionError(`${peer}: ${reason}`, { remote: peer, reason, cause: error });
}
