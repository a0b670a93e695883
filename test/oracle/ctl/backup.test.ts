// A server that is a backup (ovsdb(7), "Active-Backup"): it refuses to write, and programs say so as C's do.

import { expect, onTestFinished, test } from "vitest";
import { makeDirectory, startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { splitWords } from "../../harness/words.ts";
import { oracleRunner, ourRunner } from "./contender.ts";
import { databases } from "./fixture.ts";
import { findRelease } from "./release.ts";

const LINES = [
  "ts-add a",
  "--dry-run ts-add a",
  "create Transit_Switch name=a",
  "init",
  "show",
  "set-connection ptcp:6645",
  "-vconsole:info ts-add a",
];

test.each(["23.03.1", "26.03.1"] as const)(
  "what is refused is said in the words of C %s, and once",
  async (release) => {
    const files = await findRelease(release, makeDirectory());
    const directory = makeDirectory();
    // Its active server is never there: until it is, a backup only refuses.
    const server = await startStandalone({
      schema: files.schema(databases.nb.schema),
      extraArgs: [`--sync-from=unix:${directory}/nobody`],
    });
    onTestFinished(() => server.stop());
    const environment = { PATH: process.env.PATH ?? "", OVN_RUNDIR: directory, OVN_IC_NB_DB: server.remote };
    for (const line of LINES) {
      const [c, ours] = await Promise.all(
        [oracleRunner(files), ourRunner].map(async (run) => {
          const { stdout, stderr, status } = await run("nb", splitWords(line), environment);
          // What is below WARN tells how each program works inside.
          const lines = stderr.split("\n").filter((text) => !/\|(INFO|DBG)\|/.test(text));
          return { stdout, status, lines: lines.map((text) => text.replace(/^\S+Z\|\d+\|/, "")) };
        }),
      );
      expect(ours, line).toEqual(c);
    }
  },
  INSTALLATION_PATIENCE,
);
