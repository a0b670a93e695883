// What terminals get besides text: colours, and a line that says how far a run is.

import type { WriteStream } from "node:tty";

/** Colours for what is printed, or none. */
export interface Paint {
  readonly heading: (text: string) => string;
  readonly insert: (text: string) => string;
  readonly update: (text: string) => string;
  readonly delete: (text: string) => string;
  readonly aside: (text: string) => string;
}

const plain = (text: string) => text;

export const PLAIN: Paint = { heading: plain, insert: plain, update: plain, delete: plain, aside: plain };

/** The colours for an output: none unless it is a terminal, or if the environment says NO_COLOR (no-color.org). */
export async function paintFor(output: Pick<WriteStream, "isTTY">, env: NodeJS.ProcessEnv): Promise<Paint> {
  const wanted = output.isTTY === true && (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  if (!wanted) return PLAIN;
  const { Chalk } = await import("chalk");
  const chalk = new Chalk({ level: 1 });
  return {
    heading: chalk.bold,
    insert: chalk.green,
    update: chalk.yellow,
    delete: chalk.red,
    aside: chalk.dim,
  };
}

/** Milliseconds: a run that is over sooner needs no line, and nobody reads faster. */
const PATIENCE = 500;
const PERIOD = 200;

/** A line on a terminal that is written anew until the run is over, and is gone then. */
export class Progress {
  readonly #output: WriteStream;
  readonly #timer: NodeJS.Timeout | null = null;
  readonly #began = performance.now();
  #shown = false;

  /** @param text what to say now */
  constructor(output: WriteStream, enabled: boolean, text: () => string) {
    this.#output = output;
    if (!enabled || output.isTTY !== true) return;
    this.#timer = setInterval(() => {
      if (performance.now() - this.#began < PATIENCE) return;
      this.#shown = true;
      output.write(`\r\u001b[K${text().slice(0, Math.max(output.columns - 1, 20))}`);
    }, PERIOD);
    this.#timer.unref();
  }

  /** Takes the line away, so that something else can be written there. */
  clear(): void {
    if (this.#shown) this.#output.write("\r\u001b[K");
    this.#shown = false;
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.clear();
  }
}
