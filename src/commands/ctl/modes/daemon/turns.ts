/** Lines of a daemon run one at a time, in the order in which they came. */
import { onAbort } from "ovsdb-client-ts";

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits for a turn. Returns what ends it.
   *
   * @throws `signal.reason` if that is aborted first.
   * @example const end = await turns.take(signal); try { work(); } finally { end(); }
   */
  async take(signal: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let end: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await orAborted(before, signal);
    } catch (error) {
      // Those who came later must not overtake those who came earlier.
      void before.then(end);
      throw error;
    }
    return end;
  }
}

function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const leave = onAbort(signal, () => reject(signal.reason));
    void promise.then(() => {
      leave();
      resolve();
    });
  });
}
