/** Keeps messages that come again and again from filling a log, and counts those that are left out. */

/** What became of a message: left out, or shown after a line about those that were left out before. */
export type Verdict = { readonly shown: false } | { readonly shown: true; readonly about: string | null };

/** Texts that are remembered: more different ones than these are told apart by the bucket alone. */
const MEMORY = 1000;

export class RateLimit {
  readonly #perMinute: number;
  readonly #burst: number;
  readonly #now: () => number;
  /** When each text was shown last. */
  readonly #shown = new Map<string, number>();
  #tokens: number;
  #filled: number;
  #dropped = 0;
  #firstDropped = 0;
  #lastDropped = 0;

  /**
   * @param perMinute messages that may be shown in a minute; the same text is shown once a minute.
   * @param burst messages that may be shown at once.
   * @param now seconds of a clock that never goes back.
   */
  constructor(perMinute: number, burst: number, now: () => number = () => performance.now() / 1000) {
    this.#perMinute = perMinute;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#filled = now();
  }

  /** Asks whether a message may be shown. */
  judge(text: string): Verdict {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filled) * this.#perMinute) / 60);
    this.#filled = now;
    if (this.#tokens < 1 || now - (this.#shown.get(text) ?? Number.NEGATIVE_INFINITY) < 60) {
      this.#firstDropped = this.#dropped === 0 ? now : this.#firstDropped;
      this.#lastDropped = now;
      this.#dropped++;
      return { shown: false };
    }
    this.#tokens--;
    this.#remember(text, now);
    const about = this.#dropped === 0 ? null : this.#describeDropped(now);
    this.#dropped = 0;
    return { shown: true, about };
  }

  #remember(text: string, now: number): void {
    // The newest is last, so that the oldest is found first.
    this.#shown.delete(text);
    this.#shown.set(text, now);
    const [oldest] = this.#shown.keys();
    if (this.#shown.size > MEMORY && oldest !== undefined) this.#shown.delete(oldest);
  }

  #describeDropped(now: number): string {
    const first = Math.floor(now - this.#firstDropped);
    const last = Math.floor(now - this.#lastDropped);
    return (
      `Dropped ${this.#dropped} log messages in last ${first} seconds ` +
      `(most recently, ${last} seconds ago) due to excessive rate`
    );
  }
}
