/** How long things took (ovs-appctl(8), "stopwatch/show"). */
import type { UnixctlCommand } from "./unixctl-server.ts";
import { UnixctlError } from "./unixctl-server.ts";

/** Samples that the percentile is of. */
const WINDOW = 1024;
/** Weight of the newest sample in the averages. */
const SHORT = 0.5;
const LONG = 0.01;

class Stopwatch {
  readonly #recent: number[] = [];
  #count = 0;
  #maximum = 0;
  #minimum = 0;
  #short = 0;
  #long = 0;

  add(milliseconds: number): void {
    const first = this.#count === 0;
    this.#recent[this.#count % WINDOW] = milliseconds;
    this.#count++;
    this.#maximum = Math.max(this.#maximum, milliseconds);
    this.#minimum = first ? milliseconds : Math.min(this.#minimum, milliseconds);
    this.#short = first ? milliseconds : milliseconds * SHORT + this.#short * (1 - SHORT);
    this.#long = first ? milliseconds : milliseconds * LONG + this.#long * (1 - LONG);
  }

  show(name: string): string {
    const sorted = [...this.#recent].sort((a, b) => a - b);
    const percentile = sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? 0;
    return (
      `Statistics for '${name}'\n` +
      `  Total samples: ${this.#count}\n` +
      `  Maximum: ${Math.floor(this.#maximum)} msec\n` +
      `  Minimum: ${Math.floor(this.#minimum)} msec\n` +
      `  95th percentile: ${percentile.toFixed(6)} msec\n` +
      `  Short term average: ${this.#short.toFixed(6)} msec\n` +
      `  Long term average: ${this.#long.toFixed(6)} msec\n`
    );
  }
}

export class Stopwatches {
  readonly #all: Map<string, Stopwatch>;

  constructor(names: Iterable<string>) {
    this.#all = new Map([...names].map((name) => [name, new Stopwatch()]));
  }

  add(name: string, milliseconds: number): void {
    this.#all.get(name)?.add(milliseconds);
  }

  get names(): string[] {
    return [...this.#all.keys()];
  }

  get commands(): UnixctlCommand[] {
    return [
      { name: "stopwatch/show", usage: "[NAME]", args: [0, 1], run: ([name]) => this.#show(name) },
      { name: "stopwatch/reset", usage: "[NAME]", args: [0, 1], run: ([name]) => this.#reset(name) },
    ];
  }

  #show(asked: string | undefined): string {
    const chosen = [...this.#all].filter(([name]) => asked === undefined || name === asked);
    if (chosen.length === 0) throw new UnixctlError("No such stopwatch");
    return chosen.map(([name, stopwatch]) => stopwatch.show(name)).join("");
  }

  /** A name that there isn't is no error, as in the C programs. */
  #reset(asked: string | undefined): string {
    for (const name of this.#all.keys()) {
      if (asked === undefined || name === asked) this.#all.set(name, new Stopwatch());
    }
    return "";
  }
}
