// The daemon on real databases: what its control socket says, what its log says, and what its signals do.

import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { Background, OURS } from "../../harness/programs/ic-daemon.ts";
import { ended } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";

let sandbox: Sandbox;
let databases: NodeJS.ProcessEnv;

beforeAll(async () => {
  sandbox = await startSandbox({ azs: ["az1"] });
  const zone = sandbox.azs.get("az1");
  databases = { ...sandbox.env, OVN_NB_DB: zone?.nb, OVN_SB_DB: zone?.sb };
});
afterAll(() => sandbox?.stop());

const start = (...args: string[]) => Background.start(OURS, { args, databases });

/** Waits for a line of its log. */
const says = (daemon: Background, line: string) =>
  until(() => daemon.log.includes(line), `the log says ${line}:\n${daemon.log.join("\n")}`);

const ACTIVE = "ovn_ic|INFO|ovn-ic lock acquired. This ovn-ic instance is now active.";

async function reply(daemon: Background, ...words: string[]): Promise<string> {
  const { stdout, stderr, status } = await daemon.appctl(...words);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
}

test("the daemon registers the zone; a healthy run logs no warning", async () => {
  const daemon = await start();
  await says(daemon, "ovn_ic|INFO|Register AZ az1 to interconnection DB.");
  expect(await reply(daemon, "status")).toBe("Status: active\n");
  for (const database of ["nb", "sb", "ic-nb", "ic-sb"]) {
    expect(await reply(daemon, `${database}-connection-status`)).toBe("connected\n");
  }
  const { pid, log: path } = { pid: daemon.pid, log: join(daemon.directory, "ovn-ic.log") };
  expect(await reply(daemon, "exit")).toBe("");
  await ended(pid);
  expect(existsSync(daemon.pidfile)).toBe(false);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\|00001\|vlog\|INFO\|opened log file \//);
  expect(lines.filter((line) => !/^[^|]+\|\d{5,}\|[a-z_]+\|INFO\|/.test(line))).toEqual([]);
  const said = lines.map((line) => line.replace(/^[^|]*\|\d+\|/, ""));
  expect(said).toContain(ACTIVE);
  expect(said).toContain("ovn_ic|INFO|OVN ISB lock acquired. This ovn-ic instance is now active.");
});

test("paused, the daemon gives up both locks and writes nothing until it is resumed", async () => {
  const first = await start();
  await says(first, ACTIVE);
  const second = await start();
  await until(
    async () => (await reply(second, "ic-sb-connection-status")) === "connected\n",
    "the second is connected",
  );
  expect(await reply(second, "status")).toBe("Status: standby\n");

  expect(await reply(first, "pause")).toBe("");
  expect(await reply(first, "is-paused")).toBe("true\n");
  expect(await reply(first, "status")).toBe("Status: paused\n");
  await says(second, ACTIVE);
  await says(second, "ovn_ic|INFO|OVN ISB lock acquired. This ovn-ic instance is now active.");
  expect(await reply(second, "pause")).toBe("");
  await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "name=az2"], "az1");
  expect(first.log).toContain("ovn_ic|INFO|This ovn-ic instance is now paused.");

  // Both are connected, and nobody may act.
  await until(async () => (await reply(second, "nb-connection-status")) === "connected\n", "it reads");
  expect(await sandbox.run("ovn-ic-sbctl", ["--bare", "--columns=name", "list", "Availability_Zone"])).toBe(
    "az1\n",
  );
  expect(await reply(second, "resume")).toBe("");
  await sandbox.run("ovn-ic-sbctl", ["--timeout=20", "wait-until", "Availability_Zone", "az2"]);
  expect(await reply(second, "is-paused")).toBe("false\n");
  expect(await reply(first, "status")).toBe("Status: paused\n");
  expect(first.log.filter((line) => /lock lost|WARN|ERR|EMER/.test(line))).toEqual([]);
});

test("the control socket tells the engine's counts: full passes, incremental runs, times", async () => {
  const daemon = await start();
  await says(daemon, ACTIVE);
  const stat = async (kind: string) =>
    Number(await reply(daemon, "inc-engine/show-stats", "availability-zone", kind));
  await until(async () => (await stat("recompute")) > 0, "the first full pass is over");
  const before = await stat("recompute");
  expect(await reply(daemon, "inc-engine/recompute")).toBe("");
  await until(async () => (await stat("recompute")) > before, "one more full pass");
  expect(await reply(daemon, "inc-engine/show-stats", "availability-zone")).toMatch(
    /^Node: availability-zone\n- recompute: {9,}\d+\n- compute: {11,}\d+\n- cancel: {15}0\n$/,
  );
  expect(await reply(daemon, "stopwatch/show", "availability-zone")).toMatch(
    /^Statistics for 'availability-zone'\n {2}Total samples: [1-9]/,
  );
  expect(Number(await reply(daemon, "coverage/read-counter", "engine_full_pass"))).toBeGreaterThan(1);
  expect(await reply(daemon, "coverage/show")).toMatch(/^engine_full_pass {9,}\d+\.\d\/sec .* total: [1-9]/m);
  expect(await reply(daemon, "memory/show")).toMatch(/^rss-kB:\d+ heap-kB:\d+ units:\d+\n$/);
  expect(await reply(daemon, "inc-engine/clear-stats")).toBe("");
  expect(await stat("recompute")).toBe(0);
});

test("SIGHUP opens the log anew; USR1, USR2 and PIPE do nothing; TERM ends the daemon like `exit`", async () => {
  const daemon = await start();
  await says(daemon, ACTIVE);
  const { pid } = daemon;
  renameSync(join(daemon.directory, "ovn-ic.log"), join(daemon.directory, "old.log"));
  for (const signal of ["SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGHUP"] as const) process.kill(pid, signal);
  await until(() => existsSync(join(daemon.directory, "ovn-ic.log")), "there is a new log");
  expect(await reply(daemon, "status")).toBe("Status: active\n");
  process.kill(pid, "SIGTERM");
  await ended(pid);
  expect(existsSync(daemon.pidfile)).toBe(false);
  expect(daemon.log.join()).not.toContain("lock lost");
});

test("rows with long names, of whatever zone, make short lines in the log, and few of them", async () => {
  const long = (n: number) => `gw-${"x".repeat(20_000)}${n}${"x".repeat(20_000)}`;
  for (let n = 0; n < 3; n++) {
    await sandbox.run("ovn-sbctl", ["chassis-add", long(n), "geneve", `192.0.2.${n + 1}`], "az1");
    await sandbox.run(
      "ovn-ic-sbctl",
      commands(
        `--id=@zone create Availability_Zone name=other${n}`,
        `--id=@encap create Encap type=geneve ip=192.0.2.${n + 11}`,
        `create Gateway name=${long(n)} availability_zone=@zone encaps=@encap`,
      ),
    );
  }
  const daemon = await start();
  await says(daemon, ACTIVE);
  await until(() => daemon.log.some((line) => line.includes("|WARN|")), "it warns");
  // All three are looked at in one pass, and after that one.
  const passes = async () => Number(await reply(daemon, "coverage/read-counter", "engine_full_pass"));
  const before = await passes();
  expect(await reply(daemon, "inc-engine/recompute")).toBe("");
  await until(async () => (await passes()) > before, "one more full pass");
  const warnings = daemon.log.filter((line) => line.includes("|WARN|"));
  expect(warnings.map((line) => line.replace(/x+/g, "x"))).toEqual([
    expect.stringMatching(/^ovn_ic\|WARN\|Chassis gw-x… \(\d+ more characters\) …x is of this zone, and/),
  ]);
  for (const line of daemon.log) expect(line.length).toBeLessThan(1200);
  for (let n = 0; n < 3; n++) {
    await sandbox.run("ovn-sbctl", ["chassis-del", long(n)], "az1");
    await sandbox.run("ovn-ic-sbctl", ["destroy", "Gateway", long(n)]);
  }
});

test("--log-format=json: an object a line", async () => {
  const daemon = await start("--log-format=json");
  const lines = () => readFileSync(join(daemon.directory, "ovn-ic.log"), "utf8").trimEnd().split("\n");
  await until(() => lines().some((line) => line.includes("is now active")), "it is active");
  expect(lines().map((line) => Object.keys(JSON.parse(line)))).toEqual(
    lines().map(() => ["time", "number", "module", "level", "text"]),
  );
});
