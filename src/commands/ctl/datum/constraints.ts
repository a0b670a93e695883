/**
 * What a column's base type demands of an atom, in the words of the C library.
 */
import type { Atom, BaseType } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import { formatAtom, formatBareAtom } from "./format.ts";

/**
 * Checks an atom against enum, range and length of its base type.
 *
 * @throws CommandError "constraint violation: …".
 */
export function checkConstraints(atom: Atom, base: BaseType): void {
  const problem = base.enum !== null ? enumProblem(atom, base.enum) : rangeProblem(atom, base);
  if (problem !== null) throw new CommandError(`constraint violation: ${problem}`);
}

function enumProblem(atom: Atom, allowed: readonly Atom[]): string | null {
  if (allowed.includes(atom)) return null;
  const values = allowed.map((value) => formatAtom(value)).join(", ");
  return `${formatAtom(atom)} is not one of the allowed values ([${values}])`;
}

function rangeProblem(atom: Atom, { min, max }: BaseType): string | null {
  if (typeof atom === "boolean") return null;
  if (typeof atom === "string") return lengthProblem(atom, Number(min ?? 0), Number(max ?? Infinity));
  if ((min === null || atom >= min) && (max === null || atom <= max)) return null;
  const text = formatBareAtom(atom);
  if (min !== null && max !== null) return `${text} is not in the valid range ${min} to ${max} (inclusive)`;
  if (min !== null) return `${text} is less than minimum allowed value ${min}`;
  return `${text} is greater than maximum allowed value ${max}`;
}

/** Lengths count code points. */
function lengthProblem(text: string, min: number, max: number): string | null {
  if (min === 0 && max === Infinity) return null;
  const length = [...text].length;
  if (length < min) return `"${text}" length ${length} is less than minimum allowed length ${min}`;
  if (length > max) return `"${text}" length ${length} is greater than maximum allowed length ${max}`;
  return null;
}
