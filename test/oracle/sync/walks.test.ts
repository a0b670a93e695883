/**
 * Random walks through the configurations of two to four zones. After each round ours has nothing left to do,
 * not even by a full pass, and holds the same rows as C `ovn-ic` 26.03 in databases with the same history; at
 * the end a fresh controller finds nothing to write.
 *
 * `OVSDB_TEST_SEED` chooses the walks, `OVSDB_TEST_WALKS` how many there are, `OVSDB_TEST_ROUNDS` how long
 * they are. A walk takes half a second on a quiet machine, most of it in the programs of OVN: many short ones
 * find more than few long ones.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLab } from "../../harness/lab/releases.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { SEED } from "../../harness/random.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { Labs } from "./compare.ts";
import { begin, expectNothingToWrite, play, unlike } from "./compare.ts";
import { makeWalk } from "./walk.ts";

const ZONES = ["az1", "az2", "az3", "az4"];
/** How many zones take part in walks one after the other: what happens between two costs least. */
const COUNTS = [2, 2, 3, 2, 2, 4, 2, 3];
const ROUNDS = Number(process.env.OVSDB_TEST_ROUNDS ?? 2);
const first = SEED * 100_000;
const seeds = Array.from({ length: Number(process.env.OVSDB_TEST_WALKS ?? 300) }, (_, i) => first + i);

describe("random walks", () => {
  let labs: Labs;

  beforeAll(async () => {
    const [ours, theirs] = await Promise.all([startLab("26.03.1", ZONES), startLab("26.03.1", ZONES)]);
    labs = { ours, theirs };
  }, INSTALLATION_PATIENCE);

  afterAll(() => Promise.all([labs?.ours.stop(), labs?.theirs.stop()]));

  it.each(seeds)("walk %i", { timeout: 2 * PATIENCE }, async (seed) => {
    const zones = ZONES.slice(0, COUNTS[seed % COUNTS.length]);
    const walk = makeWalk(seed, zones, ROUNDS);
    await begin(labs, zones);
    for (const [i, commands] of walk.rounds.entries()) {
      const { ours, forgiven } = await play(labs, commands);
      const history = `seed ${seed}, after\n${walk.rounds
        .slice(0, i + 1)
        .map((round) => round.join("\n"))
        .join("\n--\n")}\n`;
      expect(unlike(ours, forgiven), history).toEqual([]);
    }
    await expectNothingToWrite(labs.ours);
  });
});
