/** `--detach` from both sides: the process that the user started, and the daemon that it leaves behind. */
import { detachedReadiness, startDetached } from "../../daemon/detach.ts";
import { CommandError } from "./command-error.ts";
import type { DaemonContext } from "./daemon.ts";
import type { Log } from "./log.ts";
import { write } from "./output.ts";

/**
 * Starts the daemon in the background, and prints the path of its control socket once it listens. In the background: is the daemon.
 *
 * @param openLog opens the daemon's log.
 * @returns the exit status.
 * @throws CommandError with what the daemon had to say.
 */
export async function startDaemon(context: Omit<DaemonContext, "log">, openLog: () => Log): Promise<number> {
  const readiness = detachedReadiness();
  if (readiness === null) {
    const started = await startDetached();
    if ("failed" in started) throw new CommandError(started.failed);
    write(1, `${started.ready}\n`);
    return 0;
  }
  try {
    const { runDaemon } = await import("./daemon.ts");
    await runDaemon({ ...context, log: openLog() }, readiness.ready);
    return 0;
  } catch (error) {
    readiness.failed(error instanceof CommandError ? error.message : String(error));
    return 1;
  }
}
