/**
 * OVSDB schemas: the JSON form that a server speaks and `.ovsschema` files hold (RFC 7047 §3.2), and the
 * parsed form that the rest of the client works with.
 *
 * Invariant: a parsed schema is complete and consistent. Every default of the RFC is filled in, and whatever
 * the RFC forbids has been refused with a SchemaError that names the database, table and column.
 */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { stringifyJson } from "../jsonrpc/json.ts";
import type { Atom } from "./atom.ts";

/** The five atomic types of RFC 7047 §3.2. */
export type AtomicType = "integer" | "real" | "boolean" | "string" | "uuid";

/** `<base-type>` in JSON (RFC 7047 §3.2): an atomic type, alone or with constraints. */
export type OvsBaseType =
  | AtomicType
  | {
      readonly type: AtomicType;
      readonly enum?: readonly ["set", readonly (string | number)[]] | string | number;
      readonly minInteger?: number;
      readonly maxInteger?: number;
      readonly minReal?: number;
      readonly maxReal?: number;
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly refTable?: string;
      readonly refType?: "strong" | "weak";
    };

/** `<type>` in JSON (RFC 7047 §3.2): a scalar, an optional value, a set or a map. */
export type OvsType =
  | AtomicType
  | {
      readonly key: OvsBaseType;
      readonly value?: OvsBaseType;
      readonly min?: number;
      readonly max?: number | "unlimited";
    };

/** `<column-schema>` in JSON. */
export interface OvsColumn {
  readonly type: OvsType;
  readonly ephemeral?: boolean;
  readonly mutable?: boolean;
}

/** `<table-schema>` in JSON. */
export interface OvsTable {
  readonly columns: { readonly [column: string]: OvsColumn };
  readonly maxRows?: number;
  readonly isRoot?: boolean;
  readonly indexes?: readonly (readonly string[])[];
}

/**
 * `<database-schema>` in JSON: the content of an `.ovsschema` file. A constant declared `{…} as const
 * satisfies OvsSchema` is at once the description of the database from which the row types follow (`Row`).
 */
export interface OvsSchema {
  readonly name: string;
  readonly version: string;
  readonly cksum?: string;
  readonly tables: { readonly [table: string]: OvsTable };
}

/** A parsed `<base-type>`: what one element of a column may be. */
export interface BaseType {
  readonly type: AtomicType;
  /** The allowed values, in the schema's order; null: any. */
  readonly enum: readonly Atom[] | null;
  /** Smallest and largest value of an integer or real, or length of a string; null: no limit. */
  readonly min: number | bigint | null;
  readonly max: number | bigint | null;
  readonly refTable: string | null;
  readonly refType: "strong" | "weak" | null;
}

/**
 * How a column's values look in JavaScript: `scalar` an atom; `optional` an atom or null; `set` a sorted
 * array of atoms; `map` a Map in key order.
 */
export type ColumnKind = "scalar" | "optional" | "set" | "map";

/** A parsed column. `min` and `max` count elements; `max` is Infinity for "unlimited". */
export interface ColumnSchema {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly key: BaseType;
  readonly value: BaseType | null;
  readonly min: 0 | 1;
  readonly max: number;
  readonly ephemeral: boolean;
  readonly mutable: boolean;
}

/** A parsed table. */
export interface TableSchema {
  readonly name: string;
  readonly columns: ReadonlyMap<string, ColumnSchema>;
  readonly indexes: readonly (readonly string[])[];
  readonly isRoot: boolean;
  readonly maxRows: number;
}

/** A parsed database schema. */
export interface DatabaseSchema {
  readonly name: string;
  readonly version: string;
  readonly tables: ReadonlyMap<string, TableSchema>;
}

const ATOMIC_TYPES: ReadonlySet<unknown> = new Set(["integer", "real", "boolean", "string", "uuid"]);

type JsonObject = { readonly [key: string]: unknown };

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAtomicType(value: unknown): value is AtomicType {
  return ATOMIC_TYPES.has(value);
}

/**
 * Parses a database schema, as `get_schema` returns it or an `.ovsschema` file holds it (RFC 7047 §3.2).
 *
 * @throws SchemaError naming the place that breaks the RFC's rules.
 * @example
 * const schema = parseSchema(JSON.parse(await readFile("ovn-ic-nb.ovsschema", "utf8")));
 * schema.tables.get("Transit_Switch")?.columns.get("name")?.kind; // "scalar"
 */
export function parseSchema(json: unknown): DatabaseSchema {
  if (!isObject(json)) throw new SchemaError("a database schema must be a JSON object");
  const name = stringMember(json, "name", "database schema");
  const version = typeof json.version === "string" ? json.version : "0.0.0";
  const tables = new Map<string, TableSchema>();
  for (const [tableName, table] of members(json.tables, `schema of database ${name}: "tables"`)) {
    tables.set(tableName, parseTable(tableName, table, `database ${name}, table ${tableName}`));
  }
  return { name, version, tables };
}

function parseTable(name: string, json: unknown, where: string): TableSchema {
  if (!isObject(json)) throw new SchemaError(`${where}: a table schema must be a JSON object`);
  const columns = new Map<string, ColumnSchema>();
  for (const [columnName, column] of members(json.columns, `${where}: "columns"`)) {
    columns.set(columnName, parseColumn(columnName, column, `${where}, column ${columnName}`));
  }
  const indexes = Array.isArray(json.indexes)
    ? json.indexes.map((index) => parseIndex(index, columns, where))
    : [];
  return {
    name,
    columns,
    indexes,
    isRoot: json.isRoot === true,
    maxRows: typeof json.maxRows === "number" ? json.maxRows : Number.POSITIVE_INFINITY,
  };
}

function parseIndex(json: unknown, columns: ReadonlyMap<string, ColumnSchema>, where: string): string[] {
  if (!Array.isArray(json)) throw new SchemaError(`${where}: an index must be an array of column names`);
  return json.map((name: unknown) => {
    if (typeof name !== "string" || !columns.has(name)) {
      throw new SchemaError(`${where}: an index names ${quoted(name)}, which is not a column`);
    }
    return name;
  });
}

function parseColumn(name: string, json: unknown, where: string): ColumnSchema {
  if (!isObject(json)) throw new SchemaError(`${where}: a column schema must be a JSON object`);
  const type = json.type;
  const common = { name, ephemeral: json.ephemeral === true, mutable: json.mutable !== false };
  if (isAtomicType(type)) {
    const key = parseBaseType(type, where);
    return { ...common, kind: "scalar", key, value: null, min: 1, max: 1 };
  }
  if (!isObject(type)) throw new SchemaError(`${where}: ${quoted(type)} is not a column type`);
  const key = parseBaseType(type.key, where);
  const value = type.value === undefined ? null : parseBaseType(type.value, where);
  const min = type.min ?? 1;
  const max = type.max === "unlimited" ? Number.POSITIVE_INFINITY : (type.max ?? 1);
  if ((min !== 0 && min !== 1) || typeof max !== "number" || !(max >= 1 && max >= min)) {
    throw new SchemaError(`${where}: "min" must be 0 or 1, and "max" at least 1 or "unlimited"`);
  }
  const kind = value !== null ? "map" : max > 1 ? "set" : min === 0 ? "optional" : "scalar";
  return { ...common, kind, key, value, min, max };
}

function parseBaseType(json: unknown, where: string): BaseType {
  if (isAtomicType(json)) {
    return { type: json, enum: null, min: null, max: null, refTable: null, refType: null };
  }
  if (!isObject(json) || !isAtomicType(json.type)) {
    throw new SchemaError(`${where}: ${quoted(json)} is not a base type`);
  }
  const refTable = typeof json.refTable === "string" ? json.refTable : null;
  return {
    type: json.type,
    enum: parseEnum(json.enum, where),
    min: limit(json.minInteger ?? json.minReal ?? json.minLength),
    max: limit(json.maxInteger ?? json.maxReal ?? json.maxLength),
    refTable,
    refType: refTable === null ? null : json.refType === "weak" ? "weak" : "strong",
  };
}

function parseEnum(json: unknown, where: string): readonly Atom[] | null {
  if (json === undefined) return null;
  const values: unknown[] =
    Array.isArray(json) && json[0] === "set" && Array.isArray(json[1]) ? json[1] : [json];
  return values.map((value) => {
    if (
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "bigint" ||
      typeof value === "boolean"
    ) {
      return value;
    }
    if (Array.isArray(value) && value[0] === "uuid" && typeof value[1] === "string") return value[1];
    throw new SchemaError(`${where}: ${quoted(value)} can't be a value of an enum`);
  });
}

/**
 * What is wrong in a schema, which may be anything: also what JSON.stringify doesn't take, like an integer of
 * 64 bits.
 */
function quoted(value: unknown): string {
  // A schema is JSON, be it a server's or a program's.
  return value === undefined ? "undefined" : stringifyJson(value as JsonValue);
}

function limit(value: unknown): number | bigint | null {
  return typeof value === "number" || typeof value === "bigint" ? value : null;
}

function stringMember(json: JsonObject, name: string, where: string): string {
  const value = json[name];
  if (typeof value !== "string") throw new SchemaError(`${where}: "${name}" must be a string`);
  return value;
}

function members(json: unknown, where: string): [string, unknown][] {
  if (!isObject(json)) throw new SchemaError(`${where} must be a JSON object`);
  return Object.entries(json);
}
