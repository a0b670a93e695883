// What all commands that look at zones have in common when they end: exit statuses, tables, JSON.

import type { WriteStream } from "node:tty";
import Table from "cli-table3";
import { Option } from "commander";
import { printable, printableJson } from "../../../core/printable.ts";
import { CommandError, show } from "../../cli/index.ts";

/** The exit statuses of all of them (ovn-ic(8), EXIT STATUS). */
export const EXIT = { fine: 0, unknown: 1, found: 2 } as const;

export const SEVERITIES = ["info", "warning", "error"] as const;
export type Severity = (typeof SEVERITIES)[number];
export type FailOn = Severity | "never";

export function failOnOption(): Option {
  return new Option("--fail-on <SEVERITY>", "end with status 2 for what is found from there on")
    .choices([...SEVERITIES, "never"])
    .default("error");
}

/** Whether something of that severity is to be told by the exit status. */
export function fails(severity: Severity, failOn: FailOn): boolean {
  return failOn !== "never" && SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(failOn);
}

/** The version of what `--json` prints: it grows with what would break a reader. New members don't. */
const JSON_VERSION = 1;

export function printJson(command: string, body: object): void {
  show(1, `${printableJson({ version: JSON_VERSION, command, ...body })}\n`);
}

/** Runs what a subcommand does; says on stderr what keeps it from being done, and sets the exit status. */
export async function run(name: string, work: () => Promise<number>): Promise<void> {
  // A reader that has seen enough (`| head -1`) is no reason for an error.
  process.stdout.on("error", () => {});
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    show(2, `ovn-ic ${name}: ${error.message}\n`);
    process.exitCode = EXIT.unknown;
  }
}

/** Columns beside each other, without lines; the last one wraps where the terminal ends. */
export function columns(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  output: Pick<WriteStream, "isTTY" | "columns">,
): string {
  const none = "";
  const table = new Table({
    head: [...head],
    chars: {
      top: none,
      "top-mid": none,
      "top-left": none,
      "top-right": none,
      bottom: none,
      "bottom-mid": none,
      "bottom-left": none,
      "bottom-right": none,
      left: none,
      "left-mid": none,
      mid: none,
      "mid-mid": none,
      right: none,
      "right-mid": none,
      middle: none,
    },
    style: { "padding-left": 0, "padding-right": 2, head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: widths(head, rows, output),
  });
  for (const row of rows) table.push(row.map((cell) => printable(cell)));
  return `${table.toString().replace(/ +$/gm, "")}\n`;
}

/** null: as wide as its widest cell. */
function widths(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  output: Pick<WriteStream, "isTTY" | "columns">,
): (number | null)[] {
  if (output.isTTY !== true) return head.map(() => null);
  const last = head.length - 1;
  const taken = head
    .slice(0, last)
    .map((title, i) => Math.max(title.length, ...rows.map((row) => printable(row[i] ?? "").length)) + 2);
  const left = output.columns - taken.reduce((sum, width) => sum + width, 0);
  return [...taken, Math.max(left, 20)];
}

/** Words of a command line, as they can be pasted into a shell. */
export function pasted(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
