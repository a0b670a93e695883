// Rows that are destroyed only in the state that the line has printed, beside a writer that keeps changing
// them: `get … -- wait-until … -- destroy …`, as platforms guard a deletion. OVSDB_TEST_ROWS says how many
// rows (by default 20).

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  makeDirectory,
  runProgram,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import type { Ended } from "./contender.ts";
import { oracleRunner, ourRunner } from "./contender.ts";
import type { Which } from "./fixture.ts";
import { databases } from "./fixture.ts";
import { findRelease } from "./release.ts";
import { Rpc } from "./rpc.ts";

const ROWS = Number(process.env.OVSDB_TEST_ROWS ?? 20);

/** A table of each database whose rows have external_ids, and the column that names them. */
const tables = {
  nb: { table: "Transit_Switch", name: "name", more: {} },
  sb: { table: "Datapath_Binding", name: "transit_switch", more: { tunnel_key: 1 } },
} as const;

type Run = (words: readonly string[]) => Promise<Ended>;
type Contender = (which: Which, environment: Readonly<Record<string, string>>) => Promise<Run>;

const c =
  (release: Release): Contender =>
  async (which, environment) => {
    const run = oracleRunner(await findRelease(release, makeDirectory()));
    return (words) => run(which, words, environment);
  };

const direct: Contender = async (which, environment) => (words) => ourRunner(which, words, environment);

const batch: Contender = async (which, environment) => {
  const file = join(makeDirectory(), "lines");
  return (words) => {
    writeFileSync(file, words.join(" "));
    return ourRunner(which, ["--batch", file], environment);
  };
};

const daemon: Contender = async (which, environment) => {
  const { stdout } = await ourRunner(which, ["--detach"], environment);
  const socket = stdout.trim();
  onTestFinished(async () => {
    await runProgram("ovs-appctl", ["-t", socket, "exit"]);
  });
  return (words) => ourRunner(which, ["-u", socket, ...words], environment);
};

test.each([
  { who: "C 23.03.1", which: "nb", release: "23.03.1", contender: c("23.03.1") },
  { who: "C 26.03.1", which: "nb", release: "26.03.1", contender: c("26.03.1") },
  { who: "our ovn-ic-nbctl", which: "nb", release: "23.03.1", contender: direct },
  { who: "our ovn-ic-sbctl", which: "sb", release: "23.03.1", contender: direct },
  { who: "ours, --batch", which: "nb", release: "23.03.1", contender: batch },
  { who: "ours, through a daemon", which: "nb", release: "23.03.1", contender: daemon },
] as const)(
  "$who: no row is destroyed in another state than printed",
  async ({ which, release, contender }) => {
    const { database, schema, variable } = databases[which];
    const directory = makeDirectory();
    const files = await findRelease(release, directory);
    const server = await startStandalone({ schema: files.schema(schema) });
    onTestFinished(() => server.stop());
    const environment = { PATH: process.env.PATH ?? "", OVN_RUNDIR: directory, [variable]: server.remote };
    const run = await contender(which, environment);
    const { table, name, more } = tables[which];
    const words = `get ${table} U ${name} external_ids -- wait-until ${table} U external_ids:o=A -- destroy ${table} U`;
    const rpc = new Rpc(server.remote);
    onTestFinished(() => rpc.close());
    const wrong: string[] = [];
    for (let row = 0; row < ROWS; row++) {
      const insert = { op: "insert", table, row: { [name]: "U", external_ids: owner("B"), ...more } };
      await rpc.transact(database, [insert]);
      const [{ stdout, stderr, status }, last] = await Promise.all([
        run(words.split(" ")),
        flip(rpc, database, table, name),
      ]);
      expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
      if (stdout !== `U\n{o=${last}}\n`)
        wrong.push(`printed ${JSON.stringify(stdout)}, destroyed with o=${last}`);
    }
    expect(wrong, `${wrong.length} of ${ROWS}`).toEqual([]);
  },
  INSTALLATION_PATIENCE,
);

function owner(value: string) {
  return ["map", [["o", value]]];
}

/** Changes `o` to and fro until the row is gone. @returns what it was last */
async function flip(rpc: Rpc, database: string, table: string, name: string): Promise<string> {
  for (let last = "B"; ; ) {
    const next = last === "A" ? "B" : "A";
    const row = { external_ids: owner(next) };
    const [result] = await rpc.transact(database, [{ op: "update", table, where: [[name, "==", "U"]], row }]);
    if (JSON.stringify(result) === '{"count":0}') return last;
    last = next;
  }
}
