/**
 * Types of rows, inserts and updates, inferred from a schema that is written down once in TypeScript.
 *
 * The description *is* the schema, in the JSON form of RFC 7047 §3.2 (`{…} as const satisfies OvsSchema`), so
 * the same constant can be written out as an `.ovsschema` file. With the general type `OvsSchema` in place of
 * a constant, tables and columns are plain strings and values are `Datum`: what a program uses that works on
 * any database.
 */
import type { Atom, Datum, Integer, Uuid } from "./atom.ts";
import type { OvsSchema, OvsType } from "./schema.ts";

/** The names of a schema's tables. */
export type TableName<S extends OvsSchema> = keyof S["tables"] & string;

/** The names of a table's columns (without `_uuid`). */
export type ColumnName<S extends OvsSchema, T extends TableName<S>> = keyof S["tables"][T]["columns"] &
  string;

type NamedAtom<N> = N extends "integer"
  ? Integer
  : N extends "real"
    ? number
    : N extends "boolean"
      ? boolean
      : N extends "string"
        ? string
        : N extends "uuid"
          ? Uuid
          : never;

/**
 * The JavaScript type of one element: an enum's values, a reference, an integer that fits a double, or the
 * plain atom.
 */
type AtomOf<B> = B extends {
  readonly enum: readonly ["set", readonly (infer V)[]] | (infer V & (string | number));
}
  ? V
  : B extends { readonly refTable: infer T extends string }
    ? Uuid<T>
    : B extends { readonly minInteger: number; readonly maxInteger: number }
      ? number
      : B extends { readonly type: infer N }
        ? NamedAtom<N>
        : NamedAtom<B>;

type IsSingle<T> = T extends { readonly max: infer M } ? (M extends 1 ? true : false) : true;

/** The JavaScript type of a column: see `ColumnKind`. */
export type ColumnValue<T> = OvsType extends T
  ? Datum
  : T extends string
    ? NamedAtom<T>
    : T extends { readonly key: infer K; readonly value: infer V }
      ? ReadonlyMap<AtomOf<K>, AtomOf<V>>
      : T extends { readonly key: infer K }
        ? IsSingle<T> extends true
          ? T extends { readonly min: 0 }
            ? AtomOf<K> | null
            : AtomOf<K>
          : readonly AtomOf<K>[]
        : never;

/**
 * What a program may hand in for a column: like `ColumnValue`, with a Set for a set and a plain object for a
 * map.
 */
export type ColumnInput<T> = OvsType extends T
  ? DatumInput
  : T extends { readonly key: infer K; readonly value: infer V }
    ?
        | ReadonlyMap<AtomOf<K>, AtomOf<V>>
        | (AtomOf<K> extends string ? Readonly<Record<string, AtomOf<V>>> : never)
    : ColumnValue<T> extends readonly (infer A)[]
      ? readonly A[] | ReadonlySet<A>
      : ColumnValue<T>;

/** The untyped form of `ColumnInput`. */
export type DatumInput = Datum | ReadonlySet<Atom> | Readonly<Record<string, Atom>>;

type TypeOf<S extends OvsSchema, T extends TableName<S>, C> = C extends keyof S["tables"][T]["columns"]
  ? S["tables"][T]["columns"][C]["type"]
  : never;

/**
 * A row of a replica: immutable, all described columns present. A column that the server lacks, or that is
 * not monitored, has the default of its type ("" 0 false null [] empty Map).
 *
 * @example
 * type TransitSwitch = Row<typeof icNb, "Transit_Switch">; // { _uuid: Uuid<"Transit_Switch">; name: string; … }
 */
export type Row<S extends OvsSchema, T extends TableName<S>> = {
  readonly _uuid: Uuid<T>;
} & { readonly [C in ColumnName<S, T>]: ColumnValue<TypeOf<S, T, C>> };

/** Columns of a row to be inserted; what is left out gets its default. */
export type Insert<S extends OvsSchema, T extends TableName<S>> = {
  readonly [C in ColumnName<S, T>]?: ColumnInput<TypeOf<S, T, C>>;
};

/** Columns to be changed in a row; what is left out stays as it is. */
export type Update<S extends OvsSchema, T extends TableName<S>> = Insert<S, T>;

/**
 * The columns of a table whose values are sets or maps, that is those which `insert` and `delete` mutations
 * can change.
 */
export type CollectionColumn<S extends OvsSchema, T extends TableName<S>> = {
  [C in ColumnName<S, T>]: OvsType extends TypeOf<S, T, C>
    ? C
    : ColumnValue<TypeOf<S, T, C>> extends readonly unknown[] | ReadonlyMap<unknown, unknown> | null
      ? C
      : null extends ColumnValue<TypeOf<S, T, C>>
        ? C
        : never;
}[ColumnName<S, T>];

/** The columns of a table whose values are maps. */
export type MapColumn<S extends OvsSchema, T extends TableName<S>> = {
  [C in ColumnName<S, T>]: OvsType extends TypeOf<S, T, C>
    ? C
    : ColumnValue<TypeOf<S, T, C>> extends ReadonlyMap<unknown, unknown>
      ? C
      : never;
}[ColumnName<S, T>];

/** A key of a map column. */
export type MapKey<S extends OvsSchema, T extends TableName<S>, C extends ColumnName<S, T>> =
  OvsType extends TypeOf<S, T, C>
    ? Atom
    : ColumnValue<TypeOf<S, T, C>> extends ReadonlyMap<infer K, unknown>
      ? K
      : never;

/** A value of a map column. */
export type MapValue<S extends OvsSchema, T extends TableName<S>, C extends ColumnName<S, T>> =
  OvsType extends TypeOf<S, T, C>
    ? Atom
    : ColumnValue<TypeOf<S, T, C>> extends ReadonlyMap<unknown, infer V>
      ? V
      : never;

/** What an `insert` mutation adds: elements of a set, or pairs of a map. */
export type InsertElements<
  S extends OvsSchema,
  T extends TableName<S>,
  C extends ColumnName<S, T>,
> = NonNullable<ColumnInput<TypeOf<S, T, C>>>;

/** What a `delete` mutation removes: elements of a set; keys, or exact pairs, of a map. */
export type DeleteElements<S extends OvsSchema, T extends TableName<S>, C extends ColumnName<S, T>> =
  OvsType extends TypeOf<S, T, C>
    ? DatumInput
    : ColumnValue<TypeOf<S, T, C>> extends ReadonlyMap<infer K, infer V>
      ? readonly K[] | ReadonlySet<K> | ReadonlyMap<K, V>
      : NonNullable<ColumnInput<TypeOf<S, T, C>>>;
