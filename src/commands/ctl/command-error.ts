/**
 * An error that a command reports to the person who typed it: `PROGRAM: message` on stderr, exit status 1. The wording is
 * that of the C programs. An empty message: the log has said it already.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
