/**
 * What a program does, by its settings: it tells something about itself, runs a line, or many from a file,
 * has a daemon run one, or starts a daemon. Only what that takes is loaded.
 */
import type { Environment } from "../../../core/databases.ts";
import { Log } from "../../../daemon/log.ts";
import { CommandError, defaultLogFile, show, warnOfTls } from "../../cli/index.ts";
import type { Command, Program } from "../command/index.ts";
import type { GlobalLine, Settings } from "../line/index.ts";
import { describe, parseLine } from "../line/index.ts";
import { daemonSocket, runThroughDaemon } from "./daemon/client.ts";
import { FatalSignals, setAlarm } from "./fatal-signals.ts";

/** What a program was started with. */
export interface Start {
  readonly program: Program;
  /** The program's commands by name. */
  readonly commands: ReadonlyMap<string, Command>;
  /** The words after the program's name. */
  readonly words: readonly string[];
  readonly environment: Environment;
}

/**
 * Does what the words of a program ask for.
 *
 * @returns the exit status.
 * @throws CommandError
 */
export async function runInMode(start: Start, global: GlobalLine): Promise<number> {
  const { program, commands, words, environment } = start;
  const { settings, first, rest } = global;
  const { mode } = settings;
  if (mode.is === "tell") {
    show(1, describe(program, mode.what, environment));
    return 0;
  }
  if (mode.is === "daemon") {
    const { startDaemon } = await import("./daemon/start.ts");
    return await startDaemon({ ...start, settings, daemon: mode }, () => openLog(start, settings));
  }
  // Through a daemon the log is this process's all the same.
  const log = openLog(start, settings);
  if (mode.is === "batch") {
    return await inForeground(start, settings, log, true, async (print) => {
      const { runBatch } = await import("./batch/batch.ts");
      return await runBatch({ program, settings, words, log }, mode, commands, print);
    });
  }
  const socket = daemonSocket(program, mode.daemon, settings.remoteIsGiven, environment, log);
  if (socket !== null) {
    return await inForeground(start, settings, log, false, (print) =>
      runThroughDaemon(program, global, socket, print),
    );
  }
  const line = parseLine(rest, commands, first);
  const mayWrite = line.some(({ command }) => command.readOnly !== true);
  return await inForeground(start, settings, log, mayWrite, async (print) => {
    const { runLine } = await import("./one-shot.ts");
    await runLine({ program, settings, commands: line, words, log }, print);
    return 0;
  });
}

/** Does work that prints, and that signals and the time limit end as they end the C programs. */
async function inForeground(
  { program, words }: Start,
  settings: Settings,
  log: Log,
  mayWrite: boolean,
  work: (print: (text: string) => void) => Promise<number>,
): Promise<number> {
  const signals = new FatalSignals(log);
  log.line(mayWrite ? "INFO" : "DBG", program.logModule, `Called as ${[program.name, ...words].join(" ")}`);
  const alarm = setAlarm(settings.timeout, signals);
  try {
    return await work((text) => signals.blocking(() => show(1, text)));
  } finally {
    clearTimeout(alarm);
    signals.stop();
  }
}

function openLog({ program: { name }, environment }: Start, { logLevels, logFiles, tls }: Settings): Log {
  const log = new Log({ program: name, levels: logLevels });
  for (const file of logFiles) {
    const path = file ?? defaultLogFile(name, environment);
    // As in the C programs the log line is the whole message; and without the default file the line runs all
    // the same.
    if (!log.openFile(path) && file !== null) throw new CommandError("");
  }
  warnOfTls(log, tls.caCert, tls.bootstrapCaCert);
  return log;
}
