/** Rows without a server: of a snapshot, or of what a program would like to try before it does it. */
import { ProtocolError, SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { isJsonObject } from "../jsonrpc/json.ts";
import type { AnyRow } from "../replica/layout.ts";
import { Layout } from "../replica/layout.ts";
import type { ReplicaTable } from "../replica/table.ts";
import { TableStore } from "../replica/table.ts";
import type { Uuid } from "../schema/atom.ts";
import { isUuid } from "../schema/atom.ts";
import type { ColumnName, Row, TableName } from "../schema/infer.ts";
import type { DatabaseSchema, OvsSchema } from "../schema/schema.ts";
import { parseSchema } from "../schema/schema.ts";

/**
 * A database in memory, with the tables, indexes and rows of a replica.
 *
 * @example
 * const database = new MemoryDatabase(icSb, parseSchema(schemaOfTheServer));
 * database.load("Route", replyToSelect.rows);
 * for (const route of database.table("Route")) console.log(route.ip_prefix);
 */
export class MemoryDatabase<S extends OvsSchema = OvsSchema> {
  /** What the server has, or had. */
  readonly serverSchema: DatabaseSchema;
  readonly #stores: ReadonlyMap<string, TableStore>;

  /**
   * @param description the tables and columns that the program knows
   * @param server what the server has of them. Default: all.
   */
  constructor(description: S, server?: DatabaseSchema) {
    const described = parseSchema(description);
    this.serverSchema = server ?? described;
    this.#stores = new Map(
      [...described.tables.values()].map((table) => [
        table.name,
        new TableStore(new Layout(table, this.serverSchema.tables.get(table.name))),
      ]),
    );
  }

  /** @throws SchemaError if the program doesn't describe it. */
  table<T extends TableName<S>>(name: T): ReplicaTable<Row<S, T>, ColumnName<S, T>> {
    // As in a replica: a store's rows have the columns that the description of this table gave them.
    return this.#store(name) as unknown as ReplicaTable<Row<S, T>, ColumnName<S, T>>;
  }

  /**
   * Puts rows into a table, in the form in which `select` gives them (RFC 7047 §5.2.2), `_uuid` included.
   *
   * @throws SchemaError without such a table; ProtocolError for what is no row, and for values of another
   *   type than the column's.
   */
  load(table: string, rows: Iterable<JsonValue>): void {
    const store = this.#store(table);
    for (const json of rows) {
      const row = decode(store, json);
      store.set(row._uuid, row);
    }
  }

  #store(name: string): TableStore {
    const store = this.#stores.get(name);
    if (store === undefined) throw new SchemaError(`the program describes no table ${name}`);
    return store;
  }
}

function decode({ name, layout }: TableStore, json: JsonValue): AnyRow {
  if (!isJsonObject(json)) throw new ProtocolError(`table ${name}: a row must be an object`);
  const { _uuid: named, ...columns } = json;
  const uuid: unknown = Array.isArray(named) && named[0] === "uuid" ? named[1] : undefined;
  if (typeof uuid !== "string" || !isUuid(uuid))
    throw new ProtocolError(`table ${name}: a row without _uuid`);
  return layout.decode(uuid satisfies Uuid, columns);
}
