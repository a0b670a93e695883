/** `wait` (RFC 7047 §5.2.6): what a commit depends on. */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { DatumInput } from "../schema/infer.ts";
import type { TableSchema } from "../schema/schema.ts";
import type { Condition } from "../wire/condition.ts";
import { conditionColumn, encodeCondition } from "../wire/condition.ts";
import { encodeDatum, normalizeDatum } from "../wire/datum.ts";

export interface Wait {
  readonly where: readonly Condition[];
  readonly columns: readonly string[];
  readonly until: "==" | "!=";
  readonly rows: readonly { readonly [column: string]: DatumInput | undefined }[];
  /** Milliseconds. */
  readonly timeout: number;
}

/** @throws SchemaError for a column that the server lacks, and for a value of the wrong type. */
export function waitOperation(table: TableSchema, { where, columns, until, rows, timeout }: Wait): JsonValue {
  const encodeColumn = (name: string, value: DatumInput | undefined): [string, JsonValue] => {
    const column = conditionColumn(name, table.columns);
    if (column === undefined)
      throw new SchemaError(`table ${table.name} of the server has no column ${name}`);
    return [name, encodeDatum(normalizeDatum(value ?? null, column), column)];
  };
  return {
    op: "wait",
    table: table.name,
    where: where.map((condition) => encodeCondition(condition, table.name, table.columns)),
    columns,
    until,
    rows: rows.map((row) => Object.fromEntries(columns.map((name) => encodeColumn(name, row[name])))),
    timeout,
  };
}
