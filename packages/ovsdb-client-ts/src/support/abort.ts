/**
 * Listening to AbortSignals, of which a program may hand the same one to hundreds of calls: a signal gets one
 * listener from here, however many wait, since Node takes more than ten for a leak.
 */

const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `listener` when the signal is aborted, which it must not be yet. Returns what ends that.
 *
 * @example const leave = onAbort(signal, () => reject(signal.reason));
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal === undefined) return () => {};
  const listeners = waiting.get(signal) ?? listenTo(signal);
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const listeners = new Set<() => void>();
  waiting.set(signal, listeners);
  const aborted = () => {
    for (const listener of [...listeners]) listener();
  };
  signal.addEventListener("abort", aborted, { once: true });
  return listeners;
}
