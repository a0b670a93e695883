/**
 * Ordered rules that keep something from being done.
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
