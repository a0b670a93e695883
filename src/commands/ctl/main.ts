/**
 * What `ovn-ic-nbctl` and `ovn-ic-sbctl` do from argv to exit status.
 *
 * Nothing that talks to a database is loaded before it is clear that the line needs one: `modes/one-shot.ts`
 * and with it the client come in by a dynamic import, so that `--version`, `--help` and mistakes cost no more
 * than starting Node does.
 */
import type { Environment } from "../../core/databases.ts";
import { CommandError, internalError, show } from "../cli/index.ts";
import type { Command, Program } from "./command/index.ts";
import { parseGlobalOptions } from "./line/index.ts";
import { runInMode } from "./modes/index.ts";

/**
 * Runs a command line of a program.
 *
 * @param words those after the program's name.
 * @returns the exit status: 0, or 1 with a message on stderr. A timeout ends the process by SIGALRM instead.
 * @example process.exit(await runProgram(nbctl, process.argv.slice(2), process.env));
 */
export async function runProgram(
  program: Program,
  words: readonly string[],
  environment: Environment,
): Promise<number> {
  try {
    const commands = new Map<string, Command>();
    for (const group of program.groups)
      for (const command of group.commands) commands.set(command.name, command);
    const global = parseGlobalOptions(words, program.database, commands.values(), environment);
    return await runInMode({ program, commands, words, environment }, global);
  } catch (error) {
    const text = error instanceof CommandError ? error.message : internalError(error);
    if (text !== "") show(2, `${program.name}: ${text}\n`);
    return 1;
  }
}
