/**
 * The file that holds a daemon's process id (`--pidfile`, ovn-nbctl(8) "Daemon Options").
 *
 * The daemon has a lock on the file for as long as it lives, as the C programs do: that is how `ovn-appctl -t
 * NAME` and a second start know that the file is no leftover. Where there is no call for that (see
 * native.ts), the file is not locked, and who holds it is judged by what is known of the process that it
 * names.
 *
 * Invariant: a process that has a lock on a file never opens it again, since closing any descriptor of it
 * ends the lock.
 */
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename } from "node:path";
import type { Native } from "./native.ts";

const { O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** A daemon runs already, or something else is in the way. The message is for the user. */
export class PidfileHeldError extends Error {
  override readonly name = "PidfileHeldError";
}

/** Times that a file is looked at which others replace meanwhile. */
const ATTEMPTS = 5;

export class Pidfile {
  readonly path: string;
  readonly #descriptor: number;
  /** Where the file is until it is put in the place of another; null: it is there. */
  #next: string | null;

  private constructor(path: string, descriptor: number, next: string | null) {
    this.path = path;
    this.#descriptor = descriptor;
    this.#next = next;
  }

  /**
   * Writes this process's id to a file, mode 0644 less the umask, and locks it. A file that a dead process
   * left is replaced.
   *
   * @param overwrite replaces the one of a running process too, but not before `settle`: until then the start
   *   may yet fail.
   * @throws PidfileHeldError, and what the system says.
   * @example const pidfile = Pidfile.create("/var/run/ovn/ovn-ic.pid", false, await loadNative());
   */
  static create(path: string, overwrite: boolean, native: Native | null): Pidfile {
    const next = `${path}.${process.pid}.tmp`;
    const descriptor = openSync(next, "wx", 0o644);
    try {
      // In this order: it is from where the next byte goes that a file is locked.
      native?.lock(descriptor);
      writeSync(descriptor, `${process.pid}\n`);
      if (overwrite) return new Pidfile(path, descriptor, next);
      for (let attempt = 1; !put(next, path, native); attempt++)
        if (attempt === ATTEMPTS) throw new PidfileHeldError(`${path}: others replace it all the time`);
      rmSync(next, { force: true });
      return new Pidfile(path, descriptor, null);
    } catch (error) {
      rmSync(next, { force: true });
      closeSync(descriptor);
      throw error;
    }
  }

  /** The daemon runs: its file is to be found from now on, in the place of another's if need be. */
  settle(): void {
    if (this.#next !== null) renameSync(this.#next, this.path);
    this.#next = null;
  }

  /** Removes the file, unless another process has put its own in its place. */
  remove(): void {
    if (this.#next !== null) rmSync(this.#next, { force: true });
    if (isAt(this.#descriptor, this.path)) rmSync(this.path, { force: true });
    closeSync(this.#descriptor);
  }
}

/** Puts one file in another's place. False: that one was replaced meanwhile. @throws PidfileHeldError */
function put(next: string, path: string, native: Native | null): boolean {
  if (unless("EEXIST", () => linkSync(next, path))) return true;
  let old = -1;
  if (!unless("ENOENT", () => (old = openLeftover(path)))) return false;
  try {
    if (!fstatSync(old).isFile()) throw noPidfile(path);
    // Who got the lock of what another left may replace it: so two that start at once don't both do so.
    const free = native?.lock(old) ?? true;
    const holder = free ? holderOf(old, native !== null) : readPid(old);
    if (!isAt(old, path)) return false;
    if (!free || holder !== null) {
      throw new PidfileHeldError(`${path}: already running as pid ${holder ?? "(unknown)"}, aborting`);
    }
    renameSync(next, path);
    return true;
  } finally {
    closeSync(old);
  }
}

/**
 * Opens what is in the way. It may be anything, if the directory is another user's: a link isn't followed,
 * and a FIFO not waited for.
 */
function openLeftover(path: string): number {
  try {
    return openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (
      error instanceof Error &&
      "code" in error &&
      ["ELOOP", "EISDIR", "ENXIO"].includes(String(error.code))
    )
      throw noPidfile(path);
    throw error;
  }
}

function noPidfile(path: string): PidfileHeldError {
  return new PidfileHeldError(
    `${path}: what is there is no pidfile, but a link or the like: remove it, or name another`,
  );
}

/** False: it failed in the one way that is to be expected. */
function unless(expected: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === expected) return false;
    throw error;
  }
}

/** Whether a path leads to the file of a descriptor. */
function isAt(descriptor: number, path: string): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  const open = fstatSync(descriptor);
  return there?.ino === open.ino && there.dev === open.dev;
}

const OURS = new Set(["ovn-ic", "ovn-ic-nbctl", "ovn-ic-sbctl"]);

/**
 * The process that holds a file without a lock: the one that it names, if it lives and was started with a
 * pidfile; null: nobody.
 *
 * @param onlyOurs C programs would have locked it.
 */
function holderOf(descriptor: number, onlyOurs: boolean): number | null {
  const pid = readPid(descriptor);
  if (pid === null || pid === process.pid || !isAlive(pid)) return null;
  const words = commandLine(pid);
  if (words === null) return onlyOurs ? null : pid;
  const fits = !onlyOurs || words.some((word) => OURS.has(basename(word, ".cjs")));
  return fits && words.some(isPidfileOption) ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed to signal it: it lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The words that a process was started with; null where the system doesn't tell. */
function commandLine(pid: number): string[] | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return null;
  }
}

function isPidfileOption(word: string): boolean {
  return word === "--pidfile" || word.startsWith("--pidfile=");
}

function readPid(descriptor: number): number | null {
  const bytes = Buffer.alloc(32);
  const text = bytes.toString("utf8", 0, readSync(descriptor, bytes, 0, bytes.length, 0)).trim();
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}
