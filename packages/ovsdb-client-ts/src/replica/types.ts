/** What a replica is asked for, and what it and its client say to each other. */
import type { OvsdbError } from "../errors.ts";
import type { Connection } from "../jsonrpc/connection.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { ColumnName, TableName } from "../schema/infer.ts";
import type { DatabaseSchema, OvsSchema, TableSchema } from "../schema/schema.ts";
import type { Where } from "./conditions.ts";
import type { MonitorMethod } from "./monitor.ts";

/** What a replica holds of one table: all described columns and all rows, unless said otherwise. */
export interface TableRequest<C extends string = string> {
  readonly columns?: readonly C[];
  readonly where?: Where<C>;
  /**
   * Columns that later conditions may name. Others can be named too; but the server is asked for them only
   * then, and for everything else once more with them.
   */
  readonly conditionColumns?: readonly (C | "_uuid")[];
}

/** What a replica holds: a request for each table. */
export type TableRequests<S extends OvsSchema> = {
  readonly [T in TableName<S>]?: TableRequest<ColumnName<S, T>>;
};

/** Conditions to be changed. */
export type WhereRequests<S extends OvsSchema> = { readonly [T in TableName<S>]?: Where<ColumnName<S, T>> };

export interface ReplicaOptions {
  /** The best monitor method to use; older ones follow when the server lacks it. */
  readonly monitorMethod?: MonitorMethod;
}

/** What a replica needs of the client that it belongs to. */
export interface ReplicaHost {
  readonly database: string;
  /** The server that is connected, or was tried last. */
  remote(): string | null;
  /** The program's description of a table; undefined if it has none, and the server's is to be used. */
  describedTable(table: string): TableSchema | undefined;
  /** What the server sent can't be used: make a new connection. */
  refuse(error: OvsdbError): void;
  /** The copy is complete. */
  loaded(): void;
  /** The replica is closed and wants to hear no more. */
  detach(replica: ReplicaLink): void;
}

/** What a client tells its replicas. */
export interface ReplicaLink {
  readonly complete: boolean;
  up(connection: Connection, schema: DatabaseSchema): void;
  down(): void;
  notification(method: string, params: readonly JsonValue[]): void;
  /** No connection will ever come again. */
  end(error: OvsdbError): void;
}
