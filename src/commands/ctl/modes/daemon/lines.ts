/** The lines that others have a daemon run: the command `run` of its control socket. */
import { OvsdbClient } from "ovsdb-client-ts";
import type { Environment } from "../../../../core/databases.ts";
import type { Log } from "../../../../daemon/log.ts";
import type { UnixctlCommand } from "../../../../daemon/unixctl-server.ts";
import { UnixctlError } from "../../../../daemon/unixctl-server.ts";
import { absoluteTls, CommandError } from "../../../cli/index.ts";
import { absoluteRemotes } from "../../../cli/remotes.ts";
import type { Command, Program } from "../../command/index.ts";
import type { DaemonSettings, OptionTable, Settings } from "../../line/index.ts";
import { optionsOfRun, parseLine, parseRunOptions } from "../../line/index.ts";
import type { Line } from "../../run/index.ts";
import { connectionFailed, connectionOptions, KeptReplica, loadLine, runOn } from "../../run/index.ts";
import { Turns } from "./turns.ts";

export interface DaemonContext {
  readonly program: Program;
  readonly settings: Settings;
  readonly daemon: Readonly<DaemonSettings>;
  /** The program's commands by name. */
  readonly commands: ReadonlyMap<string, Command>;
  readonly log: Log;
  readonly environment: Environment;
}

/** The command `run`, and what its lines share. */
export class DaemonLines {
  readonly #context: DaemonContext;
  readonly #options: OptionTable;
  readonly #client: OvsdbClient;
  readonly #replica: KeptReplica;
  readonly #turns = new Turns();
  #wasConnected = false;

  constructor(context: DaemonContext) {
    this.#context = context;
    this.#options = optionsOfRun(context.program.database, context.commands.values());
    const { settings } = context;
    const remote = absoluteRemotes(settings.remote, process.cwd());
    // The daemon may leave the directory that it was started in.
    const absolute = { ...settings, remote, tls: absoluteTls(settings.tls) };
    this.#client = new OvsdbClient(connectionOptions({ ...context, settings: absolute }));
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
      name: "run",
      usage: "",
      args: [0, Number.POSITIVE_INFINITY],
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
    const { settings, first, rest } = parseRunOptions(
      args,
      this.#options,
      program.database,
      this.#context.settings,
    );
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

  /**
   * Waits for the server to come back; if it has never been there, that is an error in what the daemon was
   * told.
   */
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
