/** How far a run is, on a terminal. */
import type { WriteStream } from "node:tty";

/** Milliseconds: a run that is over sooner needs no line, and nobody reads faster. */
const PATIENCE = 500;
const PERIOD = 200;

const ERASE = "\r\u001b[K";

/**
 * A line on a terminal that says how far a run is, which is written anew until the run is over, and is gone
 * then. All other output there needs `clear` before it.
 */
export class Progress {
  readonly #output: WriteStream;
  readonly #enabled: boolean;
  readonly #text: () => string;
  readonly #timer: NodeJS.Timeout | null = null;
  #next = performance.now() + PATIENCE;
  #shown = false;

  /**
   * @param text what to say now
   * @param when whether the line is written by a timer, or only at an `update`: who reads what is typed at
   *   the same terminal must not write there meanwhile.
   */
  constructor(
    output: WriteStream,
    enabled: boolean,
    text: () => string,
    when: "by timer" | "at updates" = "by timer",
  ) {
    this.#output = output;
    this.#enabled = enabled && output.isTTY === true;
    this.#text = text;
    if (!this.#enabled || when === "at updates") return;
    this.#timer = setInterval(() => this.update(), PERIOD);
    this.#timer.unref();
  }

  /** Writes the line anew, if it is time for that. */
  update(): void {
    if (!this.#enabled || performance.now() < this.#next) return;
    // The timer keeps its own time.
    if (this.#timer === null) this.#next = performance.now() + PERIOD;
    this.#shown = true;
    this.#output.write(`${ERASE}${this.#text().slice(0, Math.max(this.#output.columns - 1, 20))}`);
  }

  /** Takes the line away, so that something else can be written there. */
  clear(): void {
    if (this.#shown) this.#output.write(ERASE);
    this.#shown = false;
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.clear();
  }
}
