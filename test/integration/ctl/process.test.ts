// How the programs behave as processes: start, output, end; and on servers of another age.

import { execFileSync, spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { startStandalone, transact } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { bundle, nbctl, start } from "./programs.ts";

async function startServer(schema: string | object = "/usr/share/ovn/ovn-ic-nb.ovsschema") {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  return server;
}

/** Node's own modules that a command line loads, beyond those that every process has. */
function loadedModules(...words: string[]): string {
  const script = `
    process.argv = ${JSON.stringify([process.execPath, "ovn-ic-nbctl", ...words])};
    const known = new Set(process.moduleLoadList);
    process.on("exit", () => {
      const loaded = process.moduleLoadList.filter((name) => !known.has(name));
      require("node:fs").writeSync(2, "\\nLOADED " + loaded.join(" "));
    });
    require(${JSON.stringify(bundle("ovn-ic-nbctl"))});`;
  const { stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  expect(stderr).toContain("\nLOADED ");
  return stderr.slice(stderr.indexOf("LOADED"));
}

test.each([["--version"], ["--help"], ["--commands"], ["--options"], ["no-such-command"], ["ts-add"]])(
  "%s loads neither sockets nor TLS nor the client",
  (word) => expect(loadedModules(word)).not.toMatch(/NativeModule (net|tls|crypto|stream)\b/),
);

test.each([["ts-list"], ["ts-add"]])(
  "%s on a unix socket loads neither TLS nor names nor what measures performance",
  async (command) => {
    const { remote } = await startServer();
    const loaded = loadedModules(`--db=${remote}`, command, ...(command === "ts-add" ? ["ts1"] : []));
    expect(loaded).toMatch(/NativeModule net\b/);
    expect(loaded).not.toMatch(/NativeModule (tls|crypto|dns|perf_hooks)\b/);
  },
);

test("--version names the program, its version and the schema's", () => {
  const text = execFileSync(process.execPath, [bundle("ovn-ic-nbctl"), "--version"], { encoding: "utf8" });
  expect(text).toMatch(/^ovn-ic-nbctl \d+\.\d+\.\d+ \(ovn-ic-tools\)\nDB Schema 1\.4\.0\n$/);
});

test("-t ends the process by SIGALRM, after a line in the log", async () => {
  const { remote } = await startServer();
  const { signal, stderr, stdout } = await nbctl(remote, "-t", "1", "wait-until", "Transit_Switch", "x");
  expect({ signal, stdout }).toEqual({ signal: "SIGALRM", stdout: "" });
  expect(stderr).toMatch(/^\S+\|00001\|fatal_signal\|WARN\|terminating with signal 14 \(Alarm clock\)\n$/);
});

test.each([
  ["SIGTERM", "15 (Terminated)"],
  ["SIGINT", "2 (Interrupt)"],
  ["SIGHUP", "1 (Hangup)"],
] as const)("%s ends the process, after a line in the log", async (name, description) => {
  const { remote } = await startServer();
  const words = ["wait-until", "Transit_Switch", "x"];
  const waiting = start("ovn-ic-nbctl", remote, "-vic_nbctl:console:dbg", ...words);
  await new Promise((resolve) => waiting.process.stderr?.once("data", resolve));
  waiting.process.kill(name);
  const { signal, stderr } = await waiting.ended;
  expect(signal).toBe(name);
  expect(stderr).toMatch(/^[^\n]+Called as ovn-ic-nbctl [^\n]+\n[^\n]+\n$/);
  expect(stderr.endsWith(`|00002|fatal_signal|WARN|terminating with signal ${description}\n`)).toBe(true);
});

test("output of a program is whole for a reader that is slow, and one that leaves is no error", async () => {
  const { remote } = await startServer();
  const names = Array.from({ length: 3000 }, (_, i) => `transit-switch-with-a-long-name-${i}`);
  const operations = names.map((name) => ({ op: "insert", table: "Transit_Switch", row: { name } }));
  for (let at = 0; at < operations.length; at += 500) {
    await transact(remote, "OVN_IC_Northbound", ...operations.slice(at, at + 500));
  }
  const slow = start("ovn-ic-nbctl", remote, "ts-list");
  slow.process.stdout?.pause();
  await new Promise((resolve) => slow.process.stdout?.once("readable", resolve));
  slow.process.stdout?.resume();
  const { stdout, status } = await slow.ended;
  expect({ status, lines: stdout.split("\n").length }).toEqual({ status: 0, lines: names.length + 1 });
  const leaving = start("ovn-ic-nbctl", remote, "ts-list");
  leaving.process.stdout?.destroy();
  expect(await leaving.ended).toMatchObject({ status: 0, stderr: "" });
});

test("on the newest schema its tables are there, and names are abbreviated against them", async () => {
  const { remote } = await startServer(icNb);
  const words = [
    "--id=@p",
    "create",
    "Transit_Switch_Port",
    "name=p1",
    "--",
    "create",
    "Transit_Switch",
    "name=ts1",
    "ports=@p",
  ];
  expect(await nbctl(remote, ...words)).toMatchObject({ status: 0, stderr: "" });
  expect((await nbctl(remote, "get", "Transit_Switch_Port", "p1", "name")).stdout).toBe("p1\n");
  const { stderr, status } = await nbctl(remote, "list", "transit");
  expect(status).toBe(1);
  expect(stderr).toBe(
    'ovn-ic-nbctl: "transit" matches multiple table names: ' +
      "Transit_Router, Transit_Router_Port, Transit_Switch, Transit_Switch_Port\n",
  );
});

test("a program refuses a server of another database", async () => {
  const { remote } = await startServer("/usr/share/ovn/ovn-ic-sb.ovsschema");
  const { status, stderr } = await nbctl(remote, "ts-list");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ovn-ic-nbctl: unix:\S+: database connection failed \(.*\)\n$/);
});

test("a word that is nearly a command is followed by a suggestion", () => {
  const { status, stderr } = spawnSync(process.execPath, [bundle("ovn-ic-nbctl"), "ts-ad", "x"], {
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toBe("ovn-ic-nbctl: unknown command 'ts-ad'; use --help for help\nDid you mean 'ts-add'?\n");
});
