/**
 * Whose faults are tried: ours, in the system's OVN; or with OVSDB_TEST_CONTROLLER=c, to compare, the C controller of Debian sid. Servers' schemas and
 * northd are of that release too then, and what goes wrong is counted instead of refused.
 */
import { join } from "node:path";
import type { SandboxOptions } from "../../src/sandbox/index.ts";
import { ovnSid } from "../fixtures/ovn-sid.ts";
import { PROGRAM } from "./instances.ts";
import type { Database } from "./world.ts";

export const IS_C = process.env.OVSDB_TEST_CONTROLLER === "c";

const sid = IS_C ? await ovnSid() : undefined;

/** What is tried, in words. */
export const CONTESTANT = sid === undefined ? "ours" : `C ${sid.version}`;

/** What a sandbox has to be told. */
export const RELEASE: SandboxOptions = sid === undefined ? {} : { ovnRoot: sid.root };

/** The controller in the daemon form, in a sandbox. */
export function controllerCommand(sandbox: string): readonly string[] {
  return sid === undefined ? [process.execPath, PROGRAM] : [join(sandbox, "c-bin/ovn-ic")];
}

export function northdCommand(sandbox: string): string {
  return sid === undefined ? "ovn-northd" : join(sandbox, "bin/ovn-northd");
}

/** The schema of a database. */
export function schemaOf(database: Database): string {
  const name = database.startsWith("ic.") ? database.replace(".", "-") : database.slice(-2);
  return join(sid?.root ?? "/", `usr/share/ovn/ovn-${name}.ovsschema`);
}
