/**
 * The manual pages of `ovn-ic-nbctl` and `ovn-ic-sbctl`: prose from the .mdoc files beside this one (see
 * blocks.ts), lists of commands, options and records from the programs' own tables. Their directives:
 * - `@commands HEADING` stands for the commands of that group, each with its block `command:NAME`,
 * - `@options` for the program's options, each with its block `option:NAME VALUE`,
 * - `@records` for the names of records.
 * A block `command:NAME` may begin with a line `@args`, for arguments that the table's notation can't say.
 */
import { join } from "node:path";
import type { Command, Program } from "../../src/commands/ctl/command/index.ts";
import { globalOptions, OUR_OPTIONS } from "../../src/commands/ctl/line/index.ts";
import { nbctl } from "../../src/commands/nbctl/program.ts";
import { sbctl } from "../../src/commands/sbctl/program.ts";
import type { Block } from "./blocks.ts";
import { Blocks, checkUsed, formatFlag, readBlocks } from "./blocks.ts";
import { formatOvnIcPage } from "./ovn-ic-page.ts";
import { formatArguments, formatOptions } from "./synopsis.ts";

const WORDS = {
  icNb: { VARIABLE: "OVN_IC_NB_DB", SOCKET: "ovn_ic_nb_db.sock", DAEMON: "OVN_IC_NB_DAEMON" },
  icSb: { VARIABLE: "OVN_IC_SB_DB", SOCKET: "ovn_ic_sb_db.sock", DAEMON: "OVN_IC_SB_DAEMON" },
} as const;

/**
 * The pages by file name.
 *
 * @param directory where the sources lie.
 * @throws RangeError when sources and tables don't fit each other.
 * @example formatPages("scripts/man").get("ovn-ic-nbctl.8");
 */
export function formatPages(directory: string): ReadonlyMap<string, string> {
  const read = (name: string) => readBlocks(join(directory, `${name}.mdoc`));
  const shared = read("shared");
  const used = new Set<string>();
  const make = (name: string, format: (blocks: Blocks) => string): readonly [string, string] => {
    const own = read(name);
    const blocks = new Blocks(name, new Map<string, Block>([...shared, ...own]));
    const text = format(blocks);
    checkUsed(name, own.keys(), blocks.used);
    for (const block of blocks.used) used.add(block);
    return [`${name}.8`, text];
  };
  const pages = [nbctl, sbctl].map((program) =>
    make(program.name, (blocks) => new Page(program, blocks).format()),
  );
  pages.push(make("ovn-ic", formatOvnIcPage));
  checkUsed("shared", shared.keys(), used);
  return new Map(pages);
}

class Page {
  readonly #program: Program;
  readonly #blocks: Blocks;

  constructor(program: Program, blocks: Blocks) {
    this.#program = program;
    this.#blocks = blocks;
  }

  format(): string {
    const { name, database } = this.#program;
    const directives = {
      "@commands": (heading: string) => this.#commands(heading),
      "@options": () => this.#options(),
      "@records": () => this.#records(),
    };
    return this.#blocks.format(directives, {
      PROGRAM: name,
      ...(database === "icNb" ? WORDS.icNb : WORDS.icSb),
    });
  }

  #commands(heading: string): string[] {
    const group = this.#program.groups.find((one) => one.heading === heading);
    if (group === undefined) throw new RangeError(`${this.#program.name} has no commands "${heading}"`);
    const items = group.commands.flatMap((command) => this.#command(command));
    return [`.Ss ${heading}`, ".Bl -tag -width Ds", ...items, ".El"];
  }

  #command(command: Command): string[] {
    const { lines } = this.#blocks.get(`command:${command.name}`);
    const [first = ""] = lines;
    const ownArguments = first.startsWith("@args ") ? first.slice("@args ".length) : null;
    const args = ownArguments ?? formatArguments(command.usage);
    const options = formatOptions(command).map((option) => `.Op ${formatFlag(option)}`);
    return [
      ".It Xo",
      ...options,
      `.Ic ${command.name}${args === "" ? "" : ` Ar ${args}`}`,
      ".Xc",
      ...(ownArguments === null ? lines : lines.slice(1)),
    ];
  }

  #options(): string[] {
    const options = [...globalOptions(this.#program.database), ...OUR_OPTIONS];
    return [".Bl -tag -width Ds", ...options.flatMap((option) => this.#blocks.option(option)), ".El"];
  }

  #records(): string[] {
    const { tables, recordNames } = this.#program;
    const items = tables.flatMap(([table, singleton]) => {
      const names = (recordNames[table] ?? []).map((column) => `its\n.Em ${column}`);
      const ways = [...(singleton ? [".Li \\&. ,\nsince there is only one"] : []), ...names];
      return ways.length === 0 ? [] : [`.It Em ${table}`, ...ways.join(" ,\nor\n").split("\n")];
    });
    return [".Bl -tag -width Ds -compact", ...items, ".El"];
  }
}
