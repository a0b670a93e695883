/**
 * `--detach` from all sides: the process that the user started, the daemon that it leaves behind, and with --monitor the process
 * between them, which starts the daemon again if need be.
 */
import { detachedReadiness, startDetached } from "../../daemon/detach.ts";
import type { Log } from "../../daemon/log.ts";
import { isMonitored, monitor } from "../../daemon/monitor.ts";
import { write } from "../../daemon/write.ts";
import { CommandError } from "./command-error.ts";
import type { DaemonContext } from "./daemon.ts";

/**
 * Starts the daemon in the background, and prints the path of its control socket once it listens. In the background: is the daemon.
 *
 * @param openLog opens the daemon's log.
 * @returns the exit status.
 * @throws CommandError with what the daemon had to say.
 */
export async function startDaemon(context: Omit<DaemonContext, "log">, openLog: () => Log): Promise<number> {
  const readiness = detachedReadiness();
  const monitored = isMonitored();
  if (readiness === null && !monitored) {
    const started = await startDetached();
    if ("failed" in started) throw new CommandError(started.failed);
    write(1, `${started.ready}\n`);
    return 0;
  }
  if (readiness !== null && context.settings.daemon.monitor && !monitored) {
    return await monitor(readiness.pass, (text) => openLog().warn("daemon_unix", text));
  }
  try {
    const { runDaemon } = await import("./daemon.ts");
    await runDaemon({ ...context, log: openLog() }, (path) => readiness?.ready(path));
    return 0;
  } catch (error) {
    readiness?.failed(error instanceof CommandError ? error.message : String(error));
    return 1;
  }
}
