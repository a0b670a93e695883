/**
 * Rows as fixtures: what planners know, written down as plain rows, typed by the descriptions of the schemas.
 */
import type { ChangeSet, ColumnName, Insert, OvsSchema, Uuid } from "ovsdb-client-ts";
import type { DatabaseName, Schemas, TableKey, TableOf } from "../../../src/core/model/index.ts";
import { SCHEMAS, sameIdentity, View } from "../../../src/core/model/index.ts";
import type { Sources } from "../../../src/core/model/view.ts";
import type { AnyColumns, AnyEdit } from "./database.ts";
import { MemoryDatabase, uuidFor } from "./database.ts";

/**
 * A row. `_uuid` is what others call it in their references, `name` or `logical_port` unless it is said:
 * `ports: ["lrp1"]`. A real uuid stays what it is, where the order of uuids matters.
 */
export type GivenRow<D extends DatabaseName, T extends TableOf<D>> = Insert<Schemas[D], T> & {
  readonly _uuid?: string;
};

/** Rows by database and table. What is left out of a row has its default. */
export type Rows = {
  readonly [D in DatabaseName]?: { readonly [T in TableOf<D>]?: readonly GivenRow<D, T>[] };
};

type ColumnKey<D extends DatabaseName, T extends TableOf<D>> = `${D}.${T}.${ColumnName<Schemas[D], T>}`;
type AnyColumnKey = {
  [D in DatabaseName]: { [T in TableOf<D>]: ColumnKey<D, T> }[TableOf<D>];
}[DatabaseName];
type AnyTableKey = { [D in DatabaseName]: `${D}.${TableOf<D>}` }[DatabaseName];

export interface Circumstances {
  readonly leader?: boolean;
  readonly confirmed?: number | null;
  readonly incomplete?: readonly TableKey[];
  /** Tables and columns that the servers lack, being of an older release. */
  readonly without?: readonly (AnyTableKey | AnyColumnKey)[];
  /** What is allowed in columns with an enum, where a server has less than the description. */
  readonly enums?: { readonly [C in AnyColumnKey]?: readonly string[] };
}

/** One row's change. */
export type Edit<D extends DatabaseName> = {
  [T in TableOf<D>]:
    | { readonly insert: T; readonly row: GivenRow<D, T> }
    | { readonly update: T; readonly uuid: string; readonly row: Insert<Schemas[D], T> }
    | { readonly delete: T; readonly uuid: string };
}[TableOf<D>];

/** The uuid of a row by what tests call it: for the places that refer to rows in text. */
export function uuidOf<D extends DatabaseName, T extends TableOf<D>>(
  database: D,
  table: T,
  token: string,
): Uuid<T> {
  // The tag says into which table it points, and that is the table that it was made for.
  return uuidFor(database, table, token) as Uuid<T>;
}

export type Databases = { readonly [D in DatabaseName]: MemoryDatabase<Schemas[D]> };

/** Four databases, and what planners see of them. */
export class World {
  readonly databases: Databases;
  readonly view: View;

  constructor(
    given: Rows,
    circumstances: Circumstances = {},
    watch: (databases: Databases) => Sources = (all) => all,
  ) {
    this.databases = {
      nb: new MemoryDatabase("nb", SCHEMAS.nb, serverSchema("nb", circumstances)),
      sb: new MemoryDatabase("sb", SCHEMAS.sb, serverSchema("sb", circumstances)),
      icNb: new MemoryDatabase("icNb", SCHEMAS.icNb, serverSchema("icNb", circumstances)),
      icSb: new MemoryDatabase("icSb", SCHEMAS.icSb, serverSchema("icSb", circumstances)),
    };
    const { leader = true, confirmed = null, incomplete = [] } = circumstances;
    this.view = new View(watch(this.databases), { leader, confirmed, incomplete: new Set(incomplete) });
    for (const [database, tables] of Object.entries(given)) {
      const edits = Object.entries(tables).flatMap(([table, rows]) =>
        rows.map((row: AnyColumns) => ({ insert: table, row })),
      );
      this.#database(database).change(edits);
    }
    this.view.refreshIdentity();
  }

  #database(name: string): MemoryDatabase<OvsSchema> {
    const found = Object.values(this.databases).find((database) => database.name === name);
    if (found === undefined) throw new Error(`there is no database ${name}`);
    // What is done with it is checked when it is done.
    return found as unknown as MemoryDatabase<OvsSchema>;
  }

  /** Changes rows of one database, as one transaction of a server does. */
  change<D extends DatabaseName>(database: D, ...edits: readonly Edit<D>[]): Announced {
    return this.edit(database, edits);
  }

  /** The same, of rows whose types are not known. */
  edit(database: DatabaseName, edits: readonly AnyEdit[]): Announced {
    const changes: ChangeSet<OvsSchema> = Object.assign(this.#database(database).change(edits), {
      initial: false,
    });
    // As the engine does when it hears of changes.
    this.view.stolen.changed(database, changes, this.view.zone);
    const before = this.view.identity;
    const isOther =
      saysWhoWeAre(this.view, database, changes) && !sameIdentity(before, this.view.refreshIdentity());
    return { database, changes, isOther };
  }
}

/** What a replica announces. */
export interface Announced {
  readonly database: DatabaseName;
  readonly changes: ChangeSet<OvsSchema>;
  /** Whether this zone is another one now, whereupon everything is planned anew. */
  readonly isOther: boolean;
}

const IDENTITY: readonly string[] = ["nb.NB_Global", "icSb.Availability_Zone"];
const DOUBTFUL_IDENTITY: readonly string[] = [...IDENTITY, "sb.Chassis", "icSb.Gateway", "icSb.Port_Binding"];

function saysWhoWeAre(view: View, database: DatabaseName, changes: ChangeSet<OvsSchema>): boolean {
  const tables = view.identityInDoubt ? DOUBTFUL_IDENTITY : IDENTITY;
  return changes.some(({ table }) => tables.includes(`${database}.${table}`));
}

/** What planners see of some rows. */
export function view(given: Rows, circumstances: Circumstances = {}): View {
  return new World(given, circumstances).view;
}

/** The schema of a server, which may be older than the description. */
function serverSchema(database: DatabaseName, { without = [], enums = {} }: Circumstances): OvsSchema {
  if (without.length === 0 && Object.keys(enums).length === 0) return SCHEMAS[database];
  const lacks = (key: string) => without.some((one) => one === key);
  const described: OvsSchema = SCHEMAS[database];
  const tables = Object.entries(described.tables).flatMap(([table, { columns, ...rest }]) => {
    if (lacks(`${database}.${table}`)) return [];
    const left = Object.entries(columns).flatMap(([name, column]) => {
      const key = `${database}.${table}.${name}`;
      if (lacks(key)) return [];
      const [, allowed] = Object.entries(enums).find(([one]) => one === key) ?? [];
      if (allowed === undefined || typeof column.type === "string" || typeof column.type.key === "string")
        return [[name, column] as const];
      const narrowed = { ...column.type, key: { ...column.type.key, enum: ["set", allowed] as const } };
      return [[name, { ...column, type: narrowed }] as const];
    });
    // An index on a column that isn't there is none.
    const indexes = (rest.indexes ?? []).filter((index) =>
      index.every((column) => left.some(([name]) => name === column)),
    );
    return [[table, { ...rest, columns: Object.fromEntries(left), indexes }] as const];
  });
  return { ...described, tables: Object.fromEntries(tables) };
}
