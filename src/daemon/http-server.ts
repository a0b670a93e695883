/** A small HTTP server for what watches a daemon: it answers GET for a few paths, and nothing else. */
import { createServer, type Server } from "node:http";
import { DaemonError } from "./start.ts";
import { describeError } from "./unixctl-client.ts";

export interface HttpReply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What each path replies. */
export type HttpPaths = Readonly<Record<string, () => HttpReply | Promise<HttpReply>>>;

/** Connections at once: who watches needs one or two. */
const MAX_CONNECTIONS = 32;

export interface HttpServer {
  /** `127.0.0.1:9476`. */
  readonly address: string;
  close(): void;
}

/**
 * Listens at ADDRESS:PORT, or at PORT of the loopback interface.
 *
 * @throws DaemonError
 * @example const server = await listenHttp("9476", { "/healthz": () => ({ status: 200, type: "text/plain", body: "ok\n" }) });
 */
export async function listenHttp(where: string, paths: HttpPaths): Promise<HttpServer> {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]+)\]:|([^:]*):)?(\d{1,5})$/.exec(where) ?? [];
  if (port === "" || Number(port) > 65535) {
    throw new DaemonError(
      `"${where}" is no address to listen at: it is PORT, ADDRESS:PORT or [ADDRESS]:PORT`,
    );
  }
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 });
  server.maxConnections = MAX_CONNECTIONS;
  server.on("request", async (request, response) => {
    const reply = await answer(request.method, request.url, paths);
    response.writeHead(reply.status, {
      "content-type": reply.type,
      "content-length": Buffer.byteLength(reply.body),
    });
    response.end(request.method === "HEAD" ? "" : reply.body);
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
      server.closeAllConnections();
    },
  };
}

async function answer(method = "", url = "", paths: HttpPaths): Promise<HttpReply> {
  const text = (status: number, body: string) => ({ status, type: "text/plain; charset=utf-8", body });
  if (method !== "GET" && method !== "HEAD") return text(405, "only GET\n");
  const path = url.split("?")[0] ?? "";
  const reply = Object.hasOwn(paths, path) ? paths[path] : undefined;
  if (reply === undefined) return text(404, `${Object.keys(paths).join("\n")}\n`);
  try {
    return await reply();
  } catch (error) {
    return text(500, `${error instanceof Error ? error.message : String(error)}\n`);
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
