/** How long tests wait, and how. */
import { deepStrictEqual } from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";

/**
 * Milliseconds after which something that should happen is given up: for what hangs. On a quiet machine it
 * takes a second at most.
 */
export const PATIENCE = 60_000;

/** For tests that may be told to let a fault strike many times. */
export const HOUR = 3_600_000;

/**
 * Milliseconds between two looks at what tells nobody when it changes: files, processes, programs that are
 * not ours.
 */
const PAUSE = 10;

/** Waits until a condition holds. @throws Error when it doesn't come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patience = PATIENCE,
): Promise<void> {
  const deadline = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`in ${patience / 1000} s not true: ${what}`);
    await delay(PAUSE);
  }
}

/** Asks until the answer is as expected. @throws AssertionError with the last answer when it never is. */
export async function eventually<T>(ask: () => Promise<T>, expected: T): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    try {
      return deepStrictEqual(answer, expected);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await delay(PAUSE);
  }
}
