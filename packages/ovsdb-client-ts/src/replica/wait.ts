/** Waiting for what a replica will hold: one condition, or one batch after the other. */
import { type OvsdbError, TimeoutError } from "../errors.ts";
import { onAbort } from "../jsonrpc/abort.ts";
import type { WaitOptions } from "../session/wait.ts";

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
  const { signal, timeout } = options;
  return new Promise<R>((resolve, reject) => {
    const leave: (() => void)[] = [];
    const settle = (finish: () => void) => {
      for (const undo of leave) undo();
      finish();
    };
    const attempt = () => {
      try {
        if (replica.ended !== null) throw replica.ended;
        const result = replica.complete ? predicate() : undefined;
        if (result !== undefined && result !== false) settle(() => resolve(result));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    if (signal?.aborted === true) return reject(signal.reason);
    leave.push(replica.subscribe(attempt), replica.onStateChange(attempt));
    leave.push(onAbort(signal, () => settle(() => reject(signal?.reason))));
    if (timeout !== undefined && timeout > 0) {
      const text = `${replica.source}: not as waited for within ${Math.ceil(timeout)} ms`;
      const timer = setTimeout(() => settle(() => reject(new TimeoutError(text))), timeout);
      leave.push(() => clearTimeout(timer));
    }
    attempt();
  });
}

/** See `Replica.changes`. */
export async function* eachBatch<C>(
  replica: Waitable<C>,
  signal: AbortSignal | undefined,
): AsyncGenerator<C, void, void> {
  const queue: C[] = [];
  let wake = () => {};
  const leave = [
    replica.subscribe((changes) => {
      queue.push(changes);
      wake();
    }),
    replica.onStateChange(() => wake()),
    onAbort(signal, () => wake()),
  ];
  try {
    while (signal?.aborted !== true) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (replica.ended !== null) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    throw signal.reason;
  } finally {
    for (const undo of leave) undo();
  }
}
