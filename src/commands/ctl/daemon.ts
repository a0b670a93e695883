/**
 * `--detach`: a daemon that runs lines for others, over its control socket, on one connection and with one copy of what they need
 * (ovn-nbctl(8) "Daemon Mode").
 *
 * Lines run one at a time. One that waits (wait-until, --wait=sb) lets the others run meanwhile, since what it waits for may have to come
 * through this daemon; one whose caller is gone or whose time is up ends. While the server is away, lines wait for it.
 */
import { resolve } from "node:path";
import { OvsdbClient } from "ovsdb-client-ts";
import { type Environment, runDirectory } from "../../core/databases.ts";
import { closeDebugger } from "../../daemon/debugger.ts";
import type { Log } from "../../daemon/log.ts";
import { createPidfile, exitCommand, listenAt } from "../../daemon/start.ts";
import { type UnixctlCommand, UnixctlError } from "../../daemon/unixctl-server.ts";
import { internalError } from "../last-net.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import {
  defaultSettings,
  type OptionTable,
  optionsOfRun,
  parseOptions,
  type Settings,
} from "./global-options.ts";
import { describe } from "./help.ts";
import { KeptReplica } from "./kept-replica.ts";
import { parseLine } from "./line.ts";
import { type Line, loadLine } from "./loaded-line.ts";
import type { Program } from "./program.ts";
import { connectionFailed, connectionOptions, runOn } from "./run.ts";
import { Turns } from "./turns.ts";

export interface DaemonContext {
  readonly program: Program;
  readonly settings: Settings;
  /** The program's commands by name. */
  readonly commands: ReadonlyMap<string, Command>;
  readonly log: Log;
  readonly environment: Environment;
}

/**
 * Runs the daemon until it is told to end, by `exit` or a signal.
 *
 * @param ready called with the path of the control socket once it listens.
 * @throws DaemonError if it can't start.
 */
export async function runDaemon(context: DaemonContext, ready: (path: string) => void): Promise<void> {
  closeDebugger();
  const { program, settings, environment, log } = context;
  const { chdir, socket } = settings.daemon;
  const directory = runDirectory(environment);
  const warn = (text: string) => log.warn("daemon_unix", text);
  const pidfile =
    settings.daemon.pidfile === null
      ? null
      : await createPidfile(
          resolve(directory, settings.daemon.pidfile || `${program.name}.pid`),
          settings.daemon.overwritePidfile,
          warn,
        );
  const lines = new DaemonLines(context);
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  try {
    const server = await listenAt({
      path: resolve(directory, socket ?? `${program.name}.${process.pid}.ctl`),
      version: describe(program, "version", environment),
      commands: [lines.command, exitCommand(end)],
    });
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, end);
    castDaemonNet(log);
    lines.start();
    if (chdir) process.chdir("/");
    pidfile?.settle();
    ready(server.path);
    await ended;
    await server.close();
  } finally {
    pidfile?.remove();
    await lines.close();
  }
}

/** The last net of a daemon: nobody reads its stderr, and a monitor starts it again when it dies as C programs die of mistakes. */
function castDaemonNet(log: Log): void {
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => {
    log.line("EMER", "daemon_unix", internalError(error));
    process.kill(process.pid, "SIGABRT");
  });
}

/** The command `run`, and what its lines share. */
class DaemonLines {
  readonly #context: DaemonContext;
  readonly #options: OptionTable;
  readonly #client: OvsdbClient;
  readonly #replica: KeptReplica;
  readonly #turns = new Turns();
  #wasConnected = false;

  constructor(context: DaemonContext) {
    this.#context = context;
    this.#options = optionsOfRun(context.program.database, context.commands.values());
    this.#client = new OvsdbClient(
      connectionOptions({ ...context, settings: withoutDirectory(context.settings) }),
    );
    this.#replica = new KeptReplica(this.#client);
  }

  start(): void {
    this.#client.start();
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  get command(): UnixctlCommand {
    return {
      ...{ name: "run", usage: "", args: [0, Number.POSITIVE_INFINITY] },
      run: async (args, { signal }) => {
        try {
          return await this.#run(args, signal);
        } catch (error) {
          throw error instanceof CommandError ? new UnixctlError(error.message) : error;
        }
      },
    };
  }

  async #run(args: readonly string[], gone: AbortSignal): Promise<string> {
    const { program, commands, log } = this.#context;
    const fresh = { ...defaultSettings(program.database, {}), remote: this.#context.settings.remote };
    const { settings, first, rest } = parseOptions(args, this.#options, fresh);
    const words = ["run", ...args];
    const parsed = { program, settings, commands: parseLine(rest, commands, first), words, log };
    const mayWrite = parsed.commands.some(({ command }) => command.readOnly !== true);
    log.line(mayWrite ? "INFO" : "DBG", "ovn_dbctl", `Running command ${words.join(" ")}`);
    const line = await loadLine(parsed);
    const { signal, stop } = limit(gone, settings.timeout);
    try {
      return await this.#takeTurn(line, signal);
    } finally {
      stop();
    }
  }

  async #takeTurn(line: Line, signal: AbortSignal): Promise<string> {
    await this.#connected(line, signal);
    let end = await this.#turns.take(signal);
    let text = "";
    const pause = async <T>(event: () => Promise<T>): Promise<T> => {
      end();
      end = () => undefined;
      const result = await event();
      end = await this.#turns.take(signal);
      return result;
    };
    try {
      const host = { client: this.#client, retry: true, use: this.#replica.use, pause, signal };
      await runOn(host, line, (printed) => {
        text += printed;
      });
      return text;
    } finally {
      end();
    }
  }

  /** Waits for the server to come back; if it has never been there, that is an error in what the daemon was told. */
  async #connected(line: Line, signal: AbortSignal): Promise<void> {
    const { session } = this.#client;
    while (!this.#client.connected) {
      if (!this.#wasConnected && session.lastError !== null) {
        throw connectionFailed(line, session.lastError);
      }
      await this.#change(signal);
    }
    this.#wasConnected = true;
  }

  /** Resolves when the session has changed its state, or the client is ready. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const left = new AbortController();
      const unsubscribe = this.#client.session.onStateChange(() => settle(resolve));
      const settle = (outcome: () => void) => {
        unsubscribe();
        left.abort(new UnixctlError("not waited for any more"));
        outcome();
      };
      this.#client.ready({ signal: AbortSignal.any([signal, left.signal]) }).then(
        () => settle(resolve),
        (error: unknown) => settle(() => reject(error)),
      );
    });
  }
}

/** A signal that is also aborted after some seconds; 0: never. */
function limit(gone: AbortSignal, seconds: number): { signal: AbortSignal; stop: () => void } {
  if (seconds === 0) return { signal: gone, stop: () => undefined };
  const timeout = new AbortController();
  const expire = () => timeout.abort(new UnixctlError("timeout expired"));
  const timer = setTimeout(expire, Math.min(seconds * 1000, 2 ** 31 - 1));
  return { signal: AbortSignal.any([gone, timeout.signal]), stop: () => clearTimeout(timer) };
}

/** Settings whose paths mean the same from any directory. */
function withoutDirectory(settings: Settings): Settings {
  const { privateKey, certificate, caCertificate, bootstrapCaCertificate } = settings.tls;
  const absolute = (path: string | undefined) =>
    path === undefined || path === "none" ? path : resolve(path);
  return {
    ...settings,
    remote: settings.remote.replace(/(^|,)(\s*unix:)([^,]+)/g, (_, comma, method, path) => {
      return `${comma}${method}${resolve(path)}`;
    }),
    tls: {
      ...settings.tls,
      privateKey: absolute(privateKey),
      certificate: absolute(certificate),
      caCertificate: absolute(caCertificate),
      bootstrapCaCertificate: absolute(bootstrapCaCertificate),
    },
  };
}
