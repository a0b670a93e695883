/**
 * Conditions of `find` and `wait-until`: `COLUMN[:KEY] OPERATOR VALUE` (ovs-vsctl(8), "find").
 */
import type { Atom, BaseType, Condition, TableSchema, Where } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import type { AnyRow } from "../command/index.ts";
import type { Element, ParseType, ResolveSymbol } from "../datum/index.ts";
import { compareElements, elementsOf, parseAtom, parseDatum, parseElements } from "../datum/index.ts";
import { parseColumnKeyValue } from "./column-argument.ts";

const OPERATORS = [
  ...(["=", "!=", "<", ">", "<=", ">="] as const),
  ...(["{=}", "{!=}", "{<}", "{>}", "{<=}", "{>=}", "{in}", "{not-in}"] as const),
] as const;

type Operator = (typeof OPERATORS)[number];

/** Whether a row satisfies something. */
export type RowTest = (row: AnyRow) => boolean;

/**
 * A condition as a test of rows. With a key the operators in braces take a column that lacks it for the empty
 * set; to the others such a row never fits. What is no condition is an error only when it is put to a row, so
 * it is parsed then, once.
 *
 * @throws CommandError (the test does) for what is no condition on this table.
 * @example rowTest("external_ids:subnet!=10.0.0.0/8", table, symbols.resolve)(row)
 */
export function rowTest(condition: string, table: TableSchema, resolve: ResolveSymbol): RowTest {
  let test: RowTest | null = null;
  return (row) => {
    test ??= parseTest(condition, table, resolve);
    return test(row);
  };
}

function parseTest(condition: string, table: TableSchema, resolve: ResolveSymbol): RowTest {
  const { column, key, operator, value } = parseColumnKeyValue(condition, table, OPERATORS);
  const elements = (row: AnyRow) => elementsOf(row[column.name] ?? null);
  if (key === null) {
    const want = parseElements(value, column, resolve);
    return (row) => related(elements(row), want, operator);
  }
  if (column.value === null) {
    throw new CommandError(`cannot specify key to check for non-map column ${column.name}`);
  }
  const wantedKey: Atom = parseAtom(key, column.key, resolve);
  const want = parseElements(value, valuesOf(column.value), resolve);
  return (row) => {
    const found = elements(row)
      .filter(([atom]) => atom === wantedKey)
      .flatMap(([, atom]) => (atom === undefined ? [] : [[atom] as const]));
    if (found.length === 0 && !operator.startsWith("{")) return false;
    return related(found, want, operator);
  };
}

/** Any number of values of a map. */
function valuesOf(base: BaseType): ParseType {
  return { kind: "set", key: base, value: null, min: 0, max: Number.POSITIVE_INFINITY };
}

/**
 * Which rows can satisfy several conditions, as far as the server can tell: those that satisfy the first of
 * them that it can judge, since it offers rows that satisfy any condition, not all.
 */
export function rowsSatisfying(conditions: readonly string[], table: TableSchema): Where {
  try {
    const all = conditions.map((condition) => serverCondition(condition, table));
    const first = all.find((condition) => condition !== null);
    return first === undefined ? true : [first];
  } catch (error) {
    // What is no condition is an error only when it is put to a row.
    if (error instanceof CommandError) return true;
    throw error;
  }
}

/**
 * A condition in the server's form; null if it has none.
 *
 * @throws CommandError if it is no condition, or asks for a row of the line.
 */
function serverCondition(text: string, table: TableSchema): Condition | null {
  const noSymbols = () => {
    throw new CommandError("a row of this line");
  };
  const { column, key, operator, value } = parseColumnKeyValue(text, table, OPERATORS);
  const equal = operator === "=" || operator === "{=}";
  if (key === null) {
    const datum = parseDatum(value, column, noSymbols);
    if (equal) return [column.name, "==", datum];
    return operator === "!=" || operator === "{!=}" ? [column.name, "!=", datum] : null;
  }
  if (column.value === null) throw new CommandError("a key of what is no map");
  const keyAtom = parseAtom(key, column.key, noSymbols);
  const [wanted, ...others] = parseElements(value, valuesOf(column.value), noSymbols);
  if (!equal || wanted === undefined || others.length > 0) return null;
  return [column.name, "includes", new Map([[keyAtom, wanted[0]]])];
}

function related(a: readonly Element[], b: readonly Element[], operator: Operator): boolean {
  switch (operator) {
    case "=":
    case "{=}":
      return compareElements(a, b) === 0;
    case "!=":
    case "{!=}":
      return compareElements(a, b) !== 0;
    case "<":
      return compareElements(a, b) < 0;
    case ">":
      return compareElements(a, b) > 0;
    case "<=":
      return compareElements(a, b) <= 0;
    case ">=":
      return compareElements(a, b) >= 0;
    case "{<}":
      return a.length < b.length && includesAll(b, a);
    case "{>}":
      return a.length > b.length && includesAll(a, b);
    case "{<=}":
    case "{in}":
      return includesAll(b, a);
    case "{>=}":
      return includesAll(a, b);
    case "{not-in}":
      return a.every((element) => !includes(b, element));
  }
}

function includesAll(all: readonly Element[], some: readonly Element[]): boolean {
  return some.every((element) => includes(all, element));
}

function includes(all: readonly Element[], [key, value]: Element): boolean {
  return all.some((other) => other[0] === key && other[1] === value);
}
