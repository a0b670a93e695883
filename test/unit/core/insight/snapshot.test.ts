// A snapshot says what was read, or that it is none: whatever becomes of the file on its way.
import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  readSnapshot,
  SnapshotError,
  statusOf,
  World,
  writeSnapshot,
} from "../../../../src/core/insight/index.ts";
import { unreachable, world } from "./readings.ts";

const TAKEN = "2026-11-29T00:00:00.000Z";
const pack = promisify(gzip);

test("what is read from a file is what was read from servers", async () => {
  const readings = { ...world(), icNb: unreachable("icNb", "Connection refused") };
  const { readings: again, taken } = await readSnapshot(await writeSnapshot(readings, TAKEN));
  expect(taken).toBe(TAKEN);
  expect(again).toEqual(readings);
  expect(statusOf(new World(again))).toEqual(statusOf(new World(readings)));
});

test("integers of 64 bits stay exact", async () => {
  const big = 9_007_199_254_740_993n;
  const readings = world({ icNb: { IC_NB_Global: [{ nb_ic_cfg: big }] } });
  const { readings: again } = await readSnapshot(await writeSnapshot(readings, TAKEN));
  expect(new World(again).global.icNb.IC_NB_Global.first()?.nb_ic_cfg).toBe(big);
});

describe("a file that is none", () => {
  const lines = async () =>
    gunzipSync(await writeSnapshot(world(), TAKEN))
      .toString("utf8")
      .split("\n");
  test.each<[what: string, said: RegExp, bytes: () => Promise<Buffer>]>([
    ["an empty file", /no snapshot, or cut off/, async () => Buffer.alloc(0)],
    ["text", /no snapshot, or cut off/, async () => Buffer.from("OVSDB JSON 12 abc\n{}")],
    ["packed text", /no snapshot/, () => pack("hello\n")],
    [
      "one that is cut off",
      /cut off/,
      async () => {
        const whole = await writeSnapshot(world(), TAKEN);
        return whole.subarray(0, whole.length / 2);
      },
    ],
    [
      "one without its last line",
      /cut off: its last line is no checksum/,
      async () => pack((await lines()).slice(0, -2).join("\n")),
    ],
    [
      "one in which somebody changed something",
      /changed, or is damaged/,
      async () => pack((await lines()).join("\n").replace("10.0.1.0/24", "10.0.9.0/24")),
    ],
  ])("%s", async (_, said, bytes) => {
    await expect(bytes().then(readSnapshot)).rejects.toThrow(SnapshotError);
    await expect(bytes().then(readSnapshot)).rejects.toThrow(said);
  });

  test("one of a newer program says so", async () => {
    const { createHash } = await import("node:crypto");
    const body = `${JSON.stringify({ format: "ovn-ic snapshot", version: 2, taken: TAKEN })}\n`;
    const sum = createHash("sha256").update(body).digest("hex");
    const bytes = await pack(`${body}${JSON.stringify({ sha256: sum })}\n`);
    await expect(readSnapshot(bytes)).rejects.toThrow(/version 2, and this program knows 1: use a newer one/);
  });

  test("whatever bytes are changed: a clear error, or the same", async () => {
    const whole = await writeSnapshot(world(), TAKEN);
    const { readings } = await readSnapshot(whole);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, bits) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ bits;
        const read = await readSnapshot(changed).catch((error: unknown) => error);
        // The head of gzip has bytes that say nothing.
        if (!(read instanceof SnapshotError)) expect(read).toEqual({ readings, taken: TAKEN });
      }),
      { numRuns: 200 },
    );
  });
});
