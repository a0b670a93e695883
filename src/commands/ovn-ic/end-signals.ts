// The signals that ask a foreground program to end, as an AbortSignal, a promise and a callback.
//
// States: listening -> (first signal: `aborted` fires, `next` resolves) -> asked to end; further signals only
// reach `onSignal`. `release` gives the signals their default meaning back.

import { constants } from "node:os";

const endSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The number of a signal on this system: a shell shows a process that it ended as 128 plus this. */
export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}

/** From its creation on, SIGINT, SIGTERM and SIGHUP don't end the process but are told here. */
export class EndSignals {
  readonly #abort = new AbortController();
  readonly #handler = (signal: NodeJS.Signals) => this.#arrived(signal);
  #resolve: () => void = () => {};
  first: NodeJS.Signals | undefined;
  onSignal: (signal: NodeJS.Signals) => void = () => {};
  readonly next: Promise<void>;

  constructor() {
    this.next = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of endSignals) process.on(signal, this.#handler);
  }

  /** Aborted when the first signal has arrived. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  /** What a shell would report if the first signal had ended the process. */
  get exitStatus(): number {
    return 128 + signalNumber(this.first ?? "SIGTERM");
  }

  release(): void {
    for (const signal of endSignals) process.off(signal, this.#handler);
  }

  #arrived(signal: NodeJS.Signals): void {
    this.first ??= signal;
    this.onSignal(signal);
    this.#abort.abort();
    this.#resolve();
  }
}
