/**
 * An error that a command reports to the person who typed it: `PROGRAM: message` on stderr, exit status 1. The wording is
 * that of the C programs. An empty message: the log has said it already.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Which command of the line it is about, from 0; null: the line as a whole, or unknown. */
  command: number | null = null;
}

/** Does something for a command of a line, and notes in an error which one it was. */
export function atCommand(index: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandError) error.command ??= index;
    throw error;
  }
}
