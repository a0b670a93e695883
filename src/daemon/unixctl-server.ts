/**
 * The control socket of a daemon: `ovs-appctl -t SOCKET COMMAND` and `ovn-appctl` speak to it
 * (ovs-appctl(8)). JSON-RPC 1.0 over a unix stream socket; arguments and replies are strings.
 *
 * Invariants: of one connection the requests are answered in order, one at a time; what a peer sends can end
 * its own connection and nothing else; a reply that is on its way arrives before `close` resolves.
 */
import { existsSync, lstatSync, unlinkSync } from "node:fs";
import type { Server, Socket } from "node:net";
import { connect, createServer } from "node:net";
import { dirname } from "node:path";
import { JsonTexts } from "./json-texts.ts";
import { describeError } from "./unixctl-client.ts";

/** What a command sees besides its arguments. */
export interface UnixctlCall {
  /** Aborted when the peer is gone. */
  readonly signal: AbortSignal;
}

/** A command of a control socket. */
export interface UnixctlCommand {
  readonly name: string;
  /** The arguments, for `list-commands`. */
  readonly usage: string;
  readonly args: readonly [min: number, max: number];
  /** Returns the reply. @throws UnixctlError with the text of an error reply. */
  run(args: readonly string[], call: UnixctlCall): string | Promise<string>;
  /** The reply for who asked for JSON, if it has more to say than the text. */
  readonly json?: () => Readonly<Record<string, string>>;
}

/** The text is what the caller gets to read. */
export class UnixctlError extends Error {
  override readonly name = "UnixctlError";
}

export interface UnixctlServerOptions {
  readonly path: string;
  /** What `version` replies. */
  readonly version: string;
  readonly commands: readonly UnixctlCommand[];
  /** Told what comes in and goes out. */
  readonly debug?: (text: () => string) => void;
}

/** What every control socket knows. */
export const BUILT_IN_COMMANDS = [
  { name: "list-commands", usage: "" },
  { name: "set-options", usage: "[--format text|json]" },
  { name: "version", usage: "" },
] as const;

type Reply =
  | { readonly result: string; readonly json?: Readonly<Record<string, string>> }
  | { readonly error: string };

/** What one peer wants: `set-options --format json` changes how plain replies look. */
interface Peer {
  readonly socket: Socket;
  readonly gone: AbortController;
  format: "text" | "json";
  /** Settles when all requests up to now are answered. */
  answered: Promise<void>;
}

export class UnixctlServer {
  readonly path: string;
  readonly #server: Server;
  readonly #commands: ReadonlyMap<string, UnixctlCommand>;
  readonly #peers = new Set<Peer>();
  readonly #debug: (text: () => string) => void;

  private constructor(server: Server, { path, version, commands, debug }: UnixctlServerOptions) {
    this.path = path;
    this.#debug = debug ?? (() => undefined);
    this.#server = server;
    const [listCommands, setOptions, sayVersion] = BUILT_IN_COMMANDS;
    const builtIn: UnixctlCommand[] = [
      {
        ...listCommands,
        args: [0, 0],
        run: () => this.#listCommands(),
        json: () => Object.fromEntries([...this.#commands.values()].map(({ name, usage }) => [name, usage])),
      },
      // Answered where the peer is known.
      { ...setOptions, args: [1, 2], run: () => "" },
      { ...sayVersion, args: [0, 0], run: () => version },
    ];
    this.#commands = new Map([...builtIn, ...commands].map((command) => [command.name, command]));
    server.on("connection", (socket) => this.#accept(socket));
  }

  /**
   * Listens at a path, with mode 0770 less the umask. A socket that nobody listens at any more is replaced.
   *
   * @throws Error with the reason: another process listens there, or what the system says.
   * @example await UnixctlServer.listen({ path: "/run/x.ctl", version: "x 1.0", commands: [] });
   */
  static async listen(options: UnixctlServerOptions): Promise<UnixctlServer> {
    const { path } = options;
    const server = createServer();
    const listening = new UnixctlServer(server, options);
    for (let attempt = 0; ; attempt++) {
      try {
        await listen(server, path);
        return listening;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        if (!("code" in error) || error.code !== "EADDRINUSE") throw new Error(reasonFor(path, error));
        if (!isSocketOrNothing(path))
          throw new Error("what is there is no socket: remove it, or name another");
        if (attempt === 3 || !(await removeStale(path))) throw new Error("another process listens there");
      }
    }
  }

  /**
   * Stops listening, removes the socket, and ends the connections. What is under way is told so by its
   * signal; its reply is still sent.
   */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const { socket, gone, answered } of this.#peers) {
      gone.abort(new UnixctlError("the daemon ends"));
      void answered.then(() => socket.destroySoon());
    }
    await closed;
  }

  #accept(socket: Socket): void {
    const peer: Peer = { socket, gone: new AbortController(), format: "text", answered: Promise.resolve() };
    const texts = new JsonTexts();
    this.#peers.add(peer);
    socket.on("data", (chunk) => {
      try {
        for (const message of texts.push(chunk)) this.#request(peer, message);
      } catch {
        socket.destroy();
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#peers.delete(peer);
      peer.gone.abort(new UnixctlError("the caller is gone"));
    });
  }

  /** @throws SyntaxError for what is no request. */
  #request(peer: Peer, message: unknown): void {
    const { id, method, params } = parseRequest(message);
    peer.answered = peer.answered.then(async () => {
      if (peer.gone.signal.aborted && peer.socket.destroyed) return;
      this.#debug(() => `received request ${method}${JSON.stringify(params)}, id=${JSON.stringify(id)}`);
      const reply = await this.#answer(peer, method, params);
      this.#debug(() => {
        const text = "error" in reply ? reply.error : reply.result;
        return `replying with ${"error" in reply ? "error" : "success"}, id=${JSON.stringify(id)}: "${text}"`;
      });
      peer.socket.write(JSON.stringify({ id, ...encodeReply(reply, peer.format) }));
    });
  }

  async #answer(peer: Peer, method: string, params: readonly unknown[]): Promise<Reply> {
    const command = this.#commands.get(method);
    if (command === undefined) {
      return {
        error: `"${method}" is not a valid command (use "list-commands" to see a list of valid commands)`,
      };
    }
    const args = params.filter((param) => typeof param === "string");
    if (args.length < params.length) return { error: `"${method}" command has non-string argument` };
    const [min, max] = command.args;
    if (args.length < min) return { error: `"${method}" command requires at least ${min} arguments` };
    if (args.length > max) return { error: `"${method}" command takes at most ${max} arguments` };
    try {
      if (method === "set-options") peer.format = parseFormat(args) ?? peer.format;
      const result = await command.run(args, { signal: peer.gone.signal });
      return command.json === undefined ? { result } : { result, json: command.json() };
    } catch (error) {
      if (error instanceof UnixctlError) return { error: error.message };
      // A mistake in this program must not end a daemon that others use; the caller is told as much as there
      // is.
      return { error: `internal error: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  #listCommands(): string {
    const lines = [...this.#commands.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, usage }) => `  ${name.padEnd(23)} ${usage}\n`);
    return `The available commands are:\n${lines.join("")}`;
  }
}

function parseRequest(message: unknown): { id: unknown; method: string; params: readonly unknown[] } {
  if (typeof message !== "object" || message === null) throw new SyntaxError("no request");
  if (!("method" in message) || typeof message.method !== "string") throw new SyntaxError("no method");
  if (!("params" in message) || !Array.isArray(message.params)) throw new SyntaxError("no parameters");
  if (!("id" in message) || message.id === null) throw new SyntaxError("no id");
  return { id: message.id, method: message.method, params: message.params };
}

/**
 * The format that `set-options` asks for; null: none. What is no option ends the options.
 *
 * @throws UnixctlError in the words of getopt_long(3).
 */
function parseFormat(args: readonly string[]): Peer["format"] | null {
  const [first = ""] = args;
  if (args.length > 0 && (!/^-./.test(first) || first === "--")) return null;
  return parseFormatOption(args);
}

function parseFormatOption([option = "", next]: readonly string[]): Peer["format"] {
  const equals = option.indexOf("=");
  const name = equals === -1 ? option : option.slice(0, equals);
  if (!name.startsWith("--") || name.length < 3 || !"--format".startsWith(name)) {
    throw new UnixctlError(`unrecognized option '${option}'`);
  }
  const value = equals === -1 ? next : option.slice(equals + 1);
  if (value === undefined) throw new UnixctlError("option '--format' requires an argument");
  if (value !== "text" && value !== "json")
    throw new UnixctlError(`option format has invalid value ${value}`);
  return value;
}

/** Texts end with a newline, unless they are empty. */
function encodeReply(reply: Reply, format: Peer["format"]) {
  if ("error" in reply) return { result: null, error: wholeLines(reply.error) };
  const text = wholeLines(reply.result);
  const result = format === "text" ? text : (reply.json ?? { "reply-format": "plain", reply: text });
  return { result, error: null };
}

function wholeLines(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/**
 * Listens. The mode comes from the umask at the moment of bind(2), so that nobody else can connect in
 * between.
 */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const umask = process.umask();
    process.umask(umask | 0o007);
    try {
      server.listen({ path, writableAll: false }, () => {
        server.off("error", reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

/** Node says "permission denied" also for a directory that isn't there. */
function reasonFor(path: string, error: Error): string {
  return existsSync(dirname(path)) ? describeError(error) : "No such file or directory";
}

function isSocketOrNothing(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== false;
}

/** Removes a socket that nobody listens at. False: somebody does, or it is no socket. */
async function removeStale(path: string): Promise<boolean> {
  const before = lstatSync(path, { throwIfNoEntry: false });
  if (before === undefined) return true;
  if (!before.isSocket() || (await isAlive(path))) return false;
  // Another one may have replaced it meanwhile.
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === before.ino) unlinkSync(path);
  return true;
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
