/** Reads the options at the beginning of a line: the global ones, and those of the first command. */
import type { DatabaseName, Environment } from "../../../core/databases.ts";
import { CommandError, readOptions } from "../../cli/index.ts";
import type { Command, CommandOptions } from "../command/index.ts";
import type { CommandOption, GlobalOption } from "./options.ts";
import { commandOptions, globalOptions, LINE_OPTIONS, OUR_OPTIONS } from "./options.ts";
import type { Settings } from "./settings.ts";
import { newDraft, settle, settleLine } from "./settings.ts";

/** The words of a line, without its global options. */
export interface LineWords {
  /** Options of the first command, which may stand among the global ones. */
  readonly first: CommandOptions;
  /** The words from the first command on. */
  readonly rest: readonly string[];
}

/** A line whose global options are read. */
export interface GlobalLine extends LineWords {
  readonly settings: Settings;
  /** The global options that are about this line alone, for a daemon that runs it. */
  readonly forLine: readonly string[];
}

/** Options that may precede the first command of a line. */
export type OptionTable = readonly (GlobalOption | CommandOption)[];

/** The options of a program: the global ones, and those of its commands. */
export function allOptions(database: DatabaseName, commands: Iterable<Command>): OptionTable {
  return [...globalOptions(database), ...OUR_OPTIONS, ...commandOptions(commands)];
}

/** The options of a line that a daemon runs: of the global ones, those that are about one line. */
export function optionsOfRun(database: DatabaseName, commands: Iterable<Command>): OptionTable {
  const accepted = new Set([...LINE_OPTIONS, "timeout", "verbose", "no-syslog"]);
  const global = globalOptions(database).filter(({ name }) => accepted.has(name));
  return [...global, ...commandOptions(commands)];
}

/**
 * Reads the options of the only line of a process, and makes the settings.
 *
 * @throws CommandError in the words of the C programs.
 */
export function parseGlobalOptions(
  args: readonly string[],
  database: DatabaseName,
  commands: Iterable<Command>,
  environment: Environment,
): GlobalLine {
  const draft = newDraft(database, environment);
  const words = read(args, allOptions(database, commands), ({ apply }, value) => {
    apply(draft, value);
    return draft.told === null;
  });
  const [word] = [...words.rest, ...[...words.first.keys()].map((name) => `--${name}`)];
  return { settings: settle(draft, word), ...words };
}

/**
 * Reads the options of a line that a daemon with these settings runs, whose environment is not the daemon's.
 * @throws CommandError
 */
export function parseRunOptions(
  args: readonly string[],
  table: OptionTable,
  database: DatabaseName,
  daemon: Settings,
): LineWords & { readonly settings: Settings } {
  const draft = newDraft(database, {});
  const { first, rest } = read(args, table, ({ apply }, value) => {
    apply(draft, value);
    return true;
  });
  return { settings: settleLine(daemon, draft), first, rest };
}

/** Reads the options of a batch's line: those of its first command. @throws CommandError for global ones */
export function parseBatchOptions(args: readonly string[], table: OptionTable): LineWords {
  return read(args, table, ({ name }) => {
    throw new CommandError(`option '--${name}' is for the whole batch: put it before --batch, not in a line`);
  });
}

/** @param take is given each global option with its value, and says whether to go on. */
function read(
  args: readonly string[],
  table: OptionTable,
  take: (option: GlobalOption, value: string) => boolean,
): Omit<GlobalLine, "settings"> {
  const first = new Map<string, string | null>();
  const forLine: string[] = [];
  const options = readOptions(args, table);
  for (;;) {
    const step = options.next();
    if (step.done) return { first, rest: args.slice(step.value), forLine };
    const { spec, value } = step.value;
    if (spec.apply === null || LINE_OPTIONS.has(spec.name)) {
      forLine.push(value === null ? `--${spec.name}` : `--${spec.name}=${value}`);
    }
    if (spec.apply === null) first.set(spec.name, value);
    else if (!take(spec, value ?? "")) return { first, rest: [], forLine };
  }
}
