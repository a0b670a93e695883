/** Strings that a user types, quoted or not. */
import { CommandError } from "../../cli/index.ts";

/**
 * A string: as it is, or in double quotes with JSON's escapes.
 *
 * @throws CommandError in the words of the C programs.
 * @example parseString('"a b"'); // "a b"
 */
export function parseString(text: string): string {
  if (text === "") fail('An empty string is not valid as input; use "" to represent the empty string');
  if (!text.startsWith('"')) return text;
  if (text.length < 2 || !text.endsWith('"')) fail(`${text}: missing quote at end of quoted string`);
  return unescapeString(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/**
 * A string in quotes with JSON's escapes; other than in JSON, control characters may stand in it as they are.
 */
function unescapeString(text: string): string {
  let result = "";
  for (let at = 1; at < text.length - 1; at++) {
    const character = text.charAt(at);
    if (character === '"') fail(`${text}: quoted string may not include unescaped "`);
    if (character !== "\\") {
      result += character;
      continue;
    }
    at += 1;
    const letter = text.charAt(at);
    const plain = ESCAPES[letter];
    if (plain !== undefined) result += plain;
    else if (letter === "u") {
      const [character, length] = unicodeEscape(text, at + 1);
      result += character;
      at += length;
    } else fail(`${text}: bad escape \\${letter}`);
  }
  return result;
}

/** What follows `\\u`: four digits, or a surrogate pair; and how long it is. */
function unicodeEscape(text: string, at: number): readonly [string, number] {
  const unit = hexDigits(text, at);
  if (unit === 0) fail(`${text}: null bytes not supported in quoted strings`);
  if (unit < 0xd800 || unit > 0xdfff) return [String.fromCharCode(unit), 4];
  if (unit > 0xdbff) {
    // The second half of a pair alone: the C programs make UTF-8 of it, and then find that this isn't.
    const byte = (0x80 | ((unit >> 6) & 0x3f)).toString(16);
    fail(`constraint violation: not a valid UTF-8 string: invalid UTF-8 sequence 0xed 0x${byte}`);
  }
  if (text.slice(at + 4, at + 6) !== "\\u") fail(`${text}: malformed escaped surrogate pair`);
  const second = hexDigits(text, at + 6);
  if (second < 0xdc00 || second > 0xdfff) {
    fail(`${text}: second half of escaped surrogate pair is not trailing surrogate`);
  }
  return [String.fromCharCode(unit, second), 10];
}

function hexDigits(text: string, at: number): number {
  const digits = text.slice(at, Math.min(at + 4, text.length - 1));
  if (digits.length < 4) fail(`${text}: quoted string ends within \\u escape`);
  if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail(`${text}: malformed \\u escape`);
  return Number.parseInt(digits, 16);
}

function fail(message: string): never {
  throw new CommandError(message);
}
