// The words of a batch's line are those that a POSIX shell would make of it, as far as nothing is expanded.

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWords } from "../../../src/commands/ctl/modes/batch/words.ts";

test.each<[string, string[]]>([
  ["", []],
  [" \t ", []],
  ["# a comment", []],
  ["  ts-add a # comment 'x", ["ts-add", "a"]],
  ["a#b c\\#d '#' #e", ["a#b", "c#d", "#"]],
  ["a'b c'd\"e f\"g", ["ab cde fg"]],
  ["'' \"\" a''", ["", "", "a"]],
  [`"a\\"b" 'a\\b' "a\\b" a\\ b`, ['a"b', "a\\b", "a\\b", "a b"]],
  [`external_ids:a="b c" {=} $HOME * ; |`, ["external_ids:a=b c", "{=}", "$HOME", "*", ";", "|"]],
  ["größe '日本 語' 😀", ["größe", "日本 語", "😀"]],
])("%j", (text, words) => {
  expect(parseWords(text)).toEqual(words);
});

test.each([
  ["'a", "no second ' follows the one at character 1"],
  ['ab "c', 'no second " follows the one at character 4'],
  ['"a\\"', 'no second "'],
  ["a\\", "nothing follows the backslash at character 2"],
])("%j is refused", (text, message) => {
  expect(() => parseWords(text)).toThrow(message);
});

test("random lines give what sh gives", () => {
  // Without what sh expands or takes for an operator.
  const alphabet = fc.constantFrom("a", "b", " ", "\t", "'", '"', "\\", "#", "=", "-", ".", "ü");
  const line = fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 40, maxLength: 40 }), (lines) => {
      const good = lines.filter((text) => {
        try {
          parseWords(text);
          return true;
        } catch {
          return false;
        }
      });
      const script = good.map((text) => `p ${text}\n`).join("");
      const define = "p() { printf '%s\\0' \"$@\"; printf '\\001\\0'; }\n";
      const output = execFileSync("sh", ["-c", define + script], { encoding: "utf8" });
      const groups = output.split("\u0001\0").slice(0, -1);
      const expected = groups.map((group) => (group === "" ? [] : group.split("\0").slice(0, -1)));
      // Without any argument printf prints its format once, with an empty string.
      const words = good.map((text) => parseWords(text)).map((found) => (found.length === 0 ? [""] : found));
      expect(words).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

test("long lines", () => {
  const quoted = `"${'x\\"'.repeat(1_000_000)}"`;
  expect(parseWords(quoted)[0]).toHaveLength(2_000_000);
  expect(parseWords("a ".repeat(500_000))).toHaveLength(500_000);
  expect(() => parseWords(`"${"a\\\\".repeat(1_000_000)}`)).toThrow("unterminated");
});
