/**
 * The words after the global options, as commands: `[--options] COMMAND [ARG...] [-- [--options] COMMAND
 * [ARG...]]...`.
 */

import { CommandError } from "../../cli/index.ts";
import type { Command, CommandOptions } from "../command/index.ts";

/** A command of a line, checked against the command table. */
export interface LineCommand {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/**
 * Splits a line at `--` and checks each command's name, options and number of arguments.
 *
 * @param first options of the first command that have been read together with the global ones.
 * @throws CommandError in the words of the C programs.
 * @example parseLine(["ts-add", "a", "--", "--may-exist", "ts-add", "b"], commands, new Map());
 */
export function parseLine(
  words: readonly string[],
  commands: ReadonlyMap<string, Command>,
  first: CommandOptions,
): LineCommand[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === "--") parts.push([]);
    else parts.at(-1)?.push(word);
  }
  // What is empty between two `--`, or after the last, doesn't count; a line of nothing else lacks a command.
  const filled = parts.filter((part, index) => part.length > 0 || (index === 0 && first.size > 0));
  if (filled.length === 0) filled.push([]);
  return filled.map((part, index) => parseCommand(part, commands, index === 0 ? first : new Map()));
}

function parseCommand(
  words: readonly string[],
  commands: ReadonlyMap<string, Command>,
  given: CommandOptions,
): LineCommand {
  const options = new Map(given);
  const at = words.findIndex((word) => !word.startsWith("-"));
  for (const word of words.slice(0, at === -1 ? words.length : at)) addOption(word, options);
  const name = at === -1 ? undefined : words[at];
  if (name === undefined) throw new CommandError("missing command name (use --help for help)");
  const command = commands.get(name);
  if (command === undefined) throw unknownCommand(name, commands.keys());
  for (const [option, value] of options) checkOption(command, option, value);
  const args = words.slice(at + 1);
  checkCount(command, args);
  return { command, args, options };
}

function addOption(word: string, options: Map<string, string | null>): void {
  const equals = word.indexOf("=");
  const name = (equals === -1 ? word : word.slice(0, equals)).replace(/^--/, "");
  if (options.has(name)) throw new CommandError(`'${word}' option specified multiple times`);
  options.set(name, equals === -1 ? null : word.slice(equals + 1));
}

function checkOption(command: Command, name: string, value: string | null): void {
  const typed = name.startsWith("-") ? name : `--${name}`;
  const accepted = command.options ?? [];
  if (accepted.includes(typed)) {
    if (value === null) return;
    throw new CommandError(`'${typed}' option on '${command.name}' does not accept an argument`);
  }
  if (!accepted.includes(`${typed}=`)) {
    throw new CommandError(`'${command.name}' command has no '${typed}' option`);
  }
  if (value === null) {
    throw new CommandError(`missing argument to '${typed}' option on '${command.name}' command`);
  }
}

function checkCount(command: Command, args: readonly string[]): void {
  const [min, max] = command.args;
  if (args.length < min) {
    throw new CommandError(`'${command.name}' command requires at least ${min} arguments`);
  }
  if (args.length <= max) return;
  const hint = args.some((arg) => arg.startsWith("-"))
    ? ' (note that options must precede command names and follow a "--" argument)'
    : "";
  throw new CommandError(`'${command.name}' command takes at most ${max} arguments${hint}`);
}

function unknownCommand(name: string, known: Iterable<string>): CommandError {
  const nearest = nearestTo(name, known);
  const suggestion = nearest === undefined ? "" : `\nDid you mean '${nearest}'?`;
  return new CommandError(`unknown command '${name}'; use --help for help${suggestion}`);
}

/** The one name that is at most two typing errors away, fewer for short words. */
function nearestTo(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.min(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name, candidate);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Levenshtein's distance: how many letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
