// The connection is cut after every message of a working client's life, one life for each: no committed write
// may be lost or doubled unnoticed, and the replica must end as a fresh dump.

import type { Replica } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Proxy as CuttingProxy, Server } from "../fixtures/index.ts";
import { startProxy, startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

const WRITES = 4;
let server: Server;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
});
afterAll(() => server.stop());

/**
 * Inserts a row once, through whatever happens to the connection; says how often the outcome had to be found
 * out.
 */
async function insertOnce(replica: Replica<Zoo>, label: string): Promise<number> {
  let unknown = 0;
  for (;;) {
    await replica.synced({ timeout: 20_000 });
    const txn = replica.transaction();
    txn.insert("Cage", { label, few: ["f"], strings: [label, "x"] });
    const result = await txn.commit();
    if (result.status === "committed") return unknown;
    if (result.status === "tryAgain") continue;
    if (result.status !== "unknown") throw new Error(`${label}: ${result.status}`);
    unknown++;
    const outcome = await result.resolve({ timeout: 20_000 });
    if (outcome === "undetermined") throw new Error(`${label}: undetermined`);
    if (outcome === "applied") return unknown;
  }
}

/** A client's life: a dump, writes, a change of conditions, more writes. */
async function live(proxy: CuttingProxy, name: string): Promise<{ messages: number; unknown: number }> {
  const client = new OvsdbClient({ remotes: proxy.remote, schema: zoo, backoff: { min: 10, max: 40 } });
  try {
    client.start();
    const replica = client.replica({
      Cage: {
        where: [
          ["label", "==", `${name} 0`],
          ["strings", "includes", [`${name} 1`]],
        ],
      },
    });
    let unknown = 0;
    for (let i = 0; i < WRITES; i++) {
      if (i === 2) await replica.setConditions({ Cage: [["strings", "includes", ["x"]]] });
      unknown += await insertOnce(replica, `${name} ${i}`);
    }
    await replica.synced({ timeout: 20_000 });
    const mine = [...replica.table("Cage")].filter((cage) => cage.label.startsWith(`${name} `));
    const labels = mine.map((cage) => cage.label).sort();
    expect(labels).toEqual(Array.from({ length: WRITES }, (_, i) => `${name} ${i}`));
    const fresh = await client.select("Cage", { where: [["strings", "includes", ["x"]]] });
    const byUuid = (rows: readonly { _uuid: string }[]) => new Map(rows.map((row) => [row._uuid, row]));
    expect(byUuid([...replica.table("Cage")])).toEqual(byUuid(fresh));
    return { messages: proxy.count, unknown };
  } finally {
    await client.close();
  }
}

async function throughProxy(name: string, prepare: (proxy: CuttingProxy) => void) {
  const proxy = await startProxy({ target: server.remote });
  try {
    prepare(proxy);
    return await live(proxy, name);
  } finally {
    await proxy.stop();
  }
}

test("a connection cut after any message loses and doubles nothing", { timeout: 300_000 }, async () => {
  const { messages } = await throughProxy("uncut", () => undefined);
  expect(messages).toBeGreaterThan(15);
  let unknown = 0;
  for (let n = 1; n <= messages; n++) {
    const life = await throughProxy(`cut ${n}`, (proxy) => void proxy.cutAfter(n));
    unknown += life.unknown;
  }
  // Each write has a moment at which only looking tells what became of it.
  expect(unknown).toBeGreaterThanOrEqual(WRITES);
});
