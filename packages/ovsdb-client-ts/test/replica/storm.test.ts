// Everything at once: replicas that come and go, conditions that change, connections that are cut, and
// writes. In the end nothing waits for ever, each replica holds what its condition says, and what was
// announced adds up to that.

import fc from "fast-check";
import type { Replica, Row, Where } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startCluster, startProxy, startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

const wheres: readonly Where<"number">[] = [
  true,
  false,
  [["number", "<", 3]],
  [["number", ">", 5]],
  [["number", "==", 1]],
];

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant("write" as const), which: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant("condition" as const), which: fc.nat(20) }) },
  fc.record({ what: fc.constantFrom("open", "close", "cut", "force", "pause"), which: fc.nat(20) }),
);

/** One replica, and its contents as its announcements tell them. */
interface Followed {
  readonly replica: Replica<Zoo>;
  readonly told: Map<string, Row<Zoo, "Cage">>;
  where: Where<"number">;
}

class Storm {
  readonly #client: OvsdbClient<Zoo>;
  readonly #proxy: { cut(): void };
  readonly #followed: Followed[] = [];
  readonly #waits: Promise<unknown>[] = [];

  constructor(client: OvsdbClient<Zoo>, proxy: { cut(): void }) {
    this.#client = client;
    this.#proxy = proxy;
  }

  async step(what: string, which: number): Promise<void> {
    const one = this.#followed[which % Math.max(1, this.#followed.length)];
    const where = wheres[which % wheres.length] ?? true;
    if (what === "write") this.#waits.push(this.#write(which));
    else if (what === "open" && this.#followed.length < 5) this.#open(where);
    else if (what === "cut") this.#proxy.cut();
    else if (what === "force") this.#client.session.forceReconnect("the storm wants it");
    else if (what === "pause") await new Promise((resolve) => setTimeout(resolve, which));
    else if (one === undefined) return;
    else if (what === "close") {
      one.replica.close();
      this.#followed.splice(this.#followed.indexOf(one), 1);
    } else if (what === "condition") {
      one.where = where;
      this.#waits.push(one.replica.setConditions({ Cage: where }).catch((error: Error) => error.message));
    }
  }

  #open(where: Where<"number">): void {
    const told = new Map<string, Row<Zoo, "Cage">>();
    const replica = this.#client.replica({ Cage: { where } });
    replica.subscribe((changes) => {
      for (const change of changes) {
        if (change.table !== "Cage") continue;
        expect(told.get(change.uuid) ?? null).toBe(change.old);
        if (change.new === null) told.delete(change.uuid);
        else told.set(change.uuid, change.new);
      }
    });
    this.#followed.push({ replica, told, where });
  }

  async #write(which: number): Promise<void> {
    const txn = this.#client.transaction();
    const [any] = this.#followed.flatMap(({ replica }) => [...replica.table("Cage")]);
    if (which % 3 === 0 && any !== undefined) txn.delete("Cage", any._uuid);
    else if (which % 3 === 1 && any !== undefined) txn.update("Cage", any._uuid, { number: which % 8 });
    else txn.insert("Cage", { few: ["f"], number: which % 8 });
    await txn.commit({ timeout: 10_000 });
  }

  async end(): Promise<void> {
    const closed = await Promise.all(this.#waits);
    for (const message of closed) if (typeof message === "string") expect(message).toMatch(/closed/);
    for (const { replica, told, where } of this.#followed) {
      await replica.synced({ timeout: 20_000 });
      expect(replica.conditionsAcknowledged("Cage")).toBe(true);
      // What was written before is at every replica once a later write of this client is answered.
      const conditions = where === true ? [] : where;
      const rows =
        conditions === false
          ? []
          : await this.#client.select("Cage", { where: [...conditions], timeout: 20_000 });
      const uuids = (all: Iterable<Row<Zoo, "Cage">>) =>
        [...all].map((row) => `${row._uuid} ${row.number}`).sort();
      await replica.when((r) => uuids(r.table("Cage")).join() === uuids(rows).join(), { timeout: 20_000 });
      expect(new Set(told.values())).toEqual(new Set(replica.table("Cage")));
    }
  }
}

let servers: Record<string, { remotes: string; stop(): Promise<void> }>;
beforeAll(async () => {
  const server: Server = await startStandalone({ schema: zoo });
  const cluster = await startCluster({ schema: zoo, size: 1 });
  servers = {
    standalone: { remotes: server.remote, stop: () => server.stop() },
    cluster: { remotes: cluster.remotes, stop: () => cluster.stop() },
  };
});
afterAll(async () => {
  await Promise.all(Object.values(servers).map((one) => one.stop()));
});

test.each(["standalone", "cluster"])("%s", async (kind) => {
  const proxy = await startProxy({ target: servers[kind]?.remotes ?? "" });
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const client = await OvsdbClient.connect({
          remotes: proxy.remote,
          schema: zoo,
          backoff: { min: 5, max: 10 },
          timeout: 20_000,
        });
        try {
          const storm = new Storm(client, proxy);
          await storm.step("open", 0);
          for (const { what, which } of steps) await storm.step(what, which);
          await storm.end();
        } finally {
          await client.close();
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  } finally {
    await proxy.stop();
  }
});
