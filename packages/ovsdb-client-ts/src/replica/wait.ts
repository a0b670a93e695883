/** Waiting for what a replica will hold: one condition, or one batch after the other. */
import type { OvsdbError } from "../errors.ts";
import type { WaitOptions } from "../support/wait.ts";
import { waitFor } from "../support/wait.ts";

/** What waiting needs of a replica. */
export interface Waitable<C> {
  readonly complete: boolean;
  /** Why no more will come; null while it may. */
  readonly ended: OvsdbError | null;
  /** Where its rows come from, for messages. */
  readonly source: string;
  subscribe(listener: (changes: C) => void): () => void;
  onStateChange(listener: (complete: boolean) => void): () => void;
}

/** See `Replica.when`. */
export function whenHolds<R>(
  replica: Waitable<unknown>,
  predicate: () => R | undefined | false,
  options: WaitOptions,
): Promise<R> {
  const { signal, timeout = 0 } = options;
  const { source } = replica;
  // Not positive: for ever.
  return waitFor<R>(
    { signal, timeout: Math.max(0, timeout) },
    {
      listen: (resolve, reject) => {
        const attempt = () => {
          try {
            if (replica.ended !== null) throw replica.ended;
            const result = replica.complete ? predicate() : undefined;
            if (result !== undefined && result !== false) resolve(result);
          } catch (error) {
            reject(error);
          }
        };
        const leave = [replica.subscribe(attempt), replica.onStateChange(attempt)];
        attempt();
        return () => {
          for (const undo of leave) undo();
        };
      },
      late: (milliseconds) => `${source}: not as waited for within ${milliseconds} ms`,
    },
  );
}

/** See `Replica.changes`. */
export async function* eachBatch<C>(
  replica: Waitable<C>,
  signal: AbortSignal | undefined,
): AsyncGenerator<C, void, void> {
  const queue: C[] = [];
  let wake: () => void = () => undefined;
  const onNews = (listener: () => void) => {
    wake = listener;
    return () => undefined;
  };
  const leave = [
    replica.subscribe((changes) => {
      queue.push(changes);
      wake();
    }),
    replica.onStateChange(() => wake()),
  ];
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (replica.ended !== null) return;
      else await waitFor<void>({ signal }, { listen: onNews });
    }
  } finally {
    for (const undo of leave) undo();
  }
}
