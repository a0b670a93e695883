import { now } from "./clock.ts";

/** How long to wait, and what ends the wait early. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; 0 or absent: for ever. */
  readonly timeout?: number;
}

/**
 * The options for the rest of a wait that is made of several: the time that is left of `timeout`, at least 1 ms.
 *
 * @param began when the wait began, by `now()`
 * @example await second(rest(options, began));
 */
export function rest<O extends WaitOptions>(options: O, began: number): O {
  const { timeout } = options;
  return timeout ? { ...options, timeout: Math.max(1, timeout - (now() - began)) } : options;
}
