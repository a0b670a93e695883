/**
 * Waits for servers to connect to us: punix, ptcp and pssl (ovsdb(7), "Passive Database Connection Methods").
 */
import { lstatSync, unlinkSync } from "node:fs";
import type { ListenOptions, Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { ConnectionError } from "../errors.ts";
import { fileToBootstrap } from "./bootstrap.ts";
import { describeSocketError } from "./reason.ts";
import type { PassiveRemote } from "./remote.ts";
import { formatRemote } from "./remote.ts";
import type { TlsOptions } from "./tls.ts";
import { loadCredentials, loadCredentialsToBootstrap, whyNotNamed } from "./tls.ts";

export interface ListenHandlers {
  /** A server connected (over TLS: and proved who it is). `peer` names it, for messages. */
  accepted(stream: Duplex, peer: string): void;
  /** A connection was refused, because TLS failed. Listening goes on. */
  refused(error: ConnectionError): void;
}

export interface Listener {
  /** The remote listened on, with the port that the system chose for port 0. */
  readonly remote: PassiveRemote;
  /** Stops listening, and resolves when the connections that were accepted have ended too. */
  close(): Promise<void>;
}

/**
 * Listens on a passive remote. A socket left over at a punix path is replaced. With TLS, peers must present a
 * certificate of the configured CA; the files are read anew for every connection. While there is no CA yet
 * (`bootstrapCaCert`), all are refused: who connects to us is not who should tell us whom to believe.
 *
 * @throws ConnectionError when it cannot listen there.
 * @example
 * const listener = await listen({ method: "ptcp", port: 6640, host: null }, {}, { accepted, refused });
 */
export async function listen(
  remote: PassiveRemote,
  options: { tls?: TlsOptions },
  handlers: ListenHandlers,
): Promise<Listener> {
  const name = formatRemote(remote);
  const server = createServer({ noDelay: true });
  /** Connections that have yet to prove who they are. */
  const unproven = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    const peer = peerOf(remote, socket);
    if (remote.method === "pssl") secure(socket, peer, options.tls ?? {}, unproven, handlers);
    else handlers.accepted(socket, peer);
  });
  if (remote.method === "pssl") checkToListen(name, options.tls ?? {});
  await listening(server, name, remote.method === "punix" ? atPath(remote.path) : atPort(remote));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    remote: remote.method === "punix" ? remote : { ...remote, port },
    close: () => {
      for (const socket of unproven) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** What would have every peer refused for ever. @throws ConnectionError */
function checkToListen(name: string, tls: TlsOptions): void {
  if (fileToBootstrap(name, tls) === null) loadCredentials(name, tls);
  else loadCredentialsToBootstrap(name, tls);
  if (tls.checkName === true && tls.serverName === undefined) {
    const reason = "the name that certificates of peers are to be checked for must be given";
    throw new ConnectionError(`${name}: ${reason}`, { remote: name, reason });
  }
}

function atPath(path: string): ListenOptions {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
  return { path };
}

function atPort(remote: PassiveRemote & { method: "ptcp" | "pssl" }): ListenOptions {
  return { port: remote.port, host: remote.host ?? undefined };
}

function listening(server: Server, name: string, where: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const reason = describeSocketError(error);
      reject(new ConnectionError(`${name}: ${reason}`, { remote: name, reason, cause: error }));
    });
    server.listen(where, resolve);
  });
}

function peerOf(remote: PassiveRemote, socket: Socket): string {
  if (remote.method === "punix") return `unix:${remote.path}`;
  const host = socket.remoteAddress ?? "";
  return formatRemote({
    method: remote.method === "pssl" ? "ssl" : "tcp",
    host: host.replace(/^::ffff:(?=[0-9.]+$)/, ""),
    port: socket.remotePort ?? 0,
  });
}

function secure(
  socket: Socket,
  peer: string,
  options: TlsOptions,
  unproven: Set<Socket>,
  handlers: ListenHandlers,
): void {
  unproven.add(socket);
  const refuse = (error: Error) => {
    unproven.delete(socket);
    socket.destroy();
    const reason = error instanceof ConnectionError ? error.reason : describeSocketError(error);
    handlers.refused(new ConnectionError(`${peer}: ${reason}`, { remote: peer, reason, cause: error }));
  };
  try {
    const missing = fileToBootstrap(peer, options);
    if (missing !== null)
      throw new Error(`no peer is accepted before there is a CA certificate in ${missing}`);
    // One TLS server per connection, so that each has the certificates of its moment.
    const tls = createTlsServer({ ...loadCredentials(peer, options), requestCert: true });
    tls.on("secureConnection", (stream) => {
      const reason = whyNotNamed(options, "", stream.getPeerCertificate());
      if (reason !== null) {
        stream.on("error", () => {}).destroy();
        refuse(new Error(`the peer's certificate is not trusted: ${reason}`));
        return;
      }
      unproven.delete(socket);
      handlers.accepted(stream, peer);
    });
    tls.on("tlsClientError", refuse);
    tls.emit("connection", socket);
  } catch (error) {
    refuse(error instanceof Error ? error : new Error(String(error)));
  }
}
