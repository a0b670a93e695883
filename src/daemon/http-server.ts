/**
 * A small HTTP server for what watches a daemon: it answers GET for a few paths, and nothing else.
 *
 * A connection: head (it is read) → answered (one answer is on its way; what else comes is thrown away) →
 * closed.
 *
 * Invariants, whoever may reach the address: a connection has one request, and of what it sends no more is
 * looked at; it holds no more than a head and a reference to the answer, which all share; it is closed after
 * some seconds, whatever its peer does; when there are too many, the oldest goes. So a probe is answered
 * however many others there are that are rude, and these can't make the process grow.
 *
 * Not node:http: that makes requests of all that a chunk holds, some 1500 if they are pipelined, before
 * anybody can stop it (bench/NOTES.md).
 */
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { hostname } from "node:os";
import type { HttpRequest } from "./http-request.ts";
import { endOfHead, isOurs, LONGEST_HEAD, parseHead } from "./http-request.ts";
import { DaemonError } from "./start.ts";
import { describeError } from "./unixctl-client.ts";

export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

/** What each path replies. */
export type HttpPaths = Readonly<Record<string, () => HttpReply | Promise<HttpReply>>>;

/** Milliseconds that a connection may last: who watches is answered at once, and reads the answer. */
const PATIENCE = 5000;

/**
 * Connections at once. Who watches needs one or two; but it must be more than can come between one's arrival
 * and its request.
 */
const MOST = 1024;

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  421: "Misdirected Request",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export interface HttpServer {
  /** `127.0.0.1:9476`. */
  readonly address: string;
  close(): void;
}

/**
 * Listens at ADDRESS:PORT, or at PORT of the loopback interface.
 *
 * @param names under which clients may ask, besides addresses, `localhost` and this machine's name.
 * @throws DaemonError
 * @example const server = await listenHttp("9476", { "/healthz": () => ({ status: 200, type: "text/plain", body: "ok\n" }) });
 */
export async function listenHttp(
  where: string,
  paths: HttpPaths,
  names: readonly string[] = [],
): Promise<HttpServer> {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d{1,5})$/.exec(where) ?? [];
  if (port === "" || Number(port) > 65535) {
    throw new DaemonError(
      `"${where}" is no address to listen at: it is PORT, ADDRESS:PORT or [ADDRESS]:PORT`,
    );
  }
  const known = new Set([hostname(), ...names].map((name) => name.toLowerCase()));
  const connections = new Set<Socket>();
  // What a peer has ended may still be answered. For the other option see `readNoMore`.
  const server = createServer({ allowHalfOpen: true, highWaterMark: 1 });
  server.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
    serveOne(socket, (request) => answer(request, paths, known));
    const [oldest] = connections;
    if (connections.size > MOST) oldest?.destroy();
  });
  try {
    await listen(server, bracketed ?? (plain || "127.0.0.1"), Number(port));
  } catch (error) {
    const reason = error instanceof Error ? describeError(error) : String(error);
    throw new DaemonError(`${where}: could not listen there (${reason})`);
  }
  return {
    address: nameOf(server),
    close: () => {
      server.close();
      for (const socket of connections) socket.destroy();
    },
  };
}

/** Reads one request, and answers it. */
function serveOne(socket: Socket, answerTo: (request: HttpRequest) => Promise<HttpReply>): void {
  const impatience = setTimeout(() => socket.destroy(), PATIENCE);
  let head: Buffer | null = Buffer.alloc(0);
  let surplus = 0;
  const reply = (method: string, { status, type, body }: HttpReply) => {
    if (socket.destroyed) return;
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    socket.cork();
    socket.write(
      `HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n` +
        `Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n` +
        `Date: ${new Date().toUTCString()}\r\n\r\n`,
    );
    socket.end(method === "HEAD" ? "" : bytes);
    socket.uncork();
  };
  const received = (text: string) => {
    let request: HttpRequest;
    try {
      request = parseHead(text);
    } catch (error) {
      return reply("", plainText(400, `${error instanceof Error ? error.message : String(error)}\n`));
    }
    void answerTo(request).then((answer) => reply(request.method, answer));
  };
  socket.on("data", (chunk) => {
    if (head === null) {
      // To throw away what comes is to let a client finish that sends a body; one that goes on is left to its
      // timeout.
      surplus += chunk.length;
      if (surplus > LONGEST_HEAD) readNoMore(socket);
      return;
    }
    head = Buffer.concat([head, chunk.subarray(0, LONGEST_HEAD - head.length)]);
    const end = endOfHead(head);
    if (end === -1 && head.length < LONGEST_HEAD) return;
    const text = end === -1 ? null : head.toString("latin1", 0, end);
    surplus = chunk.length;
    head = null;
    if (surplus > LONGEST_HEAD) readNoMore(socket);
    if (text === null) reply("", plainText(431, `the head has more than ${LONGEST_HEAD} bytes\n`));
    else received(text);
  });
  // Who ends in the middle of a request gets no answer.
  socket.once("end", () => {
    if (head !== null) socket.destroy();
  });
  socket.on("error", () => socket.destroy());
  socket.once("close", () => clearTimeout(impatience));
}

/**
 * Has what a peer sends wait at the peer. A stream that is only paused takes one more chunk of 64 KiB; one
 * that is full to its mark takes none. To be called while a chunk is handed over.
 */
function readNoMore(socket: Socket): void {
  socket.pause();
  socket.unshift(Buffer.alloc(1));
}

function plainText(status: number, body: string): HttpReply {
  return { status, type: "text/plain; charset=utf-8", body };
}

async function answer(
  { method, path, host }: HttpRequest,
  paths: HttpPaths,
  names: ReadonlySet<string>,
): Promise<HttpReply> {
  if (!isOurs(host, names)) {
    return plainText(
      421,
      `"${host}" is no name of this server: ask for its address, or start it with --metrics-host=${host}\n`,
    );
  }
  if (method !== "GET" && method !== "HEAD") return plainText(405, "only GET\n");
  const reply = Object.hasOwn(paths, path) ? paths[path] : undefined;
  if (reply === undefined) return plainText(404, `${Object.keys(paths).join("\n")}\n`);
  try {
    return await reply();
  } catch (error) {
    return plainText(500, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function nameOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") return String(address);
  return address.family === "IPv6"
    ? `[${address.address}]:${address.port}`
    : `${address.address}:${address.port}`;
}
