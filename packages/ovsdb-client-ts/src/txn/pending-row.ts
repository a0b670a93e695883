/**
 * What a transaction does to one row. Operations that follow one another on a row become one: updates merge,
 * an update of an inserted row goes into the insert, a deleted row forgets what was written to it, and an
 * inserted row that is deleted leaves no trace.
 */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { AnyRow } from "../replica/layout.ts";
import type { Datum, Uuid } from "../schema/atom.ts";
import type { DatumInput } from "../schema/infer.ts";
import type { TableSchema } from "../schema/schema.ts";
import type { EncodeUuid } from "../wire/datum.ts";
import { defaultDatum, encodeDatum, normalizeDatum } from "../wire/datum.ts";
import { ColumnWrite } from "./column-write.ts";

export type RowKind = "insert" | "update" | "delete";

export interface PendingRowOptions {
  readonly table: TableSchema;
  /** The columns that rows of the table have, those that the server lacks included. */
  readonly rowSchema: TableSchema;
  readonly uuid: Uuid;
  /**
   * By which other operations of the transaction refer to the row if it is inserted (RFC 7047 §5.1 `<id>`).
   */
  readonly name: string;
  readonly kind: RowKind;
  readonly old: AnyRow | undefined;
  /** Whether the program chose the uuid of an inserted row, rather than the server. */
  readonly uuidIsChosen?: boolean;
  /**
   * Whether `old` carries the server's value of a column; what was not seen can't be left unwritten as
   * unchanged.
   */
  sees(column: string): boolean;
}

export class PendingRow {
  readonly table: TableSchema;
  readonly uuid: Uuid;
  readonly name: string;
  readonly uuidIsChosen: boolean;
  kind: RowKind;
  /** The row as the transaction saw it; undefined if it is new, or was not seen. */
  readonly old: AnyRow | undefined;
  readonly writes = new Map<string, ColumnWrite>();
  readonly #rowSchema: TableSchema;
  readonly #sees: (column: string) => boolean;

  constructor(row: PendingRowOptions) {
    this.table = row.table;
    this.uuid = row.uuid;
    this.name = row.name;
    this.uuidIsChosen = row.uuidIsChosen ?? false;
    this.kind = row.kind;
    this.old = row.old;
    this.#rowSchema = row.rowSchema;
    this.#sees = row.sees;
  }

  /** The write of a column, to be added to. @throws SchemaError if the server has no such column. */
  write(name: string): ColumnWrite {
    const known = this.writes.get(name);
    if (known !== undefined) return known;
    const write = this.#newWrite(name);
    if (this.kind === "insert") write.overwrite(defaultDatum(write.column));
    return write;
  }

  /**
   * Overwrites a column. @throws SchemaError if the server has no such column, or the value is not of its
   * type.
   */
  overwrite(name: string, value: DatumInput): void {
    const write = this.writes.get(name) ?? this.#newWrite(name);
    write.overwrite(normalizeDatum(value, write.column));
  }

  #newWrite(name: string): ColumnWrite {
    const column = this.table.columns.get(name);
    if (column === undefined) {
      throw new SchemaError(`table ${this.table.name} of the server has no column ${name} to be written`);
    }
    const write = new ColumnWrite(column, this.#sees(name) ? this.old?.[name] : undefined);
    this.writes.set(name, write);
    return write;
  }

  /** Whether the row needs no operation. */
  get isEmpty(): boolean {
    if (this.kind !== "update") return false;
    for (const write of this.writes.values()) if (!write.isEmpty) return false;
    return true;
  }

  /** The columns in which at least one write is left out, as the row has the value already. */
  get unwritten(): string[] {
    return [...this.writes].flatMap(([name, write]) => (write.leavesOut ? [name] : []));
  }

  /** The row as it will be; undefined if it is deleted, or was not seen. */
  get result(): AnyRow | undefined {
    if (this.kind === "delete") return undefined;
    if (this.kind === "update" && this.old === undefined) return undefined;
    const row: Record<string, Datum> = { _uuid: this.uuid };
    for (const column of this.#rowSchema.columns.values())
      row[column.name] = this.old?.[column.name] ?? defaultDatum(column);
    for (const [name, write] of this.writes) {
      const value = write.result;
      if (value !== undefined) row[name] = value;
    }
    return row as AnyRow;
  }

  /** One column of it. */
  resultOf(name: string): Datum | undefined {
    if (this.kind === "delete" || (this.kind === "update" && this.old === undefined)) return undefined;
    const written = this.writes.get(name)?.result;
    if (written !== undefined) return written;
    const column = this.#rowSchema.columns.get(name);
    return column === undefined ? undefined : (this.old?.[name] ?? defaultDatum(column));
  }

  /** The operations of RFC 7047 §5.2 that do it. */
  operations(uuid: EncodeUuid): JsonValue[] {
    const table = this.table.name;
    if (this.kind === "insert") {
      const row = this.#encodeWhole(uuid);
      return this.uuidIsChosen
        ? [{ op: "insert", table, row, uuid: this.uuid }]
        : [{ op: "insert", table, row, "uuid-name": this.name }];
    }
    const where: JsonValue = [["_uuid", "==", ["uuid", this.uuid]]];
    switch (this.kind) {
      case "delete":
        return [{ op: "delete", table, where }];
      case "update": {
        const row = this.#encodeWhole(uuid);
        const mutations = [...this.writes.values()].flatMap((write) => write.mutations(uuid));
        return [
          ...(Object.keys(row).length > 0 ? [{ op: "update", table, where, row }] : []),
          ...(mutations.length > 0 ? [{ op: "mutate", table, where, mutations }] : []),
        ];
      }
    }
  }

  #encodeWhole(uuid: EncodeUuid): Record<string, JsonValue> {
    const row: Record<string, JsonValue> = {};
    for (const [name, write] of this.writes) {
      if (write.whole !== undefined && !write.isEmpty)
        row[name] = encodeDatum(write.whole, write.column, uuid);
    }
    return row;
  }
}
