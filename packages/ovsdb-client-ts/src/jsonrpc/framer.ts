/**
 * Bytes to messages: finds the JSON texts that follow each other in a stream (RFC 7047 §4: nothing separates
 * them) and decodes them. This is the border behind which a streaming parser could take over: `push` in,
 * `onMessage` out.
 *
 * One pass over every byte tracks strings, nesting and runs of digits. A small message is decoded as a whole
 * when its end is found. A large one is decoded in batches while it arrives, so that neither its bytes nor
 * its text ever exist in one piece: once `BATCH` bytes are pending, what lies before the last comma of each
 * open container is parsed and added to the tree that grows in `Spine`, and its bytes are dropped.
 *
 * States, by what the next byte belongs to:
 * - between messages (depth 0): whitespace stays here; `{` and `[` open a message; all else is an error.
 * - in a message (depth ≥ 1): a quote leads into a string; the bracket that closes depth 1 ends the message.
 * - in a string: an unescaped quote leads back.
 * After an exception the framer is done for; whoever pushes must drop it along with the stream.
 *
 * Invariants, all positions counted in `#buffer`: `#start` ≤ `#scanned` ≤ `#end`; the bytes before `#start`
 * are decoded; the containers at depths 1 … `#spine.depth` are in the spine, and `#start` lies in the last of
 * them.
 */
import { isAscii, isUtf8 } from "node:buffer";
import { ProtocolError } from "../errors.ts";
import { parseExact } from "./exact.ts";
import type { JsonValue } from "./json.ts";
import { LONG_INTEGER_DIGITS, parsePlain } from "./json.ts";
import { Spine } from "./spine.ts";

export interface FramerOptions {
  /** Greatest size of one message in bytes. Default 1 GiB. */
  maxMessageSize?: number;
  /**
   * Greatest number of values in one message, at least 65536: brackets and commas are counted. Default: one
   * for each 8 bytes of `maxMessageSize`, which is more than databases have.
   */
  maxNodes?: number;
  /** Greatest nesting of arrays and objects. Default 1000, as in the C library. */
  maxDepth?: number;
}

/** Pending bytes from which on a message is decoded in batches. */
const BATCH = 256 * 1024;
/** Greatest piece of a chunk that is taken in at once. */
const PIECE = 64 * 1024;
/**
 * Bytes of a message for each value that it may hold. What is parsed takes 10 to 100 bytes for a value,
 * however short its text: 10 MB of `{},{},…` become 218 MB. Rows of OVN's databases have 12 bytes of text and
 * more for each.
 */
const BYTES_PER_NODE = 8;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;

const STRING = 1;
const OPEN = 2;
const CLOSE = 3;
const SEPARATOR = 4;
const DIGIT = 5;
const SPACE = 6;

const CLASSES = new Uint8Array(256);
for (const [characters, kind] of [
  ['"', STRING],
  ["{[", OPEN],
  ["}]", CLOSE],
  [",", SEPARATOR],
  ["0123456789", DIGIT],
  [" \t\n\r", SPACE],
] as const) {
  for (const character of characters) CLASSES[character.charCodeAt(0)] = kind;
}

/**
 * Incremental decoder of concatenated JSON texts.
 *
 * @example
 * const framer = new Framer((message) => console.log(message));
 * framer.push(Buffer.from('{"id":1}{"i'));
 * framer.push(Buffer.from('d":2}'));
 */
export class Framer {
  readonly #onMessage: (message: JsonValue) => void;
  readonly #maxMessageSize: number;
  readonly #maxNodes: number;
  readonly #maxDepth: number;
  readonly #spine = new Spine();
  #buffer = Buffer.allocUnsafe(PIECE);
  #end = 0;
  #scanned = 0;
  #start = 0;
  /** Where the message began; negative once its first bytes were dropped. */
  #messageAt = 0;
  /** Opening brackets and commas of the message so far. */
  #nodes = 0;
  #inString = false;
  #depth = 0;
  /** Position after the last digit that made a number long enough not to fit a double. */
  #longNumberAt = -1;
  /** Per depth: the opening bracket, its position, the position of the last comma since (or −1). */
  readonly #kind: Uint8Array;
  readonly #openAt: Float64Array;
  readonly #commaAt: Float64Array;

  constructor(onMessage: (message: JsonValue) => void, options: FramerOptions = {}) {
    this.#onMessage = onMessage;
    this.#maxMessageSize = options.maxMessageSize ?? 2 ** 30;
    // A piece is counted before it is parsed, so that a message within one piece needs no count of its own.
    this.#maxNodes = Math.max(PIECE, options.maxNodes ?? Math.floor(this.#maxMessageSize / BYTES_PER_NODE));
    this.#maxDepth = options.maxDepth ?? 1000;
    this.#kind = new Uint8Array(this.#maxDepth + 1);
    this.#openAt = new Float64Array(this.#maxDepth + 1);
    this.#commaAt = new Float64Array(this.#maxDepth + 1);
  }

  /**
   * Takes in the next bytes of the stream and calls `onMessage` for every message that they complete.
   *
   * @throws ProtocolError when the stream is not JSON, not UTF-8, or exceeds a limit; what `onMessage`
   *   throws.
   */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; at += PIECE) {
      this.#append(chunk.subarray(at, at + PIECE));
      this.#scan();
      if (this.#depth > 0) this.#checkSize(this.#end);
      if (this.#end - this.#start >= BATCH) this.#takeBatch();
      this.#dropDecoded();
    }
  }

  #append(piece: Uint8Array): void {
    const end = this.#end + piece.length;
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#end));
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#end);
    this.#end = end;
  }

  #scan(): void {
    const bytes = this.#buffer;
    const end = this.#end;
    let i = this.#scanned;
    while (i < end) {
      if (this.#inString) {
        i = this.#endOfString(i);
        continue;
      }
      const byte = bytes[i] ?? 0;
      const kind = CLASSES[byte];
      if (this.#depth === 0 && kind !== OPEN && kind !== SPACE) this.#failBetween(byte);
      switch (kind) {
        case STRING:
          this.#inString = true;
          break;
        case SEPARATOR:
          this.#commaAt[this.#depth] = i;
          this.#nodes++;
          break;
        case OPEN:
          this.#open(byte, i);
          break;
        case CLOSE:
          this.#close(i);
          break;
        case DIGIT:
          i = this.#endOfDigits(i);
          continue;
      }
      i++;
    }
    this.#scanned = i;
  }

  /** Position after the quote that ends the string, or the end of what has arrived. */
  #endOfString(from: number): number {
    const bytes = this.#buffer;
    const end = this.#end;
    let quote = from;
    while (quote < end && bytes[quote] !== QUOTE) quote++;
    if (quote === end) return quote;
    let first = quote;
    while (bytes[first - 1] === BACKSLASH) first--;
    this.#inString = (quote - first) % 2 === 1;
    return quote + 1;
  }

  #endOfDigits(from: number): number {
    const bytes = this.#buffer;
    const end = this.#end;
    let to = from + 1;
    while (to < end && CLASSES[bytes[to] ?? 0] === DIGIT) to++;
    // The first digits may have come with an earlier piece.
    let first = from;
    while (to - first < LONG_INTEGER_DIGITS && first > 0 && CLASSES[bytes[first - 1] ?? 0] === DIGIT) first--;
    if (to - first >= LONG_INTEGER_DIGITS) this.#longNumberAt = to;
    return to;
  }

  #open(bracket: number, at: number): void {
    if (this.#depth === this.#maxDepth) {
      throw new ProtocolError(`message is nested deeper than the limit of ${this.#maxDepth}`);
    }
    if (this.#depth === 0) {
      this.#start = at;
      this.#messageAt = at;
      this.#nodes = 0;
    }
    this.#nodes++;
    this.#depth++;
    this.#kind[this.#depth] = bracket;
    this.#openAt[this.#depth] = at;
    this.#commaAt[this.#depth] = -1;
  }

  #close(at: number): void {
    const depth = this.#depth--;
    if (depth === this.#spine.depth) {
      this.#takeMembers(depth, at, true);
      this.#start = at + 1;
      this.#commaAt[depth - 1] = -1;
      const message = this.#spine.leave();
      if (depth === 1) this.#emit(message, at);
    } else if (depth === 1) {
      const message = this.#parse(this.#start, at + 1);
      this.#start = at + 1;
      this.#emit(message, at);
    }
  }

  #emit(message: JsonValue, at: number): void {
    this.#checkSize(at + 1);
    this.#onMessage(message);
  }

  /** Decodes all that is complete of the message, down to the innermost open container. */
  #takeBatch(): void {
    if (this.#depth === 0) return;
    if (this.#spine.depth === 0) this.#spine.enter(null, this.#kind[1] === OPEN_OBJECT);
    for (let depth = this.#spine.depth; ; depth++) {
      const comma = this.#commaAt[depth] ?? -1;
      if (comma > this.#start) {
        this.#takeMembers(depth, comma, false);
        this.#start = comma;
      }
      if (depth === this.#depth) break;
      this.#enter(depth + 1);
    }
  }

  /**
   * Adds to the spine the container at `depth`, which is the last, still open member of the spine's last one.
   */
  #enter(depth: number): void {
    const at = this.#openAt[depth] ?? 0;
    const from = this.#spine.fresh ? this.#start : this.#skipSpace(this.#start);
    if (!this.#spine.fresh && this.#buffer[from] !== COMMA)
      this.#failSyntax(this.#decode(this.#start, at + 1));
    const text = this.#decode(from + 1, at);
    const key = this.#kind[depth - 1] === OPEN_OBJECT ? /^(.*):[ \t\n\r]*$/s.exec(text)?.[1] : null;
    const name = key == null ? key : this.#parseText(key, false);
    if (name === null ? /[^ \t\n\r]/.test(text) : typeof name !== "string") this.#failSyntax(text);
    this.#spine.enter(typeof name === "string" ? name : null, this.#kind[depth] === OPEN_OBJECT);
    this.#start = at;
  }

  /**
   * Adds to the spine's last container its members from `#start` to `to`, where a comma or (`closing`) its
   * closing bracket stands. `#start` is at its opening bracket if the container is fresh, else behind its
   * last member.
   */
  #takeMembers(depth: number, to: number, closing: boolean): void {
    const { fresh } = this.#spine;
    const bytes = this.#buffer;
    const from = fresh ? this.#start : this.#skipSpace(this.#start);
    const opening = this.#kind[depth] ?? 0;
    const bracket = opening + 2; // "{" and "}" as well as "[" and "]" are two apart
    if (closing && bytes[to] !== bracket) this.#failSyntax(String.fromCharCode(bytes[to] ?? 0));
    if (from === to) return;
    if (!fresh && bytes[from] !== COMMA) this.#failSyntax(this.#decode(from, to));
    // What stands between two commas becomes a JSON text of its own by putting brackets in their place.
    bytes[from] = opening;
    bytes[to] = bracket;
    const count = this.#spine.add(this.#parse(from, to + 1));
    if (count === 0 && !(fresh && closing)) this.#failSyntax(closing ? ",}" : ",,");
    if (!closing) bytes[to] = COMMA;
  }

  #skipSpace(from: number): number {
    let at = from;
    while (CLASSES[this.#buffer[at] ?? 0] === SPACE) at++;
    return at;
  }

  #parse(from: number, to: number): JsonValue {
    return this.#parseText(this.#decode(from, to), this.#longNumberAt > from);
  }

  #parseText(text: string, exactly: boolean): JsonValue {
    try {
      return exactly ? parseExact(text) : parsePlain(text);
    } catch (error) {
      if (error instanceof RangeError) throw new ProtocolError(error.message, { cause: error });
      if (!(error instanceof SyntaxError)) throw error;
      throw new ProtocolError(`message is not JSON: ${error.message}`, { cause: error });
    }
  }

  #decode(from: number, to: number): string {
    const bytes = this.#buffer.subarray(from, to);
    if (isAscii(bytes)) return bytes.toString("latin1");
    if (!isUtf8(bytes)) throw new ProtocolError("message is not UTF-8");
    return bytes.toString("utf8");
  }

  /** Moves what is not decoded yet to the beginning of the buffer. */
  #dropDecoded(): void {
    const shift = this.#depth === 0 ? this.#end : this.#start;
    if (shift === 0) return;
    this.#buffer.copyWithin(0, shift, this.#end);
    this.#end -= shift;
    this.#scanned -= shift;
    this.#start = 0;
    this.#messageAt -= shift;
    this.#longNumberAt -= shift;
    for (let depth = Math.max(this.#spine.depth, 1); depth <= this.#depth; depth++) {
      this.#openAt[depth] = (this.#openAt[depth] ?? 0) - shift;
      this.#commaAt[depth] = Math.max(-1, (this.#commaAt[depth] ?? 0) - shift);
    }
    if (this.#buffer.length > 4 * BATCH && this.#end < BATCH) {
      this.#buffer = Buffer.from(this.#buffer.subarray(0, Math.max(this.#end, PIECE)));
    }
  }

  #checkSize(end: number): void {
    if (end - this.#messageAt > this.#maxMessageSize) {
      throw new ProtocolError(`message exceeds the limit of ${this.#maxMessageSize} bytes (maxMessageSize)`);
    }
    if (this.#nodes > this.#maxNodes) {
      throw new ProtocolError(
        `message exceeds the limit of ${this.#maxNodes} values (maxNodes, maxMessageSize)`,
      );
    }
  }

  #failBetween(byte: number): never {
    const what = JSON.stringify(String.fromCharCode(byte));
    throw new ProtocolError(`expected a JSON object or array, not ${what}`);
  }

  #failSyntax(text: string): never {
    throw new ProtocolError(`message is not JSON: unexpected ${JSON.stringify(text.slice(0, 40))}`);
  }
}
