/** The last net: what nothing else has caught ends a program with one line that says so, not with Node's many. */
import { printable } from "../core/printable.ts";
import { write } from "../daemon/write.ts";

/** What is said of an error that only a mistake in these programs can bring about. */
export function internalError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return (
    `internal error: ${printable(text)}; please report this to the maintainers of ovn-ic-tools, ` +
    `with its version (${__OVN_IC_TOOLS_VERSION__}) and what was run`
  );
}

/** From now on what nobody catches, in whatever callback or promise, is reported as an error of the program; exit status 1. */
export function castNet(program: string): void {
  process.on("uncaughtException", (error) => {
    write(2, `${program}: ${internalError(error)}\n`);
    process.exit(1);
  });
}
