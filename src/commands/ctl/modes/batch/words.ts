/**
 * The words of a batch's line, quoted as for a POSIX shell (Shell Command Language, 2.2 "Quoting" and 2.3
 * "Token Recognition"), so that a command can be pasted from a script. Nothing is expanded, and there are no
 * operators: `$`, `*`, `{`, `|` and the like stand for themselves.
 */
import { CommandError } from "../../../cli/index.ts";

const BLANK = /[ \t\r\n\v\f]/;
/** What is neither blank nor means anything. */
const PLAIN = /[^ \t\r\n\v\f'"\\]+/y;

/**
 * Splits a line into words. None: it is empty, or a comment, which a `#` at the beginning of a word starts.
 *
 * @throws CommandError for a quotation without an end.
 * @example parseWords(`set Transit_Switch ts1 'external_ids:a="b c"' # note`).at(-1); // external_ids:a="b c"
 */
export function parseWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; ) {
    const character = text.charAt(at);
    if (BLANK.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
      continue;
    }
    if (word === null && character === "#") break;
    const piece = readPiece(text, at);
    word = (word ?? "") + piece.value;
    at = piece.end;
  }
  if (word !== null) words.push(word);
  return words;
}

/** A part of a word, what it stands for, and where it ends. */
interface Piece {
  readonly value: string;
  readonly end: number;
}

function readPiece(text: string, at: number): Piece {
  switch (text.charAt(at)) {
    case "'": {
      const end = text.indexOf("'", at + 1);
      if (end === -1) throw unterminated("'", at);
      return { value: text.slice(at + 1, end), end: end + 1 };
    }
    case '"':
      return readDoubleQuoted(text, at);
    case "\\":
      if (at + 1 === text.length)
        throw new CommandError(`nothing follows the backslash at character ${at + 1}`);
      return { value: text.charAt(at + 1), end: at + 2 };
    default: {
      PLAIN.lastIndex = at;
      const [value = ""] = PLAIN.exec(text) ?? [];
      return { value, end: at + value.length };
    }
  }
}

/**
 * Between double quotes a backslash is one, except before the characters that would mean something to a
 * shell.
 */
function readDoubleQuoted(text: string, at: number): Piece {
  for (let end = at + 1; end < text.length; end++) {
    const character = text.charAt(end);
    if (character === "\\") end += 1;
    else if (character === '"') {
      return { value: text.slice(at + 1, end).replace(/\\([$`"\\])/g, "$1"), end: end + 1 };
    }
  }
  throw unterminated('"', at);
}

function unterminated(quote: string, at: number): CommandError {
  return new CommandError(
    `unterminated quotation: no second ${quote} follows the one at character ${at + 1}`,
  );
}
