// The colours of what is printed on a terminal.

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

/**
 * The colours for an output: none unless it is a terminal, or if the environment says NO_COLOR
 * (no-color.org).
 */
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
