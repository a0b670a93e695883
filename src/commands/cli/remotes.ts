/**
 * Remotes: how they mean the same from any directory, and what can be known to be wrong with them before
 * anything is tried.
 */
import { resolve } from "node:path";
import type { TlsOptions } from "ovsdb-client-ts";
import { checkCredentials, formatRemote, parseRemotes } from "ovsdb-client-ts";

/** Remotes with absolute paths; relative names of sockets are looked for in `directory`. */
export function absoluteRemotes(remotes: string, directory: string): string {
  return remotes.replace(
    /(^|,)(\s*p?unix:)([^,]+)/g,
    (_, comma: string, method: string, path: string) => `${comma}${method}${resolve(directory, path)}`,
  );
}

/**
 * Reads remotes, and if one of them needs TLS, the files for it. Later, when files are replaced, they are no
 * reason to end.
 *
 * @throws ConnectionError
 */
export function checkRemotes(remotes: Iterable<string>, tls: Readonly<TlsOptions> = {}): void {
  for (const list of remotes) {
    for (const remote of parseRemotes(list))
      if (remote.method === "ssl" || remote.method === "pssl") checkCredentials(formatRemote(remote), tls);
  }
}
