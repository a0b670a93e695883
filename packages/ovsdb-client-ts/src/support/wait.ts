/** Waiting for what others bring about, until the time is up or a signal says to stop. */
import { TimeoutError } from "../errors.ts";
import { onAbort } from "./abort.ts";
import { now } from "./clock.ts";

/** How long to wait, and what ends the wait early. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds; 0 or absent: for ever. */
  readonly timeout?: number;
}

/**
 * The options for the rest of a wait that is made of several: the time that is left of `timeout`, at least 1
 * ms.
 *
 * @param began when the wait began, by `now()`
 * @example await second(rest(options, began));
 */
export function rest<O extends WaitOptions>(options: O, began: number): O {
  const { timeout } = options;
  return timeout ? { ...options, timeout: Math.max(1, timeout - (now() - began)) } : options;
}

/** What a TimeoutError says, after that many milliseconds. */
export type Late = (milliseconds: number) => string;

/**
 * Calls `giveUp` with the reason, a TimeoutError or `signal.reason`, when a wait has to end early. Returns
 * what ends that. The signal must not be aborted yet.
 *
 * @example const dispose = limit(options, (reason) => cancel(id, reason), (milliseconds) => `no reply within ${milliseconds} ms`);
 */
export function limit(
  { signal, timeout }: WaitOptions,
  giveUp: (reason: unknown) => void,
  late: Late = (milliseconds) => `not within ${milliseconds} ms`,
): () => void {
  const onTimeout = () => giveUp(new TimeoutError(late(Math.ceil(timeout ?? 0))));
  const timer = timeout ? setTimeout(onTimeout, timeout) : undefined;
  const leave = onAbort(signal, () => giveUp(signal?.reason));
  return () => {
    clearTimeout(timer);
    leave();
  };
}

/** What is waited for. */
export interface Awaited<T> {
  /**
   * Begins to listen for what settles the wait, and returns what ends that, which is called once, before the
   * promise settles. Either function may be called at once, and again: only the first call counts.
   */
  listen(resolve: (value: T) => void, reject: (error: unknown) => void): () => void;
  readonly late?: Late;
}

/**
 * Waits. Nothing is begun if the signal is aborted already.
 *
 * @throws what `reject` was called with; TimeoutError; `signal.reason`.
 * @example
 * await waitFor<void>(options, {
 *   listen: (resolve) => lock.onChange((held) => held && resolve()),
 *   late: (milliseconds) => `the lock is not ours within ${milliseconds} ms`,
 * });
 */
export function waitFor<T>(options: WaitOptions, awaited: Awaited<T>): Promise<T> {
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const ends: (() => void)[] = [];
    let settled = false;
    const settle = (outcome: () => void) => {
      if (settled) return;
      settled = true;
      for (const end of ends) end();
      outcome();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    ends.push(limit(options, fail, awaited.late));
    const stop = awaited.listen((value) => settle(() => resolve(value)), fail);
    // It may have been told at once, before there was anything to end.
    if (settled) stop();
    else ends.push(stop);
  });
}
