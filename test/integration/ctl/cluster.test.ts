// A cluster of three whose leader is killed and restarted over and over, while shells run one program after
// the other and run a line again that failed, as a script would.
//
// The index of transit switches' names is taken out of the schema, so that what is applied twice is there
// twice.
//
// OVSDB_TEST_FULL=1: 20 leaders are killed instead of 5.

import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { Cluster } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import {
  ovsdbClient,
  startCluster,
  startProxy,
  startStandalone,
  transact,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { until } from "../../harness/wait.ts";
import { bundle, nbctl } from "./programs.ts";

const SHELLS = 4;
const full = process.env.OVSDB_TEST_FULL === "1";
const KILLS = full ? 20 : 5;
const LINES_PER_BATCH = 100;

const { Transit_Switch } = icNb.tables;
const schema = { ...icNb, tables: { ...icNb.tables, Transit_Switch: { ...Transit_Switch, indexes: [] } } };

/** What a shell was told in the end of its line that makes (or names) `id`. */
interface Told {
  readonly id: string;
  readonly kind: Kind;
  readonly outcome: "done" | "there, uuid unknown" | "unknown";
}

type Kind = "create" | "ts-add" | "add";

const words: Readonly<Record<Kind, (id: string) => string[]>> = {
  create: (id) => ["create", "Transit_Switch", `name=${id}`],
  "ts-add": (id) => ["ts-add", id],
  add: (id) => ["add", "Transit_Switch", "common", "external_ids", `${id}=1`],
};

interface Progress {
  over: boolean;
  done: number;
  failures: number;
  readonly told: Told[];
}

const NOT_DONE = /^ovn-ic-nbctl: \S+: database connection failed \([^)]*\)\n$/;
const IN_FLIGHT = "ovn-ic-nbctl: the connection was lost while the transaction was under way: ";

/** Runs a line until it is told what came of it. */
async function insist(cluster: Cluster, id: string, kind: Kind, progress: Progress): Promise<void> {
  for (;;) {
    const { status, stdout, stderr, signal } = await nbctl(cluster.remotes, ...words[kind](id));
    expect(signal).toBeNull();
    if (status === 0) {
      expect({ id, stderr, stdout }).toEqual({
        id,
        stderr: "",
        stdout: kind === "create" ? expect.stringMatching(/^[0-9a-f-]{36}\n$/) : "",
      });
      progress.done += 1;
      progress.told.push({ id, kind, outcome: "done" });
      return;
    }
    progress.failures += 1;
    if (stderr.startsWith(IN_FLIGHT)) {
      const outcome = stderr.includes("the new rows are there") ? "there, uuid unknown" : "unknown";
      progress.told.push({ id, kind, outcome });
      return;
    }
    expect(stderr, `${words[kind](id).join(" ")}`).toMatch(NOT_DONE);
    await delay(50);
  }
}

async function shell(cluster: Cluster, number: number, progress: Progress): Promise<void> {
  const kinds: readonly Kind[] = ["create", "ts-add", "add"];
  for (let count = 0; !progress.over; count++) {
    const kind = kinds[count % kinds.length] ?? "add";
    await insist(cluster, `shell${number}-${count}`, kind, progress);
  }
}

/** Runs a batch to its end, whatever becomes of its lines. */
function nbctlBatch(remotes: string, input: string): Promise<{ stdout: string; stderr: string }> {
  const args = [bundle("ovn-ic-nbctl"), `--db=${remotes}`, "--batch=-", "--keep-going"];
  const options = { encoding: "utf8", timeout: 60_000, killSignal: "SIGKILL" } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error?.killed === true) reject(error);
      else resolve({ stdout, stderr });
    });
    child.stdin?.end(input);
  });
}

/**
 * Runs batches, so that hardly a moment passes without a transaction under way; lines that failed come again.
 */
async function batches(cluster: Cluster, number: number, progress: Progress): Promise<void> {
  let next = 0;
  let ids: string[] = [];
  while (!progress.over || ids.length > 0) {
    while (!progress.over && ids.length < LINES_PER_BATCH) ids.push(`batch${number}-${next++}`);
    const input = ids.map((id) => `ts-add ${id}\n`).join("");
    const { stderr, stdout } = await nbctlBatch(cluster.remotes, input);
    expect(stdout).toBe("");
    const failed = new Map<string, string>();
    for (const line of stderr.split("\n").filter((text) => text !== "")) {
      const [, at, message] = /^ovn-ic-nbctl: <stdin>:(\d+): (.*)$/.exec(line) ?? [];
      const id = ids[Number(at) - 1];
      if (id === undefined || message === undefined) throw new Error(`unexpected: ${line}`);
      failed.set(id, `ovn-ic-nbctl: ${message}\n`);
    }
    const again: string[] = [];
    for (const id of ids) {
      const message = failed.get(id);
      if (message === undefined) progress.done += 1;
      else progress.failures += 1;
      if (message === undefined) progress.told.push({ id, kind: "ts-add", outcome: "done" });
      else if (message.startsWith(IN_FLIGHT)) progress.told.push({ id, kind: "ts-add", outcome: "unknown" });
      else {
        expect(message).toMatch(NOT_DONE);
        again.push(id);
      }
    }
    if (again.length === ids.length) await delay(50);
    ids = again;
  }
}

/** Kills the leader, waits until lines succeed without it, and brings it back. */
async function replaceLeader(cluster: Cluster, progress: Progress): Promise<void> {
  const before = progress.done;
  const leader = await cluster.leader();
  await leader.kill("SIGKILL");
  await until(
    () => progress.done >= before + SHELLS + 2,
    "lines succeed again, since the leader was killed",
    30_000,
  );
  await leader.restart();
  await ovsdbClient("wait", leader.remote, cluster.database, "connected");
}

async function contents(cluster: Cluster): Promise<{ names: string[]; keys: string[] }> {
  const { remote } = await cluster.leader();
  const select = { op: "select", table: "Transit_Switch", where: [], columns: ["name", "external_ids"] };
  const [result] = await transact(remote, cluster.database, select);
  const text = JSON.stringify(result);
  return {
    names: [...text.matchAll(/"name":"([^"]+)"/g)].map(([, name = ""]) => name),
    keys: [...text.matchAll(/\["([^"]+)","1"\]/g)].map(([, key = ""]) => key),
  };
}

test(
  `lines on a cluster are done once each while ${KILLS} leaders are killed`,
  async () => {
    const cluster = await startCluster({ schema, electionTimer: 200 });
    onTestFinished(() => cluster.stop());
    await nbctl(cluster.remotes, "ts-add", "common");
    const progress: Progress = { over: false, done: 0, failures: 0, told: [] };
    const shells = Array.from({ length: SHELLS }, (_, number) => shell(cluster, number, progress));
    for (let number = 0; number < 2; number++) shells.push(batches(cluster, number, progress));
    const kill = async () => {
      for (let count = 0; count < KILLS; count++) await replaceLeader(cluster, progress);
    };
    await Promise.race([kill(), Promise.all(shells)]).finally(() => {
      progress.over = true;
    });
    await Promise.all(shells);

    const { names, keys } = await contents(cluster);
    const there = (one: Told) => (one.kind === "add" ? keys : names).filter((id) => id === one.id).length;
    const counts = { done: 0, "there, uuid unknown": 0, unknown: 0 };
    for (const one of progress.told) {
      counts[one.outcome] += 1;
      if (one.outcome === "unknown") expect(there(one), one.id).toBeLessThanOrEqual(1);
      else expect({ ...one, there: there(one) }).toEqual({ ...one, there: 1 });
    }
    expect(new Set(names).size, "no name is there twice").toBe(names.length);
    console.log(`${KILLS} leaders killed: ${JSON.stringify(counts)}, ${progress.failures} failures`);
  },
  full ? 900_000 : 120_000,
);

/**
 * A server behind a proxy that cuts the connection when the first transaction has passed, or just before
 * that.
 */
async function cutAtCommit(how: "cutWhen" | "cutBefore" = "cutWhen") {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  await nbctl(server.remote, "ts-add", "common");
  const proxy = await startProxy({ target: server.remote });
  onTestFinished(() => proxy.stop());
  const cut = proxy[how](
    ({ from, text }) => from === "client" && text.includes('"transact"') && text.includes('"comment"'),
  );
  return { server, proxy, cut };
}

const lost = "ovn-ic-nbctl: the connection was lost while the transaction was under way: ";

test.each([
  [["ts-add", "ts1"], ""],
  [["ts-add", "ts1", "--", "set", "Transit_Switch", "ts1", "external_ids:a=b"], ""],
  [["ts-del", "common"], ""],
  [["add", "Transit_Switch", "common", "external_ids", "a=b"], ""],
  [["set", "Transit_Switch", "common", "other_config:a=b"], ""],
  [["create", "Transit_Switch", "name=ts1"], `${lost}the new rows are there\n`],
])("%j is done once when its answer is lost", async (line, stderr) => {
  const { server, proxy, cut } = await cutAtCommit();
  const ended = await nbctl(proxy.remote, ...line);
  await cut;
  expect(ended).toMatchObject({ stdout: "", stderr, status: stderr === "" ? 0 : 1 });
  const { stdout } = await nbctl(
    server.remote,
    "--columns=name,external_ids,other_config",
    "list",
    "Transit_Switch",
  );
  const direct = await startStandalone({ schema });
  onTestFinished(() => direct.stop());
  await nbctl(direct.remote, "ts-add", "common");
  await nbctl(direct.remote, ...line);
  const rows = (text: string) => text.trim().split("\n\n").sort();
  const expected = await nbctl(
    direct.remote,
    "--columns=name,external_ids,other_config",
    "list",
    "Transit_Switch",
  );
  expect(rows(stdout)).toEqual(rows(expected.stdout));
});

test("a line that the server never saw is done on the next connection", async () => {
  const { server, proxy, cut } = await cutAtCommit("cutBefore");
  const ended = nbctl(proxy.remote, "create", "Transit_Switch", "name=ts1");
  await cut;
  expect(await ended).toMatchObject({
    stdout: expect.stringMatching(/^[0-9a-f-]{36}\n$/),
    stderr: "",
    status: 0,
  });
  const { stdout } = await nbctl(
    server.remote,
    "--bare",
    "--columns=name",
    "find",
    "Transit_Switch",
    "name=ts1",
  );
  expect(stdout).toBe("ts1\n");
});

test("a line whose outcome can't be found out says so, within a while", async () => {
  const { server, proxy, cut } = await cutAtCommit();
  const ended = nbctl(proxy.remote, "ts-add", "ts1");
  await cut;
  await server.kill("SIGKILL");
  const { status, stderr } = await ended;
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `${lost}it is not known whether it was applied\n`,
  });
});
