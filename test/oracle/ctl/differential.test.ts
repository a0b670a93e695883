// Every case is run by the C program and by ours, each from the same database contents; output, errors, exit status and
// the database afterwards must be equal.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databaseCases } from "./cases-database.ts";
import { formatCases } from "./cases-format.ts";
import { grammarCases } from "./cases-grammar.ts";
import { nounCases } from "./cases-nouns.ts";
import { splitWords, withoutOrder } from "./compare.ts";
import { type Contender, startContender } from "./contender.ts";

let oracle: Contender;
let ours: Contender;

beforeAll(async () => {
  [oracle, ours] = await Promise.all([startContender("oracle"), startContender("ours")]);
});

afterAll(async () => {
  await Promise.all([oracle?.stop(), ours?.stop()]);
});

const groups = {
  grammar: grammarCases,
  nouns: nounCases,
  "database commands": databaseCases,
  formats: formatCases,
};

describe.each(Object.entries(groups))("%s", (_, cases) => {
  test.each(cases)("$program $line", async ({ program, line, args, environment = {}, newer, unordered }) => {
    const words = args ?? splitWords(line);
    const [expected, actual] = await Promise.all([
      oracle.answer(program, words, environment),
      ours.answer(program, words, environment),
    ]);
    const form = unordered === true ? withoutOrder : (text: string) => text;
    expect({ ...actual, stdout: form(actual.stdout) }).toEqual({
      ...expected,
      stdout: form(expected.stdout),
      ...newer,
    });
  });
});
