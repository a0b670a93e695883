// Every case is run by the C program and by ours, each from the same database contents; output, errors, exit
// status and the database afterwards must be equal.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { splitWords } from "../../harness/words.ts";
import { callerCases } from "./cases-callers.ts";
import { databaseCases } from "./cases-database.ts";
import { formatCases } from "./cases-format.ts";
import { grammarCases } from "./cases-grammar.ts";
import { newerCases } from "./cases-newer.ts";
import { nounCases } from "./cases-nouns.ts";
import { withoutOrder } from "./compare.ts";
import { ourRunner } from "./contender.ts";
import { Lanes } from "./lanes.ts";

const groups = {
  grammar: grammarCases,
  nouns: nounCases,
  "database commands": databaseCases,
  formats: formatCases,
  callers: callerCases,
  "newer commands": newerCases,
};

const identity = (contents: readonly string[]) => contents;

/** Compares all cases with the C programs of a release. */
export function compareWith(release: Release): void {
  let lanes: Lanes | undefined;

  beforeAll(async () => {
    lanes = await Lanes.start(release, ourRunner, 3);
  }, INSTALLATION_PATIENCE);

  afterAll(() => lanes?.stop());

  const relevant = Object.entries(groups)
    .map(([name, all]) => ({ name, cases: all.filter(({ since = release }) => since === release) }))
    .filter(({ cases }) => cases.length > 0);
  describe.concurrent.each(relevant)("$name", ({ cases }) => {
    for (const { program, line, args, environment, newer, ours, unordered } of cases) {
      test.concurrent(`${program} ${line}`, async () => {
        if (lanes === undefined) throw new Error("the servers didn't start");
        const { expected, actual } = await lanes.answers(program, args ?? splitWords(line), environment);
        const form = unordered === true ? withoutOrder : (text: string) => text;
        const wanted = { ...expected, stdout: form(expected.stdout) };
        const otherwise = [...(release === "23.03.1" ? [newer] : []), ours];
        for (const { contents = identity, ...rest } of otherwise.filter((one) => one !== undefined)) {
          Object.assign(wanted, rest, { contents: contents(wanted.contents) });
        }
        expect({ ...actual, stdout: form(actual.stdout) }).toEqual(wanted);
      });
    }
  });
}
