/**
 * The lines of a batch, from a file or from stdin, as they come: whoever writes them may wait for what each
 * one does.
 */
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { CommandError } from "../../../cli/index.ts";

/** A line of the input, its end left out, and its number, from 1. */
export interface InputLine {
  readonly number: number;
  readonly text: string;
}

/** The name of a batch's input in messages. */
export function inputName(file: string): string {
  return file === "-" ? "<stdin>" : file;
}

/**
 * Reads the lines of a file, or of stdin for "-".
 *
 * @throws CommandError if it can't be read.
 * @example for await (const { number, text } of readLines("-")) console.log(number, text);
 */
export async function* readLines(file: string): AsyncGenerator<InputLine, void, void> {
  try {
    yield* splitLines(file === "-" ? process.stdin : createReadStream(file));
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    throw new CommandError(`${inputName(file)}: ${error.message}`, { cause: error });
  }
}

const NEWLINE = 0x0a;

/** Splits at newlines. A carriage return before one belongs to it. */
async function* splitLines(input: Readable): AsyncGenerator<InputLine, void, void> {
  let number = 0;
  /** The beginning of a line whose end has not come yet. */
  let begun: Buffer[] = [];
  const finish = (end: Buffer): InputLine => {
    number += 1;
    const text = Buffer.concat([...begun, end]).toString("utf8");
    begun = [];
    return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  };
  for await (const chunk of input) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError("the input is not read as bytes");
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      yield finish(chunk.subarray(at, end));
      at = end + 1;
    }
    if (at < chunk.length) begun.push(chunk.subarray(at));
  }
  if (begun.length > 0) yield finish(Buffer.alloc(0));
}
