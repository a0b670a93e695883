/**
 * Printing for whoever reads it: a file and a pipe get each byte as the C programs print it, a terminal gets
 * nothing that it would obey. What is printed are names and values of rows, which others have written.
 */
import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import { escapedLines } from "../../core/printable.ts";
import { write } from "../../daemon/write.ts";

/** Writes all of a text before it returns. */
export function show(descriptor: 1 | 2, text: string): void {
  write(descriptor, isTerminal(descriptor) ? escapedLines(text) : text);
}

/** The module that really tells takes milliseconds to load, and most outputs can't be terminals anyway. */
function isTerminal(descriptor: 1 | 2): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && isatty(descriptor);
  } catch {
    // It is closed: nothing gets anywhere.
    return false;
  }
}
