/**
 * What a transaction does to one column of one row: overwrite it, or change it relative to what it is. Writes
 * that follow one another become one; writes that change nothing vanish.
 *
 * Invariant: `result` is the value that the column will have if the row is as the transaction saw it, the
 * same as if each write had been made for itself; and the encoded operation touches no element but those that
 * the program named.
 */
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Datum } from "../schema/atom.ts";
import { datumEquals } from "../schema/atom.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import type { ArithmeticMutator } from "../wire/arithmetic.ts";
import { applyMutator } from "../wire/arithmetic.ts";
import type { EncodeUuid } from "../wire/datum.ts";
import { encodeDatum } from "../wire/datum.ts";
import type { Elements } from "./element-changes.ts";
import { ElementChanges } from "./element-changes.ts";

interface Arithmetic {
  readonly mutator: ArithmeticMutator;
  readonly operand: Datum;
}

/** Most columns are overwritten: 100,000 of them need no list each. */
const NONE: readonly never[] = [];

export class ColumnWrite {
  readonly column: ColumnSchema;
  /** The value that the transaction saw; undefined if it did not see the row. */
  readonly #old: Datum | undefined;
  /** Set once the whole column is overwritten. */
  #whole: Datum | undefined;
  /** Otherwise what is done to it, in this order. */
  #steps: readonly (ElementChanges | Arithmetic)[] = NONE;

  constructor(column: ColumnSchema, old: Datum | undefined) {
    this.column = column;
    this.#old = old;
  }

  /** The column's value after the transaction; undefined if that depends on what was not seen. */
  get result(): Datum | undefined {
    if (this.#whole !== undefined) return this.#whole;
    const last = this.#steps.at(-1);
    // Changes of elements were given the value that the steps before them lead to.
    if (last instanceof ElementChanges) return last.result;
    let value = this.#old;
    for (const step of this.#steps) {
      if (step instanceof ElementChanges) value = step.result;
      else if (value !== undefined) value = applyMutator(value, step.mutator, step.operand, this.column);
    }
    return value;
  }

  /** Whether nothing is left to be written. */
  get isEmpty(): boolean {
    if (this.#whole !== undefined) return this.#old !== undefined && datumEquals(this.#whole, this.#old);
    return this.#steps.every((step) => step instanceof ElementChanges && step.isEmpty);
  }

  /**
   * Whether something of what was asked for is not written, since the value that the transaction saw has it
   * already.
   */
  get leavesOut(): boolean {
    if (this.#whole !== undefined) return this.isEmpty;
    return this.#steps.some((step) => step instanceof ElementChanges && step.leavesOut);
  }

  /** The value to be overwritten with; undefined if the column is to be mutated instead. */
  get whole(): Datum | undefined {
    return this.#whole;
  }

  /**
   * Elements (or keys) that must be there, and must not, once the transaction is committed; null if that
   * can't be told.
   */
  get delta(): ElementChanges["net"] | null {
    const [step] = this.#steps;
    return this.#steps.length === 1 && step instanceof ElementChanges ? step.net : null;
  }

  /** Overwrites the column. */
  overwrite(value: Datum): void {
    this.#whole = value;
    this.#steps = NONE;
  }

  /** Adds and removes elements. */
  changeElements(change: (elements: ElementChanges) => void): void {
    if (this.#whole !== undefined) {
      const elements = new ElementChanges(this.column, this.#whole);
      change(elements);
      this.#whole = elements.result;
      return;
    }
    let last = this.#steps.at(-1);
    if (!(last instanceof ElementChanges)) {
      last = new ElementChanges(this.column, this.result);
      this.#steps = [...this.#steps, last];
    }
    change(last);
  }

  /** Adds elements to a set, or pairs to a map: see ElementChanges. */
  insert(elements: Elements, replace: boolean): void {
    this.changeElements((changes) => changes.insert(elements, replace));
  }

  /** Arithmetic on a number, or on every element of a set of numbers. */
  compute(mutator: ArithmeticMutator, operand: Datum): void {
    if (changesNothing(mutator, operand)) return;
    if (this.#whole !== undefined) this.#whole = applyMutator(this.#whole, mutator, operand, this.column);
    else this.#steps = [...this.#steps, { mutator, operand }];
  }

  /**
   * The mutations (RFC 7047 §5.1) that bring the column from what it is to the result; none if it is
   * overwritten.
   */
  mutations(uuid: EncodeUuid): JsonValue[] {
    const operandColumn: ColumnSchema = { ...this.column, kind: "scalar", value: null };
    return this.#steps.flatMap((step): JsonValue[] =>
      step instanceof ElementChanges
        ? step.mutations(uuid)
        : [[this.column.name, step.mutator, encodeDatum(step.operand, operandColumn, uuid)]],
    );
  }
}

function changesNothing(mutator: ArithmeticMutator, operand: Datum): boolean {
  return mutator === "+=" || mutator === "-="
    ? operand === 0
    : (mutator === "*=" || mutator === "/=") && operand === 1;
}
