/**
 * The file that holds a daemon's process id (`--pidfile`, ovn-nbctl(8) "Daemon Options").
 *
 * Who holds a pidfile is decided in `holderOf` alone. It goes by what is known of the process that the file names; a lock
 * of the file would be certain, but Node has no call for it.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** A daemon runs already. The message is for the user. */
export class PidfileHeldError extends Error {
  override readonly name = "PidfileHeldError";
}

export class Pidfile {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Writes this process's id to a file, mode 0644 less the umask. A file that a dead process left is replaced.
   *
   * @param overwrite replaces the one of a running process too.
   * @throws PidfileHeldError, and what the system says.
   * @example const pidfile = Pidfile.create("/var/run/ovn/ovn-ic.pid", false);
   */
  static create(path: string, overwrite: boolean): Pidfile {
    const next = `${path}.${process.pid}.tmp`;
    writeFileSync(next, `${process.pid}\n`, { mode: 0o644 });
    try {
      if (!link(next, path)) {
        const holder = overwrite ? null : holderOf(path);
        if (holder !== null)
          throw new PidfileHeldError(`${path}: already running as pid ${holder}, aborting`);
        renameSync(next, path);
      }
    } finally {
      rmSync(next, { force: true });
    }
    return new Pidfile(path);
  }

  /** Removes the file, unless another process has put its own in its place. */
  remove(): void {
    if (readPid(this.path) === process.pid) rmSync(this.path, { force: true });
  }
}

/** False: there is a file of that name. */
function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** The process that holds a pidfile: the one that it names, if it lives and was started with a pidfile; null: nobody. */
function holderOf(path: string): number | null {
  const pid = readPid(path);
  if (pid === null || pid === process.pid) return null;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not allowed to signal it: it lives.
    if (!(error instanceof Error && "code" in error && error.code === "EPERM")) return null;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").some(isPidfileOption) ? pid : null;
  } catch {
    return pid;
  }
}

function isPidfileOption(word: string): boolean {
  return word === "--pidfile" || word.startsWith("--pidfile=");
}

function readPid(path: string): number | null {
  try {
    const text = readFileSync(path, "utf8").trim();
    return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}
