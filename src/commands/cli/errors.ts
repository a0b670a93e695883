/**
 * Errors that a program reports: those of who typed something, and, as a last net, those of who wrote the
 * program.
 */
import { printable } from "../../core/printable.ts";
import { write } from "../../daemon/write.ts";

/**
 * An error that a command reports to the person who typed it: `PROGRAM: message` on stderr, exit status 1.
 * The wording is that of the C programs. An empty message: the log has said it already.
 */
export class CommandError extends Error {
  override readonly name = "CommandError";
  /** Which command of the line it is about, from 0; null: the line as a whole, or unknown. */
  command: number | null = null;
}

/** What is said of an error that only a mistake in these programs can bring about. */
export function internalError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (
    `internal error: ${printable(text)}; please report this to the maintainers of ovn-ic-tools, ` +
    `with its version (${__OVN_IC_TOOLS_VERSION__}) and what was run`
  );
}

/**
 * From now on what nobody catches, in whatever callback or promise, is reported as an error of the program,
 * in one line and not in Node's many; exit status 1.
 */
export function castNet(program: string): void {
  process.on("uncaughtException", (error) => {
    write(2, `${program}: ${internalError(error)}\n`);
    process.exit(1);
  });
}
