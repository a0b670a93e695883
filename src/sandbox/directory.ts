// A sandbox's directory, and what is written there for those who come later:
//
//   sandbox.json      what the sandbox is; its creation claims the directory
//   processes.jsonl   one line per process started, written before anything waits for it
//   ic/, AZ/          run directories with OVN's own file names, so that OVN_RUNDIR=DIR/AZ suits every OVN program
//   config.toml       the zones, for `ovn-ic status` and others that look at all of them
//   az-bin/           in_AZ, by which to run a command in a zone
//   bin/, c-bin/      with another OVN installation: its programs
//
// Nothing else in the directory is ever touched. A directory or a file of another user is not believed: see
// ownership.ts.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { SandboxError } from "./error.ts";
import type { ProcessIdentity } from "./identity.ts";
import { isAlive } from "./identity.ts";
import { readOwn, refuseForeign } from "./ownership.ts";

/** One availability zone's run directory and databases (remotes, `unix:PATH`). */
export interface Zone {
  readonly name: string;
  readonly dir: string;
  readonly nb: string;
  readonly sb: string;
}

/** What sandbox.json says. */
export interface Description {
  readonly dir: string;
  /** Whether the sandbox made the directory itself, and so removes it. */
  readonly made: boolean;
  readonly icDir: string;
  readonly icNb: string;
  readonly icSb: string;
  readonly azs: readonly Zone[];
  /** Where in_AZ are. */
  readonly azBin: string;
  /** What a user's PATH gets in front. */
  readonly path: string;
}

/**
 * A line of processes.jsonl. The owner is a foreground `ovn-ic sandbox`, which stops the others when it ends.
 */
export interface RecordedProcess extends ProcessIdentity {
  readonly name: string;
  readonly role: "owner" | "client" | "server";
}

/** The file by which commands of ours that look at all zones find them. */
export function configOf({ dir }: Pick<Description, "dir">): string {
  return join(dir, "config.toml");
}

function formatConfig({ icNb, icSb, azs }: Description): string {
  // What JSON has for a text is a basic string of TOML too.
  const section = (name: string, nb: string, sb: string) =>
    `[${name}]\nnb = ${JSON.stringify(nb)}\nsb = ${JSON.stringify(sb)}\n`;
  const zones = azs.map(({ name, nb, sb }) => section(`zones.${JSON.stringify(name)}`, nb, sb));
  return [section("ic", icNb, icSb), ...zones].join("\n");
}

/** Bytes that a unix socket's path may have: sun_path (unix(7)) less the final NUL. */
const longestSocketPath = 107;
/** The longest name of a socket in a zone's run directory, with the longest process id. */
const longestSocketName = "ovn-northd.4194304.ctl";

/**
 * Claims a directory for a new sandbox: a fresh temporary one, or `dir`, which must not exist or be empty.
 *
 * @throws SandboxError if the directory is in use, has other things in it, or is too deep for unix sockets.
 */
export function claimDirectory(azs: readonly string[], dir?: string, hasBin = false): Description {
  const path = dir === undefined ? mkdtempSync(join(tmpdir(), "ovn-ic-")) : resolve(dir);
  const made = dir === undefined || !existsSync(path);
  try {
    checkPath(path, azs);
    if (!existsSync(path)) mkdirSync(path);
    refuseForeign(path);
    const description = describe(path, azs, made, hasBin);
    refuseUsed(path);
    // "wx": of two sandboxes that start at the same moment one gets the directory.
    writeFileSync(join(path, "sandbox.json"), `${JSON.stringify(description, undefined, 2)}\n`, {
      flag: "wx",
    });
    writeFileSync(configOf(description), formatConfig(description));
    for (const made of [description.icDir, description.azBin, ...description.azs.map((zone) => zone.dir)])
      mkdirSync(made);
    return description;
  } catch (error) {
    if (dir === undefined) rmSync(path, { recursive: true, force: true });
    if (isErrno(error, "EEXIST")) throw inUse(path);
    if (error instanceof SandboxError || !(error instanceof Error)) throw error;
    throw new SandboxError(`--dir ${path}: ${error.message}`, { cause: error });
  }
}

function checkPath(path: string, azs: readonly string[]): void {
  if (/[,\n]/.test(path))
    throw new SandboxError(`--dir ${path}: OVSDB remotes cannot hold a comma or line break`);
  for (const az of azs) {
    const surplus = Buffer.byteLength(join(path, az, longestSocketName)) - longestSocketPath;
    if (surplus > 0) {
      throw new SandboxError(
        `--dir ${path}: too long for unix sockets by ${surplus} bytes: use a shorter path`,
      );
    }
  }
}

function refuseUsed(path: string): void {
  const entries = readdirSync(path);
  if (entries.includes("sandbox.json")) throw inUse(path);
  if (entries.length > 0) {
    throw new SandboxError(`--dir ${path}: the directory isn't empty: a sandbox needs a new or an empty one`);
  }
}

function inUse(path: string): SandboxError {
  const living = readProcesses(path).filter(isAlive);
  const state = living.length > 0 ? "a sandbox is running there" : "an earlier sandbox has left things there";
  return new SandboxError(
    `--dir ${path}: ${state}: use another directory, or: ovn-ic sandbox --stop ${path}`,
  );
}

function describe(dir: string, azs: readonly string[], made: boolean, hasBin: boolean): Description {
  const icDir = join(dir, "ic");
  const azBin = join(dir, "az-bin");
  return {
    dir,
    made,
    icDir,
    icNb: `unix:${join(icDir, "ovn_ic_nb_db.sock")}`,
    icSb: `unix:${join(icDir, "ovn_ic_sb_db.sock")}`,
    azs: azs.map((name) => {
      const zoneDir = join(dir, name);
      const [nb, sb] = ["ovnnb_db.sock", "ovnsb_db.sock"].map((file) => `unix:${join(zoneDir, file)}`);
      return { name, dir: zoneDir, nb: nb ?? "", sb: sb ?? "" };
    }),
    azBin,
    path: hasBin ? `${join(dir, "bin")}:${azBin}` : azBin,
  };
}

/**
 * Reads what the sandbox in `dir` is.
 *
 * @throws SandboxError if there is none.
 */
export function readDescription(dir: string): Description {
  const path = resolve(dir);
  if (existsSync(path)) refuseForeign(path);
  const text = readOwn(join(path, "sandbox.json"));
  if (text === null) throw new SandboxError(`${path}: there is no sandbox here (no sandbox.json)`);
  const value = parseObject(text);
  const azs = value?.azs;
  if (value === undefined || typeof value.made !== "boolean" || !Array.isArray(azs)) {
    throw new SandboxError(
      `${path}/sandbox.json: not written by this program; if it is in the way, remove it`,
    );
  }
  const names = azs.map((zone: unknown) => (isObject(zone) ? zone.name : undefined)).filter(isName);
  return describe(path, names, value.made, existsSync(join(path, "bin")));
}

/**
 * The same, of a sandbox that runs: at least one of its processes lives.
 *
 * @throws SandboxError if there is none, or all its processes have ended.
 */
export function readRunning(dir: string): Description {
  const description = readDescription(dir);
  if (readProcesses(description.dir).some(isAlive)) return description;
  throw new SandboxError(
    `${description.dir}: this sandbox has ended; to clean up: ovn-ic sandbox --stop ${description.dir}`,
  );
}

/** Whether `name` may be that of an AZ in a sandbox: the name is also that of a directory. */
export function isName(name: unknown): name is string {
  return typeof name === "string" && /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && !reserved.has(name);
}

const reserved: ReadonlySet<string> = new Set([
  "ic",
  "az-bin",
  "bin",
  "c-bin",
  "sandbox.json",
  "config.toml",
  "processes.jsonl",
]);

/** Notes down a process; to be called as soon as it has an id. */
export function recordProcess(dir: string, process: RecordedProcess): void {
  appendFileSync(join(dir, "processes.jsonl"), `${JSON.stringify(process)}\n`);
}

/**
 * All processes ever noted down, dead ones included.
 *
 * @throws SandboxError if somebody else has noted them down.
 */
export function readProcesses(dir: string): RecordedProcess[] {
  const text = readOwn(join(dir, "processes.jsonl"));
  if (text === null) return [];
  return text.split("\n").flatMap((line) => {
    const value = line === "" ? undefined : parseObject(line);
    if (value === undefined) return []; // a last line that was cut off
    const { name, role, pid, startTime } = value;
    if (typeof name !== "string" || typeof startTime !== "string") return [];
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid < 2) return [];
    if (role !== "owner" && role !== "client" && role !== "server") return [];
    return [{ name, role, pid, startTime }];
  });
}

/** Whether a directory is one of those of a sandbox that programs are in. */
export function isSandboxBin(path: string): boolean {
  return existsSync(join(path, "../sandbox.json"));
}

/**
 * Removes what a sandbox made in its directory, and the directory too if the sandbox made it and nothing else
 * is in it.
 */
export function removeDirectory(description: Description): void {
  const { dir } = description;
  const made = [
    description.icDir,
    ...description.azs.map((zone) => zone.dir),
    description.azBin,
    join(dir, "bin"),
    join(dir, "c-bin"),
  ];
  const files = ["config.toml", "processes.jsonl", "sandbox.json"].map((name) => join(dir, name));
  for (const path of [...made, ...files]) {
    rmSync(path, { recursive: true, force: true });
  }
  if (!description.made) return;
  try {
    rmdirSync(dir);
  } catch (error) {
    if (!isErrno(error, "ENOTEMPTY") && !isErrno(error, "ENOENT")) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
