// One table of what a client promises, run over every way to reach a database: transports, kinds of servers,
// and monitor methods.

import { rmSync } from "node:fs";
import type { CommitResult, MonitorMethod, Replica, Uuid } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Certificates } from "../fixtures/index.ts";
import {
  makeCertificates,
  makeDirectory,
  startCluster,
  startRelay,
  startStandalone,
} from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

type Transport = "unix" | "tcp" | "ssl";
type Remotes = Readonly<Record<Transport, string>>;

/** One way to reach the database. Each test has a label of its own, since all share one database. */
interface Way {
  readonly label: string;
  connect(): Promise<OvsdbClient<Zoo>>;
  /** A second client's replica, which sees only what the server tells it. */
  replicate(client: OvsdbClient<Zoo>): Promise<Replica<Zoo>>;
}

interface Case {
  readonly promise: string;
  /** The kinds of servers that it is about; all by default. */
  readonly kinds?: readonly string[];
  run(way: Way): Promise<void>;
}

function real<T extends string>(result: CommitResult, uuid: Uuid<T>): Uuid<T> {
  if (result.status !== "committed") throw new Error(`not committed: ${JSON.stringify(result)}`);
  return result.uuids.get(uuid) as Uuid<T>;
}

async function two(way: Way): Promise<[Replica<Zoo>, Replica<Zoo>]> {
  const clients = await Promise.all([way.connect(), way.connect()]);
  const [a, b] = await Promise.all(clients.map((client) => way.replicate(client)));
  if (a === undefined || b === undefined) throw new Error("two clients were wanted");
  return [a, b];
}

const cases: readonly Case[] = [
  {
    promise: "what is committed is in the replica at once, and in every other one soon",
    async run(way) {
      const [mine, theirs] = await two(way);
      const txn = mine.transaction();
      const uuid = txn.insert("Cage", { label: way.label, few: ["f"], strings: ["a"], options: { k: "1" } });
      const cage = real(await txn.commit(), uuid);
      expect(mine.table("Cage").get(cage)?.strings).toEqual(["a"]);
      expect((await theirs.when((r) => r.table("Cage").get(cage))).options).toEqual(new Map([["k", "1"]]));
      const change = mine.transaction();
      change.mutate("Cage", cage, "strings", "insert", ["b"]);
      change.setKey("Cage", cage, "options", "k", "2");
      change.update("Cage", cage, { number: 2n ** 62n });
      expect((await change.commit()).status).toBe("committed");
      await theirs.when((r) => r.table("Cage").get(cage)?.number === 2n ** 62n);
      expect(theirs.table("Cage").get(cage)).toEqual(mine.table("Cage").get(cage));
      const removal = mine.transaction();
      removal.delete("Cage", cage);
      await removal.commit();
      expect(mine.table("Cage").get(cage)).toBeUndefined();
      await theirs.when((r) => r.table("Cage").get(cage) === undefined);
    },
  },
  {
    promise: "of two that verified the same, one is told to try again",
    async run(way) {
      const [mine, theirs] = await two(way);
      const txn = mine.transaction();
      const uuid = txn.insert("Cage", { label: way.label, few: ["f"] });
      const cage = real(await txn.commit(), uuid);
      await theirs.when((r) => r.table("Cage").get(cage));
      const results = await Promise.all(
        [mine, theirs].map((replica, number) => {
          const racing = replica.transaction();
          racing.verify("Cage", cage, ["number"]);
          racing.update("Cage", cage, { number: number + 1 });
          return racing.commit();
        }),
      );
      expect(results.map(({ status }) => status).sort()).toEqual(["committed", "tryAgain"]);
    },
  },
  {
    promise: "a unique index lets one of two inserts win",
    async run(way) {
      const replicas = await two(way);
      const results = await Promise.all(
        replicas.map((replica) => {
          const txn = replica.transaction();
          txn.insert("Keeper", { name: way.label });
          return txn.commit();
        }),
      );
      const words = results.map((result) => (result.status === "error" ? result.error.error : result.status));
      expect(words.sort()).toEqual(["committed", "constraint violation"]);
    },
  },
  {
    promise: "increments by many are all counted",
    async run(way) {
      const [mine, theirs] = await two(way);
      const txn = mine.transaction();
      const uuid = txn.insert("Cage", { label: way.label, few: ["f"] });
      const cage = real(await txn.commit(), uuid);
      await theirs.when((r) => r.table("Cage").get(cage));
      const values = await Promise.all(
        Array.from({ length: 20 }, async (_, i) => {
          const one = (i % 2 === 0 ? mine : theirs).transaction();
          one.increment("Cage", cage, "number");
          const result = await one.commit();
          return result.status === "committed" ? Number(result.newValue) : result.status;
        }),
      );
      expect(values.sort((a, b) => Number(a) - Number(b))).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    },
  },
  {
    promise: "conditions choose rows, or more where the method knows none",
    async run(way) {
      const [mine] = await two(way);
      const txn = mine.transaction();
      for (const number of [1, 2, 3]) txn.insert("Cage", { label: way.label, few: ["f"], number });
      expect((await txn.commit()).status).toBe("committed");
      const client = await way.connect();
      const replica = client.replica({ Cage: { where: [["label", "==", "nobody"]] } });
      await replica.synced();
      const numbers = () =>
        [...replica.table("Cage")].filter((c) => c.label === way.label).map((c) => c.number);
      expect(numbers()).toEqual([]);
      await replica.setConditions({ Cage: [["label", "==", way.label]] });
      expect(numbers().sort()).toEqual([1, 2, 3]);
    },
  },
  {
    promise: "after a lost connection the replica has caught up, and kept what is the same",
    async run(way) {
      const [mine, theirs] = await two(way);
      const txn = mine.transaction();
      const kept = txn.insert("Cage", { label: `${way.label} kept`, few: ["f"] });
      const gone = txn.insert("Cage", { label: `${way.label} gone`, few: ["f"] });
      const result = await txn.commit();
      const before = await theirs.when((r) => r.table("Cage").get(real(result, kept)));
      const lost = new Promise<void>((resolve) => {
        const off = theirs.onStateChange((complete) => {
          off();
          if (!complete) resolve();
        });
      });
      const client = clients.get(theirs);
      client?.session.forceReconnect("the test wants it");
      await lost;
      const removal = mine.transaction();
      removal.delete("Cage", real(result, gone));
      await removal.commit();
      await theirs.synced({ timeout: 20_000 });
      await theirs.when((r) => r.table("Cage").get(real(result, gone)) === undefined);
      expect(theirs.table("Cage").get(real(result, kept))).toBe(before);
    },
  },
  {
    promise: "a one-shot read finds what was written",
    async run(way) {
      const client = await way.connect();
      const txn = client.transaction();
      txn.insert("Cage", { label: way.label, few: ["f"], nick: "n" });
      expect((await txn.commit()).status).toBe("committed");
      const rows = await client.select("Cage", { where: [["label", "==", way.label]], columns: ["nick"] });
      expect(rows.map(({ nick, label }) => [nick, label])).toEqual([["n", ""]]);
    },
  },
  {
    promise: "a lock is held by one at a time, handed on, and guards transactions",
    kinds: ["standalone", "cluster"],
    async run(way) {
      const lockName = way.label.replaceAll(" ", "_");
      const [mine, theirs] = await Promise.all([way.connect(), way.connect()]);
      const [a, b] = [mine.lock(lockName), theirs.lock(lockName)];
      const held = (lock: typeof a) =>
        lock.held
          ? Promise.resolve()
          : new Promise<void>((resolve) => lock.onChange((now) => now && resolve()));
      a.request();
      await held(a);
      b.request();
      const write = (client: OvsdbClient<Zoo>) => {
        const txn = client.transaction();
        txn.assertLock(lockName);
        txn.insert("Cage", { label: way.label, few: ["f"] });
        return txn.commit();
      };
      expect((await write(mine)).status).toBe("committed");
      expect((await write(theirs)).status).toBe("notLocked");
      await a.release();
      await held(b);
      expect([(await write(mine)).status, (await write(theirs)).status]).toEqual(["notLocked", "committed"]);
      const lost = new Promise<void>((resolve) => b.onChange((now) => !now && resolve()));
      await a.steal();
      await lost;
      expect([a.held, b.held]).toEqual([true, false]);
      await Promise.all([a.release(), b.release()]);
    },
  },
  {
    promise: "a relay grants locks of its own, but what they guard is refused rather than written unguarded",
    kinds: ["relay"],
    async run(way) {
      const client = await way.connect();
      const lock = client.lock(way.label.replaceAll(" ", "_"));
      await lock.steal();
      const txn = client.transaction();
      txn.assertLock(lock.name);
      txn.insert("Cage", { label: way.label, few: ["f"] });
      expect([lock.held, (await txn.commit()).status]).toEqual([true, "notLocked"]);
    },
  },
];

const clients = new Map<Replica<Zoo>, OvsdbClient<Zoo>>();
const kinds: Readonly<
  Record<string, (tls: Certificates) => Promise<{ remotes: Remotes; stop(): Promise<void> }>>
> = {
  async standalone(tls) {
    const server = await startStandalone({ schema: zoo, tcp: true, tls });
    return { remotes: complete(server.remotes), stop: () => server.stop() };
  },
  async cluster(tls) {
    const cluster = await startCluster({ schema: zoo, electionTimer: 1000, tls });
    return {
      remotes: { unix: cluster.remotes, tcp: cluster.tcp, ssl: cluster.ssl },
      stop: () => cluster.stop(),
    };
  },
  async relay(tls) {
    const server = await startStandalone({ schema: zoo });
    const relay = await startRelay({ of: server, database: "Zoo", tcp: true, tls });
    const stop = async () => {
      await relay.stop();
      await server.stop();
    };
    return { remotes: complete(relay.remotes), stop };
  },
};

function complete(remotes: { unix: string; tcp?: string; ssl?: string }): Remotes {
  const { unix, tcp, ssl } = remotes;
  if (tcp === undefined || ssl === undefined) throw new Error("the server was to listen for TCP and TLS");
  return { unix, tcp, ssl };
}

for (const [kind, start] of Object.entries(kinds)) {
  describe(kind, () => {
    let remotes: Remotes;
    let tls: Certificates;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      tls = await makeCertificates(makeDirectory());
      ({ remotes, stop } = await start(tls));
    }, 60_000);
    afterAll(async () => {
      rmSync(tls.dir, { recursive: true, force: true });
      await stop();
    });

    const ways = (["unix", "tcp", "ssl"] as const).flatMap((transport) =>
      (["monitor_cond_since", "monitor_cond", "monitor"] as const).map((method) => ({ transport, method })),
    );
    describe.each(ways)(
      "$transport $method",
      ({ transport, method }: { transport: Transport; method: MonitorMethod }) => {
        const mine = cases.filter(({ kinds: about }) => about?.includes(kind) ?? true);
        for (const [index, { promise, run }] of mine.entries()) {
          test(promise, async () => {
            const options = { privateKey: tls.clientKey, certificate: tls.clientCert, caCert: tls.ca };
            await run({
              label: `${transport} ${method} ${index}`,
              async connect() {
                const client = await OvsdbClient.connect({
                  remotes: remotes[transport],
                  schema: zoo,
                  backoff: { min: 50, max: 200 },
                  leaderOnly: kind !== "relay",
                  ...(transport === "ssl" ? { tls: options } : {}),
                  timeout: 20_000,
                });
                onTestFinished(() => client.close());
                return client;
              },
              async replicate(client) {
                const replica = client.replica(
                  { Cage: {}, Keeper: {}, Animal: {} },
                  { monitorMethod: method },
                );
                clients.set(replica, client);
                await replica.synced({ timeout: 20_000 });
                expect(replica.monitorMethod).toBe(method);
                return replica;
              },
            });
          });
        }
      },
    );
  });
}
