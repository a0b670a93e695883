/** Metrics whose values are found when somebody asks, so many of them and so long as a reader can bear. */
import type { Registry } from "prom-client";
import { Counter, Gauge } from "prom-client";
import { printable } from "../../../core/printable.ts";

/**
 * Series of one metric: how many zones and switches there are is up to all who may write to the global
 * databases.
 */
const MOST_SERIES = 1000;

/** Characters of a label: so is how they are called. */
const LONGEST_LABEL = 200;

type Values<L extends string> = Iterable<readonly [labels: Record<L, string>, value: number]>;

export class Series<Name extends string> {
  readonly #registry: Registry;
  readonly #help: Readonly<Record<Name, string>>;
  /** By metric, how many series are not shown. */
  readonly leftOut = new Map<string, number>();

  constructor(registry: Registry, help: Readonly<Record<Name, string>>) {
    this.#registry = registry;
    this.#help = help;
  }

  gauge<L extends string>(name: Name, labelNames: readonly L[], values: () => Values<L>): void {
    const made: Gauge<L> = new Gauge({
      name,
      help: this.#help[name],
      labelNames,
      registers: [this.#registry],
      collect: () => {
        made.reset();
        for (const [labels, value] of this.#shown(name, values())) made.inc(labels, value);
      },
    });
  }

  /** A counter that is kept elsewhere. */
  counter<L extends string>(name: Name, labelNames: readonly L[], values: () => Values<L>): void {
    const made: Counter<L> = new Counter({
      name,
      help: this.#help[name],
      labelNames,
      registers: [this.#registry],
      collect: () => {
        made.reset();
        for (const [labels, value] of this.#shown(name, values())) made.inc(labels, value);
      },
    });
  }

  /** Those of the greatest values, if there are too many. */
  #shown<L extends string>(name: Name, values: Values<L>): Values<L> {
    const all = [...values];
    if (all.length > MOST_SERIES) all.sort(([, a], [, b]) => b - a);
    this.leftOut.set(name, Math.max(0, all.length - MOST_SERIES));
    return all.slice(0, MOST_SERIES).map(([labels, value]) => [shortened(labels), value] as const);
  }
}

function shortened<L extends string>(labels: Record<L, string>): Record<L, string> {
  const short = Object.entries<string>(labels).map(([name, text]) => [name, printable(text, LONGEST_LABEL)]);
  return { ...labels, ...Object.fromEntries(short) };
}
