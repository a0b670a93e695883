// Lines that run at the same time: each one either happens whole or says why not.

import { expect, onTestFinished, test } from "vitest";
import {
  startCluster,
  startStandalone,
  transact,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { nbctl, start } from "./programs.ts";

const schema = "/usr/share/ovn/ovn-ic-nb.ovsschema";
const database = "OVN_IC_Northbound";

async function startServer() {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  return server;
}

test("of several ts-add of one name at once, one succeeds and the others say that it exists", async () => {
  const { remote } = await startServer();
  const all = await Promise.all(Array.from({ length: 8 }, () => nbctl(remote, "ts-add", "ts1")));
  expect(all.filter(({ status }) => status === 0)).toHaveLength(1);
  const exists = "ovn-ic-nbctl: ts1: a transit switch with this name already exists\n";
  for (const { stderr } of all.filter(({ status }) => status !== 0)) expect(stderr).toBe(exists);
  expect((await nbctl(remote, "ts-list")).stdout.split("\n")).toHaveLength(2);
});

test("keys of one map that are set at once don't lose each other", async () => {
  const { remote } = await startServer();
  await nbctl(remote, "ts-add", "ts1");
  const keys = Array.from({ length: 8 }, (_, i) => `k${i}`);
  const all = await Promise.all(
    keys.map((key) => nbctl(remote, "set", "Transit_Switch", "ts1", `other_config:${key}=x`)),
  );
  expect(all.map(({ status, stderr }) => ({ status, stderr }))).toEqual(
    keys.map(() => ({ status: 0, stderr: "" })),
  );
  const { stdout } = await nbctl(remote, "get", "Transit_Switch", "ts1", "other_config");
  expect(stdout).toBe(`{${keys.map((key) => `${key}=x`).join(", ")}}\n`);
});

test("the row of IC_NB_Global is created once by lines that run at once", async () => {
  const { remote } = await startServer();
  const all = await Promise.all(Array.from({ length: 6 }, () => nbctl(remote, "show")));
  expect(all.map(({ status }) => status)).toEqual(all.map(() => 0));
  expect((await nbctl(remote, "--bare", "--columns=_uuid", "list", "IC_NB_Global")).stdout).toMatch(
    /^\S+\n$/,
  );
});

test("wait-until goes on when the record comes, and the commands after it see it", async () => {
  const { remote } = await startServer();
  const words = [
    "wait-until",
    "Transit_Switch",
    "ts1",
    "other_config:go=yes",
    "--",
    "get",
    "Transit_Switch",
    "ts1",
    "name",
  ];
  const waiting = start("ovn-ic-nbctl", remote, ...words).ended;
  await nbctl(remote, "ts-add", "ts0");
  await nbctl(remote, "ts-add", "ts1");
  await nbctl(remote, "set", "Transit_Switch", "ts1", "other_config:go=no");
  await nbctl(remote, "set", "Transit_Switch", "ts1", "other_config:go=yes");
  expect(await waiting).toEqual({ stdout: "ts1\n", stderr: "", status: 0, signal: null });
});

test("a line of several commands is one transaction, with the line as its comment", async () => {
  const server = await startServer();
  const { status } = await nbctl(server.remote, "ts-add", "a", "--", "ts-add", "b", "--", "ts-add", "a");
  expect(status).toBe(1);
  expect((await nbctl(server.remote, "ts-list")).stdout).toBe("");
  await nbctl(server.remote, "ts-add", "a", "--", "ts-add", "b c");
  const [result] = await transact(server.remote, database, {
    op: "select",
    table: "Transit_Switch",
    where: [],
    columns: ["name"],
  });
  expect(JSON.stringify(result)).toContain('"b c"');
});

test("the leader of a cluster is found among its members, also after it is gone", async () => {
  const cluster = await startCluster({ schema, electionTimer: 200 });
  onTestFinished(() => cluster.stop());
  expect(await nbctl(cluster.remotes, "ts-add", "ts1")).toMatchObject({ status: 0, stderr: "" });
  await (await cluster.leader()).kill("SIGKILL");
  await cluster.leader();
  expect(await nbctl(cluster.remotes, "ts-add", "ts2")).toMatchObject({ status: 0, stderr: "" });
  const { stdout } = await nbctl(
    cluster.remotes,
    "--bare",
    "--columns=name",
    "find",
    "Transit_Switch",
    "name=ts2",
  );
  expect(stdout).toBe("ts2\n");
});
