/** `--detach`: starts the daemon in the background; in the background, is the daemon. */
import { daemonize } from "../../../../daemon/daemonize.ts";
import type { Log } from "../../../../daemon/log.ts";
import { DaemonError } from "../../../../daemon/start.ts";
import { write } from "../../../../daemon/write.ts";
import { CommandError } from "../../../cli/index.ts";
import type { DaemonContext } from "./lines.ts";

/**
 * Prints the path of the daemon's control socket once it listens.
 *
 * @param openLog opens the daemon's log.
 * @returns the exit status.
 * @throws CommandError with what the daemon had to say.
 */
export async function startDaemon(context: Omit<DaemonContext, "log">, openLog: () => Log): Promise<number> {
  const outcome = await daemonize({
    detach: true,
    monitor: context.daemon.monitor,
    serve: async (ready) => {
      const { runDaemon } = await import("./serve.ts");
      try {
        await runDaemon({ ...context, log: openLog() }, ready);
      } catch (error) {
        throw error instanceof CommandError ? new DaemonError(error.message) : error;
      }
    },
    died: (text) => openLog().line("ERR", "daemon_unix", text),
  });
  if ("failed" in outcome) throw new CommandError(outcome.failed);
  if ("status" in outcome) return outcome.status;
  write(1, `${outcome.ready}\n`);
  return 0;
}
