// Where the programs and schemas of an OVN installation are: the system's own (PATH), a prefix such as
// /opt/ovn, or the root directory of another Debian, whose programs run as ordinary processes through that
// root's own loader.

import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { isSandboxBin } from "./directory.ts";
import { SandboxError } from "./error.ts";

/** Programs that a sandbox starts or offers, and the Debian package of each. */
const packageOf = {
  "ovsdb-server": "openvswitch-common",
  "ovsdb-tool": "openvswitch-common",
  "ovsdb-client": "openvswitch-common",
  "ovs-appctl": "openvswitch-common",
  "ovn-appctl": "ovn-common",
  "ovn-nbctl": "ovn-common",
  "ovn-sbctl": "ovn-common",
  "ovn-trace": "ovn-common",
  "ovn-ic-nbctl": "ovn-common",
  "ovn-ic-sbctl": "ovn-common",
  "ovn-northd": "ovn-central",
  "ovn-ic": "ovn-ic",
  setpriv: "util-linux",
} as const;

const schemaPackageOf = {
  "ovn-nb.ovsschema": "ovn-central",
  "ovn-sb.ovsschema": "ovn-central",
  "ovn-ic-nb.ovsschema": "ovn-ic-db",
  "ovn-ic-sb.ovsschema": "ovn-ic-db",
} as const;

export type Program = keyof typeof packageOf;
export type SchemaFile = keyof typeof schemaPackageOf;

const programNames = Object.keys(packageOf) as Program[];

/** These three have namesakes in this package, which must stay in front on the user's PATH. */
const interconnection: ReadonlySet<string> = new Set(["ovn-ic", "ovn-ic-nbctl", "ovn-ic-sbctl"]);

export interface Installation {
  /** Where it is, in words for error messages. */
  readonly place: string;
  /** The root directory or prefix; undefined for the system's own installation. */
  readonly root: string | undefined;
  /** Loader and library directory, when programs must be run through the root's own loader. */
  readonly loader: Loader | undefined;
  readonly programs: ReadonlyMap<Program, string>;
  readonly schemas: ReadonlyMap<SchemaFile, string>;
}

interface Loader {
  readonly file: string;
  readonly libraries: string;
}

/**
 * Looks for OVN's programs and schemas.
 *
 * @param root A prefix or a root directory; default: the system's own installation, by PATH.
 * @param schemas A directory with the .ovsschema files; default: that of the installation.
 * @throws SandboxError if `root` or `schemas` is no directory. What is missing within is found out by
 *   `requirePrograms`.
 * @example const installation = findInstallation("/opt/ovn");
 */
export function findInstallation(root?: string, schemas?: string): Installation {
  const base = root === undefined ? undefined : directory("--ovn-root", root);
  const programDirs = base === undefined ? systemProgramDirs() : below(base, ["bin", "sbin"]);
  const schemaDirs =
    base === undefined ? systemSchemaDirs() : below(base, ["share/ovn", "share/openvswitch"]);
  return {
    place: base === undefined ? "on this system's PATH" : `in ${base}`,
    root: base,
    loader: base === undefined ? undefined : loaderOf(base),
    programs: find(programNames, programDirs, constants.X_OK),
    schemas: find(
      Object.keys(schemaPackageOf) as SchemaFile[],
      schemas === undefined ? schemaDirs : [directory("--schemas", schemas)],
      constants.R_OK,
    ),
  };
}

function directory(option: string, path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return resolve(path);
  throw new SandboxError(`${option} ${path}: there is no such directory`);
}

function below(base: string, names: readonly string[]): string[] {
  return ["", "usr", "usr/local"].flatMap((prefix) => names.map((name) => join(base, prefix, name)));
}

function systemProgramDirs(): string[] {
  // Servers are in the sbin directories, which the PATH of an ordinary user leaves out.
  const dirs = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  // The programs of another sandbox may be of another release than the system's schemas.
  return dirs.filter((path) => path !== "" && !isSandboxBin(path));
}

function systemSchemaDirs(): string[] {
  const own = process.env.OVN_PKGDATADIR;
  return [...(own ? [own] : []), "/usr/share/ovn", "/usr/local/share/ovn"];
}

function find<Name extends string>(
  names: readonly Name[],
  dirs: readonly string[],
  mode: number,
): Map<Name, string> {
  const found = new Map<Name, string>();
  for (const name of names) {
    const path = dirs
      .map((dir) => resolve(dir, name))
      .find(
        (candidate) => accessible(candidate, mode) && !(interconnection.has(name) && isNodeScript(candidate)),
      );
    if (path !== undefined) found.set(name, path);
  }
  return found;
}

/**
 * Whether a program is one of this package's own, which may well come first on the PATH: theirs are not
 * written for Node.
 */
function isNodeScript(path: string): boolean {
  const head = Buffer.alloc(64);
  const file = openSync(path, "r");
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return /^#!.*\bnode\b/.test(head.toString("latin1"));
}

function accessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** A root directory of a whole system has its own loader and C library; its programs don't run with ours. */
function loaderOf(root: string): Loader | undefined {
  const lib = join(root, "usr/lib");
  if (!existsSync(join(root, "etc")) || !existsSync(lib)) return undefined;
  for (const triplet of readdirSync(lib).filter((name) => name.includes("-linux-gnu"))) {
    const libraries = join(lib, triplet);
    const file = readdirSync(libraries).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
    if (file !== undefined) return { file: join(libraries, file), libraries };
  }
  return undefined;
}

/**
 * Checks that an installation has what is needed.
 *
 * @throws SandboxError that names all that is missing, and the Debian packages that bring it.
 */
export function requirePrograms(installation: Installation, programs: readonly Program[]): void {
  const missing = programs.filter((name) => !installation.programs.has(name));
  const schemas = (Object.keys(schemaPackageOf) as SchemaFile[]).filter(
    (name) => !installation.schemas.has(name),
  );
  if (missing.length + schemas.length === 0) return;
  const packages = [
    ...missing.map((name) => packageOf[name]),
    ...schemas.map((name) => schemaPackageOf[name]),
  ];
  const install = `apt-get install --no-install-recommends ${[...new Set(packages)].join(" ")}`;
  const where = installation.root === undefined ? "" : ` inside ${installation.root}`;
  throw new SandboxError(
    `not found ${installation.place}: ${[...missing, ...schemas].join(", ")}. Debian: ${install}${where}`,
  );
}

/**
 * Makes the programs of an installation other than the system's own runnable by a plain path: wrappers or
 * symbolic links in `dir`/bin, and for those with namesakes in this package in `dir`/c-bin, which is not for
 * the PATH.
 *
 * @returns The path by which to run each program.
 */
export function linkPrograms(installation: Installation, dir: string): ReadonlyMap<Program, string> {
  const { root, loader, programs } = installation;
  if (root === undefined) return programs;
  const [bin, cBin] = [join(dir, "bin"), join(dir, "c-bin")];
  for (const made of [bin, cBin]) mkdirSync(made);
  const commands = new Map<Program, string>();
  for (const [name, target] of programs) {
    const path = join(interconnection.has(name) ? cBin : bin, name);
    if (loader === undefined) symlinkSync(target, path);
    else writeFileSync(path, wrapper(name, target, loader), { mode: 0o755 });
    commands.set(name, path);
  }
  return commands;
}

function wrapper(name: Program, target: string, loader: Loader): string {
  const words = [loader.file, "--inhibit-cache", "--argv0", name, "--library-path", loader.libraries, target];
  return `#!/bin/sh\nexec ${words.map(quoteForShell).join(" ")} "$@"\n`;
}

/** A word that a POSIX shell reads as exactly `text`. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
