/**
 * What people who are rude to `--metrics-listen` can do to a controller, while a probe asks for /healthz each
 * second, and routes are made that the controller advertises. Three kinds of phases take turns: quiet ones;
 * such with 500 clients that are rude, in six ways; and such where these are rude to another daemon on this
 * machine, which tells what of the difference is only that the machine has more to do.
 *
 *     npm run bench -- rude [--clients=N] [--seconds=N] [--rounds=N] [--dist=DIRECTORY] [--port-only]
 *
 * With --dist another build is measured; with --port-only no routes are made.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { OvsdbClient } from "ovsdb-client-ts";
import { nb } from "../src/core/schema/nb.ts";
import { startSandbox } from "../src/sandbox/index.ts";
import { commands } from "../test/harness/words.ts";

// The bundle that runs this lies in dist/run.
const root = join(import.meta.dirname, "../..");
const argument = (name: string, otherwise: string) =>
  process.argv.find((word) => word.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise;
const CLIENTS = argument("clients", "500");
const SECONDS = Number(argument("seconds", "60"));
const ROUNDS = Number(argument("rounds", "2"));
const DIST = argument("dist", join(root, "dist"));
const withRoutes = !process.argv.includes("--port-only");

const sandbox = await startSandbox({ azs: ["az1"], routes: true });
const zone = sandbox.azs.get("az1");
if (zone === undefined) throw new Error("no zone");
const env = { ...process.env, ...sandbox.env, OVN_NB_DB: zone.nb, OVN_SB_DB: zone.sb, OVN_RUNDIR: zone.dir };
const log = join(zone.dir, "measured.log");
const daemon = startDaemon(log, env);
const otherLog = join(zone.dir, "other.log");
const variables = ["OVN_NB_DB", "OVN_SB_DB", "OVN_IC_NB_DB", "OVN_IC_SB_DB"];
const other = startDaemon(otherLog, {
  ...env,
  ...Object.fromEntries(variables.map((name) => [name, "unix:none"])),
});
const witness = await OvsdbClient.connect({ remotes: sandbox.icSb, database: "OVN_IC_Southbound" });

/** What is seen in one phase. */
interface Phase {
  readonly probes: number[];
  unanswered: number;
  readonly routes: number[];
  peak: number;
  cpu: number;
}

const KINDS = ["quiet", "elsewhere", "rude"] as const;
type Kind = (typeof KINDS)[number];

try {
  const port = await portOf(log);
  const otherPort = await portOf(otherLog);
  if (withRoutes) await connectRouter();
  await probe(port);
  const phases: Record<Kind, Phase[]> = { quiet: [], elsewhere: [], rude: [] };
  const start = rss();
  console.log(`${CLIENTS} rude clients, ${ROUNDS} times ${SECONDS} s; RSS before ${start.toFixed(0)} MiB`);
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      const clients = kind === "quiet" ? null : rudeClients(kind === "rude" ? port : otherPort);
      // The first seconds of both are alike: nobody is measured while a process starts.
      await delay(2000);
      const phase = await measure(port);
      phases[kind].push(phase);
      const came = clients === null ? "" : `, ${await gone(clients)} connections`;
      console.log(`${kind}: ${describe(phase)}, RSS up to +${(phase.peak - start).toFixed(0)} MiB${came}`);
    }
  }
  const routes = (kind: Kind) => median(phases[kind].flatMap((phase) => phase.routes));
  if (withRoutes) {
    for (const kind of ["quiet", "elsewhere"] as const)
      console.log(`route, rude / ${kind}: ${(routes("rude") / routes(kind)).toFixed(2)}`);
  }
} finally {
  daemon.kill("SIGTERM");
  other.kill("SIGTERM");
  await witness.close();
  await sandbox.stop();
}

async function measure(port: number): Promise<Phase> {
  const phase: Phase = { probes: [], unanswered: 0, routes: [], peak: 0, cpu: 0 };
  const end = performance.now() + SECONDS * 1000;
  const cpu = ticks();
  const watch = setInterval(() => {
    phase.peak = Math.max(phase.peak, rss());
  }, 100);
  const probing = (async () => {
    const under: Promise<void>[] = [];
    while (performance.now() < end) {
      under.push(
        probe(port).then(
          (milliseconds) => void phase.probes.push(milliseconds),
          () => void phase.unanswered++,
        ),
      );
      await delay(1000);
    }
    await Promise.all(under);
  })();
  if (withRoutes) await makeRoutes(end, phase.routes);
  await probing;
  clearInterval(watch);
  phase.cpu = (ticks() - cpu) / SECONDS;
  return phase;
}

function describe({ probes, unanswered, routes, cpu }: Phase): string {
  const ms = (values: readonly number[], part: number) => `${quantile(values, part).toFixed(1)} ms`;
  const parts = [
    `${probes.length} probes answered, median ${ms(probes, 0.5)}, worst ${ms(probes, 1)}, ${unanswered} not within 2 s`,
  ];
  if (routes.length > 0)
    parts.push(`${routes.length} routes, median ${ms(routes, 0.5)}, 95 % ${ms(routes, 0.95)}`);
  return [...parts, `CPU ${cpu.toFixed(0)} %`].join("; ");
}

/** One probe, as a kubelet's. */
async function probe(port: number): Promise<number> {
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
    signal: AbortSignal.timeout(2000),
    headers: { connection: "close" },
  });
  if ((await response.text()) !== "ok\n") throw new Error("a wrong answer");
  return performance.now() - began;
}

function rudeClients(port: number): ChildProcess {
  const script = [join(root, "scripts/run-ts.mjs"), join(root, "bench/rude/clients.ts")];
  return spawn(process.execPath, [...script, String(port), CLIENTS], { stdio: ["pipe", "pipe", "inherit"] });
}

/** Ends them; gives how many connections they made. */
async function gone(clients: ChildProcess): Promise<string> {
  let said = "";
  clients.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = new Promise((resolve) => clients.once("close", resolve));
  clients.stdin?.end();
  await ended;
  return said;
}

function startDaemon(file: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const words = ["--metrics-listen=0", `--log-file=${file}`, "-vconsole:off"];
  return spawn(process.execPath, [join(DIST, "ovn-ic.cjs"), ...words], { env: environment, stdio: "ignore" });
}

async function portOf(file: string): Promise<number> {
  for (;;) {
    const [, port] = /metrics at http:\/\/127\.0\.0\.1:(\d+)\//.exec(read(file)) ?? [];
    if (port !== undefined) return Number(port);
    await delay(20);
  }
}

async function connectRouter(): Promise<void> {
  const nbctl = (...words: string[]) => sandbox.run("ovn-nbctl", words, "az1");
  await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  await nbctl("--timeout=60", "wait-until", "Logical_Switch", "ts1");
  await nbctl(
    ...commands(
      "lr-add lr1",
      "lrp-add lr1 lr1-net aa:aa:aa:aa:aa:01 10.0.1.1/24",
      "lrp-add lr1 lr1-ts1 aa:aa:aa:aa:aa:02 169.254.100.1/24",
      "lsp-add ts1 ts1-lr1",
      "lsp-set-type ts1-lr1 router",
      "lsp-set-addresses ts1-lr1 router",
      "lsp-set-options ts1-lr1 router-port=lr1-ts1",
    ),
  );
  await advertised("10.0.1.1/24");
  // Which would have more to do than the controller, and is not what is measured.
  sandbox.processes.get("az1/northd")?.kill("SIGSTOP");
}

/**
 * One route after the other, each taken away again; notes how long it took until the other zones could see
 * it.
 */
async function makeRoutes(end: number, times: number[]): Promise<void> {
  const client = await OvsdbClient.connect({ remotes: zone?.nb ?? "", schema: nb });
  const replica = await client.replica({ Logical_Router: {}, Logical_Router_Static_Route: {} }).synced();
  const router = [...replica.table("Logical_Router")][0]?._uuid ?? "";
  for (let n = 0; performance.now() < end; n++) {
    const prefix = `172.16.${(n >> 8) & 255}.${n & 255}/32`;
    const add = replica.transaction();
    const made = add.insert("Logical_Router_Static_Route", { ip_prefix: prefix, nexthop: "10.0.1.9" });
    add.mutate("Logical_Router", router, "static_routes", "insert", [made]);
    const began = performance.now();
    const [result] = await Promise.all([add.commit(), advertised(prefix)]);
    times.push(performance.now() - began);
    if (result.status !== "committed") throw new Error(`a route was not made: ${result.status}`);
    const remove = replica.transaction();
    for (const row of replica.table("Logical_Router_Static_Route"))
      remove.mutate("Logical_Router", router, "static_routes", "delete", [row._uuid]);
    await remove.commit();
    await delay(50);
  }
  await client.close();
}

/** Waits until a route is in the global database. */
async function advertised(prefix: string): Promise<void> {
  const rows = [{ ip_prefix: prefix }];
  const where = [["ip_prefix", "==", prefix]];
  const wait = {
    op: "wait",
    table: "Route",
    where,
    columns: ["ip_prefix"],
    until: "==",
    rows,
    timeout: 60_000,
  };
  const reply = JSON.stringify(
    await witness.session.request("transact", [witness.database, wait], { wait: true }),
  );
  if (reply.includes("error")) throw new Error(reply);
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** CPU time of the controller, in hundredths of a second (proc(5), /proc/PID/stat, fields 14 and 15). */
function ticks(): number {
  const stat = read(`/proc/${daemon.pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Memory of the controller in MiB. */
function rss(): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${daemon.pid}/status`))?.[1]) / 1024;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
