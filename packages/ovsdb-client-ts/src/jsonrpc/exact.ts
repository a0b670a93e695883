/**
 * The slow parser: JSON text to values, integers beyond 2^53−1 as bigint. Only text that holds a long run of
 * digits comes here; everything else goes through JSON.parse. It accepts exactly what JSON.parse accepts, but
 * for integers that no database has.
 */
import type { JsonValue } from "./json-value.ts";
import { setOwn } from "./json-value.ts";

/**
 * The longest integers of 64 bits have 20 digits. What is longer is no value of a database, and takes long to
 * be made a bigint.
 */
const MOST_DIGITS = 20;

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const WHITESPACE = /[ \t\n\r]*/y;

/**
 * Parses one JSON text.
 *
 * @throws SyntaxError with the offset (in UTF-16 units) of the first character that does not fit; RangeError
 *   for an integer of more than 20 digits.
 * @example
 * parseExact("18446744073709551615"); // 18446744073709551615n
 */
export function parseExact(text: string): JsonValue {
  const parser = new ExactParser(text);
  const value = parser.value();
  parser.end();
  return value;
}

class ExactParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): JsonValue {
    this.#skipWhitespace();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#skipWhitespace();
    if (this.#at < this.#text.length) this.#fail();
  }

  #object(): JsonValue {
    const object: { [key: string]: JsonValue } = {};
    this.#at++;
    if (this.#next("}")) return object;
    do {
      this.#skipWhitespace();
      const key = this.#string();
      if (!this.#next(":")) this.#fail();
      setOwn(object, key, this.value());
    } while (this.#next(","));
    if (!this.#next("}")) this.#fail();
    return object;
  }

  #array(): JsonValue {
    const array: JsonValue[] = [];
    this.#at++;
    if (this.#next("]")) return array;
    do array.push(this.value());
    while (this.#next(","));
    if (!this.#next("]")) this.#fail();
    return array;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') this.#fail();
    let close = start;
    do close = this.#text.indexOf('"', close + 1);
    while (close > 0 && this.#isEscaped(close, start));
    if (close < 0) this.#fail(this.#text.length);
    this.#at = close + 1;
    // Nearly all strings hold neither an escape nor a control character, which JSON.parse would have to
    // judge.
    const inner = this.#text.slice(start + 1, close);
    return needsJudging(inner) ? String(JSON.parse(this.#text.slice(start, close + 1))) : inner;
  }

  /** Whether an odd number of backslashes precedes the quote at `at` in the string that begins at `start`. */
  #isEscaped(at: number, start: number): boolean {
    let first = at;
    while (first - 1 > start && this.#text[first - 1] === "\\") first--;
    return (at - first) % 2 === 1;
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (match === null) this.#fail();
    this.#at = NUMBER.lastIndex;
    const value = Number(match[0]);
    const integer = match[1] === undefined && match[2] === undefined;
    if (!integer || Number.isSafeInteger(value)) return value;
    const digits = match[0].length - (match[0].startsWith("-") ? 1 : 0);
    if (digits > MOST_DIGITS)
      throw new RangeError(`an integer of ${digits} digits: more than ${MOST_DIGITS} fit no 64 bits`);
    return BigInt(match[0]);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail();
    this.#at += word.length;
    return value;
  }

  /** Takes the given character if it comes next, whitespace aside. */
  #next(character: string): boolean {
    this.#skipWhitespace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipWhitespace(): void {
    if (this.#text.charCodeAt(this.#at) > 0x20) return;
    WHITESPACE.lastIndex = this.#at;
    WHITESPACE.test(this.#text);
    this.#at = WHITESPACE.lastIndex;
  }

  #fail(at = this.#at): never {
    const found = this.#text[at];
    const what = found === undefined ? "end of JSON text" : `token ${JSON.stringify(found)} in JSON text`;
    throw new SyntaxError(`unexpected ${what} at position ${at}`);
  }
}

function needsJudging(inner: string): boolean {
  for (let i = 0; i < inner.length; i++) {
    const c = inner.charCodeAt(i);
    if (c < 0x20 || c === 0x5c) return true;
  }
  return false;
}
