/**
 * Death by a signal as the C programs die: the log says so, and whoever waits for the process sees which
 * signal it was.
 */
import type { Log } from "../../../daemon/log.ts";

const DESCRIPTIONS = {
  SIGHUP: "signal 1 (Hangup)",
  SIGINT: "signal 2 (Interrupt)",
  SIGALRM: "signal 14 (Alarm clock)",
  SIGTERM: "signal 15 (Terminated)",
} as const;

type FatalSignal = keyof typeof DESCRIPTIONS;

const FROM_OUTSIDE: readonly FatalSignal[] = ["SIGHUP", "SIGINT", "SIGTERM"];

const LONGEST_DELAY = 2 ** 31 - 1;

/** Ends the process by SIGALRM after some seconds, as alarm(2) does to the C programs; 0: never. */
export function setAlarm(seconds: number, signals: FatalSignals): NodeJS.Timeout | undefined {
  if (seconds === 0) return undefined;
  return setTimeout(() => signals.dieBy("SIGALRM"), Math.min(seconds * 1000, LONGEST_DELAY));
}

/** Waits for signals that end the process. */
export class FatalSignals {
  readonly #log: Log;
  readonly #handlers = new Map<FatalSignal, () => void>();

  constructor(log: Log) {
    this.#log = log;
    this.#watch();
  }

  /** Ends the process by a signal. */
  dieBy(signal: FatalSignal): void {
    this.#log.warn("fatal_signal", `terminating with ${DESCRIPTIONS[signal]}`);
    this.stop();
    process.kill(process.pid, signal);
  }

  /** Does what may block, with signals as the system handles them: no handler runs before it is over. */
  blocking(work: () => void): void {
    this.stop();
    work();
    this.#watch();
  }

  stop(): void {
    for (const [signal, handler] of this.#handlers) process.off(signal, handler);
    this.#handlers.clear();
  }

  #watch(): void {
    for (const signal of FROM_OUTSIDE) {
      const handler = () => this.dieBy(signal);
      this.#handlers.set(signal, handler);
      process.on(signal, handler);
    }
  }
}
