/**
 * `--batch FILE`: the lines of a file, or of stdin, on one connection and with one copy of what they need.
 * Each line is its own transaction, run as if it had been typed as a command of its own; with
 * --single-transaction all lines are one.
 *
 * The next line begins when the one before it is committed, since it sees what that one did.
 */
import type { OvsdbClient } from "ovsdb-client-ts";
import { CommandError, show } from "../../../cli/index.ts";
import { Progress } from "../../../cli/progress.ts";
import type { Command } from "../../command/index.ts";
import type { BatchSettings, LineCommand, OptionTable } from "../../line/index.ts";
import { allOptions, parseBatchOptions, parseLine } from "../../line/index.ts";
import type { Line, LineHost, ParsedLine, Print } from "../../run/index.ts";
import { connect, KeptReplica, loadLine, runOn } from "../../run/index.ts";
import { runLine } from "../one-shot.ts";
import type { InputLine } from "./input.ts";
import { inputName, readLines } from "./input.ts";
import { parseWords } from "./words.ts";

/** What all lines of a batch share. */
export type BatchContext = Omit<ParsedLine, "commands">;

/**
 * Runs a batch. What a line prints appears when it is committed; what is wrong with one is reported as
 * `PROGRAM: FILE:LINE: message`.
 *
 * @param commands the program's commands by name.
 * @param print writes to stdout.
 * @returns the exit status: 1 if a line failed. The first failure ends the batch, unless --keep-going is
 *   given.
 * @throws CommandError if the input can't be read.
 */
export async function runBatch(
  context: BatchContext,
  { file, singleTransaction, keepGoing }: Readonly<BatchSettings>,
  commands: ReadonlyMap<string, Command>,
  print: Print,
): Promise<number> {
  const batch = new Batch(context, commands, print, inputName(file));
  const lines = readLines(file);
  try {
    if (singleTransaction) return await batch.runAsOne(lines);
    let status = 0;
    for await (const line of lines) {
      if (await batch.run(line)) continue;
      status = 1;
      if (!keepGoing) break;
    }
    return status;
  } finally {
    batch.end();
  }
}

class Batch {
  readonly #context: BatchContext;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #write: Print;
  readonly #name: string;
  readonly #options: OptionTable;
  readonly #progress: Progress;
  /** How many lines are done. */
  #done = 0;
  #connection: { readonly client: OvsdbClient; readonly replica: KeptReplica } | null = null;

  constructor(context: BatchContext, commands: ReadonlyMap<string, Command>, print: Print, name: string) {
    this.#context = context;
    this.#commands = commands;
    this.#write = print;
    this.#name = name;
    this.#options = allOptions(context.program.database, commands.values());
    this.#progress = new Progress(
      process.stderr,
      true,
      () => `${name}: ${this.#done} lines done`,
      "at updates",
    );
  }

  /** Runs a line of the input. False: it failed, which has been reported. */
  async run({ number, text }: InputLine): Promise<boolean> {
    try {
      const words = wordsOf(text);
      const commands = this.#parse(words);
      if (commands.length > 0) await this.#execute(await loadLine({ ...this.#context, commands, words }));
    } catch (error) {
      this.#report(number, error);
      return false;
    }
    this.#done = number;
    this.#progress.update();
    return true;
  }

  /** Runs all lines in one transaction. @returns the exit status */
  async runAsOne(lines: AsyncIterable<InputLine>): Promise<number> {
    const commands: LineCommand[] = [];
    /** The line that each command stands in. */
    const numbers: number[] = [];
    let number = 0;
    try {
      for await (const line of lines) {
        number = line.number;
        for (const command of this.#parse(wordsOf(line.text))) {
          commands.push(command);
          numbers.push(number);
        }
      }
      number = 0;
      if (commands.length > 0) await runLine({ ...this.#context, commands }, this.#print);
      return 0;
    } catch (error) {
      const command = error instanceof CommandError ? error.command : null;
      this.#report(command === null ? number : (numbers[command] ?? 0), error);
      return 1;
    }
  }

  end(): void {
    this.#progress.end();
    void this.#connection?.client.close();
  }

  readonly #print = (text: string): void => {
    if (text === "") return;
    this.#progress.clear();
    this.#write(text);
  };

  #parse(words: readonly string[]): LineCommand[] {
    if (words.length === 0) return [];
    const { first, rest } = parseBatchOptions(words, this.#options);
    return parseLine(rest, this.#commands, first);
  }

  async #execute(line: Line): Promise<void> {
    const { client, replica } = await this.#connect(line);
    const host: LineHost = { client, retry: false, use: replica.use, pause: (event) => event() };
    await runOn(host, line, this.#print);
  }

  /** The connection; another one when it is lost, as a command of its own would make. */
  async #connect(line: Line) {
    if (this.#connection === null || this.#connection.client.session.state === "closed") {
      const client = await connect(line);
      this.#connection = { client, replica: new KeptReplica(client) };
    }
    return this.#connection;
  }

  /** @param number of the line; 0: all of them */
  #report(number: number, error: unknown): void {
    if (!(error instanceof CommandError)) throw error;
    this.#progress.clear();
    const where = number === 0 ? this.#name : `${this.#name}:${number}`;
    if (error.message !== "") show(2, `${this.#context.program.name}: ${where}: ${error.message}\n`);
  }
}

function wordsOf(text: string): string[] {
  if (text.includes("\0")) throw new CommandError("the line contains a NUL character");
  return parseWords(text);
}
