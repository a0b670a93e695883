/** Text from databases as people may see it: names and values are whatever somebody wrote there. */

/** Characters of a long text that are shown of its beginning, where it says what it is about, and of its end, where it says why. */
const HEAD = 600;
const TAIL = 300;

/** Control characters of ASCII and of ISO 6429, halves of surrogate pairs, and what turns the direction of text. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of one line, without what a terminal would obey, and of reasonable length.
 *
 * @example printable("a\nb\u001b[31m"); // "a\\nb\\x1b[31m"
 */
export function printable(text: string): string {
  const left = text.length - HEAD - TAIL;
  if (left <= 0) return escaped(text);
  return `${printable(text.slice(0, HEAD))}… (${left} more characters) …${printable(text.slice(-TAIL))}`;
}

/** The same for texts of any length. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** One JSON text, that a terminal doesn't obey either: of control characters, JSON itself escapes only those of ASCII. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, unicode);
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : unicode(character);
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
