/** Why something that is asked for is left out, and what is said of options that are no good. */
import type { Decision, FilterList, View } from "../model/index.ts";
import { globalSubject, parseNumber } from "../model/index.ts";
import type { Plan } from "../planning/index.ts";

/** Why something is left out, and which row and option decided it. */
export interface Drop {
  readonly reason: string;
  readonly decidedBy?: Decision;
}

/**
 * Bad entries of one option that are named: there may be as many as fit into it, and every route asks again.
 */
const NAMED = 3;

export function warnOfInvalid(plan: Plan, { subject, option, list }: FilterList): void {
  for (const entry of list.invalid.slice(0, NAMED)) {
    const text = `${subject.table} ${subject.name}: option ${option}: "${entry}" is no prefix and is ignored`;
    plan.warn({
      reason: "invalid-filter-entry",
      text,
      subject,
      decidedBy: { ...subject, option, value: entry },
    });
  }
}

export function warnOfInvalidNumber(view: View, plan: Plan, option: string): void {
  const value = view.options.get(option);
  if (value === undefined || parseNumber(value) !== null) return;
  const subject = globalSubject(view);
  const text = `NB_Global: option ${option}: "${value}" is no whole number and is ignored`;
  plan.warn({ reason: "invalid-option", text, subject, decidedBy: { ...subject, option, value } });
}
