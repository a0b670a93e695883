/** The four databases that a controller joins, by the names that the code uses for them. */
import type { OvsSchema, Row, TableName } from "ovsdb-client-ts";
import type { DatabaseName } from "../databases.ts";
import { icNb } from "../schema/ic-nb.ts";
import { icSb } from "../schema/ic-sb.ts";
import { nb } from "../schema/nb.ts";
import { sb } from "../schema/sb.ts";

export const SCHEMAS = { nb, sb, icNb, icSb } as const satisfies Record<DatabaseName, OvsSchema>;

export type Schemas = typeof SCHEMAS;
export type TableOf<D extends DatabaseName> = TableName<Schemas[D]>;
export type RowOf<D extends DatabaseName, T extends TableOf<D>> = Row<Schemas[D], T>;

export type { DatabaseName };

export const DATABASE_NAMES: readonly DatabaseName[] = ["nb", "sb", "icNb", "icSb"];

/** A table of one of the databases: `icSb.Route`. */
export type TableKey = `${DatabaseName}.${string}`;
