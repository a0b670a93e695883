// At a relay (ovsdb(7), "Relay Service Model"): --leader-only, which is the default, refuses it.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  makeDirectory,
  runProgram,
  startRelay,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { splitWords } from "../../harness/words.ts";
import { oracleRunner, ourRunner } from "./contender.ts";
import type { Which } from "./fixture.ts";
import { databases } from "./fixture.ts";
import type { ReleaseFiles } from "./release.ts";
import { findRelease } from "./release.ts";

const LINES = {
  nb: ["ts-add a", "show", "--no-leader-only ts-add b", "--no-leader-only ts-list", "--leader-only ts-list"],
  sb: ["show", "--no-leader-only create Availability_Zone name=az", "--no-leader-only show", "init"],
} as const;

async function start(which: Which, release: Release) {
  const { database, schema, variable } = databases[which];
  const directory = makeDirectory();
  const files = await findRelease(release, directory);
  const server = await startStandalone({ schema: files.schema(schema) });
  onTestFinished(() => server.stop());
  const relay = await startRelay({ of: server, database });
  onTestFinished(() => relay.stop());
  const environment = (remote: string) => ({
    PATH: process.env.PATH ?? "",
    OVN_RUNDIR: directory,
    [variable]: remote,
  });
  return { files, server, relay, environment, directory };
}

/** A server without the database. */
async function startOther(which: Which, files: ReleaseFiles) {
  const server = await startStandalone({
    schema: files.schema(databases[which === "nb" ? "sb" : "nb"].schema),
  });
  onTestFinished(() => server.stop());
  return server;
}

test.each([
  ["nb", "23.03.1"],
  ["nb", "26.03.1"],
  ["sb", "23.03.1"],
  ["sb", "26.03.1"],
] as const)(
  "%s: a relay is refused in the words of C %s, unless --no-leader-only is given",
  async (which, release) => {
    const [c, ours] = await Promise.all(
      [true, false].map(async (isOracle) => {
        const { files, server, relay, environment } = await start(which, release);
        const run = isOracle ? oracleRunner(files) : ourRunner;
        const answers: [line: string, answer: object][] = [];
        const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
        for (const line of LINES[which]) {
          const { stdout, stderr, status } = await run(which, splitWords(line), environment(relay.remote));
          answers.push([
            line,
            { stdout: stdout.replace(uuid, "UUID"), stderr: stderr.replace(relay.remote, "RELAY"), status },
          ]);
        }
        // Beside the server itself a relay does no harm.
        const both = environment(`${relay.remote},${server.remote}`);
        const { stdout, stderr, status } = await run(which, ["--timeout=20", "show"], both);
        const others = environment(`${relay.remote},${(await startOther(which, files)).remote}`);
        const unfit = await run(which, ["--timeout=20", "show"], others);
        expect(unfit).toMatchObject({ stdout: "", status: 1 });
        expect(unfit.stderr).toMatch(/database connection failed \(\)\n$/);
        return [...answers, ["beside the server", { stdout, stderr, status }]];
      }),
    );
    expect(ours).toEqual(c);
  },
  INSTALLATION_PATIENCE,
);

test("a batch and a daemon refuse it likewise", async () => {
  const { relay, environment, directory } = await start("nb", "23.03.1");
  const there = environment(relay.remote);
  const refused = `${relay.remote}: database connection failed ()\n`;
  const file = join(directory, "lines");
  writeFileSync(file, "ts-add a\n");
  const error = (stderr: string) => ({ stdout: "", stderr, status: 1 });
  expect(await ourRunner("nb", ["--batch", file], there)).toEqual(
    error(`ovn-ic-nbctl: ${file}:1: ${refused}`),
  );
  const { stdout } = await ourRunner("nb", ["--detach"], there);
  const daemon = stdout.trim();
  onTestFinished(async () => {
    await runProgram("ovs-appctl", ["-t", daemon, "exit"]);
  });
  expect(await ourRunner("nb", ["-u", daemon, "ts-add", "a"], there)).toEqual(
    error(`ovn-ic-nbctl: ${refused}`),
  );
});
