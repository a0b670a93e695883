/** The daemon itself: a controller, a control socket, and what ends them. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ConnectionError } from "ovsdb-client-ts";
import type { Environment } from "../../../core/databases.ts";
import { runDirectory } from "../../../core/databases.ts";
import { PLANNERS, RULES } from "../../../core/planners/index.ts";
import { printable } from "../../../core/printable.ts";
import { Controller } from "../../../core/sync/run/index.ts";
import { closeDebugger } from "../../../daemon/debugger.ts";
import type { HttpServer } from "../../../daemon/http-server.ts";
import type { Log } from "../../../daemon/log.ts";
import type { Pidfile } from "../../../daemon/pidfile.ts";
import { ServiceManager } from "../../../daemon/service-manager.ts";
import { createPidfile, DaemonError, exitCommand, listenAt } from "../../../daemon/start.ts";
import type { UnixctlCommand } from "../../../daemon/unixctl-server.ts";
import { becomeUser } from "../../../daemon/user.ts";
import { vlogCommands } from "../../../daemon/vlog-commands.ts";
import { warnOfTls } from "../../cli/index.ts";
import { checkRemotes } from "../../cli/remotes.ts";
import { Findings } from "../findings.ts";
import { keepHeapSmall, letYoungGenerationGrow } from "../heap.ts";
import { Activity } from "./activity.ts";
import type { CommandContext } from "./commands.ts";
import { controllerCommands, describeOutages, describeState, makeCoverage } from "./commands.ts";
import { Dropped } from "./dropped.ts";
import { logEvents } from "./events.ts";
import { PROGRAM, version } from "./help.ts";
import type { DaemonSettings } from "./options.ts";
import { Outages } from "./outages.ts";

/** Milliseconds that saying goodbye to servers may take. */
const FAREWELL = 1000;

/**
 * Runs until it is told to end, by `exit` or a signal.
 *
 * @param ready called when the pidfile is written and the control socket listens.
 * @throws DaemonError if it can't start.
 */
export async function serve(
  settings: DaemonSettings,
  environment: Environment,
  log: Log,
  ready: () => void,
): Promise<void> {
  nameProcess();
  closeDebugger();
  if (settings.user !== null) becomeUser(settings.user, log);
  refuseUnusable(settings);
  const directory = runDirectory(environment);
  const pidfile = await makePidfile(settings, directory, log);
  let exit: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    exit = resolve;
  });
  let ending = false;
  const systemd = await ServiceManager.find(process.env);
  const context = makeContext(settings, log, systemd, () => ending);
  const control = controlCommands(context, exit);
  let metrics: HttpServer | null = null;
  try {
    if (settings.metricsListen !== null)
      metrics = await serveMetrics(settings.metricsListen, settings, context);
    const server =
      settings.unixctl === "none"
        ? null
        : await listenAt({
            path: resolve(directory, settings.unixctl ?? `${PROGRAM}.${process.pid}.ctl`),
            version: version(),
            commands: control.commands,
            debug: (text) => log.debug("unixctl", text),
          });
    handleSignals(exit, log);
    if (settings.detach && settings.chdir) process.chdir("/");
    pidfile?.settle();
    ready();
    warnOfTls(log, settings.tls.caCert);
    systemd?.tell("READY=1", `STATUS=${describeState(context.controller)}`);
    context.controller.start();
    await ended;
    ending = true;
    systemd?.tell("STOPPING=1");
    await Promise.race([Promise.all([server?.close(), context.controller.close()]), pause(FAREWELL)]);
  } finally {
    control.close();
    systemd?.close();
    metrics?.close();
    pidfile?.remove();
  }
}

/** All commands of the control socket; `close` ends what measures for them. */
export function controlCommands(
  context: CommandContext,
  exit: () => void,
): { readonly commands: readonly UnixctlCommand[]; readonly close: () => void } {
  const coverage = makeCoverage(context);
  return {
    commands: [
      ...controllerCommands(context),
      ...coverage.commands,
      ...vlogCommands(context.log),
      exitCommand(exit),
    ],
    close: () => coverage.close(),
  };
}

/** @throws DaemonError for what no server could mend. */
function refuseUnusable(settings: DaemonSettings): void {
  try {
    checkRemotes(Object.values(settings.remotes), settings.tls);
  } catch (error) {
    throw error instanceof ConnectionError ? new DaemonError(error.message) : error;
  }
}

interface Context extends CommandContext {
  readonly dropped: Dropped;
  readonly findings: Findings;
}

function makeContext(
  settings: DaemonSettings,
  log: Log,
  systemd: ServiceManager | null,
  ending: () => boolean,
): Context {
  keepHeapSmall();
  const dropped = new Dropped();
  const explained = settings.metricsListen !== null;
  const findings = new Findings(({ text }) => log.info("ovn_ic", printable(text)));
  const activity = new Activity(PLANNERS);
  const controller: Controller = new Controller({
    remotes: settings.remotes,
    tls: settings.tls,
    rules: RULES,
    observers: [activity, findings, ...(explained ? [dropped] : [])],
    maxMessageSize: settings.maxMessageSize,
    ...logEvents(log, () => controller, ending),
    ...(explained ? { explain: dropped.explain } : {}),
    finding: findings.finding,
    answered: activity.answered,
    planned: () => {
      activity.turnEnded(controller);
      if (!controller.engine.interrupted) letYoungGenerationGrow(false);
    },
    stateChanged: (state) => {
      letYoungGenerationGrow(state !== "standby");
      if (state !== "active") {
        dropped.clear();
        findings.clear();
      }
      tellStatus();
    },
  });
  const outages = new Outages(controller.connections, {
    warn: (text) => log.warn("ovn_ic", text),
    info: (text) => log.info("ovn_ic", text),
    changed: () => tellStatus(),
  });
  const tellStatus = () =>
    systemd?.tell(`STATUS=${[controller.state, ...describeOutages(outages)].join("; ")}`);
  return { controller, activity, outages, dropped, findings, log };
}

async function serveMetrics(
  where: string,
  { metricsHosts }: DaemonSettings,
  context: Context,
): Promise<HttpServer> {
  const { listenHttp } = await import("../../../daemon/http-server.ts");
  const { metricsPaths } = await import("./metrics.ts");
  const server = await listenHttp(where, metricsPaths(context), metricsHosts);
  context.log.info("ovn_ic", `metrics at http://${server.address}/metrics`);
  return server;
}

async function makePidfile(settings: DaemonSettings, directory: string, log: Log): Promise<Pidfile | null> {
  if (settings.pidfile === null) return null;
  const path = resolve(directory, settings.pidfile || `${PROGRAM}.pid`);
  return createPidfile(path, settings.overwritePidfile, (text) => log.warn("daemon_unix", text));
}

function handleSignals(exit: () => void, log: Log): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, exit);
  process.on("SIGHUP", () => log.reopenFile());
  // SIGUSR1 is ignored from the first line of the program on.
  process.on("SIGUSR2", () => undefined);
  process.on("uncaughtException", (error) => {
    log.line("EMER", "ovn_ic", `mistake in this program: ${error.stack ?? error.message}`);
    // What a mistake in a C program ends in: a monitor or systemd starts it again.
    process.kill(process.pid, "SIGABRT");
  });
}

/** Scripts know a daemon by the name of its process. */
function nameProcess(): void {
  try {
    writeFileSync("/proc/self/comm", PROGRAM);
  } catch {
    // Not Linux.
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
