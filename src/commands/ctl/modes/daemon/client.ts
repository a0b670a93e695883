/**
 * Having a daemon run a line: with `-u SOCKET`, or if an environment variable names one (ovn-nbctl(8) "Daemon
 * Mode"). Nothing is loaded for it but the socket; what the line says is the daemon's business.
 */
import { resolve } from "node:path";
import type { Environment } from "../../../../core/databases.ts";
import { runDirectory } from "../../../../core/databases.ts";
import type { Log } from "../../../../daemon/log.ts";
import { CommandError, show } from "../../../cli/index.ts";
import type { Program } from "../../command/index.ts";
import type { GlobalLine } from "../../line/index.ts";

/**
 * The control socket of the daemon that is to run a line; null: none is, the line runs in this process.
 *
 * @param asked the socket that -u names.
 */
export function daemonSocket(
  { name, daemonVariable }: Program,
  asked: string | null,
  remoteIsGiven: boolean,
  environment: Environment,
  log: Log,
): string | null {
  const socket = asked ?? environment[daemonVariable] ?? "";
  if (socket === "") return null;
  if (remoteIsGiven) {
    log.warn("ovn_dbctl", `not using ${name} daemon because of db option`);
    return null;
  }
  return resolve(runDirectory(environment), socket);
}

/**
 * Has a daemon run a line, and prints what it replies.
 *
 * @param print writes to stdout.
 * @returns the exit status.
 * @throws CommandError if the daemon can't be reached.
 */
export async function runThroughDaemon(
  { name, daemonVariable }: Program,
  { forLine, rest }: GlobalLine,
  socket: string,
  print: (text: string) => void,
): Promise<number> {
  const { callUnixctl, UnixctlConnectionError } = await import("../../../../daemon/unixctl-client.ts");
  try {
    const reply = await callUnixctl(socket, "run", [...forLine, "--", ...rest]);
    if ("result" in reply) print(reply.result);
    else if (reply.error !== "") show(2, `${name}: ${reply.error}`);
    return "result" in reply ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UnixctlConnectionError)) throw error;
    throw new CommandError(
      error.connected
        ? `${socket}: transaction error (${error.message})`
        : `${socket}: could not connect to ${name} daemon (${error.message}); ` +
            `unset ${daemonVariable} to avoid using daemon`,
    );
  }
}
