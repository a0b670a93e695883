/** Faults of the connections between controllers and servers: cut at any message, or alive and mute. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DATABASE_NAMES } from "../../src/core/model/databases.ts";
import { Arena, FULL, times } from "../harness/faults/arena.ts";
import { ZONES } from "../harness/faults/world.ts";
import { HOUR } from "../harness/wait.ts";

describe("connections of controllers", () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await Arena.open();
  });
  afterAll(() => arena?.close());

  it("are cut after any message, and within any", { timeout: HOUR }, async () => {
    await arena.endure("connection cut", times(6, 500), async (round) => {
      const proxy = arena.gate(arena.pick(ZONES)).proxies[arena.pick(DATABASE_NAMES)];
      let left = 1 + Math.floor(arena.random() * 12);
      const cut =
        round % 2 === 0
          ? proxy.cutAfter(left, arena.pick(["client", "server"] as const))
          : proxy.cutBefore(() => --left <= 0);
      // A connection over which nothing goes any more is cut all the same.
      await Promise.race([cut, arena.moment(600).then(() => proxy.cut())]);
    });
  });

  it("are all cut at once", { timeout: HOUR }, async () => {
    await arena.endure("all connections cut", times(2, 50), async () => {
      for (const gates of arena.gates.values()) {
        await arena.moment(20);
        for (const name of DATABASE_NAMES) gates.proxies[name].cut();
      }
    });
  });
});

describe("connections of controllers over TCP", () => {
  let arena: Arena;
  beforeAll(async () => {
    arena = await Arena.open({ tcp: true });
    await arena.onBoth(async (world) => {
      const options = ["map", [["ic_probe_interval", "1000"]]];
      const mutations = [["options", "insert", options]];
      for (const database of ["az1.nb", "az2.nb"] as const)
        await world.transact(database, [{ op: "mutate", table: "NB_Global", where: [], mutations }]);
      await world.transact("ic.nb", [{ op: "mutate", table: "IC_NB_Global", where: [], mutations }]);
    });
  });
  afterAll(() => arena?.close());

  it("are half open for a while", { timeout: HOUR }, async () => {
    await arena.endure("half-open TCP", times(2, 40), async (round) => {
      const proxy = arena.gate(arena.pick(ZONES)).proxies[DATABASE_NAMES[round % 4] ?? "nb"];
      const before = proxy.connections;
      proxy.stall();
      // Sometimes it lasts until somebody notices, sometimes it is over before.
      await arena.moment(round % 3 === 0 ? 500 : FULL ? 6000 : 3000);
      proxy.pass();
      expect(proxy.connections).toBeGreaterThanOrEqual(before);
    });
  });
});
