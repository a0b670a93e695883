// Invented command lines, run by the C programs and by ours from the same contents: 2,000 in a run, of which
// a sample runs through our programs as they are published and the rest in this process.
//
// The lines follow from OVSDB_TEST_SEED, which a failure names; OVSDB_TEST_LINES says how many there are to
// be.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseSchema } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeDirectory } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Release } from "../../harness/programs/ovn-sid.ts";
import { INSTALLATION_PATIENCE } from "../../harness/programs/ovn-sid.ts";
import { SEED } from "../../harness/random.ts";
import type { Answer } from "./answer.ts";
import { anyOrder } from "./compare.ts";
import { ourRunner } from "./contender.ts";
import type { Which } from "./fixture.ts";
import { databases } from "./fixture.ts";
import type { GeneratedLine } from "./generator.ts";
import { lineArbitrary } from "./generator.ts";
import { inProcessRunner } from "./in-process.ts";
import { Lanes } from "./lanes.ts";
import { findRelease } from "./release.ts";

vi.mock("../../../src/daemon/write.ts", () => import("./captured-output.ts"));

const count = Number(process.env.OVSDB_TEST_LINES ?? 2000);

const shares: readonly { release: Release; runner: "in process" | "published"; share: number }[] = [
  { release: "26.03.1", runner: "in process", share: 0.65 },
  { release: "26.03.1", runner: "published", share: 0.05 },
  { release: "23.03.1", runner: "in process", share: 0.3 },
];

let lanes: readonly Lanes[] = [];

beforeAll(async () => {
  lanes = await Promise.all(
    shares.map(({ release, runner }) =>
      Lanes.start(release, runner === "published" ? ourRunner : inProcessRunner, 2),
    ),
  );
}, INSTALLATION_PATIENCE);

afterAll(() => Promise.all(lanes.map((some) => some.stop())));

test.each(shares.map((share, index) => ({ ...share, index })))(
  `lines of seed ${SEED}, $runner, against $release`,
  async ({ release, share, index }) => {
    const lane = lanes[index];
    if (lane === undefined) throw new Error("the servers didn't start");
    const lines = await inventedLines(release, Math.round(share * count), SEED + index);
    const found = await Promise.all(lines.map((line) => compareLine(lane, line, release)));
    const differences = found.filter((one) => one !== null);
    expect(differences.slice(0, 20).join("\n"), `${differences.length} of ${lines.length} lines`).toBe("");
  },
  600_000,
);

async function inventedLines(release: Release, number: number, from: number): Promise<GeneratedLine[]> {
  const files = await findRelease(release, makeDirectory());
  const schemaOf = (which: Which) =>
    parseSchema(JSON.parse(readFileSync(files.schema(databases[which].schema), "utf8")));
  const lines = fc.oneof(lineArbitrary("nb", schemaOf("nb")), lineArbitrary("sb", schemaOf("sb")));
  return fc.sample(lines, { seed: from, numRuns: number });
}

/** What differs, as text; null if nothing does. */
async function compareLine(
  lane: Lanes,
  { which, args }: GeneratedLine,
  release: Release,
): Promise<string | null> {
  const { expected, actual } = await lane.answers(which, args);
  const parts = (["stdout", "stderr", "status", "contents"] as const).filter(
    (part) => JSON.stringify(anyOrder(expected[part])) !== JSON.stringify(anyOrder(actual[part])),
  );
  if (parts.length === 0 || isKnown(release, args, expected.status)) return null;
  const show = (one: Answer, other: Answer) =>
    JSON.stringify(
      parts.map((part) => (part === "contents" ? onlyIn(one.contents, other.contents) : one[part])),
    );
  return `${which} ${JSON.stringify(args)}\n  C    ${show(expected, actual)}\n  ours ${show(actual, expected)}`;
}

/** The rows that the other database has not. */
function onlyIn(rows: readonly string[], others: readonly string[]): string[] {
  return rows.filter((row) => !others.includes(row));
}

/** Combinations whose differences are in differences.md. */
function isKnown(release: Release, args: readonly string[], status: number): boolean {
  const has = (...words: readonly string[]) => words.every((word) => args.includes(word));
  // C has crashed, or an assertion of its has failed.
  if (status === 139 || status === 134) return true;
  // Keys that `add` finds in a map, and its message.
  if (release === "23.03.1" && has("add")) return true;
  // Writing to rows that the same line destroys, where these stay as something refers to them.
  if (has("destroy", "set") || has("destroy", "add") || has("destroy", "remove") || has("destroy", "clear"))
    return true;
  // Rows that the line inserts, where the line shows what refers to them.
  if (has("show", "encaps=@s")) return true;
  // Which of two rows of SSL C takes.
  return has("get-ssl") && (has("ssl=@s") || has("create"));
}
