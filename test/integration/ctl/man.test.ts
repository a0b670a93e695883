// The manual pages: made from the programs' tables, correct mdoc, and saying what the programs accept.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatPages } from "../../../scripts/man/page.ts";
import { formatArguments } from "../../../scripts/man/synopsis.ts";
import { bundle } from "./programs.ts";

const root = join(import.meta.dirname, "../../..");
const pages = formatPages(join(root, "scripts/man"));

function output(program: string, ...args: string[]): string {
  const { stdout, status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

describe.each(["ovn-ic-nbctl", "ovn-ic-sbctl"] as const)("%s(8)", (program) => {
  const page = join(root, "man", `${program}.8`);
  const says = (option: string) => output(process.execPath, bundle(program), option);

  test("is as `npm run man` writes it", () => {
    expect(readFileSync(page, "utf8")).toBe(pages.get(`${program}.8`));
  });

  test("is correct", () => {
    const { stdout } = spawnSync("mandoc", ["-Tlint", page], { encoding: "utf8" });
    // Whether the pages that it refers to are installed here is another matter.
    expect(stdout.split("\n").filter((line) => line !== "" && !line.includes("referenced manual"))).toEqual(
      [],
    );
  });

  /** What the page looks like, in lines that don't break. */
  function rendered(): string[] {
    return (
      output("mandoc", "-Tutf8", "-Owidth=900", page)
        .split("\b")
        // Bold letters are printed twice, underlined ones over an underscore.
        .map((part, index, parts) => (index < parts.length - 1 ? part.slice(0, -1) : part))
        .join("")
        .split("\n")
        .map((line) => line.trim())
    );
  }

  test("lists the commands that --commands lists, with their options and arguments", () => {
    const lines = rendered();
    for (const line of says("--commands").trimEnd().split("\n")) {
      const [, options = "", name = "", usage = ""] = /^(.*?),([^,]+),(.*)$/.exec(line) ?? [];
      const entries = lines.filter((one) => new RegExp(`^(\\[--\\S+\\] )*${name}(?= |$)`).test(one));
      // The notation of the table can't say what trp-add takes.
      const args = name === "trp-add" ? "ROUTER PORT MAC [NETWORK]..." : formatArguments(usage);
      const words = options.match(/--[a-z-]+/g) ?? [];
      const complete = entries.filter(
        (entry) =>
          words.every((word) => entry.includes(`[${word}`)) && entry.includes(`${name} ${args}`.trimEnd()),
      );
      expect(complete, `the entry for ${line} among ${entries.join("; ")}`).toHaveLength(1);
    }
  });

  test("lists the options that --options and --help list", () => {
    const text = rendered().join("\n");
    const listed = [...says("--options").matchAll(/^--?[A-Za-z-]+/gm)].map(([option]) => option);
    const helped = [...says("--help").matchAll(/(?<![\w"[=-])--?[A-Za-z][a-z-]*/g)].map(([option]) => option);
    // What --help says of a command --force is the C programs' word; they don't have it either.
    const options = new Set([...listed, ...helped].filter((option) => option !== "--force"));
    options.delete("-vSPEC");
    for (const option of options) expect(text).toMatch(new RegExp(`(?<![\\w-])${option}(?![\\w-])`));
  });

  test("lists no other options, and --help nearly all of them", () => {
    const listed = [...says("--options").matchAll(/^--[a-z-]+/gm)].map(([option]) => option);
    const entry = /^(?:-[A-Za-z][^,]*, )?(--[a-z-]+)/;
    const documented = rendered().flatMap((line) => entry.exec(line)?.[1] ?? []);
    expect([...documented].sort()).toEqual([...listed].sort());
    const help = says("--help");
    const missing = listed.filter((option) => !new RegExp(`${option}(?![a-z-])`).test(help));
    // The C programs don't list these there either.
    expect(missing.sort()).toEqual(["--commands", "--leader-only", "--max-column-width", "--options"]);
  });

  test("names the environment that the program looks at", () => {
    const text = rendered().join("\n");
    const database = program === "ovn-ic-nbctl" ? "NB" : "SB";
    for (const name of [`OVN_IC_${database}_DB`, "OVN_RUNDIR", "OVS_CTL_TIMEOUT"])
      expect(text).toContain(name);
  });
});

test.each([
  ["", ""],
  ["!SWITCH", "SWITCH"],
  ["?AZ", "[AZ]"],
  ["+TARGET", "TARGET..."],
  ["!TABLE *COLUMN?:KEY=VALUE", "TABLE [COLUMN[:KEY]=VALUE]..."],
  ["!TABLE !RECORD !COLUMN +?KEY=VALUE", "TABLE RECORD COLUMN [KEY=]VALUE..."],
  ["!A ?B !?C !?D", "A [B [C [D]]]"],
])("the usage %j is written %j", (usage, text) => {
  expect(formatArguments(usage)).toBe(text);
});
