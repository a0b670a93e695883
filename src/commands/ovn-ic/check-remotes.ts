/** What can be known to be wrong before anything is tried. */
import { checkCredentials, formatRemote, parseRemotes } from "ovsdb-client-ts";
import { DATABASE_NAMES } from "../../core/model/index.ts";
import type { ConnectOptions } from "../../core/sync/run/index.ts";

/**
 * Reads the remotes, and if one of them needs TLS, the files for it. Later, when files are replaced, they are no reason to end.
 *
 * @throws ConnectionError
 */
export function checkRemotes({ remotes, tls = {} }: Pick<ConnectOptions, "remotes" | "tls">): void {
  for (const name of DATABASE_NAMES) {
    for (const remote of parseRemotes(remotes[name]))
      if (remote.method === "ssl" || remote.method === "pssl") checkCredentials(formatRemote(remote), tls);
  }
}
