/**
 * What a transaction does to one column of one row: overwrite it, or add and remove elements. Writes that follow one another become
 * one; writes that change nothing vanish.
 *
 * Invariant: `result` is the value that the column will have if the row is as the transaction saw it, and the encoded operation
 * touches no element but those that the program named, so that elements written by others meanwhile survive.
 */

import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import { type Atom, type Datum, datumEquals, makeMap, makeSet, setHas } from "../schema/atom.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import { type ArithmeticMutator, applyMutator } from "../wire/arithmetic.ts";
import { type EncodeUuid, encodeDatum } from "../wire/datum.ts";

type Elements = Map<Atom, Atom | null>;

export class ColumnWrite {
  readonly column: ColumnSchema;
  /** The value that the transaction saw; undefined if it did not see the row. */
  readonly #old: Datum | undefined;
  /** Set once the whole column is overwritten. */
  #whole: Datum | undefined;
  /** Set elements, or pairs of a map, to be added; a set's have the value null. */
  readonly #added: Elements = new Map();
  readonly #removed = new Set<Atom>();
  readonly #arithmetic: [ArithmeticMutator, Datum][] = [];
  /** Pairs to be removed only if they are exactly so, of a row that was not seen. */
  readonly #removedPairs: Elements = new Map();

  constructor(column: ColumnSchema, old: Datum | undefined) {
    this.column = column;
    this.#old = old;
  }

  /** The column's value after the transaction; undefined if that depends on what was not seen. */
  get result(): Datum | undefined {
    if (this.#whole !== undefined) return this.#whole;
    if (this.#old === undefined) return undefined;
    return this.#arithmetic.reduce(
      (value, [mutator, operand]) => applyMutator(value, mutator, operand, this.column),
      this.#applied(this.#old),
    );
  }

  /** Whether nothing is left to be written. */
  get isEmpty(): boolean {
    if (this.#whole !== undefined) return this.#old !== undefined && datumEquals(this.#whole, this.#old);
    return this.#added.size + this.#removed.size + this.#removedPairs.size + this.#arithmetic.length === 0;
  }

  /** The value to be overwritten with; undefined if the column is to be mutated instead. */
  get whole(): Datum | undefined {
    return this.#whole;
  }

  /** Elements (or keys) that must be there, and must not, once the transaction is committed. */
  get delta(): { readonly added: ReadonlyMap<Atom, Atom | null>; readonly removed: ReadonlySet<Atom> } {
    return { added: this.#added, removed: this.#removed };
  }

  /** Overwrites the column. */
  overwrite(value: Datum): void {
    this.#whole = value;
    this.#added.clear();
    this.#removed.clear();
    this.#removedPairs.clear();
    this.#arithmetic.length = 0;
  }

  /** Adds elements to a set, or pairs to a map where `replace` says what happens to a key that is there (RFC 7047 §5.1: it stays). */
  insert(value: Datum, replace: boolean): void {
    for (const [key, element] of elementsOf(value, this.column)) {
      if (this.#whole !== undefined) this.#whole = this.#withElement(this.#whole, key, element, replace);
      else this.#insertOne(key, element, replace);
    }
  }

  /** Removes elements of a set, or keys of a map. */
  removeKeys(keys: Iterable<Atom>): void {
    for (const key of keys) {
      if (this.#whole !== undefined) {
        this.#whole = without(this.#whole, key);
        continue;
      }
      this.#added.delete(key);
      if (this.#old === undefined || hasKey(this.#old, key)) this.#removed.add(key);
    }
  }

  /** Removes pairs of a map that are exactly so. */
  removePairs(pairs: ReadonlyMap<Atom, Atom>): void {
    const now = this.result;
    for (const [key, value] of pairs) {
      if (now === undefined) this.#removedPairs.set(key, value);
      else if (now instanceof Map && now.get(key) === value) this.removeKeys([key]);
    }
  }

  /** Arithmetic on a number, or on every element of a set of numbers. */
  compute(mutator: ArithmeticMutator, operand: Datum): void {
    if (this.#whole !== undefined) this.#whole = applyMutator(this.#whole, mutator, operand, this.column);
    else this.#arithmetic.push([mutator, operand]);
  }

  /** The mutations (RFC 7047 §5.1) that bring the column from what it is to the result; none if it is overwritten. */
  mutations(uuid: EncodeUuid): JsonValue[] {
    if (this.#whole !== undefined) return [];
    const { name, key } = this.column;
    const result: JsonValue[] = [];
    const keysOnly: ColumnSchema = {
      ...this.column,
      kind: "set",
      value: null,
      max: Number.POSITIVE_INFINITY,
    };
    if (this.#removed.size > 0)
      result.push([name, "delete", encodeDatum(makeSet(this.#removed), keysOnly, uuid)]);
    if (this.#removedPairs.size > 0)
      result.push([name, "delete", encodeDatum(pairsOf(this.#removedPairs), this.column, uuid)]);
    if (this.#added.size > 0) {
      const isMap = this.column.kind === "map";
      const added = isMap ? pairsOf(this.#added) : makeSet(this.#added.keys());
      result.push([name, "insert", encodeDatum(added, isMap ? this.column : keysOnly, uuid)]);
    }
    const operandColumn: ColumnSchema = { ...this.column, kind: "scalar", key, value: null };
    for (const [mutator, operand] of this.#arithmetic)
      result.push([name, mutator, encodeDatum(operand, operandColumn, uuid)]);
    return result;
  }

  #insertOne(key: Atom, element: Atom | null, replace: boolean): void {
    const isThere = this.#old === undefined ? undefined : hasKey(this.#old, key);
    const same =
      isThere === true && (element === null || (this.#old instanceof Map && this.#old.get(key) === element));
    if (same) {
      this.#removed.delete(key);
      if (replace) this.#added.delete(key);
      return;
    }
    if (!replace && (this.#added.has(key) || (isThere === true && !this.#removed.has(key)))) return;
    this.#added.set(key, element);
    // "insert" leaves a key that is there alone, so the old pair has to go first; a set's element needs no such thing.
    if (element === null) this.#removed.delete(key);
    else if (replace && isThere !== false) this.#removed.add(key);
  }

  #withElement(value: Datum, key: Atom, element: Atom | null, replace: boolean): Datum {
    if (value instanceof Map) {
      if (element === null || (value.has(key) && !replace)) return value;
      return makeMap([...value, [key, element]]);
    }
    if (this.column.kind === "optional") return value ?? key;
    return makeSet([...(Array.isArray(value) ? value : []), key]);
  }

  #applied(old: Datum): Datum {
    let value = old;
    for (const key of this.#removed) value = without(value, key);
    for (const [key, element] of this.#added) value = this.#withElement(value, key, element, true);
    return value;
  }
}

function elementsOf(value: Datum, column: ColumnSchema): Elements {
  if (value instanceof Map) return new Map(value);
  if (column.kind === "map")
    throw new SchemaError(`column ${column.name}: a map is needed to insert into a map`);
  const atoms: readonly Atom[] = Array.isArray(value) ? value : value === null ? [] : [value as Atom];
  return new Map(atoms.map((atom) => [atom, null]));
}

function hasKey(value: Datum, key: Atom): boolean {
  if (value instanceof Map) return value.has(key);
  return Array.isArray(value) ? setHas(value, key) : value === key;
}

function without(value: Datum, key: Atom): Datum {
  if (value instanceof Map) return makeMap([...value].filter(([k]) => k !== key));
  if (Array.isArray(value)) return makeSet(value.filter((atom: Atom) => atom !== key));
  return value === key ? null : value;
}

function pairsOf(elements: Elements): ReadonlyMap<Atom, Atom> {
  return makeMap(
    [...elements].flatMap(([key, value]): [Atom, Atom][] => (value === null ? [] : [[key, value]])),
  );
}
