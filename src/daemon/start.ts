/** What every daemon does when it starts, with errors in the words of the C programs. */
import { loadNative, NATIVE_ADVICE } from "./native.ts";
import { Pidfile, PidfileHeldError } from "./pidfile.ts";
import { describeError } from "./unixctl-client.ts";
import type { UnixctlCommand } from "./unixctl-server.ts";
import { UnixctlServer } from "./unixctl-server.ts";

/** A daemon can't start. The message is for the user. */
export class DaemonError extends Error {
  override readonly name = "DaemonError";
}

/**
 * Writes and locks a pidfile.
 *
 * @param warn told if there is no lock.
 * @throws DaemonError
 */
export async function createPidfile(
  path: string,
  overwrite: boolean,
  warn: (text: string) => void,
): Promise<Pidfile> {
  const native = await loadNative();
  if (native === null) {
    warn(`${path} will not be locked, so ovn-appctl by name takes it for stale: ${NATIVE_ADVICE}`);
  }
  try {
    return Pidfile.create(path, overwrite, native);
  } catch (error) {
    if (error instanceof PidfileHeldError) throw new DaemonError(error.message);
    if (error instanceof Error) throw new DaemonError(`${path}.tmp: create failed (${describeError(error)})`);
    throw error;
  }
}

/** Opens a control socket. @throws DaemonError */
export async function listenAt(options: Parameters<typeof UnixctlServer.listen>[0]): Promise<UnixctlServer> {
  try {
    return await UnixctlServer.listen(options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DaemonError(`${options.path}: could not initialize control socket (${reason})`);
  }
}

/** The command that ends a daemon. */
export function exitCommand(exit: () => void): UnixctlCommand {
  return {
    name: "exit",
    usage: "",
    args: [0, 0],
    run: () => {
      exit();
      return "";
    },
  };
}
