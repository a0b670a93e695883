import { rmSync } from "node:fs";
import { join } from "node:path";
import type { ClientOptions, Lock, Replica } from "ovsdb-client-ts";
import { OvsdbClient, TimeoutError } from "ovsdb-client-ts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import {
  makeCertificates,
  makeDirectory,
  startCluster,
  startFilter,
  startProxy,
  startRelay,
  startStandalone,
  transact,
} from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
beforeAll(async () => {
  server = await startStandalone({
    schema: zoo,
    extraSchemas: [{ ...zoo, name: "Zoo2" }],
  });
});
afterAll(() => server.stop());

const backoff = { min: 20, max: 100 };
const within = { timeout: 20_000 };

async function connect(
  remotes = server.remote,
  options: Partial<ClientOptions<Zoo>> = {},
): Promise<OvsdbClient<Zoo>> {
  const client = await OvsdbClient.connect({
    backoff,
    ...options,
    remotes,
    schema: zoo,
    database: undefined,
  });
  onTestFinished(() => client.close());
  return client;
}

function directory(): string {
  const dir = makeDirectory();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function proxy() {
  const it = await startProxy({ target: server.remote });
  onTestFinished(() => it.stop());
  return it;
}

describe("connect", () => {
  test("without retry: the error says what was tried and why it failed", async () => {
    const nowhere = join(server.dir, "nobody.sock");
    const options = { schema: zoo, retry: false, shuffle: false } as const;
    await expect(OvsdbClient.connect({ ...options, remotes: `unix:${nowhere}` })).rejects.toThrow(
      `unix:${nowhere}: No such file or directory`,
    );
    await expect(
      OvsdbClient.connect({ ...options, remotes: `unix:${nowhere},unix:${nowhere}2` }),
    ).rejects.toThrow(
      `unix:${nowhere}: No such file or directory; unix:${nowhere}2: No such file or directory`,
    );
    await expect(
      OvsdbClient.connect({ remotes: server.remote, database: "Circus", retry: false }),
    ).rejects.toThrow("server has no database Circus (it has Zoo, Zoo2)");
    await expect(OvsdbClient.connect({ remotes: "pipe:x", schema: zoo })).rejects.toThrow(/unknown method/);
  });

  test("is ended by its time limit and by a signal, whatever it waits for", async () => {
    const nowhere = { remotes: `unix:${join(server.dir, "nobody.sock")}`, schema: zoo };
    await expect(OvsdbClient.connect({ ...nowhere, timeout: 50 })).rejects.toThrow(TimeoutError);
    const aborted = AbortSignal.abort(new Error("enough"));
    await expect(OvsdbClient.connect({ ...nowhere, signal: aborted })).rejects.toThrow("enough");
    // The server is there, and says nothing any more once it is asked for its schema.
    for (const how of ["timeout", "signal"] as const) {
      const mute = await proxy();
      const asked = new Promise<void>((resolve) =>
        mute.onMessage(({ from, text }) => {
          if (from !== "client" || !text.includes('"get_schema","params":["Zoo"]')) return;
          mute.stall();
          resolve();
        }),
      );
      const abort = new AbortController();
      const connecting = OvsdbClient.connect({
        remotes: mute.remote,
        schema: zoo,
        ...(how === "timeout" ? { timeout: 300 } : { signal: abort.signal }),
      });
      const ended = expect(connecting).rejects.toThrow(
        how === "timeout" ? /does not tell its schema/ : "enough",
      );
      await asked;
      abort.abort(new Error("enough"));
      await ended;
    }
  });

  test("the time limit of a read covers all of it", async () => {
    const mute = await proxy();
    const client = await connect(mute.remote);
    mute.stall();
    await expect(client.select("Cage", { timeout: 200 })).rejects.toThrow(TimeoutError);
    mute.cut();
    await expect(client.select("Cage", { timeout: 200 })).rejects.toThrow(TimeoutError);
  });
});

describe("close", () => {
  test("settles everything that waits", async () => {
    const mute = await proxy();
    const client = await connect(mute.remote);
    const replica = await client.replica({ Cage: {} }).synced();
    mute.stall();
    const loading = client.replica({ Keeper: {} });
    const waits = [
      client.select("Cage"),
      replica.setConditions({ Cage: false }),
      replica.when(() => false),
      loading.synced(),
      client.lock("a").steal(),
    ];
    const settled = Promise.all(waits.map((wait) => expect(wait).rejects.toThrow(/closed/)));
    const txn = replica.transaction();
    txn.insert("Cage", { few: ["f"] });
    const committing = txn.commit();
    const batches = replica.changes().next();
    client.lock("b").request();
    await client.close();
    await client.close();
    await settled;
    expect((await committing).status).toBe("unknown");
    expect(await batches).toEqual({ done: true, value: undefined });
    await expect(client.ready()).rejects.toThrow(/closed/);
    await expect(client.replica({ Cage: {} }).synced()).rejects.toThrow(/closed/);
    expect((await client.transaction().commit()).status).toBe("unchanged");
  });

  test("in a listener of the first batch leaves the replica closed", async () => {
    const client = await connect();
    const replica = client.replica({ Cage: {} });
    const states: boolean[] = [];
    replica.onStateChange((complete) => states.push(complete));
    replica.subscribe(() => replica.close());
    await expect(replica.synced()).rejects.toThrow(/closed/);
    expect([replica.complete, states]).toEqual([false, [false]]);
    const other = client.replica({ Cage: {} });
    other.subscribe(() => void client.close());
    await expect(other.synced()).rejects.toThrow(/closed/);
    expect([other.complete, client.connected]).toEqual([false, false]);
  });

  test("does not wait for peers that never prove who they are", async () => {
    const pki = await makeCertificates(directory());
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const tls = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    const client = new OvsdbClient({ remotes: `pssl:${port}:127.0.0.1`, schema: zoo, tls });
    client.start();
    const { createConnection } = await import("node:net");
    await expect
      .poll(
        () =>
          new Promise<boolean>((resolve) => {
            const socket = createConnection({ port, host: "127.0.0.1" });
            socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
          }),
        within,
      )
      .toBe(true);
    await client.close();
  });
});

describe("listeners", () => {
  test("that throw are the program's affair: the others hear, and the copy stays as it is", async () => {
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const uncaught: unknown[] = [];
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const client = await connect();
      const { connection } = client.session;
      const lock = client.lock("thrower");
      lock.onChange(() => {
        throw new Error("mistaken");
      });
      const replica = client.replica({ Cage: {} });
      replica.subscribe(() => {
        throw new Error("mistaken");
      });
      const heard: number[] = [];
      replica.subscribe((changes) => heard.push(changes.length));
      await replica.synced();
      await lock.steal();
      const txn = replica.transaction();
      txn.insert("Cage", { few: ["f"] });
      expect((await txn.commit()).status).toBe("committed");
      expect(heard).toHaveLength(2);
      expect(client.session.connection).toBe(connection);
      await client.close();
      await new Promise((resolve) => setImmediate(resolve));
      // The lock came and went, and there were two batches.
      expect(uncaught.map(String)).toEqual(Array.from({ length: 4 }, () => "Error: mistaken"));
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });

  test("by the hundred on one signal draw no warning, and leave nothing behind", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => warnings.push(warning);
    process.on("warning", onWarning);
    const client = await connect();
    const replica = await client.replica({ Cage: {} }).synced();
    const abort = new AbortController();
    const { signal } = abort;
    const waits = Array.from({ length: 500 }, () => replica.when(() => false, { signal }));
    const settled = Promise.allSettled(waits);
    await Promise.all(Array.from({ length: 500 }, () => client.select("Cage", { signal, timeout: 20_000 })));
    const batches = Array.from({ length: 50 }, () => replica.changes({ signal }).next());
    const ended = Promise.allSettled(batches);
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error("enough"));
    const reasons = [...(await settled), ...(await ended)].map(
      (r) => r.status === "rejected" && r.reason.message,
    );
    expect(new Set(reasons)).toEqual(new Set(["enough"]));
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});

describe("a connection in use that has to be given up is followed by the next at once", () => {
  const long = { min: 600_000, max: 600_000 };

  test("after an update that can't be right: the whole dump comes again", async () => {
    let spoilt = 0;
    const filter = await startFilter({
      target: server.remote,
      toClient: (text) => {
        if (spoilt > 0 || !text.includes("spoil me")) return text;
        spoilt++;
        return text.replace('"insert"', '"modify"');
      },
    });
    onTestFinished(() => filter.stop());
    const client = await connect(filter.remote, { backoff: long });
    const replica = await client.replica({ Cage: { columns: ["label"] } }).synced(within);
    const first = client.session.connection;
    await transact(server.remote, "Zoo", {
      op: "insert",
      table: "Cage",
      row: { few: "f", label: "spoil me" },
    });
    await replica.when(
      (r) => r.complete && [...r.table("Cage")].some((cage) => cage.label === "spoil me"),
      within,
    );
    expect(spoilt).toBe(1);
    expect(client.session.connection).not.toBe(first);
  });

  test("when its server loses the leadership", async () => {
    const cluster = await startCluster({ schema: zoo, electionTimer: 200 });
    onTestFinished(() => cluster.stop());
    const leader = await cluster.leader();
    const none = `unix:${directory()}/none`;
    let tries = 0;
    const client = await connect(`${none},${leader.remote}`, {
      backoff: long,
      shuffle: false,
      log: (_level, _module, text) => void (text === `${none}: connecting...` && tries++),
    });
    await client.replica({ Cage: {} }).synced(within);
    expect(tries).toBe(1);
    await Promise.all(
      cluster.members.map((member) => member === leader || member.kill("SIGSTOP").then(() => true)),
    );
    await expect.poll(() => tries, within).toBe(2);
    expect(client.session.lastError?.message).toBeDefined();
  });

  test("but one whose first dump can't be read waits, for the next one can't either", async () => {
    const filter = await startFilter({
      target: server.remote,
      toClient: (text) => text.replaceAll('"initial"', '"modify"'),
    });
    onTestFinished(() => filter.stop());
    await transact(server.remote, "Zoo", { op: "insert", table: "Cage", row: { few: "f", label: "there" } });
    const lines: string[] = [];
    const log = (_level: string, _module: string, text: string) => void lines.push(text);
    const client = new OvsdbClient({ remotes: filter.remote, schema: zoo, backoff: long, log });
    onTestFinished(() => client.close());
    client.replica({ Cage: {} });
    client.start();
    await expect.poll(() => lines.at(-1), within).toMatch(/suppressing further logging/);
    expect(client.session.state).toBe("backoff");
  });
});

test("where the server lacks the newer monitor methods, a client does all with the oldest", async () => {
  const old = await startStandalone({ schema: zoo });
  onTestFinished(() => old.stop());
  await old.appctl("ovsdb-server/disable-monitor-cond");
  const client = await connect(old.remote);
  const replica = await client.replica({ Cage: { where: [["number", ">", 4]] } }).synced(within);
  expect(replica.monitorMethod).toBe("monitor");
  const txn = replica.transaction();
  txn.insert("Cage", { few: ["f"], number: 5 });
  expect((await txn.commit()).status).toBe("committed");
  await replica.setConditions({ Cage: [["number", "<", 4]] });
  expect(replica.conditionsAcknowledged("Cage")).toBe(true);
});

describe("one session", () => {
  test("carries requests to several databases at once, and several locks", async () => {
    const client = await connect();
    const names = ["Zoo", "Zoo2", "_Server"];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.session.request("get_schema", [names[i % 3] ?? ""])),
    );
    expect(replies.map((reply) => (reply as { name: string }).name)).toEqual(
      Array.from({ length: 300 }, (_, i) => names[i % 3]),
    );
    const other = await connect();
    const locks = (of: OvsdbClient<Zoo>): Lock[] => ["one", "two", "three"].map((name) => of.lock(name));
    await Promise.all(locks(client).map((lock) => lock.steal()));
    for (const lock of locks(other)) lock.request();
    const [, second] = locks(other);
    const passedOn = new Promise<void>((resolve) => second?.onChange((held) => held && resolve()));
    await locks(client)[1]?.release();
    await passedOn;
    expect(locks(client).map((lock) => lock.held)).toEqual([true, false, true]);
    expect(locks(other).map((lock) => lock.held)).toEqual([false, true, false]);
  });
});

test.each(["ptcp", "punix", "pssl"] as const)(
  "%s: a client that servers connect to does it all",
  async (method) => {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const dir = directory();
    const where = method === "punix" ? join(dir, "listen") : `${port}:127.0.0.1`;
    const pki = await makeCertificates(dir);
    const tls = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    const client = new OvsdbClient({ remotes: `${method}:${where}`, schema: zoo, tls });
    onTestFinished(() => client.close());
    client.start();
    const replica = client.replica({ Cage: {} });
    const active = method === "punix" ? `unix:${where}` : `${method.slice(1)}:127.0.0.1:${port}`;
    const caller = await startStandalone({ schema: zoo, tls: pki, extraArgs: [`--remote=${active}`] });
    onTestFinished(() => caller.stop());
    await replica.synced(within);
    const txn = replica.transaction();
    txn.insert("Cage", { few: ["f"], label: method });
    expect((await txn.commit()).status).toBe("committed");
    await caller.restart();
    await replica.when((r) => r.complete && r.table("Cage").size === 1, within);
    expect((await client.select("Cage", within)).map((cage) => cage.label)).toEqual([method]);
  },
);

test("a relay without its source is left, the rows stay, and it is taken again when it has caught up", async () => {
  const source = await startStandalone({ schema: zoo });
  onTestFinished(() => source.stop());
  const relay = await startRelay({ of: source, database: "Zoo" });
  onTestFinished(() => relay.stop());
  const client = await connect(relay.remote, { leaderOnly: false });
  const replica: Replica<Zoo> = await client.replica({ Cage: {} }).synced(within);
  const txn = replica.transaction();
  txn.insert("Cage", { few: ["f"], label: "kept" });
  expect((await txn.commit()).status).toBe("committed");
  const lost = new Promise<void>((resolve) => {
    const off = replica.onStateChange((complete) => {
      if (complete) return;
      off();
      resolve();
    });
  });
  // A relay admits after 30 s only that its source is gone, but at once if it has not met it yet.
  await source.kill("SIGKILL");
  await relay.restart();
  await lost;
  expect([...replica.table("Cage")].map((cage) => cage.label)).toEqual(["kept"]);
  await expect
    .poll(() => client.session.lastError?.message, within)
    .toMatch(/relay is not connected to its source/);
  await source.restart();
  await transact(source.remote, "Zoo", { op: "insert", table: "Cage", row: { few: "f", label: "new" } });
  await replica.when((r) => r.table("Cage").size === 2, within);
});
