import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { DatabaseStatus, Requirements } from "../../src/session/leader.ts";
import { decodeStatus, judgeServer } from "../../src/session/leader.ts";
import { ovsdbClient, startCluster, startRelay, startStandalone, transact } from "../fixtures/index.ts";
import { directory, newSchema, schema, startSession, state, WITHIN, witness } from "./sessions.ts";

const insert = (n: number) => ({ op: "insert", table: "T", row: { n } });

describe("a cluster", () => {
  test("the leader is found from whichever member; when it is killed, the session is up on the next one", async () => {
    const cluster = await startCluster({ schema, electionTimer: 200 });
    onTestFinished(() => cluster.stop());
    const leader = await cluster.leader();
    for (const first of cluster.members) {
      const others = cluster.members.filter((member) => member !== first).map((member) => member.remote);
      const session = startSession({ remotes: [first.remote, ...others].join(","), shuffle: false });
      await session.whenUp({ timeout: WITHIN });
      expect(session.remote).toBe(leader.remote);
    }
    const session = startSession({ remotes: cluster.remotes });
    const it = witness(session);
    await session.request("transact", ["Test", insert(1)], { wait: true });
    await leader.kill("SIGKILL");
    await state(session, "backoff", "connecting", "checking");
    await session.whenUp({ timeout: WITHIN });
    const next = await cluster.leader();
    expect(session.remote).toBe(next.remote);
    expect(it.events).toEqual(["up", "down", "up"]);
    const rows = await session.request("transact", [
      "Test",
      { op: "select", table: "T", where: [], columns: ["n"] },
    ]);
    expect(rows).toEqual([{ rows: [{ n: 1 }] }]);
  });

  test("a leader that hands over is left", async () => {
    const cluster = await startCluster({ schema });
    onTestFinished(() => cluster.stop());
    const leader = await cluster.leader();
    const session = startSession({ remotes: cluster.remotes });
    const it = witness(session);
    await session.whenUp({ timeout: WITHIN });
    expect(session.remote).toBe(leader.remote);
    // A leader that compacts its log on its own asks another to take over; `cluster/leave` does so at once.
    await leader.appctl("cluster/leave", "Test");
    await vi.waitFor(() => expect(it.events.slice(0, 3)).toEqual(["up", "down", "up"]), WITHIN);
    expect(session.remote).not.toBe(leader.remote);
    expect(it.errors[0]?.message).toMatch(
      /is not cluster leader|disconnected from cluster|has no database|closed by peer/,
    );
  });

  test("a follower will do without leaderOnly, and not with it", async () => {
    const cluster = await startCluster({ schema });
    onTestFinished(() => cluster.stop());
    const leader = await cluster.leader();
    const follower = cluster.members.find((member) => member !== leader);
    const remotes = follower?.remote ?? "";
    const any = startSession({ remotes, leaderOnly: false });
    await any.request("transact", ["Test", insert(1)], { wait: true });
    const strict = startSession({ remotes, retry: false });
    await strict.closed;
    expect(strict.lastError?.message).toBe(`${remotes}: clustered database server is not cluster leader`);
  });

  test("a member without a majority is left, and taken again when it has one", async () => {
    const cluster = await startCluster({ schema, electionTimer: 200 });
    onTestFinished(() => cluster.stop());
    const leader = await cluster.leader();
    const session = startSession({ remotes: leader.remote, leaderOnly: false });
    await session.whenUp({ timeout: WITHIN });
    const others = cluster.members.filter((member) => member !== leader);
    await Promise.all(others.map((member) => member.kill("SIGSTOP")));
    await vi.waitFor(() => expect(session.lastError?.message).toContain("disconnected from cluster"), WITHIN);
    await Promise.all(others.map((member) => member.kill("SIGCONT")));
    await session.whenUp({ timeout: WITHIN });
  });

  test("of the given id only", async () => {
    const cluster = await startCluster({ schema, size: 1 });
    onTestFinished(() => cluster.stop());
    const [database] = await transact(cluster.remotes, "_Server", {
      op: "select",
      table: "Database",
      where: [["name", "==", "Test"]],
      columns: ["cid"],
    });
    const clusterId = /[0-9a-f-]{36}/.exec(JSON.stringify(database))?.[0];
    await startSession({ remotes: cluster.remotes, clusterId }).whenUp({ timeout: WITHIN });
    const other = startSession({
      remotes: cluster.remotes,
      clusterId: "00000000-0000-0000-0000-000000000000",
      retry: false,
    });
    await other.closed;
    expect(other.lastError?.message).toContain(
      "database Test of cluster 00000000-0000-0000-0000-000000000000 is not here",
    );
  });

  test("stale data is refused", async () => {
    const cluster = await startCluster({ schema, size: 1 });
    onTestFinished(() => cluster.stop());
    const [member] = cluster.members;
    if (member === undefined) throw new Error("no member");
    const old = join(directory(), "old.db");
    copyFileSync(join(member.dir, "m0.db"), old);
    for (const n of [1, 2, 3]) await transact(member.remote, "Test", insert(n));
    const backup = join(directory(), "backup");
    const session = startSession({ remotes: `${member.remote},unix:${backup}`, shuffle: false });
    const it = witness(session);
    await session.request("transact", ["Test", insert(4)], { wait: true });
    await member.kill("SIGKILL");
    const copy = await startStandalone({ schema, dbFile: old, extraArgs: [`--remote=punix:${backup}`] });
    onTestFinished(() => copy.stop());
    await vi.waitFor(
      () => expect(session.lastError?.message).toMatch(/stale data \(index \d+, but \d+ was seen\)/),
      {
        timeout: WITHIN,
        interval: 1,
      },
    );
    expect(it.events).toEqual(["up", "down"]);
    // Who has not seen the newer data takes the same server.
    await startSession({ remotes: copy.remote }).whenUp({ timeout: WITHIN });
  });

  test("a schema that is converted leads to one clean re-learn on each member", async () => {
    const cluster = await startCluster({ schema });
    onTestFinished(() => cluster.stop());
    const witnesses = [];
    for (const member of cluster.members) {
      const session = startSession({ remotes: member.remote, leaderOnly: false });
      const it = witness(session);
      await session.request("monitor", ["Test", "m", { T: {} }], { wait: true });
      witnesses.push({ session, it });
    }
    const file = join(directory(), "new.ovsschema");
    writeFileSync(file, JSON.stringify(newSchema));
    await ovsdbClient("convert", (await cluster.leader()).remote, file);
    for (const { session, it } of witnesses) {
      await vi.waitFor(() => expect(it.events.length).toBeGreaterThan(2), WITHIN);
      expect(await session.request("get_schema", ["Test"])).toMatchObject({ version: "2.0.0" });
      await session.request("transact", ["Test", insert(1)]);
      expect(it.events).toEqual(["up", "down", "up"]);
      expect(it.connections[0]).toBe(it.connections[1]);
    }
  });

  test("a schema that is converted is noticed by who monitors nothing", async () => {
    const cluster = await startCluster({ schema, size: 1 });
    onTestFinished(() => cluster.stop());
    const session = startSession({ remotes: cluster.remotes });
    const it = witness(session);
    await session.whenUp({ timeout: WITHIN });
    const file = join(directory(), "new.ovsschema");
    writeFileSync(file, JSON.stringify(newSchema));
    await ovsdbClient("convert", cluster.remotes, file);
    await vi.waitFor(() => expect(it.events).toEqual(["up", "down", "up"]), WITHIN);
    expect(it.errors[0]?.message).toContain("the schema of the database changed");
  });
});

describe("a relay", () => {
  const aRelay = async () => {
    const cluster = await startCluster({ schema });
    onTestFinished(() => cluster.stop());
    const relay = await startRelay({ of: cluster, database: "Test" });
    onTestFinished(() => relay.stop());
    return { cluster, relay };
  };

  test("is refused with leaderOnly, in the words of C, for its locks are its own; the leader behind it is found", async () => {
    const { cluster, relay } = await aRelay();
    const session = startSession({ remotes: relay.remote, retry: false });
    await session.closed;
    expect(session.lastError).toMatchObject({
      message: `${relay.remote}: relay database server cannot be a leader`,
      remote: relay.remote,
      reason: "relay database server cannot be a leader",
    });
    const lines: string[] = [];
    const other = startSession({
      remotes: `${relay.remote},${cluster.remotes}`,
      shuffle: false,
      log: (level, module, text) => void lines.push(`${level} ${module} ${text}`),
    });
    await other.request("transact", ["Test", insert(1)], { wait: true, timeout: WITHIN });
    expect(other.remote).not.toBe(relay.remote);
    expect(lines).toContain(
      `info ovsdb_cs ${relay.remote}: relay database server cannot be a leader; trying another server`,
    );
  });

  test("will do without leaderOnly", async () => {
    const { relay } = await aRelay();
    const session = startSession({ remotes: relay.remote, leaderOnly: false });
    const it = witness(session);
    await session.request("transact", ["Test", insert(1)], { wait: true });
    expect(session.remote).toBe(relay.remote);
    await relay.restart();
    await ovsdbClient("wait", relay.remote, "Test", "connected");
    await session.request("transact", ["Test", insert(2)], { wait: true, timeout: WITHIN });
    expect(it.events.slice(0, 2)).toEqual(["up", "down"]);
  });
});

describe("judgeServer", () => {
  const good: DatabaseStatus = {
    name: "Test",
    model: "clustered",
    connected: true,
    leader: true,
    schema: "{}",
    cid: "c",
    sid: "s",
    index: 10,
  };
  const wanted: Requirements = { database: "Test", leaderOnly: true, clusterId: null, seen: new Map() };

  test.each<[string, Partial<DatabaseStatus>, Partial<Requirements>, RegExp | null]>([
    ["leader", {}, {}, null],
    ["follower", { leader: false }, {}, /is not cluster leader/],
    ["follower that will do", { leader: false }, { leaderOnly: false }, null],
    ["without a majority", { connected: false }, {}, /disconnected from cluster/],
    ["joining", { schema: null }, {}, /has not yet joined/],
    ["as far as was seen", {}, { seen: new Map([["c", 10]]) }, null],
    ["behind", {}, { seen: new Map([["c", 11]]) }, /stale data \(index 10, but 11 was seen\)/],
    ["behind by 64 bits", {}, { seen: new Map([["c", 2n ** 60n]]) }, /stale data/],
    ["another cluster's index", {}, { seen: new Map([["d", 11]]) }, null],
    ["standalone", { model: "standalone", cid: null, sid: null, index: null, leader: false }, {}, null],
    ["standalone, disconnected", { model: "standalone", connected: false }, {}, /storage is not connected/],
    ["relay", { model: "relay", leader: false }, {}, /^relay database server cannot be a leader$/],
    ["relay that will do", { model: "relay", leader: false }, { leaderOnly: false }, null],
    ["relay without a schema", { model: "relay", schema: null }, { leaderOnly: false }, /has no schema yet/],
    [
      "relay, disconnected",
      { model: "relay", connected: false },
      { leaderOnly: false },
      /not connected to its source/,
    ],
    ["the cluster asked for", {}, { clusterId: "c" }, null],
    ["another cluster", {}, { clusterId: "d" }, /of cluster d is not here/],
    ["another database", { name: "A" }, {}, /server has no database Test \(it has A\)/],
    ["_Server alone", { name: "_Server" }, {}, /server has no database Test \(it has none\)/],
  ])("%s", (_, status, requirements, reason) => {
    const verdict = judgeServer([{ ...good, ...status }], { ...wanted, ...requirements });
    if (reason === null) expect(verdict).toEqual({ status: { ...good, ...status } });
    else expect(verdict).toEqual({ reason: expect.stringMatching(reason) });
  });
});

test("decodeStatus reads optional columns in either form, keeps what an update leaves out, and refuses junk", () => {
  const row = {
    name: "Test",
    model: "clustered",
    connected: true,
    leader: false,
    schema: ["set", []],
    cid: ["set", [["uuid", "c"]]],
    sid: ["uuid", "s"],
    index: 7,
  };
  const status = decodeStatus(row, null);
  expect(status).toMatchObject({ schema: null, cid: "c", sid: "s", index: 7, leader: false });
  expect(decodeStatus({ index: 2n ** 60n, leader: true }, status)).toEqual({
    ...status,
    index: 2n ** 60n,
    leader: true,
  });
  expect(decodeStatus({ connected: true }, null)).toBeNull();
  expect(decodeStatus(["x"], status)).toBeNull();
});
