/**
 * What `ovn-ic-nbctl` and `ovn-ic-sbctl` do from argv to exit status.
 *
 * Nothing that talks to a database is loaded before it is clear that the line needs one: `run.ts` and with it the client
 * come in by a dynamic import, so that `--version`, `--help` and mistakes cost no more than starting Node does.
 */
import type { Environment } from "../../core/databases.ts";
import { Log } from "../../daemon/log.ts";
import { internalError } from "../last-net.ts";
import { warnOfTls } from "../tls-warning.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { daemonSocket, runThroughDaemon } from "./daemon-client.ts";
import { FatalSignals } from "./fatal-signals.ts";
import { type GlobalLine, parseGlobalOptions, type Settings } from "./global-options.ts";
import { describe } from "./help.ts";
import { parseLine } from "./line.ts";
import { checkModes } from "./modes.ts";
import type { Program } from "./program.ts";
import { show } from "./show.ts";

/**
 * Runs a command line of a program.
 *
 * @param args the words after the program's name.
 * @returns the exit status: 0, or 1 with a message on stderr. A timeout ends the process by SIGALRM instead.
 * @example process.exit(await runProgram(nbctl, process.argv.slice(2), process.env));
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  environment: Environment,
): Promise<number> {
  try {
    const commands = new Map<string, Command>();
    for (const group of program.groups)
      for (const command of group.commands) commands.set(command.name, command);
    const global = parseGlobalOptions(args, program.database, commands.values(), environment);
    return await act(program, args, commands, global, environment);
  } catch (error) {
    const text = error instanceof CommandError ? error.message : internalError(error);
    if (text !== "") show(2, `${program.name}: ${text}\n`);
    return 1;
  }
}

async function act(
  program: Program,
  words: readonly string[],
  commands: ReadonlyMap<string, Command>,
  global: GlobalLine,
  environment: Environment,
): Promise<number> {
  const { settings, first, rest } = global;
  if (settings.action !== "run") {
    show(1, describe(program, settings.action, environment));
    return 0;
  }
  checkModes(global);
  if (settings.daemon.detach) {
    const { startDaemon } = await import("./daemon-start.ts");
    const openDaemonLog = () => openLog(program, settings, environment);
    return await startDaemon({ program, settings, commands, environment }, openDaemonLog);
  }
  const isBatch = settings.batch.file !== null;
  // Through a daemon the log is this process's all the same.
  const log = openLog(program, settings, environment);
  const socket = daemonSocket(program, global, environment, log);
  const line = socket === null && !isBatch ? parseLine(rest, commands, first) : [];
  const mayWrite = isBatch || line.some(({ command }) => command.readOnly !== true);
  const signals = new FatalSignals(log);
  log.line(mayWrite ? "INFO" : "DBG", program.logModule, `Called as ${[program.name, ...words].join(" ")}`);
  const alarm = setAlarm(settings.timeout, signals);
  const print = (text: string) => signals.blocking(() => show(1, text));
  try {
    if (socket !== null) return await runThroughDaemon(program, global, socket, print);
    if (isBatch) {
      const { runBatch } = await import("./batch.ts");
      return await runBatch({ program, settings, words, log }, commands, print);
    }
    const { runLine } = await import("./run.ts");
    await runLine({ program, settings, commands: line, words, log }, print);
    return 0;
  } finally {
    clearTimeout(alarm);
    signals.stop();
  }
}

function openLog({ name }: Program, { logLevels, logFiles, tls }: Settings, environment: Environment): Log {
  const log = new Log({ program: name, levels: logLevels });
  for (const file of logFiles) {
    const path = file ?? `${environment.OVS_LOGDIR ?? "/var/log/openvswitch"}/${name}.log`;
    // As in the C programs the log line is the whole message; and without the default file the line runs all the same.
    if (!log.openFile(path) && file !== null) throw new CommandError("");
  }
  warnOfTls(log, tls.caCertificate, tls.bootstrapCaCertificate);
  return log;
}

const LONGEST_DELAY = 2 ** 31 - 1;

/** Ends the process by SIGALRM after some seconds, as alarm(2) does to the C programs. */
function setAlarm(seconds: number, signals: FatalSignals): NodeJS.Timeout | undefined {
  if (seconds === 0) return undefined;
  return setTimeout(() => signals.dieBy("SIGALRM"), Math.min(seconds * 1000, LONGEST_DELAY));
}
