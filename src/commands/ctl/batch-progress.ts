/** How far a batch has come, on a terminal, once it has taken a second: one line on stderr, which every other output replaces. */
import { write } from "../../daemon/write.ts";

/** Milliseconds until the first time, and between two. */
const PATIENCE = 1000;
const INTERVAL = 200;

const ERASE = "\r\x1b[K";

export class BatchProgress {
  readonly #name: string;
  readonly #enabled: boolean;
  #next = performance.now() + PATIENCE;
  #shown = false;

  /** @param name what is being read; `enabled`: whether stderr is a terminal. */
  constructor(name: string, enabled: boolean) {
    this.#name = name;
    this.#enabled = enabled;
  }

  /** So many lines are done. */
  done(lines: number): void {
    if (!this.#enabled || performance.now() < this.#next) return;
    this.#next = performance.now() + INTERVAL;
    this.#shown = true;
    write(2, `${ERASE}${this.#name}: ${lines} lines done`);
  }

  /** Makes room for something else. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    write(2, ERASE);
  }
}
