/**
 * Words of the argument syntax `COLUMN[:KEY]=VALUE` and of sets and maps (ovs-vsctl(8), "Database Values").
 */
import { CommandError } from "../../cli/index.ts";

const DELIMITERS = new Set(":=, []{}!<>");

/** Whether a character ends an unquoted word. */
export function isDelimiter(character: string): boolean {
  return DELIMITERS.has(character);
}

/** A word, and where the text goes on after it. */
export interface Token {
  readonly text: string;
  readonly end: number;
}

/**
 * Reads a word: up to a delimiter outside of quotes. Quotes stay in it, and so do backslashes within quotes;
 * outside of them a backslash takes what follows as it is.
 *
 * @example readToken("a:b", 0); // { text: "a", end: 1 }
 */
export function readToken(source: string, start: number): Token {
  let text = "";
  let quoted = false;
  let at = start;
  for (; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "\\") {
      at += 1;
      if (at >= source.length) throw new CommandError(`${source.slice(start)}: backslash at end of argument`);
      text += quoted ? `\\${source.charAt(at)}` : source.charAt(at);
    } else if (!quoted && isDelimiter(character)) {
      break;
    } else {
      text += character;
      if (character === '"') quoted = !quoted;
    }
  }
  if (quoted) throw new CommandError(`${source.slice(start)}: quoted string extends past end of argument`);
  return { text, end: at };
}
