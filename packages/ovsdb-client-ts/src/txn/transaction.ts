/**
 * A transaction being put together (RFC 7047 §4.1.3, §5.2): writes are collected here, seen by later reads of
 * the same transaction, and sent by `commit` as one.
 *
 * States: open (reads and writes) → committing → done. Writing to a transaction that is not open is a mistake
 * in the program, and throws.
 */
import { OvsdbError, SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { AnyRow } from "../replica/layout.ts";
import type { IndexKey } from "../replica/row-index.ts";
import type { Integer, Uuid } from "../schema/atom.ts";
import { isUuid } from "../schema/atom.ts";
import type {
  CollectionColumn,
  ColumnName,
  DatumInput,
  DeleteElements,
  Insert,
  InsertElements,
  MapColumn,
  MapKey,
  MapValue,
  Row,
  TableName,
  Update,
} from "../schema/infer.ts";
import type { OvsSchema, TableSchema } from "../schema/schema.ts";
import type { ArithmeticMutator } from "../wire/arithmetic.ts";
import type { Condition } from "../wire/condition.ts";
import type { EncodeUuid } from "../wire/datum.ts";
import { encodeUuid } from "../wire/datum.ts";
import type { CommitResult } from "./commit.ts";
import { commit } from "./commit.ts";
import type { CommitHost, CommitOptions } from "./commit-host.ts";
import type { Mutator } from "./mutation.ts";
import { mutate, removeKeys, setKey } from "./mutation.ts";
import { PendingIndex } from "./pending-index.ts";
import { PendingRow } from "./pending-row.ts";
import { waitOperation } from "./wait-operation.ts";

/** What a transaction needs of the client, and of the replica if it was made by one. */
export interface TransactionHost extends CommitHost {
  /**
   * A table with the columns that the server has, of the types that the program describes as far as these
   * fit.
   *
   * @throws SchemaError if the server has no such table; ConnectionError before the first connection.
   */
  table(name: string): TableSchema;
  /** The program's description of a table, or else the server's: the columns that its rows have. */
  rowSchema(name: string): TableSchema;
  /** The row that the transaction sees before its own writes; undefined without a replica. */
  row(table: string, uuid: Uuid): AnyRow | undefined;
  rows(table: string): Iterable<AnyRow>;
  /** Those of them with a value in a column. */
  find(table: string, column: string, value: IndexKey): Iterable<AnyRow>;
  /** Whether such rows carry the server's value of a column. */
  sees(table: string, column: string): boolean;
}

export class Transaction<S extends OvsSchema = OvsSchema> {
  readonly #host: TransactionHost;
  readonly #rows = new Map<Uuid, PendingRow>();
  /** The rows that were written to, in order, some of them more than once. */
  readonly #touched: PendingRow[] = [];
  readonly #indexes = new Map<string, PendingIndex>();
  readonly #waits: JsonValue[] = [];
  /** Columns that `verify` has waits for, by table and row. */
  readonly #verified = new Map<string, Set<string>>();
  readonly #locks = new Set<string>();
  readonly #comments: string[] = [];
  #increment: { table: string; uuid: Uuid; column: string; force: boolean } | null = null;
  #open = true;

  /** Transactions are made by `Replica.transaction` and `OvsdbClient.transaction`. */
  constructor(host: TransactionHost) {
    this.#host = host;
  }

  /**
   * Inserts a row (RFC 7047 §5.2.1). Returns a temporary uuid, by which other rows of this transaction can
   * refer to it; the result of `commit` tells the real one. With `options.uuid` the row gets that uuid
   * instead of one that the server chooses (ovsdb-server(7), since OVS 3.1); one that is taken already is
   * refused as "duplicate uuid".
   *
   * @throws SchemaError for a table or column that the server lacks, and for a value of the wrong type.
   * @example const encap = txn.insert("Encap", { type: "geneve", ip: "10.0.0.1" }); txn.insert("Gateway", { name: "gw1", encaps: [encap] });
   */
  insert<T extends TableName<S>>(
    table: T,
    columns: Insert<S, T>,
    options: { readonly uuid?: Uuid<T> } = {},
  ): Uuid<T> {
    this.#checkOpen();
    const uuid: Uuid<T> = options.uuid ?? temporaryUuid();
    if (!isUuid(uuid)) throw new SchemaError(`table ${table}: "${uuid}" is not a uuid`);
    if (this.#rows.has(uuid))
      throw new OvsdbError("transaction", `table ${table}: row ${uuid} is in this transaction already`);
    const row = this.#makePending(table, uuid, "insert", options.uuid !== undefined);
    overwriteAll(row, columns);
    this.#rows.set(uuid, row);
    this.#touched.push(row);
    return uuid;
  }

  /**
   * Overwrites columns of a row (RFC 7047 §5.2.3). Columns that have the value already are left out. If the
   * row is gone by the time of the commit, so is what would have been written to it: `verify` it where that
   * matters.
   *
   * @throws as `insert`.
   * @example txn.update("Gateway", gw1, { hostname: "host1" });
   */
  update<T extends TableName<S>>(table: T, uuid: Uuid<T>, columns: Update<S, T>): void {
    overwriteAll(this.#pending(table, uuid), columns);
  }

  /**
   * Changes a column relative to what it is (RFC 7047 §5.2.4), so that what others write to it meanwhile
   * survives. "insert" adds elements to a set, or pairs to a map, whose keys that are there stay as they are;
   * "delete" removes elements, keys or exact pairs; the rest is arithmetic.
   *
   * @throws SchemaError as `insert`, and for an element more than an optional column takes.
   * @example txn.mutate("Transit_Switch", ts, "other_config", "delete", ["subnet"]);
   */
  mutate<T extends TableName<S>, C extends CollectionColumn<S, T>>(
    table: T,
    uuid: Uuid<T>,
    column: C,
    mutator: "insert",
    value: InsertElements<S, T, C>,
  ): void;
  mutate<T extends TableName<S>, C extends CollectionColumn<S, T>>(
    table: T,
    uuid: Uuid<T>,
    column: C,
    mutator: "delete",
    value: DeleteElements<S, T, C>,
  ): void;
  mutate<T extends TableName<S>>(
    table: T,
    uuid: Uuid<T>,
    column: ColumnName<S, T>,
    mutator: ArithmeticMutator,
    value: Integer,
  ): void;
  mutate(table: TableName<S>, uuid: Uuid, column: string, mutator: Mutator, value: unknown): void {
    mutate(this.#pending(table, uuid).write(column), mutator, value);
  }

  /**
   * Sets one key of a map column, whatever it was, and touches no other.
   *
   * @throws as `mutate`.
   * @example txn.setKey("Transit_Switch", ts, "other_config", "subnet", "10.0.0.0/16");
   */
  setKey<T extends TableName<S>, C extends MapColumn<S, T>>(
    table: T,
    uuid: Uuid<T>,
    column: C,
    key: MapKey<S, T, C>,
    value: MapValue<S, T, C>,
  ): void {
    setKey(this.#pending(table, uuid).write(column), key, value);
  }

  /**
   * Removes one key of a map column, if it is there, and touches no other.
   *
   * @throws as `mutate`.
   * @example txn.removeKey("Transit_Switch", ts, "other_config", "subnet");
   */
  removeKey<T extends TableName<S>, C extends MapColumn<S, T>>(
    table: T,
    uuid: Uuid<T>,
    column: C,
    key: MapKey<S, T, C>,
  ): void {
    removeKeys(this.#pending(table, uuid).write(column), [key]);
  }

  /**
   * Deletes a row (RFC 7047 §5.2.5).
   *
   * @throws SchemaError for a table that the server lacks.
   * @example txn.delete("Transit_Switch", ts);
   */
  delete<T extends TableName<S>>(table: T, uuid: Uuid<T>): void {
    const row = this.#pending(table, uuid);
    if (row.kind === "insert") this.#rows.delete(uuid);
    else {
      row.kind = "delete";
      row.writes.clear();
    }
  }

  /**
   * Makes the commit depend on columns of a row still being as this transaction saw them (`wait` with timeout
   * 0, RFC 7047 §5.2.6); if they are not, the result is "tryAgain". With no columns: on the row still being
   * there. Rows that this transaction inserts need none.
   *
   * @throws SchemaError for a row or column that was not read.
   * @example txn.verify("Gateway", gw1, ["encaps"]);
   */
  verify<T extends TableName<S>>(table: T, uuid: Uuid<T>, columns: readonly ColumnName<S, T>[]): void {
    this.#checkOpen();
    if (this.#rows.get(uuid)?.kind === "insert") return;
    const schema = this.#host.table(table);
    const row = this.#host.row(table, uuid);
    if (row === undefined)
      throw new SchemaError(`table ${table}: row ${uuid} can't be verified, it was not read`);
    const key = `${table} ${uuid}`;
    const done = this.#verified.get(key);
    const known = columns.filter((name) => schema.columns.has(name) && done?.has(name) !== true);
    if (done !== undefined && known.length === 0) return;
    const unseen = known.find((name) => !this.#host.sees(table, name));
    if (unseen !== undefined)
      throw new SchemaError(`table ${table}: column ${unseen} can't be verified, it was not read`);
    this.#verified.set(key, new Set([...(done ?? []), ...known]));
    const values = Object.fromEntries(known.map((name) => [name, row[name] ?? null]));
    const where = [["_uuid", "==", uuid]] as const;
    this.#waits.push(
      waitOperation(schema, { where, columns: known, until: "==", rows: [values], timeout: 0 }),
    );
  }

  /**
   * Verifies the columns in which this transaction leaves a write out so far, since the row that it saw has
   * the value already. Without it such a write is lost if somebody else changes the column meanwhile.
   *
   * @example txn.update("Gateway", gw1, { hostname: "host1" }); txn.verifyUnwritten();
   */
  verifyUnwritten(): void {
    for (const row of this.#rows.values()) {
      if (row.kind === "update" && row.unwritten.length > 0)
        this.verify<TableName<S>>(row.table.name, row.uuid as Uuid<TableName<S>>, row.unwritten);
    }
  }

  /**
   * Makes the commit depend on what the rows that satisfy all of some conditions look like (`wait`, RFC 7047
   * §5.2.6). With `timeout` 0 (milliseconds) and unmet, the result is "tryAgain", otherwise an error "timed
   * out".
   *
   * @example txn.waitFor("Datapath_Binding", [["tunnel_key", "==", 16711682]], ["tunnel_key"], "==", []); // nobody has this key
   */
  waitFor<T extends TableName<S>>(
    table: T,
    where: readonly Condition<ColumnName<S, T>>[],
    columns: readonly (ColumnName<S, T> | "_uuid")[],
    until: "==" | "!=",
    rows: readonly Insert<S, T>[],
    options: { readonly timeout?: number } = {},
  ): void {
    this.#checkOpen();
    const { timeout = 0 } = options;
    this.#waits.push(waitOperation(this.#host.table(table), { where, columns, until, rows, timeout }));
  }

  /**
   * Adds 1 to an integer column, and reads the value that the server made of it: `newValue` of the result.
   * Without `force` only if the transaction writes something else too. One per transaction. A row that is
   * gone is no error: then there is no `newValue`.
   *
   * @throws SchemaError for a table or column that the server lacks.
   * @example txn.increment("NB_Global", nbGlobal, "nb_cfg");
   */
  increment<T extends TableName<S>>(
    table: T,
    uuid: Uuid<T>,
    column: ColumnName<S, T>,
    options: { readonly force?: boolean } = {},
  ): void {
    this.#checkOpen();
    if (!this.#host.table(table).columns.has(column))
      throw new SchemaError(`table ${table} of the server has no column ${column}`);
    this.#increment = { table, uuid, column, force: options.force ?? true };
  }

  /**
   * Has the commit fail with "notLocked" unless this session holds a lock (`assert`, RFC 7047 §5.2.10).
   *
   * @example txn.assertLock("ovn_ic_sb");
   */
  assertLock(name: string): void {
    this.#checkOpen();
    this.#locks.add(name);
  }

  /**
   * Adds a line to the comment that the server logs with the transaction (RFC 7047 §5.2.9).
   *
   * @example txn.comment("ovn-ic-nbctl: run by admin");
   */
  comment(text: string): void {
    this.#checkOpen();
    this.#comments.push(text);
  }

  /**
   * A row as this transaction will leave it; undefined if it deletes the row, or has not seen it.
   *
   * @example txn.get("Transit_Switch", ts)?.other_config.get("subnet")
   */
  get<T extends TableName<S>>(table: T, uuid: Uuid<T>): Row<S, T> | undefined {
    const pending = this.#rows.get(uuid);
    const row =
      pending === undefined || pending.table.name !== table ? this.#host.row(table, uuid) : pending.result;
    // Both have the columns of the table's description, as in Replica.table.
    return row as unknown as Row<S, T> | undefined;
  }

  /**
   * The rows of a table as this transaction will leave them.
   *
   * @example const names = [...txn.rows("Transit_Switch")].map((ts) => ts.name);
   */
  *rows<T extends TableName<S>>(table: T): IterableIterator<Row<S, T>> {
    for (const row of this.#host.rows(table)) {
      const seen = this.get<T>(table, row._uuid as Uuid<T>);
      if (seen !== undefined) yield seen;
    }
    for (const pending of this.#rows.values()) {
      if (pending.kind !== "insert" || pending.table.name !== table) continue;
      const seen = this.get<T>(table, pending.uuid as Uuid<T>);
      if (seen !== undefined) yield seen;
    }
  }

  /**
   * The rows of a table that will have a value in a scalar or optional column. The replica's index on the
   * column serves it, and one over the writes of this transaction: searching does not go through all rows.
   *
   * @throws SchemaError for a column that the table lacks.
   * @example const [ts] = txn.find("Transit_Switch", "name", "ts1");
   */
  *find<T extends TableName<S>>(
    table: T,
    column: ColumnName<S, T>,
    value: IndexKey,
  ): IterableIterator<Row<S, T>> {
    for (const { _uuid } of this.#host.find(table, column, value)) {
      const seen = this.#rows.has(_uuid) ? undefined : this.get<T>(table, _uuid as Uuid<T>);
      if (seen !== undefined) yield seen;
    }
    if (this.#touched.length === 0) return;
    const name = `${table} ${column}`;
    const index = this.#indexes.get(name) ?? new PendingIndex(table, column);
    this.#indexes.set(name, index);
    for (const pending of index.find(value, this.#touched)) {
      // An inserted row that is deleted again leaves no trace.
      const seen = this.#rows.has(pending.uuid) ? this.get<T>(table, pending.uuid as Uuid<T>) : undefined;
      if (seen !== undefined) yield seen;
    }
  }

  /** Whether there is nothing to be written. */
  get isEmpty(): boolean {
    return this.#increment?.force !== true && this.#writtenRows().length === 0;
  }

  /**
   * The operations that `commit` will send (RFC 7047 §5.2); none if nothing is to be written.
   *
   * @example console.log(stringifyJson(txn.operations()));
   */
  operations(): JsonValue[] {
    return this.#operationsOf(this.#writtenRows());
  }

  #operationsOf(rows: readonly PendingRow[]): JsonValue[] {
    if (this.#increment?.force !== true && rows.length === 0) return [];
    const uuid: EncodeUuid = (one) => {
      const row = this.#rows.get(one);
      return row?.kind === "insert" && !row.uuidIsChosen ? ["named-uuid", row.name] : encodeUuid(one);
    };
    return [
      ...[...this.#locks].map((lock) => ({ op: "assert", lock })),
      ...this.#waits,
      ...rows.flatMap((row) => row.operations(uuid)),
      ...this.#incrementOperations(uuid),
      ...(this.#comments.length > 0 ? [{ op: "comment", comment: this.#comments.join("\n") }] : []),
    ];
  }

  /**
   * Sends the transaction. A result that says that it wasn't committed is no exception: see `CommitResult`.
   *
   * When it resolves with "committed", the replica that the transaction was made by already contains the
   * result.
   *
   * @example
   * const result = await txn.commit({ timeout: 5000 });
   * if (result.status === "error") throw result.error;
   */
  commit(options: CommitOptions = {}): Promise<CommitResult> {
    this.#checkOpen();
    const rows = this.#writtenRows();
    const operations = this.#operationsOf(rows);
    this.#open = false;
    return commit(this.#host, operations, rows, options);
  }

  #checkOpen(): void {
    if (!this.#open)
      throw new OvsdbError("transaction", "the transaction was committed already: make a new one");
  }

  #makePending(table: string, uuid: Uuid, kind: "insert" | "update", uuidIsChosen = false): PendingRow {
    return new PendingRow({
      table: this.#host.table(table),
      rowSchema: this.#host.rowSchema(table),
      uuid,
      name: `row${this.#touched.length}`,
      uuidIsChosen,
      kind,
      old: kind === "insert" ? undefined : this.#host.row(table, uuid),
      sees: (column) => this.#host.sees(table, column),
    });
  }

  #pending(table: string, uuid: Uuid): PendingRow {
    this.#checkOpen();
    const known = this.#rows.get(uuid);
    if (known?.kind === "delete")
      throw new OvsdbError("transaction", `table ${table}: row ${uuid} was deleted in this transaction`);
    const row = known ?? this.#makePending(table, uuid, "update");
    this.#rows.set(uuid, row);
    this.#touched.push(row);
    return row;
  }

  #writtenRows(): PendingRow[] {
    return [...this.#rows.values()].filter((row) => !row.isEmpty);
  }

  #incrementOperations(uuid: EncodeUuid): JsonValue[] {
    if (this.#increment === null) return [];
    const { table, uuid: row, column } = this.#increment;
    const where: JsonValue = [["_uuid", "==", uuid(row)]];
    return [
      { op: "mutate", table, where, mutations: [[column, "+=", 1]] },
      { op: "select", table, where, columns: [column] },
    ];
  }
}

function overwriteAll(row: PendingRow, columns: { readonly [column: string]: DatumInput | undefined }): void {
  for (const name of Object.keys(columns)) {
    const value = columns[name];
    if (value !== undefined) row.overwrite(name, value);
  }
}

/** Random, so that no row has it. Loading node:crypto for `randomUUID` takes a short program milliseconds. */
const PREFIX = Array.from({ length: 5 }, () =>
  Math.floor(Math.random() * 0x10000)
    .toString(16)
    .padStart(4, "0"),
);
let temporaryUuids = 0;

/** A uuid for a row that the server has not named yet; only this process ever sees it. */
function temporaryUuid(): string {
  const [a, b, c, d, e] = PREFIX;
  temporaryUuids += 1;
  return `${a}${b}-${c}-${d}-${e}-${temporaryUuids.toString(16).padStart(12, "0")}`;
}
