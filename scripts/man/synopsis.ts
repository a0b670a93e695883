/**
 * How commands are written, from the notation of the command table: `!REQUIRED ?OPTIONAL *ANY +SOME`, with
 * `?:KEY` or `?KEY=` for a part of an argument that may be left out.
 */
import type { Command } from "../../src/commands/ctl/command/index.ts";

/** What stands for the values of commands' options. */
const VALUES: Readonly<Record<string, string>> = {
  columns: "COLUMN[,COLUMN]...",
  filter: "FILTER",
  id: "@NAME",
  "inactivity-probe": "MSECS",
};

/**
 * The arguments of a command as a manual writes them.
 *
 * @example formatArguments("!TABLE *COLUMN?:KEY=VALUE"); // TABLE [COLUMN[:KEY]=VALUE]...
 */
export function formatArguments(usage: string): string {
  const words = usage.split(" ").filter((word) => word !== "");
  let text = "";
  let open = 0;
  for (const word of words) {
    const [, sigils = "", rest = ""] = /^([!?*+]*)(.*)$/.exec(word) ?? [];
    const kind = sigils.startsWith("!?") ? "?" : sigils.charAt(0);
    const name = `${sigils.startsWith("+?") ? "?" : ""}${rest}`
      .replace(/\?:KEY/, "[:KEY]")
      .replace(/^\?KEY=/, "[KEY=]");
    if (kind === "?") {
      // What follows an optional argument can be given only together with it.
      text += ` [${name}`;
      open += 1;
    } else {
      text += kind === "*" ? ` [${name}]...` : kind === "+" ? ` ${name}...` : ` ${name}`;
    }
  }
  return `${text}${"]".repeat(open)}`.trimStart();
}

/**
 * The options of a command, as `--name` or `--name=VALUE`. @throws RangeError for a value that has no name
 * yet.
 */
export function formatOptions({ name, options = [] }: Command): string[] {
  return options.map((option) => {
    if (!option.endsWith("=")) return option;
    const value = VALUES[option.replace(/^--|=$/g, "")];
    if (value === undefined) throw new RangeError(`${name}: what stands for the value of ${option}?`);
    return option + value;
  });
}
