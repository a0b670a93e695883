/**
 * Whose faults are tried: ours; or with OVSDB_TEST_CONTROLLER=c, to compare, the C controller of Debian sid,
 * with the schemas that it comes with. What goes wrong with that is counted instead of refused.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findInstallation, linkPrograms } from "../../../src/sandbox/installation.ts";
import type { Database } from "../databases/names.ts";
import { nameOf, SCHEMA_FILES } from "../databases/names.ts";
import { ovnSid } from "../programs/ovn-sid.ts";
import { PROGRAM } from "./instances.ts";

export const IS_C = process.env.OVSDB_TEST_CONTROLLER === "c";

const sid = IS_C ? await ovnSid() : undefined;

/** What is tried, in words. */
export const CONTESTANT = sid === undefined ? "ours" : `C ${sid.version}`;

/** The directory of the schemas. */
export const SCHEMAS = join(sid?.root ?? "/", "usr/share/ovn");

/** The controller in the daemon form, to be run in a sandbox. */
export function controllerCommand(sandbox: string): readonly string[] {
  if (sid === undefined) return [process.execPath, PROGRAM];
  const path = join(sandbox, "c-bin/ovn-ic");
  if (!existsSync(path)) linkPrograms(findInstallation(sid.root), sandbox);
  return [path];
}

/** The schema of a database. */
export function schemaOf(database: Database): string {
  return join(SCHEMAS, `${SCHEMA_FILES[nameOf(database)]}.ovsschema`);
}
