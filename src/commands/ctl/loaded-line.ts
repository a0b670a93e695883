/** A line with all that running it takes. */

import type { Log } from "../../daemon/log.ts";
import type { Behaviour } from "./command.ts";
import type { Settings } from "./global-options.ts";
import type { LineCommand } from "./line.ts";
import type { Program } from "./program.ts";

/** A line whose words are understood. */
export type ParsedLine = Omit<Line, "commands"> & { readonly commands: readonly LineCommand[] };

/** A command of a line, with what it does. */
export interface LoadedCommand extends LineCommand {
  readonly behaviour: Behaviour;
}

/** A line ready to be run. */
export interface Line {
  readonly program: Program;
  readonly settings: Settings;
  readonly commands: readonly LoadedCommand[];
  /** The words as typed, for the comment of the transaction. */
  readonly words: readonly string[];
  readonly log: Log;
}

/** Loads what the commands of a line do. */
export async function loadLine(parsed: ParsedLine): Promise<Line> {
  const commands = await Promise.all(parsed.commands.map((command) => load(parsed.program, command)));
  return { ...parsed, commands };
}

/** The behaviour of a command; none for one that does nothing by itself. */
async function load({ groups }: Program, line: LineCommand): Promise<LoadedCommand> {
  const group = groups.find(({ commands }) => commands.includes(line.command));
  const behaviours = await group?.load();
  return { ...line, behaviour: behaviours?.[line.command.name] ?? {} };
}
