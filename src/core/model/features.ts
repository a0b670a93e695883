/**
 * What a controller can do only with newer servers: each feature, and the tables and columns without which it
 * is off.
 */
import type { ColumnSchema } from "ovsdb-client-ts";
import type { DatabaseName } from "./databases.ts";
import { SCHEMAS } from "./databases.ts";

interface Needed {
  readonly database: DatabaseName;
  readonly table: string;
  /** undefined: the table is enough. */
  readonly column?: string;
}

export const FEATURES = {
  "transit routers": [
    { database: "icNb", table: "Transit_Router" },
    { database: "icSb", table: "Datapath_Binding", column: "nb_ic_uuid" },
  ],
  "transit switch ports": [{ database: "icNb", table: "Transit_Switch_Port" }],
  "service monitors": [
    { database: "icSb", table: "Service_Monitor" },
    { database: "sb", table: "Service_Monitor", column: "ic_learned" },
  ],
  "address sets": [
    { database: "icSb", table: "Address_Set" },
    { database: "sb", table: "Address_Set", column: "options" },
  ],
  "encapsulations of ports": [
    { database: "icSb", table: "Port_Binding", column: "nb_ic_uuid" },
    { database: "sb", table: "Learned_Route" },
  ],
  "sequence numbers": [
    { database: "icNb", table: "IC_NB_Global", column: "nb_ic_cfg" },
    { database: "icSb", table: "IC_SB_Global", column: "nb_ic_cfg" },
    { database: "icSb", table: "Availability_Zone", column: "nb_ic_cfg" },
  ],
} as const satisfies Readonly<Record<string, readonly Needed[]>>;

export type Feature = keyof typeof FEATURES;

/** The server's schema of a database, as far as features ask. */
export interface ServerSchemas {
  /** null while it is not known. */
  version(database: DatabaseName): string | null;
  has(database: DatabaseName, table: string, column?: string): boolean;
  columnOf(database: DatabaseName, table: string, column: string): ColumnSchema | undefined;
}

/** What a feature lacks; empty if it is on. */
function lacking(schemas: ServerSchemas, feature: Feature): Needed[] {
  const needs: readonly Needed[] = FEATURES[feature];
  return needs.filter(({ database, table, column }) => !schemas.has(database, table, column));
}

export function hasFeature(schemas: ServerSchemas, feature: Feature): boolean {
  return lacking(schemas, feature).length === 0;
}

/**
 * The features that are off, and why, for people.
 *
 * @example describeMissing(view)[0]; // "transit routers are off: OVN_IC_Northbound 1.0.0 has no Transit_Router"
 */
export function describeMissing(schemas: ServerSchemas): string[] {
  return (Object.keys(FEATURES) as Feature[]).flatMap((feature) => {
    const [first] = lacking(schemas, feature);
    if (first === undefined) return [];
    const { database, table, column } = first;
    const what = column === undefined ? table : `${table}.${column}`;
    return [`${feature} are off: ${SCHEMAS[database].name} ${schemas.version(database)} has no ${what}`];
  });
}
