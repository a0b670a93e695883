/**
 * What databases are called. Those of several zones: `ic.nb` and `ic.sb`, which all share, and of each zone
 * `az1.nb` and `az1.sb`. Those that one controller joins: `nb`, `sb`, `icNb`, `icSb`.
 */
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { SCHEMAS } from "../../../src/core/model/databases.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";

/** `ic.nb`, `ic.sb`, or of a zone `az1.nb`, `az1.sb`. */
export type Database = `${string}.nb` | `${string}.sb`;

export type Remotes = Readonly<Record<DatabaseName, string>>;

/** Files of their schemas, without the ending. */
export const SCHEMA_FILES: Readonly<Record<DatabaseName, string>> = {
  nb: "ovn-nb",
  sb: "ovn-sb",
  icNb: "ovn-ic-nb",
  icSb: "ovn-ic-sb",
};

/** Tables with one row, which stays for ever. */
export const GLOBAL_TABLES: Readonly<Record<DatabaseName, string>> = {
  nb: "NB_Global",
  sb: "SB_Global",
  icNb: "IC_NB_Global",
  icSb: "IC_SB_Global",
};

/** What a zone's controller calls a database. */
export function nameOf(database: Database): DatabaseName {
  if (database === "ic.nb") return "icNb";
  if (database === "ic.sb") return "icSb";
  return database.endsWith(".sb") ? "sb" : "nb";
}

/** What servers call a database: `OVN_Northbound`. */
export function serverNameOf(database: Database): string {
  return SCHEMAS[nameOf(database)].name;
}

/** The zone whose database it is; null if all share it. */
export function zoneOf(database: Database): string | null {
  return database.startsWith("ic.") ? null : database.slice(0, -3);
}

/** The database that a zone's controller means by a name. */
export function databaseOf<Z extends string>(zone: Z, name: DatabaseName): `${Z | "ic"}.${"nb" | "sb"}` {
  if (name === "icNb") return "ic.nb";
  if (name === "icSb") return "ic.sb";
  return `${zone}.${name}`;
}

/** What a zone's controller connects to. */
export function remotesOf<Z extends string>(
  zone: Z,
  remote: (database: `${Z | "ic"}.${"nb" | "sb"}`) => string,
): Remotes {
  const of = (name: DatabaseName) => remote(databaseOf(zone, name));
  return { nb: of("nb"), sb: of("sb"), icNb: of("icNb"), icSb: of("icSb") };
}

/** Where the databases of a sandbox are. */
export function remotesIn({ icNb, icSb, azs }: Sandbox): Map<Database, string> {
  const remotes = new Map<Database, string>([
    ["ic.nb", icNb],
    ["ic.sb", icSb],
  ]);
  for (const [name, zone] of azs) remotes.set(`${name}.nb`, zone.nb).set(`${name}.sb`, zone.sb);
  return remotes;
}
