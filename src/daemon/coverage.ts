/** Counters of what a daemon does, and how fast they grew (ovs-appctl(8), "coverage/show"). */
import type { UnixctlCommand } from "./unixctl-server.ts";
import { UnixctlError } from "./unixctl-server.ts";

/** Seconds between two looks at the counters. */
const PERIOD = 5;
const LOOKS_PER_MINUTE = 60 / PERIOD;
const MINUTES_PER_HOUR = 60;

/** Reads a counter that is kept elsewhere. */
export type Counter = () => number;

export class Coverage {
  readonly #counters: ReadonlyMap<string, Counter>;
  readonly #timer: NodeJS.Timeout;
  /** What the counters were: at the last looks of a minute, and the last minutes of an hour, newest first. */
  readonly #looks: Map<string, number>[] = [];
  readonly #minutes: Map<string, number>[] = [];
  #count = 0;

  constructor(counters: Readonly<Record<string, Counter>>) {
    this.#counters = new Map(Object.entries(counters).sort(([a], [b]) => (a < b ? -1 : 1)));
    this.#timer = setInterval(() => this.#look(), PERIOD * 1000);
    this.#timer.unref();
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  get commands(): UnixctlCommand[] {
    return [
      { name: "coverage/show", usage: "", args: [0, 0], run: () => this.#show() },
      {
        name: "coverage/read-counter",
        usage: "COUNTER",
        args: [1, 1],
        run: ([name = ""]) => {
          const counter = this.#counters.get(name);
          if (counter === undefined) throw new UnixctlError("No such counter");
          return `${counter()}`;
        },
      },
    ];
  }

  #look(): void {
    const values = new Map([...this.#counters].map(([name, counter]) => [name, counter()]));
    this.#looks.unshift(values);
    this.#looks.length = Math.min(this.#looks.length, LOOKS_PER_MINUTE + 1);
    if (this.#count++ % LOOKS_PER_MINUTE !== 0) return;
    this.#minutes.unshift(values);
    this.#minutes.length = Math.min(this.#minutes.length, MINUTES_PER_HOUR + 1);
  }

  #show(): string {
    const hit = [...this.#counters].filter(([, counter]) => counter() > 0);
    const lines = hit.map(([name, counter]) => {
      const grown = (looks: readonly Map<string, number>[], back: number) =>
        counter() - (looks[Math.min(back, looks.length) - 1]?.get(name) ?? 0);
      return [
        name.padEnd(24),
        `${(grown(this.#looks, 2) / PERIOD).toFixed(1).padStart(5)}/sec`,
        `${(grown(this.#looks, LOOKS_PER_MINUTE + 1) / 60).toFixed(3).padStart(9)}/sec`,
        `${(grown(this.#minutes, MINUTES_PER_HOUR + 1) / 3600).toFixed(4).padStart(13)}/sec`,
        `  total: ${counter()}\n`,
      ].join(" ");
    });
    const hash = hashOf(hit.map(([name]) => name).join())
      .toString(16)
      .padStart(8, "0");
    const head = `Event coverage, avg rate over last: ${PERIOD} seconds, last minute, last hour,  hash=${hash}:\n`;
    return `${head}${lines.join("")}${this.#counters.size - hit.length} events never hit\n`;
  }
}

/** Tells sets of counters apart (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
