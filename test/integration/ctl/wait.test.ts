// --wait=sb and sync: what is counted, what is waited for, and when the output comes.

import { expect, onTestFinished, test } from "vitest";
import { startStandalone, transact } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { nbctl, start } from "./programs.ts";

async function startServer(schema: string | object = icNb) {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  return server;
}

/** Says, as the controllers do, that the southbound database is as far as `value`. */
function catchUp(remote: string, value: number) {
  const row = { sb_ic_cfg: value };
  return transact(remote, "OVN_IC_Northbound", { op: "update", table: "IC_NB_Global", where: [], row });
}

test("--wait: the output comes when the line is committed, the end when the southbound database has caught up", async () => {
  const { remote } = await startServer();
  const { process: child, ended } = start(
    "ovn-ic-nbctl",
    remote,
    "--wait=sb",
    "create",
    "Transit_Switch",
    "name=a",
  );
  const [first] = await new Promise<Buffer[]>((resolve) =>
    child.stdout?.once("data", (...args) => resolve(args)),
  );
  expect(first?.toString()).toMatch(/^[0-9a-f-]{36}\n$/);
  expect(child.exitCode).toBe(null);
  expect((await nbctl(remote, "get", "IC_NB_Global", ".", "nb_ic_cfg")).stdout).toBe("1\n");
  await catchUp(remote, 1);
  expect(await ended).toMatchObject({ status: 0, stderr: "" });
});

test("--wait: a line that changes nothing counts nothing and waits for nothing; sync does both", async () => {
  const { remote } = await startServer();
  await nbctl(remote, "ts-add", "ts1");
  expect(await nbctl(remote, "--wait=sb", "--may-exist", "ts-add", "ts1")).toMatchObject({
    status: 0,
    stderr: "",
  });
  expect((await nbctl(remote, "get", "IC_NB_Global", ".", "nb_ic_cfg")).stdout).toBe("0\n");
  expect(await nbctl(remote, "sync")).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect((await nbctl(remote, "-vinfo", "sync")).stderr).toContain(
    '"sync" command has no effect without --wait',
  );
  expect(await nbctl(remote, "--dry-run", "--wait=sb", "sync")).toMatchObject({ status: 0, stderr: "" });
  expect((await nbctl(remote, "get", "IC_NB_Global", ".", "nb_ic_cfg")).stdout).toBe("0\n");
  const waiting = await nbctl(remote, "-t", "1", "--wait=sb", "sync");
  expect(waiting.signal).toBe("SIGALRM");
  await catchUp(remote, 5);
  expect(await nbctl(remote, "--wait=sb", "sync")).toMatchObject({ status: 0, stderr: "" });
  expect((await nbctl(remote, "get", "IC_NB_Global", ".", "nb_ic_cfg")).stdout).toBe("2\n");
});

test("on a server that can't count, --wait=sb says so and nothing is written", async () => {
  const { remote } = await startServer("/usr/share/ovn/ovn-ic-nb.ovsschema");
  expect(await nbctl(remote, "--wait=sb", "ts-add", "x")).toMatchObject({
    status: 1,
    stdout: "",
    stderr:
      "ovn-ic-nbctl: --wait=sb: the database (OVN_IC_Northbound 1.0.0) lacks column nb_ic_cfg of table IC_NB_Global; " +
      "upgrade its schema\n",
  });
  expect((await nbctl(remote, "ts-list")).stdout).toBe("");
});
