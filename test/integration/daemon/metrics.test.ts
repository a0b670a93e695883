// What `--metrics-listen` serves, a real Prometheus that reads it, and the files in contrib that go with it.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { METRICS } from "../../../src/commands/ovn-ic/daemon/metrics.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import {
  Background,
  environment,
  makeDirectory,
  OURS,
  ROOT,
  runProgram,
} from "../../harness/programs/ic-daemon.ts";
import { until } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";

const contrib = join(ROOT, "contrib");
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ azs: ["az1"], routes: true });
});
afterAll(() => sandbox?.stop());

/** Starts a daemon; gives the address of its metrics. */
async function start(databases: NodeJS.ProcessEnv): Promise<{ daemon: Background; address: string }> {
  const daemon = await Background.start(OURS, { args: ["-vconsole:off", "--metrics-listen=0"], databases });
  const said = daemon.log.find((line) => line.startsWith("ovn_ic|INFO|metrics at http://127.0.0.1:")) ?? "";
  return { daemon, address: said.replace(/^.*http:\/\/([^/]*)\/metrics$/, "$1") };
}

function zone(): NodeJS.ProcessEnv {
  const az1 = sandbox.azs.get("az1");
  return { ...sandbox.env, OVN_NB_DB: az1?.nb, OVN_SB_DB: az1?.sb };
}

async function get(address: string, path: string): Promise<readonly [status: number, body: string]> {
  const response = await fetch(`http://${address}${path}`);
  return [response.status, await response.text()];
}

/** The value of one series. */
async function value(address: string, series: string): Promise<number> {
  const [, body] = await get(address, "/metrics");
  const line = body.split("\n").find((one) => one.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

test("the metrics of an active controller", async () => {
  const { daemon, address } = await start(zone());
  await until(async () => (await get(address, "/readyz"))[0] === 200, "it is ready");
  await until(async () => (await value(address, "ovn_ic_status")) === 1, "it is active");
  for (const database of ["nb", "sb", "ic_nb", "ic_sb"])
    expect(await value(address, `ovn_ic_${database}_connection_status`)).toBe(1);
  await until(async () => (await value(address, 'ovn_ic_zone_info{az="az1"}')) === 1, "the zone has a name");
  const [, body] = await get(address, "/metrics");
  for (const name of Object.keys(METRICS)) expect(body).toContain(`# HELP ${name} `);
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  expect(await value(address, `ovn_ic_build_info{version="${version}"}`)).toBe(1);
  await until(async () => (await value(address, "ovn_ic_txn_success_total")) > 0, "it has written");
  expect(await value(address, 'ovn_ic_units_planned_total{planner="availability-zone"}')).toBeGreaterThan(0);
  expect(
    await value(address, 'ovn_ic_pass_duration_seconds_count{stage="availability-zone"}'),
  ).toBeGreaterThan(0);
  expect(await daemon.appctl("pause")).toMatchObject({ status: 0 });
  await until(async () => (await value(address, "ovn_ic_status")) === 2, "it is paused");
  expect(await get(address, "/readyz")).toEqual([200, "ok\n"]);
});

test("metrics of routes, and of why some aren't there", async () => {
  const { address } = await start(zone());
  const nbctl = (...words: string[]) => sandbox.run("ovn-nbctl", words, "az1");
  await sandbox.run("ovn-ic-nbctl", ["--may-exist", "ts-add", "ts1"]);
  await until(async () => (await nbctl("ls-list")).includes("ts1"), "there is a switch ts1");
  await nbctl(
    ...commands(
      "lr-add lr1",
      "lrp-add lr1 lr1-ts1 aa:aa:aa:aa:aa:01 169.254.100.1/24",
      "lrp-add lr1 lr1-ls1 aa:aa:aa:aa:aa:02 10.0.1.1/24",
      "lr-route-add lr1 0.0.0.0/0 10.0.1.9",
      "lsp-add ts1 ts1-lr1",
      "lsp-set-addresses ts1-lr1 router",
      "lsp-set-type ts1-lr1 router",
      "lsp-set-options ts1-lr1 router-port=lr1-ts1",
    ),
  );
  const advertised = 'ovn_ic_routes{az="az1",transit_switch="ts1",direction="advertised",origin="connected"}';
  await until(async () => (await value(address, advertised)) === 1, "one route is advertised");
  const dropped = /^ovn_ic_dropped_candidates\{reason="[a-z-]*default[a-z-]*"\} 1$/m;
  await until(async () => dropped.test((await get(address, "/metrics"))[1]), "one is left out");
});

test("without databases the daemon is alive, and not ready", async () => {
  const { address } = await start({});
  expect(await get(address, "/healthz")).toEqual([200, "ok\n"]);
  expect(await get(address, "/readyz")).toEqual([
    503,
    "waiting for OVN_Northbound, OVN_Southbound, OVN_IC_Northbound, OVN_IC_Southbound\n",
  ]);
  expect(await value(address, "ovn_ic_status")).toBe(0);
  expect((await get(address, "/etc/passwd"))[0]).toBe(404);
  expect((await fetch(`http://${address}/metrics`, { method: "POST" })).status).toBe(405);
});

test("an address for metrics that can't be had, or is none, keeps the daemon from starting", async () => {
  const { daemon, address } = await start({});
  const env = environment(makeDirectory());
  for (const [where, reason] of [
    [address, `${address}: could not listen there (Address already in use)`],
    ["host:port", '"host:port" is no address to listen at: it is PORT, ADDRESS:PORT or [ADDRESS]:PORT'],
  ]) {
    const ended = await runProgram([...OURS, "--detach", "-vconsole:off", `--metrics-listen=${where}`], env);
    expect(ended).toEqual({ stdout: "", stderr: `ovn-ic: ${reason}\n`, status: 1 });
  }
  await daemon.end();
});

test("Prometheus's rules in contrib say what they should", async () => {
  const directory = join(contrib, "prometheus");
  const promtool = (...words: string[]) => runProgram(["promtool", ...words]);
  expect(await promtool("test", "rules", join(directory, "ovn-ic.rules.test.yml"))).toMatchObject({
    status: 0,
  });
  expect(await promtool("check", "config", join(directory, "prometheus.yml"))).toMatchObject({ status: 0 });
});

/** Every name of a metric in the rules and the dashboard. */
function namesUsed(): Set<string> {
  const text = ["prometheus/ovn-ic.rules.yml", "grafana/ovn-ic.json"].map((name) =>
    readFileSync(join(contrib, name), "utf8"),
  );
  return new Set(text.join("\n").match(/\b(ovn_ic|process)_[a-z_]+\b/g));
}

test("Prometheus's rules and the dashboard use metrics that there are", () => {
  const known = Object.keys(METRICS);
  const unknown = [...namesUsed()].filter((name) => !known.includes(name.replace(/_bucket$/, "")));
  expect(unknown).toEqual([]);
});

test("a Prometheus reads a running controller, and can evaluate every expression of the dashboard", async () => {
  const { address } = await start(zone());
  const directory = makeDirectory();
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    scrape_configs: [
      { job_name: "ovn-ic", static_configs: [{ targets: [address], labels: { zone: "az1" } }] },
    ],
    rule_files: [join(contrib, "prometheus/ovn-ic.rules.yml")],
  };
  writeFileSync(join(directory, "prometheus.yml"), JSON.stringify(config));
  const port = await freePort();
  const child = spawn(
    "prometheus",
    [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  const query = async (expression: string): Promise<Answer> => {
    const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse(await (await fetch(url)).text());
  };
  const up = () =>
    query('ovn_ic_status{zone="az1"} == 1').then(
      ({ data }) => data.result.length === 1,
      () => false,
    );
  await until(up, "Prometheus knows that it is active");
  const dashboard: { panels: { targets: { expr: string }[] }[] } = JSON.parse(
    readFileSync(join(contrib, "grafana/ovn-ic.json"), "utf8"),
  );
  for (const { expr } of dashboard.panels.flatMap((panel) => panel.targets)) {
    expect(await query(expr.replaceAll("$zone", ".*")), expr).toMatchObject({ status: "success" });
  }
});

/** Of Prometheus' HTTP API. */
interface Answer {
  readonly status: string;
  readonly data: { readonly result: readonly unknown[] };
}

/** A port that nobody listens at now. */
async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
