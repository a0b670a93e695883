/**
 * The mutators of RFC 7047 §5.1 (`<mutation>`), as a transaction is told them, on what it does to a column.
 */
import { SchemaError } from "../errors.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import type { ArithmeticMutator } from "../wire/arithmetic.ts";
import { normalizeDatum } from "../wire/datum.ts";
import type { ColumnWrite } from "./column-write.ts";
import { elementsOf } from "./element-changes.ts";

export type Mutator = "insert" | "delete" | ArithmeticMutator;

/** @throws SchemaError for a value that the mutator can't take, or a column that it can't change. */
export function mutate(write: ColumnWrite, mutator: Mutator, value: unknown): void {
  const { column } = write;
  if (mutator !== "insert" && mutator !== "delete") {
    write.compute(mutator, normalizeDatum(value, { ...column, kind: "scalar" }));
    return;
  }
  if (column.kind === "scalar")
    throw new SchemaError(
      `column ${column.name}: ${mutator} needs a set or a map, not one ${column.key.type}`,
    );
  if (mutator === "insert") {
    // An optional column takes elements like a set does.
    const collection: ColumnSchema = column.kind === "map" ? column : { ...column, kind: "set" };
    write.insert(elementsOf(normalizeDatum(value, collection)), false);
  } else if (column.kind === "map" && !isKeyList(value)) {
    const pairs = normalizeDatum(value, column);
    if (pairs instanceof Map) write.changeElements((elements) => elements.removePairs(pairs));
  } else {
    removeKeys(write, value);
  }
}

/** Sets one key of a map, whatever it was. */
export function setKey(write: ColumnWrite, key: unknown, value: unknown): void {
  write.insert(elementsOf(normalizeDatum(new Map([[key, value]]), write.column)), true);
}

/** Removes keys of a map, or elements of a set. */
export function removeKeys(write: ColumnWrite, keys: unknown): void {
  const set: ColumnSchema = { ...write.column, kind: "set", value: null };
  const removed = elementsOf(normalizeDatum(keys, set)).keys();
  write.changeElements((elements) => elements.remove(removed));
}

function isKeyList(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || typeof value !== "object" || value === null;
}
