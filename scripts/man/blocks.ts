/**
 * Sources of manual pages: blocks, each begun by `@block NAME`. The block `page` is the page; in it and in
 * what it includes
 * - `@include NAME` stands for a block,
 * - other lines that begin with `@` for what a page's own directives make of them,
 * - `@WORD@` for one of the page's words.
 * What lacks a block, and a block that nothing uses, are errors.
 */
import { readFileSync } from "node:fs";

export interface Block {
  /** What follows the block's name. */
  readonly label: string;
  readonly lines: readonly string[];
}

/** Makes lines of what follows a directive's name. */
export type Directives = Readonly<Record<string, (argument: string) => string[]>>;

export function readBlocks(path: string): Map<string, Block> {
  const blocks = new Map<string, Block>();
  for (const text of readFileSync(path, "utf8")
    .split(/^@block /m)
    .slice(1)) {
    const [head = "", ...lines] = text.trimEnd().split("\n");
    const [name = "", ...label] = head.split(" ");
    if (blocks.has(name)) throw new RangeError(`block ${name} is there twice`);
    blocks.set(name, { label: label.join(" "), lines });
  }
  return blocks;
}

export function checkUsed(source: string, names: Iterable<string>, used: ReadonlySet<string>): void {
  for (const name of names) {
    if (!used.has(name)) throw new RangeError(`${source}.mdoc: nothing uses block ${name}`);
  }
}

/** The blocks of one page. */
export class Blocks {
  /** Names of those that were used. */
  readonly used = new Set<string>();
  readonly #page: string;
  readonly #blocks: ReadonlyMap<string, Block>;

  constructor(page: string, blocks: ReadonlyMap<string, Block>) {
    this.#page = page;
    this.#blocks = blocks;
  }

  get(name: string): Block {
    const block = this.#blocks.get(name);
    if (block === undefined) throw new RangeError(`${this.#page}: there is no block ${name}`);
    this.used.add(name);
    return block;
  }

  /** The page, whole. */
  format(directives: Directives, words: Readonly<Record<string, string>>): string {
    const text = `${this.#expand(this.get("page").lines, directives).flatMap(wrap).join("\n")}\n`;
    const notice = `.\\" Made by \`npm run man\` from the command table and scripts/man/*.mdoc.\n`;
    return notice + text.replace(/@([A-Z]+)@/g, (whole, word: string) => words[word] ?? whole);
  }

  /** The item of a list for an option, with its block. */
  option(spec: {
    readonly name: string;
    readonly short?: string;
    readonly value: "none" | "required" | "optional";
  }): string[] {
    const { name, short, value } = spec;
    const { label, lines } = this.get(`option:${name}`);
    if ((value === "none") !== (label === "")) throw new RangeError(`option:${name} takes ${value} value`);
    const argument = value === "none" ? "" : value === "required" ? `=${label}` : `[=${label}]`;
    const shortArgument =
      value === "none" ? "" : value === "required" ? ` Ar ${label}` : ` Ns Oo Ar ${label} Oc`;
    const letter = short === undefined ? "" : `Fl ${short}${shortArgument} , `;
    return [`.It ${letter}${formatFlag(`--${name}${argument}`)}`, ...lines];
  }

  #expand(lines: readonly string[], directives: Directives): string[] {
    return lines.flatMap((line) => {
      const [directive = "", ...rest] = line.split(" ");
      const argument = rest.join(" ");
      if (directive === "@include") return this.#expand(this.get(argument).lines, directives);
      return Object.hasOwn(directives, directive) ? (directives[directive]?.(argument) ?? []) : [line];
    });
  }
}

/** `--name`, `--name=VALUE` or `--name[=VALUE]` in mdoc. */
export function formatFlag(option: string): string {
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
