/**
 * Conditions on rows (RFC 7047 §5.1 `<condition>`, and the booleans that ovsdb-server adds in
 * `monitor_cond`), as programs write them and on the wire.
 */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Atom } from "../schema/atom.ts";
import { makeSet } from "../schema/atom.ts";
import type { DatumInput } from "../schema/infer.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import type { EncodeUuid } from "./datum.ts";
import { describeType, encodeDatum, encodeUuid, normalizeDatum } from "./datum.ts";

export type ConditionFunction = "<" | "<=" | "==" | "!=" | ">=" | ">" | "includes" | "excludes";

/**
 * One condition: a column, a function and a value. `_uuid` is a column here.
 *
 * @example ["transit_switch", "==", "ts1"]
 */
export type Condition<C extends string = string> = readonly [
  column: C | "_uuid",
  func: ConditionFunction,
  value: DatumInput,
];

const UUID_COLUMN: ColumnSchema = {
  name: "_uuid",
  kind: "scalar",
  key: { type: "uuid", enum: null, min: null, max: null, refTable: null, refType: null },
  value: null,
  min: 1,
  max: 1,
  ephemeral: false,
  mutable: false,
};

/** The schema of a column as conditions see it: `_uuid` is there too. */
export function conditionColumn(
  name: string,
  columns: ReadonlyMap<string, ColumnSchema>,
): ColumnSchema | undefined {
  return name === "_uuid" ? UUID_COLUMN : columns.get(name);
}

/**
 * Encodes a condition.
 *
 * @throws SchemaError when the column is not in the schema, or the value is not of its type.
 */
export function encodeCondition(
  condition: Condition,
  table: string,
  columns: ReadonlyMap<string, ColumnSchema>,
  uuid: EncodeUuid = encodeUuid,
): JsonValue {
  const [name, func, value] = condition;
  const column = conditionColumn(name, columns);
  if (column === undefined) throw new SchemaError(`table ${table} has no column ${name} (in a condition)`);
  checkFunction(func, column, table);
  return [name, func, encodeDatum(normalizeConditionValue(value, column, func), column, uuid)];
}

const EQUALITY: ReadonlySet<string> = new Set(["==", "!=", "includes", "excludes"]);
const ORDER: ReadonlySet<string> = new Set(["<", "<=", ">=", ">"]);

/** RFC 7047 §5.1 `<condition>`: only numbers are in an order; servers take optional ones too. */
function checkFunction(func: string, column: ColumnSchema, table: string): void {
  if (EQUALITY.has(func)) return;
  const isNumber = column.key.type === "integer" || column.key.type === "real";
  if (ORDER.has(func) && isNumber && (column.kind === "scalar" || column.kind === "optional")) return;
  throw new SchemaError(
    `table ${table}: ${func} can't be a condition on ${column.name} (${describeType(column)})`,
  );
}

/**
 * `includes` and `excludes` take a part of an optional's or map's value, so an empty one is fine, and keys of
 * a map are not.
 */
function normalizeConditionValue(value: DatumInput, column: ColumnSchema, func: ConditionFunction) {
  if (column.kind === "optional" && (func === "includes" || func === "excludes") && Array.isArray(value)) {
    return makeSet(value as readonly Atom[]);
  }
  return normalizeDatum(value, column);
}
