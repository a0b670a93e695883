/**
 * Finds where the JSON texts that follow each other on a control socket end, and parses them. A module of its
 * own, apart from the client of OVSDB, because the program that only forwards a line to a daemon has to start
 * quickly.
 *
 * Invariant: every byte is looked at once, however the texts are cut into chunks. After an exception the
 * stream is void.
 */

/** More than any command line or reply can have; what is longer comes from no client. */
const MAX_BYTES = 1 << 28;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

export class JsonTexts {
  /** The beginning of a text whose end is not there yet. */
  #chunks: Buffer[] = [];
  #size = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /**
   * The values whose texts end in a chunk.
   *
   * @throws SyntaxError for what is no JSON object or array, RangeError for one that is too long.
   * @example new JsonTexts().push(Buffer.from('{"id":1}{"id"')); // [{ id: 1 }]
   */
  push(chunk: Buffer): unknown[] {
    const values: unknown[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      if (!this.#endsAt(chunk[at] ?? 0)) continue;
      this.#keep(chunk.subarray(start, at + 1));
      values.push(JSON.parse(Buffer.concat(this.#chunks).toString("utf8")));
      this.#chunks = [];
      this.#size = 0;
      start = at + 1;
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
    return values;
  }

  #keep(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > MAX_BYTES) throw new RangeError(`a JSON text is longer than ${MAX_BYTES} bytes`);
    this.#chunks.push(bytes);
  }

  /** Whether the next byte ends a text. */
  #endsAt(byte: number): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inString = false;
      return false;
    }
    if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      this.#depth += 1;
      return false;
    }
    if (this.#depth === 0) {
      if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) return false;
      throw new SyntaxError("a JSON text must be an object or an array");
    }
    if (byte === QUOTE) this.#inString = true;
    if (byte !== CLOSE_OBJECT && byte !== CLOSE_ARRAY) return false;
    this.#depth -= 1;
    return this.#depth === 0;
  }
}
