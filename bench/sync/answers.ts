/** Whether a controller can be asked how it is while it works. */
import { setTimeout as delay } from "node:timers/promises";
import { callUnixctl } from "../../src/daemon/unixctl-client.ts";

const PAUSE_MS = 50;

/** Asks for its status again and again. */
export class Questions {
  /** Milliseconds that it took to answer, at most. */
  #longest = 0;
  #ended = false;
  readonly #done: Promise<void>;

  /** @param socket the control socket, which need not be there yet */
  constructor(socket: string) {
    this.#done = this.#ask(socket);
  }

  /** Asks no more. @returns the milliseconds that the longest answer took */
  async end(): Promise<number> {
    this.#ended = true;
    await this.#done;
    return this.#longest;
  }

  async #ask(socket: string): Promise<void> {
    while (!this.#ended) {
      await delay(PAUSE_MS);
      const began = performance.now();
      try {
        await callUnixctl(socket, "status", []);
        this.#longest = Math.max(this.#longest, performance.now() - began);
      } catch {
        // It does not listen yet, or has ended: whoever waits for its effects finds out.
      }
    }
  }
}
