/**
 * A daemon from all sides: the process that the user started, the one that it leaves behind with `--detach`,
 * and with `--monitor` the process between them, which starts the daemon again if need be.
 */
import type { Started } from "./detach.ts";
import { detachedReadiness, startDetached } from "./detach.ts";
import { isMonitored, monitor } from "./monitor.ts";
import { DaemonError } from "./start.ts";

export interface DaemonForm {
  readonly detach: boolean;
  readonly monitor: boolean;
  /**
   * Is the daemon, to its end. `ready` lets whoever started it go on. @throws DaemonError if it can't start.
   */
  readonly serve: (ready: (text: string) => void) => Promise<void>;
  /** Called in the process that watches the daemon when that died. */
  readonly died: (text: string) => Promise<void> | void;
}

/**
 * @returns what a daemon in the background said when it was ready, or why it isn't; or, where this process
 *   was the daemon or its monitor, its exit status.
 * @throws DaemonError if there is nobody else who would tell the user.
 */
export async function daemonize(form: DaemonForm): Promise<Started | { readonly status: number }> {
  const readiness = detachedReadiness();
  const monitored = isMonitored();
  if (form.detach && readiness === null && !monitored) return startDetached();
  if (form.monitor && !monitored) return { status: await monitor(readiness?.pass ?? null, form.died) };
  try {
    await form.serve((text) => readiness?.ready(text));
    return { status: 0 };
  } catch (error) {
    if (readiness === null) throw error;
    readiness.failed(error instanceof DaemonError ? error.message : String(error));
    return { status: 1 };
  }
}
