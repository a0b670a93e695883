/**
 * What planners ask for: plain data, for one database each. `apply.ts` turns it into transactions, the dry
 * run prints it.
 *
 * A row to be inserted is known by a placeholder instead of its uuid, which other operations of the same unit
 * may refer to.
 */
import type { DatumInput, OvsSchema, Row, Uuid } from "ovsdb-client-ts";

export type AnyRow = Row<OvsSchema, string>;
export type Columns = { readonly [column: string]: DatumInput };

/** Keys of map columns to be set, or removed (null). Other keys of these columns belong to somebody else. */
export type KeyChanges = { readonly [column: string]: { readonly [key: string]: string | null } };

/** The set column of a row that holds the only reference to a row of a non-root table. */
export interface Holder {
  readonly table: string;
  readonly uuid: Uuid;
  readonly column: string;
}

interface Asked {
  readonly table: string;
  /** Whose wish it is, for people: `learned-routes: ISB Route 10.0.2.0/24 via 169.254.100.2 on ts1`. */
  readonly why: string;
  /** The row belongs to no AZ: only the holder of the global lock may write it. */
  readonly leader: boolean;
}

export interface InsertOperation extends Asked {
  readonly kind: "insert";
  readonly uuid: Uuid;
  readonly columns: Columns;
  readonly holder: Holder | null;
}

export interface UpdateOperation extends Asked {
  readonly kind: "update";
  readonly old: AnyRow;
  readonly columns: Columns;
  readonly keys: KeyChanges;
}

export interface DeleteOperation extends Asked {
  readonly kind: "delete";
  readonly old: AnyRow;
  readonly holder: Holder | null;
  /** Columns that must be as they were for the row to be deleted; else all is planned anew. */
  readonly verify: readonly string[];
}

/** The transaction fails, to be planned anew, if any row has these values. */
export interface AbsentOperation extends Asked {
  readonly kind: "absent";
  readonly values: Columns;
}

export type Operation = InsertOperation | UpdateOperation | DeleteOperation | AbsentOperation;

const PLACEHOLDER = "\u0000row";

/** A placeholder for the uuid of a row to be inserted. */
export function placeholder<T extends string>(n: number): Uuid<T> {
  return `${PLACEHOLDER}${n}` as Uuid<T>;
}

/** Whether an atom stands for a row to be inserted. */
export function isPlaceholder(atom: unknown): atom is Uuid {
  return typeof atom === "string" && atom.startsWith(PLACEHOLDER);
}

const NAME_COLUMNS = ["name", "logical_port", "ip_prefix", "ip", "transit_switch"];

/** What people know a row by. */
export function nameOf(columns: Columns | AnyRow): string {
  const text = (column: string): string => {
    const value = columns[column];
    return typeof value === "string" ? value : "";
  };
  const name = NAME_COLUMNS.map(text).find((value) => value !== "") ?? "";
  return text("ip_prefix") === "" ? name : `${name} via ${text("nexthop")}`;
}
