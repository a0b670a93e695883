// The two releases of OVN whose C programs are the oracles: the system's own packages, and Debian sid's in a
// directory.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Installation, Program, SchemaFile } from "../../../src/sandbox/installation.ts";
import { findInstallation, linkPrograms, requirePrograms } from "../../../src/sandbox/installation.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { ovnSid } from "../../harness/programs/ovn-sid.ts";

/** Programs and schemas of a release, ready to be used. */
export interface ReleaseFiles {
  program(name: Program): string;
  schema(name: SchemaFile): string;
}

/**
 * Finds the programs of a release; those of Debian sid are installed first if they are missing.
 *
 * @param directory where wrappers of the programs may be put.
 */
export async function findRelease(release: Release, directory: string): Promise<ReleaseFiles> {
  const installation = release === "23.03.1" ? findInstallation() : findInstallation((await ovnSid()).root);
  requirePrograms(installation, ["ovsdb-server", "ovsdb-tool", "ovn-ic-nbctl", "ovn-ic-sbctl"]);
  const programs = linkPrograms(installation, directory);
  await checkVersion(installation, programs.get("ovn-ic-nbctl") ?? "", release);
  return {
    program: (name) => found(programs.get(name), name),
    schema: (name) => found(installation.schemas.get(name), name),
  };
}

function found(path: string | undefined, name: string): string {
  if (path === undefined) throw new Error(`${name} is not installed`);
  return path;
}

/** Other releases word things otherwise, so the first two parts must be right. */
async function checkVersion({ place }: Installation, program: string, release: Release): Promise<void> {
  const { stdout } = await promisify(execFile)(program, ["--version"]);
  const [, version = "none"] = /^\S+ (\S+)/.exec(stdout) ?? [];
  const series = release.slice(0, release.lastIndexOf("."));
  if (version.startsWith(`${series}.`)) return;
  throw new Error(`the OVN ${place} is ${version}, not ${release}: the table of this test is for that one`);
}
