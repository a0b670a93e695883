/** `ovn-ic` without a subcommand: the controller as a daemon, a drop-in replacement of the C program. */
import { resolve } from "node:path";
import type { Environment } from "../../../core/databases.ts";
import { daemonize } from "../../../daemon/daemonize.ts";
import { Log } from "../../../daemon/log.ts";
import { DaemonError } from "../../../daemon/start.ts";
import { findSyslog } from "../../../daemon/syslog.ts";
import { write } from "../../../daemon/write.ts";
import { CommandError, defaultLogFile, setLevels } from "../../cli/index.ts";
import { help, optionUsages, PROGRAM, version } from "./help.ts";
import type { DaemonSettings } from "./options.ts";
import { daemonLevels, parseDaemonOptions } from "./options.ts";

/**
 * Runs the daemon, or starts it in the background.
 *
 * @param subcommands lines for `--help`.
 * @returns the exit status.
 */
export async function runDaemonForm(
  args: readonly string[],
  environment: Environment,
  subcommands: string,
): Promise<number> {
  try {
    const settings = parseDaemonOptions(args, environment);
    if (settings.action !== "run") {
      write(1, await describe(settings, environment, subcommands));
      return 0;
    }
    return await run(settings, environment);
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof DaemonError)) throw error;
    if (error.message !== "") write(2, `${PROGRAM}: ${error.message}\n`);
    return 1;
  }
}

async function describe(
  { action, graph }: DaemonSettings,
  environment: Environment,
  subcommands: string,
): Promise<string> {
  if (action === "help") return help(environment, subcommands);
  if (action === "options") return optionUsages();
  if (action === "version") return version();
  const { PLANNERS } = await import("../../../core/planners/index.ts");
  const { formatGraph } = await import("./graph.ts");
  return formatGraph(PLANNERS, graph);
}

async function run(settings: DaemonSettings, environment: Environment): Promise<number> {
  const outcome = await daemonize({
    detach: settings.detach,
    monitor: settings.monitor,
    serve: async (ready) => {
      const { serve } = await import("./serve.ts");
      await serve(settings, environment, await openLog(settings, environment), () => ready("started"));
    },
    died: async (text) => (await openLog(settings, environment)).line("ERR", "daemon_unix", text),
  });
  if ("failed" in outcome) throw new DaemonError(outcome.failed);
  return "status" in outcome ? outcome.status : 0;
}

/**
 * What is said about the log takes effect in order: what comes after a file may keep it from being mentioned,
 * or not.
 *
 * @throws DaemonError; with no text if the log has said it.
 */
async function openLog(settings: DaemonSettings, environment: Environment): Promise<Log> {
  const { logSteps, logJson, syslogMethod, syslogTarget } = settings;
  const { routes, remarks } = await findSyslog(
    syslogMethod ?? environment.OVS_SYSLOG_METHOD ?? null,
    syslogTarget,
  );
  const log = new Log({
    program: PROGRAM,
    levels: daemonLevels(),
    json: logJson,
    syslog: routes,
    forAnother: settings.user !== null,
  });
  for (const { what, value } of logSteps) {
    if (what === "levels") setDaemonLevels(log, value);
    else if (value !== "" && !log.openFile(resolve(value))) throw new DaemonError("");
    // The default file is a convenience: without it the daemon runs, as C's does.
    else if (value === "") log.openFile(resolve(defaultLogFile(PROGRAM, environment)));
  }
  for (const { level, module, text } of remarks) log.line(level, module, text);
  return log;
}

/** Whoever waits for a daemon in the background hears of DaemonErrors. */
function setDaemonLevels(log: Log, spec: string): void {
  try {
    setLevels(log, spec);
  } catch (error) {
    throw error instanceof CommandError ? new DaemonError(error.message) : error;
  }
}
