// ovn-ic(8): made from the program's tables, correct mdoc, and saying what the program accepts.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { formatPages } from "../../../scripts/man/page.ts";
import { METRICS } from "../../../src/commands/ovn-ic/daemon/metrics.ts";
import { Background, OURS, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";

const page = join(ROOT, "man/ovn-ic.8");
let text = "";

beforeAll(async () => {
  const { stdout } = await runProgram(["mandoc", "-Tutf8", "-Owidth=900", page]);
  // Bold letters are printed twice, underlined ones over an underscore.
  text = stdout
    .split("\b")
    .map((part, index, parts) => (index < parts.length - 1 ? part.slice(0, -1) : part))
    .join("");
});

test("ovn-ic(8) is as `npm run man` writes it, and correct", () => {
  expect(readFileSync(page, "utf8")).toBe(formatPages(join(ROOT, "scripts/man")).get("ovn-ic.8"));
  const { stdout } = spawnSync("mandoc", ["-Tlint", page], { encoding: "utf8" });
  // Whether the pages that it refers to are installed here is another matter.
  const problems = stdout
    .split("\n")
    .filter((line) => line !== "" && !/referenced manual|mandoc\.db/.test(line));
  expect(problems).toEqual([]);
});

test("ovn-ic(8) lists the options of the daemon and of the subcommands", async () => {
  for (const [words, pattern] of [
    [["--options"], /^--?[A-Za-z-]+/gm],
    [["--help"], /^ +(?:-\w, )?--?[A-Za-z][a-z-]*/gm],
    [["sync", "--help"], /^ +(?:-\w, )?--[a-z-]+/gm],
    [["sandbox", "--help"], /^ +(?:-\w, )?--[a-z-]+/gm],
  ] as const) {
    const { stdout } = await runProgram([...OURS, ...words]);
    const options = [...stdout.matchAll(pattern)].flatMap(
      ([found]) => found.match(/--?[A-Za-z][a-z-]*/g) ?? [],
    );
    expect(options.length).toBeGreaterThan(5);
    const missing = options.filter(
      (option) =>
        !["-vSPEC", "-h", "--help"].includes(option.slice(0, 6)) &&
        !new RegExp(`(?<![\\w-])${option}(?![\\w-])`).test(text),
    );
    expect(missing, words.join(" ")).toEqual([]);
  }
});

test("ovn-ic(8) lists the commands of the control socket, the metrics and the exit statuses of sync", async () => {
  const daemon = await Background.start(OURS, { args: ["-vconsole:off"] });
  const { stdout } = await daemon.appctl("list-commands");
  const lines = text.split("\n").map((line) => line.trim());
  for (const line of stdout.trimEnd().split("\n").slice(1)) {
    const name = line.trim().split(" ")[0] ?? "";
    expect(
      lines.some((one) => one === name || one.startsWith(`${name} `)),
      name,
    ).toBe(true);
  }
  for (const name of Object.keys(METRICS))
    expect(
      lines.some((one) => one.startsWith(name)),
      name,
    ).toBe(true);
  for (const status of ["0", "1", "2", "3", "4", "128 and more"])
    expect(
      lines.some((one) => one === status || one.startsWith(`${status} `)),
      status,
    ).toBe(true);
});
