/**
 * A shell that stays, to run many small programs: to fork it costs little, while to fork this process, with
 * all that it holds, takes longer than what the programs do. It ends when its input does, hence with this
 * process at the latest.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { quoteForShell } from "../../../src/sandbox/index.ts";

/** All that a program wrote, and its exit status. */
const ENDED = /^([\s\S]*)<ended (\d+)>\n$/;

export class Shell {
  readonly #child: ChildProcessWithoutNullStreams;
  #output = "";
  #last: Promise<unknown> = Promise.resolve();
  #received: () => void = () => {};

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn("sh", [], { env });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#received();
      });
    }
  }

  /**
   * Runs a program after those that were asked for before; gives what it writes. @throws Error when its
   * status isn't 0.
   */
  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
    const result = this.#last.then(() => this.#run(words, env));
    this.#last = result.catch(() => {});
    return result;
  }

  async #run(words: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const assignments = Object.entries(env).map(([name, value]) => `${name}=${quoteForShell(value)}`);
    const line = [...assignments, ...words.map(quoteForShell)].join(" ");
    this.#output = "";
    this.#child.stdin.write(`${line} </dev/null 2>&1; printf '<ended %d>\\n' $?\n`);
    for (;;) {
      const [, text = "", status] = ENDED.exec(this.#output) ?? [];
      if (status === "0") return text;
      if (status !== undefined) throw new Error(`${words.join(" ")}: ${text.trim()} (status ${status})`);
      await this.#more();
    }
  }

  #more(): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new Error(`the shell has ended: ${this.#output}`));
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return gone();
      this.#child.once("close", gone);
      this.#received = () => {
        this.#child.off("close", gone);
        resolve();
      };
    });
  }

  async stop(): Promise<void> {
    await this.#last;
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.stdin.end();
    await ended;
  }
}
