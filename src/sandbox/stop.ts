// Ends a sandbox from outside, by what its directory says: one that was kept, or one whose owner was killed.

import { setTimeout as delay } from "node:timers/promises";
import type { RecordedProcess } from "./directory.ts";
import { readDescription, readProcesses, removeDirectory } from "./directory.ts";
import { SandboxError } from "./error.ts";
import { isAlive } from "./identity.ts";
import { patience } from "./processes.ts";

/**
 * Ends the processes of the sandbox in `dir` that still live, and removes its files. Only a process whose id
 * and start time are those noted down is ever signalled. If a foreground `ovn-ic sandbox` holds the sandbox,
 * it is asked to end, and does the rest.
 *
 * @returns The processes that were ended.
 * @throws SandboxError if there is no sandbox, or a process cannot be ended (another user's, say).
 * @example await stopSandbox("/tmp/lab");
 */
export async function stopSandbox(dir: string): Promise<RecordedProcess[]> {
  const description = readDescription(dir);
  const living = readProcesses(description.dir).filter(isAlive);
  for (const role of ["owner", "client", "server"] as const) {
    await Promise.all(living.filter((process) => process.role === role).map(end));
  }
  removeDirectory(description);
  return living;
}

async function end(target: RecordedProcess): Promise<void> {
  // An owner ends all the others first, each of which may take all the patience there is.
  const allowance = target.role === "owner" ? 3 * patience : patience;
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (!isAlive(target)) return;
    send(target, signal);
    if (signal === "SIGTERM") send(target, "SIGCONT");
    const deadline = Date.now() + allowance;
    while (isAlive(target) && Date.now() < deadline) await delay(5);
  }
  if (isAlive(target))
    throw new SandboxError(`${target.name} (process ${target.pid}) doesn't end, even when killed`);
}

function send(target: RecordedProcess, signal: NodeJS.Signals): void {
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (!isAlive(target)) return;
    const why = error instanceof Error ? error.message : String(error);
    throw new SandboxError(`${target.name} (process ${target.pid}) cannot be stopped: ${why}`, {
      cause: error,
    });
  }
}
