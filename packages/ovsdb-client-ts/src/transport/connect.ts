/** Opens the byte stream to an active remote: a unix socket, TCP, or TLS over TCP. */
import { closeSync, constants, openSync } from "node:fs";
import type { Socket } from "node:net";
import { connect as connectNet } from "node:net";
import { basename, dirname } from "node:path";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { connect as connectTls } from "node:tls";
import { ConnectionError } from "../errors.ts";
import { waitFor } from "../support/wait.ts";
import { fileToBootstrap, saveBootstrapCa } from "./bootstrap.ts";
import { describeSocketError, END_OF_FILE } from "./reason.ts";
import type { ActiveRemote } from "./remote.ts";
import { formatRemote } from "./remote.ts";
import type { Credentials, TlsOptions } from "./tls.ts";
import { loadCredentials, loadCredentialsToBootstrap, serverNameFor, whyNotNamed } from "./tls.ts";

export interface ConnectOptions {
  tls?: TlsOptions;
  /** Cancels the attempt; the promise is rejected with `signal.reason`. */
  signal?: AbortSignal;
  /**
   * Called with what a person should know about a connection that was made ("successfully bootstrapped …").
   */
  notice?: (text: string) => void;
}

/** Longest path that fits into a socket address on Linux; macOS and BSD have four bytes less. */
const LONGEST_SOCKET_PATH = 103;

/**
 * Connects to a remote. With a CA certificate to bootstrap, the first connection only serves to learn and
 * save it; the one returned is a second one, verified with it.
 *
 * @throws ConnectionError with the remote and the reason; `signal.reason`.
 * @example
 * const stream = await connect({ method: "unix", path: "/run/ovn/ovn_ic_nb_db.sock" });
 */
export async function connect(remote: ActiveRemote, options: ConnectOptions = {}): Promise<Duplex> {
  options.signal?.throwIfAborted();
  try {
    return await open(remote, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    // Node refuses some paths and options before it tries.
    throw error instanceof ConnectionError ? error : failed(formatRemote(remote), asError(error));
  }
}

async function open(remote: ActiveRemote, options: ConnectOptions): Promise<Duplex> {
  if (remote.method === "unix") return connectUnix(remote.path, formatRemote(remote), options.signal);
  if (remote.method === "tcp") {
    const socket = connectNet({ host: remote.host, port: remote.port, noDelay: true });
    return established(socket, "connect", formatRemote(remote), options.signal);
  }
  const { tls = {}, signal } = options;
  const peer = formatRemote(remote);
  const missing = fileToBootstrap(peer, tls);
  if (missing !== null) {
    // Whatever becomes of the file meanwhile, this connection is the only one that isn't verified, and is
    // good for nothing else.
    const unnamed = { ...tls, checkName: false };
    const first = await connectOverTls(remote, unnamed, loadCredentialsToBootstrap(peer, tls), signal);
    try {
      if (saveBootstrapCa(peer, first, missing))
        options.notice?.(`successfully bootstrapped CA cert to ${missing}`);
    } finally {
      first.destroy();
    }
  }
  return connectOverTls(remote, tls, loadCredentials(peer, tls), signal);
}

function connectOverTls(
  remote: ActiveRemote & { method: "tcp" | "ssl" },
  options: TlsOptions,
  credentials: Credentials,
  signal: AbortSignal | undefined,
): Promise<TLSSocket> {
  const peer = formatRemote(remote);
  let socket: TLSSocket;
  try {
    socket = connectTls({
      host: remote.host,
      port: remote.port,
      servername: serverNameFor(options, remote.host),
      checkServerIdentity: (_, certificate) => {
        const reason = whyNotNamed(options, remote.host, certificate);
        return reason === null ? undefined : new Error(`the server's certificate is not trusted: ${reason}`);
      },
      ...credentials,
    });
  } catch (error) {
    // The files could be read, but OpenSSL makes nothing of them (or of the ciphers).
    throw failed(peer, asError(error));
  }
  socket.setNoDelay(true);
  return accepted(socket, peer, signal);
}

/** Emitted on a socket when the server has accepted our certificate, as far as can be told. */
const ACCEPTED = "accepted";

/**
 * Milliseconds in which a server has said what it thinks of our certificate. Those that say nothing if they
 * like it are few.
 */
const VERDICT_WITHIN = 250;

/**
 * With TLS 1.3 the handshake is over for us before the server has seen our certificate (RFC 8446 §2). If we
 * wrote at once, what we learn of a refusal would be a matter of luck: its alert, or that the connection
 * broke while we wrote. A server that accepts sends session tickets (§4.6.1), so that we need but wait for
 * either.
 */
async function accepted(
  socket: TLSSocket,
  peer: string,
  signal: AbortSignal | undefined,
): Promise<TLSSocket> {
  // OpenSSL is still reading when it tells of a ticket: what is written in that moment spoils the connection.
  const onTicket = () => void setImmediate(() => socket.emit(ACCEPTED));
  socket.once("session", onTicket);
  await established(socket, "secureConnect", peer, signal);
  if (socket.getProtocol() !== "TLSv1.3") return socket;
  const enough = setTimeout(() => socket.emit(ACCEPTED), VERDICT_WITHIN);
  try {
    return await established(socket, ACCEPTED, peer, signal);
  } finally {
    clearTimeout(enough);
    socket.off("session", onTicket);
  }
}

async function connectUnix(path: string, peer: string, signal: AbortSignal | undefined): Promise<Socket> {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH || process.platform !== "linux") {
    return established(connectNet({ path }), "connect", peer, signal);
  }
  // As C does: a path that is too long is reached through a descriptor of its directory.
  let directory: number;
  try {
    directory = openSync(dirname(path), constants.O_DIRECTORY | constants.O_RDONLY);
  } catch (error) {
    throw failed(peer, asError(error));
  }
  try {
    const short = `/proc/self/fd/${directory}/${basename(path)}`;
    return await established(connectNet({ path: short }), "connect", peer, signal);
  } finally {
    closeSync(directory);
  }
}

function established<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect" | typeof ACCEPTED,
  peer: string,
  signal: AbortSignal | undefined,
): Promise<S> {
  const discard = () => {
    socket.on("error", () => {});
    socket.destroy();
  };
  if (signal?.aborted) discard();
  return waitFor<S>(
    { signal },
    {
      listen: (resolve, reject) => {
        let isUp = false;
        const onError = (error: Error) => reject(failed(peer, error));
        const onClose = () => reject(failed(peer, new Error(END_OF_FILE)));
        const onConnect = () => {
          isUp = true;
          resolve(socket);
        };
        socket.on("error", onError).on("close", onClose).on(event, onConnect);
        return () => {
          socket.off("error", onError).off("close", onClose).off(event, onConnect);
          if (!isUp) discard();
        };
      },
    },
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function failed(remote: string, error: Error): ConnectionError {
  // Several addresses of one name fail together (RFC 8305); the last one's error speaks for all.
  const last: unknown = error instanceof AggregateError ? error.errors.at(-1) : error;
  const reason = describeSocketError(last instanceof Error ? last : error);
  return new ConnectionError(`${remote}: ${reason}`, { remote, reason, cause: error });
}
