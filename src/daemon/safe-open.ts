/**
 * Opening a file as root that another user shall have (`--user` with `--log-file`). The file may lie in a
 * directory of that user, who can put there what leads elsewhere; and what root opens, root would write to
 * and give away.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";

const { O_APPEND, O_CREAT, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** Links that are followed on the way to one file, at most (path_resolution(7)). */
const MOST_LINKS = 40;

/** A file that is not opened. The message says why, for people. */
export class UnsafeFileError extends Error {
  override readonly name = "UnsafeFileError";
}

/**
 * Opens a file for appending. As root it follows no link but those to directories that root itself has made,
 * and opens nothing but a regular file that has one name, lest it be the second name of another file.
 *
 * @returns the descriptor.
 * @throws UnsafeFileError, and what the system says.
 */
export function openForAppending(path: string, mode: number): number {
  if (process.geteuid?.() !== 0) return openSync(path, "a", mode);
  const names = resolve(path).split("/").slice(1);
  const last = names.pop() ?? "";
  const directory = openDirectory(names);
  try {
    // A FIFO would be waited for.
    const flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
    const file = openSync(within(directory, last), flags, mode);
    if (isOneRegularFile(file)) return file;
    closeSync(file);
    throw notRegular();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ELOOP") throw new UnsafeFileError("it is a link: with --user, name the file itself");
    // A FIFO that nobody reads.
    if (code === "ENXIO") throw notRegular();
    throw error;
  } finally {
    closeSync(directory);
  }
}

function notRegular(): UnsafeFileError {
  return new UnsafeFileError("with --user, it must be a regular file without other names");
}

/** Whether a file may be given to another user. */
export function isOneRegularFile(descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  return stats.isFile() && stats.nlink === 1;
}

/** Opens a directory name by name, so that nobody can put a link in the place of one that was looked at. */
function openDirectory(path: readonly string[]): number {
  const names = [...path];
  let at = openSync("/", O_RDONLY | O_DIRECTORY);
  for (let links = 0; ; ) {
    const name = names.shift();
    if (name === undefined) return at;
    if (name === "") continue;
    const next = within(at, name);
    const stats = lstatSync(next);
    const target = stats.isSymbolicLink() ? readlinkSync(next) : null;
    if (target !== null && (stats.uid !== 0 || ++links > MOST_LINKS)) {
      closeSync(at);
      throw new UnsafeFileError(
        `${name} on the way there is a link of another user: with --user, name the directory itself`,
      );
    }
    if (target !== null) names.unshift(...target.split("/"));
    const following = target === null ? next : target.startsWith("/") ? "/" : null;
    if (following === null) continue;
    const before = at;
    try {
      at = openSync(following, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    } finally {
      closeSync(before);
    }
  }
}

/** A name in a directory that is open: what Node.js has in the place of openat(2). */
function within(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}
