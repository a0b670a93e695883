/**
 * The arithmetic mutators of RFC 7047 §5.1 on JavaScript values, so that a transaction can see what it will
 * have written.
 */
import { SchemaError } from "../errors.ts";
import type { Atom, Datum } from "../schema/atom.ts";
import { makeSet, normalizeInteger } from "../schema/atom.ts";
import type { ColumnSchema } from "../schema/schema.ts";

export type ArithmeticMutator = "+=" | "-=" | "*=" | "/=" | "%=";

/**
 * The value of a column after a mutation. Integers stay exact beyond 2^53; division truncates, as in C.
 *
 * @throws SchemaError for a column that holds no numbers, and for division by zero.
 * @example applyMutator(41, "+=", 1, nbCfg); // 42
 */
export function applyMutator(
  value: Datum,
  mutator: ArithmeticMutator,
  operand: Datum,
  column: ColumnSchema,
): Datum {
  const { type } = column.key;
  if (column.kind === "map" || (type !== "integer" && type !== "real")) {
    throw new SchemaError(`column ${column.name}: ${mutator} needs a number, or a set of numbers`);
  }
  const compute = type === "integer" ? computeInteger : computeReal;
  const one = (atom: Atom): Atom => {
    if (!isNumber(atom) || !isNumber(operand))
      throw new SchemaError(`column ${column.name}: ${mutator} needs a number`);
    if ((mutator === "/=" || mutator === "%=") && Number(operand) === 0) {
      throw new SchemaError(`column ${column.name}: division by zero`);
    }
    return compute(atom, mutator, operand);
  };
  if (value === null) return null;
  return Array.isArray(value) ? makeSet(value.map(one)) : one(value as Atom);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function computeInteger(a: number | bigint, mutator: ArithmeticMutator, b: number | bigint): Atom {
  const x = BigInt(a);
  const y = BigInt(b);
  switch (mutator) {
    case "+=":
      return normalizeInteger(x + y);
    case "-=":
      return normalizeInteger(x - y);
    case "*=":
      return normalizeInteger(x * y);
    case "/=":
      return normalizeInteger(x / y);
    case "%=":
      return normalizeInteger(x % y);
  }
}

function computeReal(a: number | bigint, mutator: ArithmeticMutator, b: number | bigint): Atom {
  const x = Number(a);
  const y = Number(b);
  switch (mutator) {
    case "+=":
      return x + y;
    case "-=":
      return x - y;
    case "*=":
      return x * y;
    case "/=":
      return x / y;
    case "%=":
      throw new SchemaError("%= needs integers");
  }
}
