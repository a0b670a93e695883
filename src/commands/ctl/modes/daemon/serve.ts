/**
 * `--detach`: a daemon that runs lines for others, over its control socket, on one connection and with one
 * copy of what they need (ovn-nbctl(8) "Daemon Mode").
 *
 * Lines run one at a time. One that waits (wait-until, --wait=sb) lets the others run meanwhile, since what
 * it waits for may have to come through this daemon; one whose caller is gone or whose time is up ends. While
 * the server is away, lines wait for it.
 */
import { resolve } from "node:path";
import { runDirectory } from "../../../../core/databases.ts";
import { closeDebugger } from "../../../../daemon/debugger.ts";
import type { Log } from "../../../../daemon/log.ts";
import { createPidfile, exitCommand, listenAt } from "../../../../daemon/start.ts";
import { internalError } from "../../../cli/index.ts";
import { describe } from "../../line/index.ts";
import type { DaemonContext } from "./lines.ts";
import { DaemonLines } from "./lines.ts";

/**
 * Runs the daemon until it is told to end, by `exit` or a signal.
 *
 * @param ready called with the path of the control socket once it listens.
 * @throws DaemonError if it can't start.
 */
export async function runDaemon(context: DaemonContext, ready: (path: string) => void): Promise<void> {
  closeDebugger();
  const { program, environment, log } = context;
  const { chdir, socket, pidfile: file, overwritePidfile } = context.daemon;
  const directory = runDirectory(environment);
  const warn = (text: string) => log.warn("daemon_unix", text);
  const pidfile =
    file === null
      ? null
      : await createPidfile(resolve(directory, file || `${program.name}.pid`), overwritePidfile, warn);
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

/**
 * The last net of a daemon: nobody reads its stderr, and a monitor starts it again when it dies as C programs
 * die of mistakes.
 */
function castDaemonNet(log: Log): void {
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => {
    log.line("EMER", "daemon_unix", internalError(error));
    process.kill(process.pid, "SIGABRT");
  });
}
