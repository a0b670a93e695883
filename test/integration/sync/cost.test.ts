/** What a change costs is counted in units planned and rows read, feeds included: it must not grow with the databases. */
import { describe, expect, it } from "vitest";
import type { TestController } from "./zones.ts";
import { PATIENCE, twoZones } from "./zones.ts";

interface Cost {
  planned: number;
  rows: number;
}

async function costOf(
  zones: readonly TestController[],
  change: () => Promise<unknown>,
  settled: () => Promise<void>,
): Promise<Cost[]> {
  const before = zones.map((zone) => ({ planned: zone.engine.counters.planned, rows: zone.view.reads.rows }));
  await change();
  // The full pass that ends `settled` reads everything, so the counters are read before it.
  const counts: Cost[] = [];
  const write = () => zones.every((zone) => zone.settled);
  await settledWithoutFullPass(zones, write);
  zones.forEach((zone, i) => {
    const old = before[i] ?? { planned: 0, rows: 0 };
    counts.push({
      planned: zone.engine.counters.planned - old.planned,
      rows: zone.view.reads.rows - old.rows,
    });
  });
  await settled();
  return counts;
}

async function settledWithoutFullPass(zones: readonly TestController[], quiet: () => boolean): Promise<void> {
  for (let same = 0, before = ""; same < 3; ) {
    for (const zone of zones) {
      const names = ["nb", "sb", "icNb", "icSb"] as const;
      await Promise.all(
        names.map((name) => zone.connections[name].client.session.request("echo", [], { wait: true })),
      );
      await zone.until(() => zone.settled, AbortSignal.timeout(PATIENCE));
    }
    const now = zones.map((zone) => `${zone.engine.counters.planned} ${zone.written.length}`).join();
    same = now === before && quiet() ? same + 1 : 0;
    before = now;
  }
}

async function addRoutes(zone: TestController, from: number, count: number): Promise<void> {
  const transaction = zone.connections.nb.replica.transaction();
  const router = zone.connections.nb.replica.table("Logical_Router").index(["name"]).get("lr1");
  if (router === undefined) throw new Error("no router");
  for (let i = from; i < from + count; i++) {
    const route = transaction.insert("Logical_Router_Static_Route", {
      ip_prefix: `172.${16 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}/32`,
      nexthop: "10.0.1.9",
    });
    transaction.mutate("Logical_Router", router._uuid, "static_routes", "insert", [route]);
  }
  expect(await transaction.commit()).toMatchObject({ status: "committed" });
}

describe("the cost of a change", { timeout: 4 * PATIENCE }, () => {
  it("is that of the change, whatever there is already", async () => {
    const { az1, az2, settled, nbctl } = await twoZones();
    const costs: Record<string, Cost[][]> = {};
    for (const [round, size] of [100, 2000].entries()) {
      const base = round * 10_000;
      await addRoutes(az1, base, size);
      await settled();
      const measure = async (name: string, change: () => Promise<unknown>) => {
        costs[name] = [...(costs[name] ?? []), await costOf([az1, az2], change, settled)];
      };
      await measure("a route", () => addRoutes(az1, base + 5000, 1));
      await measure("a route deleted", () =>
        nbctl("az1", "lr-route-del", "lr1", `172.16.${((base + 5000) >> 8) & 255}.${(base + 5000) & 255}/32`),
      );
      await measure("a learned route deleted", () =>
        nbctl("az2", "lr-route-del", "lr1", `172.16.${(base >> 8) & 255}.${base & 255}/32`),
      );
      await measure("an unrelated port", () => nbctl("az1", "lsp-add", "ls1", `vm${round}`));
      await measure("an unrelated router port", () =>
        nbctl("az1", "lrp-add", "lr1", `lrp${round}`, "aa:aa:aa:aa:cc:01", `10.77.${round}.1/24`),
      );
    }
    for (const [name, [small = [], large = []]] of Object.entries(costs)) {
      for (const i of [0, 1]) {
        const text = `${name}, az${i + 1}: ${JSON.stringify(small[i])}, with 2000 routes ${JSON.stringify(large[i])}`;
        expect(large[i]?.planned, text).toBeLessThanOrEqual(10);
        expect(large[i]?.rows, text).toBeLessThanOrEqual((small[i]?.rows ?? 0) + 40);
        expect(large[i]?.rows, text).toBeLessThanOrEqual(150);
      }
    }
  });
});
