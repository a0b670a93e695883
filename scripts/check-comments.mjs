// Checks that comments are as wide as code is: 110 characters, which the formatter keeps to in code only.
//
//   node scripts/check-comments.mjs [FILE...]
//
// Examples and tables may be wider: what was broken would not run, or not be read.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const WIDTH = 110;

/** The sources that git knows. */
function sources() {
  const names = execFileSync("git", ["ls-files", "*.ts", "*.mjs", "*.cjs"], { encoding: "utf8" });
  return names.trimEnd().split("\n");
}

/** @param {string} text @returns {number[]} the numbers of the lines that are too wide, from 1 */
export function tooWide(text) {
  const found = [];
  let isExample = false;
  for (const [index, line] of text.split("\n").entries()) {
    const [, comment] = /^\s*(?:\/\*\*?|\*|\/\/) ?(.*)$/.exec(line) ?? [];
    if (comment === undefined || comment.startsWith("@") || line.trimEnd().endsWith("*/")) isExample = false;
    if (comment?.startsWith("@example")) isExample = true;
    if (comment === undefined || isExample || line.length <= WIDTH) continue;
    const isTable = comment.startsWith("|") || /\S {2,}\S/.test(comment.trim());
    if (!isTable && !/https?:\/\/\S{60}/.test(comment) && !comment.includes("@example"))
      found.push(index + 1);
  }
  return found;
}

if (process.argv[1] === import.meta.filename) {
  const files = process.argv.length > 2 ? process.argv.slice(2) : sources();
  for (const file of files) {
    for (const line of tooWide(readFileSync(file, "utf8"))) {
      console.error(`${file}:${line}: a comment of more than ${WIDTH} characters`);
      process.exitCode = 1;
    }
  }
}
