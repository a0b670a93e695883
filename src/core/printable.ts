/** Text from databases as people may see it: names and values are whatever somebody wrote there. */

/** Characters of a long text that are shown. */
const MOST = 900;

/**
 * Control characters of ASCII and of ISO 6429, halves of surrogate pairs, and what turns the direction of
 * text (UAX #9).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text of one line, without what a terminal would obey, and of reasonable length.
 *
 * Two thirds of what is shown of a long text are its beginning, where it says what it is about, one third its
 * end, where it says why.
 *
 * @param most characters that are shown.
 * @example printable("a\nb\u001b[31m"); // "a\\nb\\x1b[31m"
 */
export function printable(text: string, most = MOST): string {
  const left = text.length - most;
  if (left <= 0) return escaped(text);
  const tail = Math.floor(most / 3);
  return `${escaped(text.slice(0, most - tail))}… (${left} more characters) …${escaped(text.slice(-tail))}`;
}

/** The same for texts of any length. */
export function escaped(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter);
}

/** The same for texts of several lines, in which tabs may be, too. */
export function escapedLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" || character === "\t" ? character : escapeCharacter(character),
  );
}

/**
 * One JSON text, that a terminal doesn't obey either: of control characters, JSON itself escapes only those
 * of ASCII.
 */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    unicode,
  );
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : unicode(character);
}

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
