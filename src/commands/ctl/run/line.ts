/** A line with all that running it takes. */
import type { Log } from "../../../daemon/log.ts";
import { CommandError } from "../../cli/index.ts";
import type { Behaviour, Command, Program } from "../command/index.ts";
import type { LineCommand, Settings } from "../line/index.ts";

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
  const { program, commands } = parsed;
  const behaviours = new Map<Command, Behaviour>();
  for (const { command } of commands)
    if (!behaviours.has(command)) behaviours.set(command, await behaviourOf(program, command));
  const loaded = commands.map((line) => ({ ...line, behaviour: behaviours.get(line.command) ?? {} }));
  return { ...parsed, commands: loaded };
}

/**
 * Behaviours that have been loaded: a bundle makes a copy of a module's exports each time that it is asked
 * for.
 */
const known = new WeakMap<Command, Behaviour>();

/** The behaviour of a command; none for one that does nothing by itself. */
async function behaviourOf({ groups }: Program, command: Command): Promise<Behaviour> {
  const before = known.get(command);
  if (before !== undefined) return before;
  const group = groups.find(({ commands }) => commands.includes(command));
  const behaviour = (await group?.load())?.[command.name] ?? {};
  known.set(command, behaviour);
  return behaviour;
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
