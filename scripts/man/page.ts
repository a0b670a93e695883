/**
 * The manual pages of `ovn-ic-nbctl` and `ovn-ic-sbctl`: prose from the .mdoc files beside this one, lists of commands,
 * options and records from the programs' own tables.
 *
 * A source holds blocks, each begun by `@block NAME`. The block `page` is the page; in it and in what it includes
 * - `@include NAME` stands for a block,
 * - `@commands HEADING` for the commands of that group, each with its block `command:NAME`,
 * - `@options` for the program's options, each with its block `option:NAME VALUE`,
 * - `@records` for the names of records,
 * - `@PROGRAM@`, `@VARIABLE@`, `@SOCKET@`, `@DAEMON@` for words in which the programs differ.
 * A block `command:NAME` may begin with a line `@args`, for arguments that the table's notation can't say.
 * What lacks a block, and a block that nothing uses, are errors.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "../../src/commands/ctl/command.ts";
import { globalOptions, OUR_OPTIONS } from "../../src/commands/ctl/global-options.ts";
import type { Program } from "../../src/commands/ctl/program.ts";
import { nbctl } from "../../src/commands/nbctl/program.ts";
import { sbctl } from "../../src/commands/sbctl/program.ts";
import { formatArguments, formatOptions } from "./synopsis.ts";

interface Block {
  /** What follows the block's name. */
  readonly label: string;
  readonly lines: readonly string[];
}

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
  const read = (name: string) => readFileSync(join(directory, `${name}.mdoc`), "utf8");
  const shared = parseBlocks(read("shared"));
  const used = new Set<string>();
  const pages = [nbctl, sbctl].map((program) => {
    const own = parseBlocks(read(program.name));
    const page = new Page(program, new Map([...shared, ...own]));
    const text = page.format();
    checkUsed(program.name, own.keys(), page.used);
    for (const name of page.used) used.add(name);
    return [`${program.name}.8`, text] as const;
  });
  checkUsed("shared", shared.keys(), used);
  return new Map(pages);
}

function parseBlocks(source: string): Map<string, Block> {
  const blocks = new Map<string, Block>();
  for (const text of source.split(/^@block /m).slice(1)) {
    const [head = "", ...lines] = text.trimEnd().split("\n");
    const [name = "", ...label] = head.split(" ");
    if (blocks.has(name)) throw new RangeError(`block ${name} is there twice`);
    blocks.set(name, { label: label.join(" "), lines });
  }
  return blocks;
}

function checkUsed(source: string, names: Iterable<string>, used: ReadonlySet<string>): void {
  for (const name of names) {
    if (!used.has(name)) throw new RangeError(`${source}.mdoc: nothing uses block ${name}`);
  }
}

class Page {
  readonly used = new Set<string>();
  readonly #program: Program;
  readonly #blocks: ReadonlyMap<string, Block>;

  constructor(program: Program, blocks: ReadonlyMap<string, Block>) {
    this.#program = program;
    this.#blocks = blocks;
  }

  format(): string {
    const lines = this.#expand(this.#block("page").lines);
    const text = `${lines.flatMap(wrap).join("\n")}\n`;
    const words: Readonly<Record<string, string>> = {
      PROGRAM: this.#program.name,
      ...(this.#program.database === "icNb" ? WORDS.icNb : WORDS.icSb),
    };
    const notice = `.\\" Made by \`npm run man\` from the command table and scripts/man/*.mdoc.\n`;
    return notice + text.replace(/@([A-Z]+)@/g, (whole, word: string) => words[word] ?? whole);
  }

  #block(name: string): Block {
    const block = this.#blocks.get(name);
    if (block === undefined) throw new RangeError(`${this.#program.name}: there is no block ${name}`);
    this.used.add(name);
    return block;
  }

  #expand(lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
      const [directive, ...rest] = line.split(" ");
      const argument = rest.join(" ");
      switch (directive) {
        case "@include":
          return this.#expand(this.#block(argument).lines);
        case "@commands":
          return this.#commands(argument);
        case "@options":
          return this.#options();
        case "@records":
          return this.#records();
        default:
          return [line];
      }
    });
  }

  #commands(heading: string): string[] {
    const group = this.#program.groups.find((one) => one.heading === heading);
    if (group === undefined) throw new RangeError(`${this.#program.name} has no commands "${heading}"`);
    const items = group.commands.flatMap((command) => this.#command(command));
    return [`.Ss ${heading}`, ".Bl -tag -width Ds", ...items, ".El"];
  }

  #command(command: Command): string[] {
    const { lines } = this.#block(`command:${command.name}`);
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
    const items = options.flatMap(({ name, short, value }) => {
      const { label, lines } = this.#block(`option:${name}`);
      if ((value === "none") !== (label === "")) throw new RangeError(`option:${name} takes ${value} value`);
      const argument = value === "none" ? "" : value === "required" ? `=${label}` : `[=${label}]`;
      const shortArgument =
        value === "none" ? "" : value === "required" ? ` Ar ${label}` : ` Ns Oo Ar ${label} Oc`;
      const letter = short === undefined ? "" : `Fl ${short}${shortArgument} , `;
      return [`.It ${letter}${formatFlag(`--${name}${argument}`)}`, ...lines];
    });
    return [".Bl -tag -width Ds", ...items, ".El"];
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

/** `--name`, `--name=VALUE` or `--name[=VALUE]` in mdoc. */
function formatFlag(option: string): string {
  const [, name = "", optional, value] = /^-(-[a-z-]+)(\[)?(?:=([^\]]*.*?)\]?)?$/.exec(option) ?? [];
  if (value === undefined) return `Fl ${name}`;
  return optional === undefined ? `Fl ${name} Ns = Ns Ar ${value}` : `Fl ${name} Ns Oo = Ns Ar ${value} Oc`;
}

/** Breaks a line of text where it would be longer than mdoc(7) wants its source to be. */
function wrap(line: string): string[] {
  if (line.length < 80 || line.startsWith(".")) return [line];
  const at = line.lastIndexOf(" ", 79);
  return at === -1 ? [line] : [line.slice(0, at), ...wrap(line.slice(at + 1))];
}
