/**
 * Ordered rules that keep something from being done. Whoever plans asks for the first that holds; whoever explains goes on from there, to see what
 * would stop it next.
 */
import type { Drop } from "./drops.ts";

export interface Rule<C> {
  /** For programs; unique in its list. */
  readonly name: string;
  /** Why something is left out by this rule; null if it passes. */
  readonly drop: (context: C) => Drop | null;
}

/** What the first rule says that holds; null if none does. The rules behind it are not looked at. */
export function firstDrop<C>(rules: readonly Rule<C>[], context: C): Drop | null {
  for (const rule of rules) {
    const drop = rule.drop(context);
    if (drop !== null) return drop;
  }
  return null;
}

/** One step of a ladder: a rule, and why it stops what is asked for; null if it passes. */
export interface Step {
  readonly rule: string;
  readonly drop: Drop | null;
}

/**
 * What each rule says, in their order, one at a time: whoever has seen enough stops.
 *
 * @example [...ladder(LEARNING_RULES, offer)].find(({ drop }) => drop !== null); // what stops it
 */
export function* ladder<C>(rules: readonly Rule<C>[], context: C): Generator<Step, void, void> {
  for (const rule of rules) yield { rule: rule.name, drop: rule.drop(context) };
}
