/**
 * Long and short options as getopt_long(3) of the GNU C library parses them, since that is what the C
 * programs' users and scripts rely on: unique prefixes of long options (`--no-head`), `--name=value` and
 * `--name value`, combined short options (`-fcsv`), parsing ends at `--` or at the first word that is no
 * option, and errors in these words.
 *
 * Why not commander: it knows no prefixes of option names, words its errors otherwise, has no notion of
 * options that precede a command's name, and costs 5 ms of a start that takes some 25 in all. All that it
 * could still be handed here is a line that this module has parsed already. (`ovn-ic`, whose grammar is the
 * usual one, does use it.)
 */
import { CommandError } from "./errors.ts";

/** One option. `value`: whether it takes a value; an optional one only as `--name=value` or `-nVALUE`. */
export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  readonly value: "none" | "required" | "optional";
  /**
   * The C programs lack it: it can't be abbreviated, so that it never makes an abbreviation ambiguous that
   * they accept, and their messages don't name it.
   */
  readonly isOurs?: boolean;
}

/** An option found in a line. */
export interface ParsedOption<S extends OptionSpec = OptionSpec> {
  readonly spec: S;
  readonly value: string | null;
}

/**
 * The options at the beginning of `args`, in order; the generator returns the position of the first word that
 * is no option. Each is yielded before the next is looked at, so that what ends the program (`--help`) comes
 * before errors further on.
 *
 * @throws CommandError in the words of getopt_long(3).
 * @example [...readOptions(["--time=5", "ts-list"], [{ name: "timeout", value: "required" }])]; // timeout, "5"
 */
export function* readOptions<S extends OptionSpec>(
  args: readonly string[],
  specs: readonly S[],
): Generator<ParsedOption<S>, number, void> {
  let position = 0;
  for (;;) {
    const word = args[position];
    if (word === "--") return position + 1;
    if (word === undefined || word.length < 2 || !word.startsWith("-")) return position;
    position += 1;
    if (word.startsWith("--")) {
      const option = longOption(word.slice(2), args[position], specs);
      if (option.tookNext) position += 1;
      yield option;
      continue;
    }
    for (let at = 1; at < word.length; at++) {
      const option = shortOption(word.charAt(at), word.slice(at + 1), args[position], specs);
      if (option.tookNext) position += 1;
      if (option.value !== null) at = word.length;
      yield option;
    }
  }
}

interface Found<S extends OptionSpec> extends ParsedOption<S> {
  /** Whether the value was the next word. */
  readonly tookNext: boolean;
}

function longOption<S extends OptionSpec>(
  word: string,
  next: string | undefined,
  specs: readonly S[],
): Found<S> {
  const equals = word.indexOf("=");
  const spec = findLong(equals === -1 ? word : word.slice(0, equals), word, specs);
  if (equals !== -1) {
    if (spec.value === "none") throw new CommandError(`option '--${spec.name}' doesn't allow an argument`);
    return { spec, value: word.slice(equals + 1), tookNext: false };
  }
  if (spec.value !== "required") return { spec, value: null, tookNext: false };
  if (next === undefined) throw new CommandError(`option '--${spec.name}' requires an argument`);
  return { spec, value: next, tookNext: true };
}

/** The option that a name stands for, whole or as a prefix that fits no other. */
function findLong<S extends OptionSpec>(name: string, word: string, specs: readonly S[]): S {
  const exact = specs.find((spec) => spec.name === name);
  if (exact !== undefined) return exact;
  const candidates = specs.filter((spec) => spec.isOurs !== true && spec.name.startsWith(name));
  const [first, ...others] = candidates;
  if (first === undefined) throw new CommandError(`unrecognized option '--${word}'`);
  if (others.length > 0) {
    const names = candidates.map((spec) => ` '--${spec.name}'`).join("");
    throw new CommandError(`option '--${word}' is ambiguous; possibilities:${names}`);
  }
  return first;
}

function shortOption<S extends OptionSpec>(
  letter: string,
  rest: string,
  next: string | undefined,
  specs: readonly S[],
): Found<S> {
  const spec = specs.find((candidate) => candidate.short === letter);
  if (spec === undefined) throw new CommandError(`invalid option -- '${letter}'`);
  if (spec.value === "none") return { spec, value: null, tookNext: false };
  if (rest !== "") return { spec, value: rest, tookNext: false };
  if (spec.value === "optional") return { spec, value: null, tookNext: false };
  if (next === undefined) throw new CommandError(`option requires an argument -- '${letter}'`);
  return { spec, value: next, tookNext: true };
}
