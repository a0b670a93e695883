/**
 * What a controller costs while it has nothing to do, and what a million changes leave behind: CPU of a core
 * and memory of the daemon, as /proc has them. With OVSDB_TEST_CONTROLLER=c: those of the C program of Debian
 * sid.
 *
 *     npm run bench -- endurance [--seconds=N] [--changes=N]
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { OvsSchema } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { nb } from "../src/core/schema/nb.ts";
import { startSandbox } from "../src/sandbox/index.ts";
import type { Remotes } from "../test/harness/databases/names.ts";
import { DaemonForm } from "../test/harness/faults/daemons.ts";
import { SCHEMAS } from "../test/harness/faults/release.ts";

const argument = (name: string, otherwise: number) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const SECONDS = argument("seconds", 30);
const CHANGES = argument("changes", 1_000_000);
/** Changes in one transaction. */
const BATCH = 1000;
const TICKS_PER_SECOND = 100;

let witness: OvsdbClient<OvsSchema> | null = null;
const sandbox = await startSandbox({ azs: ["az1"], routes: true, schemas: SCHEMAS });
const zone = sandbox.azs.get("az1");
if (zone === undefined) throw new Error("no zone");
const remotes: Remotes = { nb: zone.nb, sb: zone.sb, icNb: sandbox.icNb, icSb: sandbox.icSb };
const active = new DaemonForm(remotes, sandbox.dir);
await active.active;
const standby = new DaemonForm(remotes, sandbox.dir);
await standby.reaches("standby");
try {
  await connectRouter();
  await costOfNothing();
  await costOfChanges();
} finally {
  await Promise.all([active.stop(), standby.stop()]);
  await sandbox.stop();
}

async function connectRouter(): Promise<void> {
  const nbctl = (...words: string[]) => sandbox.run("ovn-nbctl", words, "az1");
  await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  await nbctl(
    "--wait=sb",
    "lr-add",
    "lr1",
    "--",
    "lrp-add",
    "lr1",
    "lr1-net",
    "aa:aa:aa:aa:aa:01",
    "10.0.1.1/24",
  );
  await nbctl("wait-until", "Logical_Switch", "ts1");
  await nbctl("lrp-add", "lr1", "lr1-ts1", "aa:aa:aa:aa:aa:02", "169.254.100.1/24");
  await nbctl("lsp-add", "ts1", "ts1-lr1", "--", "lsp-set-type", "ts1-lr1", "router");
  await nbctl("lsp-set-addresses", "ts1-lr1", "router");
  await nbctl("--wait=sb", "lsp-set-options", "ts1-lr1", "router-port=lr1-ts1");
  await advertised("10.0.1.1/24", true);
}

async function costOfNothing(): Promise<void> {
  const server = sandbox.processes.get("ic-sb");
  if (server === undefined) throw new Error("no server");
  await idle("idle: active", "idle: standby");
  await standby.pause();
  await idle("idle: active", "idle: paused");
  await standby.resume();
  server.kill("SIGSTOP");
  await idle("a server stopped: active", "a server stopped: standby");
  server.kill("SIGCONT");
  server.kill("SIGKILL");
  await server.ended;
  await idle("a server away: active", "a server away: standby");
  await server.start();
}

/** Measures both instances for a while. */
async function idle(ofActive: string, ofStandby: string): Promise<void> {
  await delay(2000);
  const before = [active, standby].map(({ child }) => ticks(child.pid));
  await delay(SECONDS * 1000);
  const spent = [active, standby].map(({ child }, i) => ticks(child.pid) - (before[i] ?? 0));
  for (const [i, name] of [ofActive, ofStandby].entries()) {
    const percent = ((spent[i] ?? 0) / TICKS_PER_SECOND / SECONDS) * 100;
    console.log(`${name.padEnd(40)} ${percent.toFixed(2)} % of a core over ${SECONDS} s`);
  }
}

/** Routes come and go, each of which the controller advertises and withdraws. */
async function costOfChanges(): Promise<void> {
  // Which would have more to do than we have, and is not what is measured.
  sandbox.processes.get("az1/northd")?.kill("SIGSTOP");
  const client = await OvsdbClient.connect({ remotes: remotes.nb, schema: nb });
  const replica = await client.replica({ Logical_Router: {}, Logical_Router_Static_Route: {} }).synced();
  const router = [...replica.table("Logical_Router")][0]?._uuid ?? "";
  const began = performance.now();
  for (let done = 0, i = 0; done < CHANGES; i++) {
    const route = (n: number) => `172.${16 + (i % 8)}.${n >> 8}.${n & 255}/32`;
    const add = replica.transaction();
    for (let n = 0; n < BATCH; n++) {
      const made = add.insert("Logical_Router_Static_Route", { ip_prefix: route(n), nexthop: "10.0.1.9" });
      add.mutate("Logical_Router", router, "static_routes", "insert", [made]);
    }
    await add.commit();
    await advertised(route(BATCH - 1), true);
    const remove = replica.transaction();
    for (const row of replica.table("Logical_Router_Static_Route"))
      remove.mutate("Logical_Router", router, "static_routes", "delete", [row._uuid]);
    await remove.commit();
    await advertised(route(BATCH - 1), false);
    const before = done;
    done += 2 * BATCH;
    for (const mark of [10_000, 100_000, 300_000, 1_000_000])
      if (before < mark && done >= mark) await say(done, began);
  }
  await client.close();
  await witness?.close();
  sandbox.processes.get("az1/northd")?.kill("SIGCONT");
}

async function advertised(prefix: string, there: boolean): Promise<void> {
  const until = there ? "==" : "!=";
  const rows = [{ ip_prefix: prefix }];
  const where = [["ip_prefix", "==", prefix]];
  const wait = { op: "wait", table: "Route", where, columns: ["ip_prefix"], until, rows, timeout: 60_000 };
  witness ??= await OvsdbClient.connect({ remotes: remotes.icSb, database: "OVN_IC_Southbound" });
  const reply = JSON.stringify(
    await witness.session.request("transact", [witness.database, wait], { wait: true }),
  );
  if (reply.includes("error")) throw new Error(reply);
}

async function say(done: number, began: number): Promise<void> {
  const seconds = (performance.now() - began) / 1000;
  const sizes = [active, standby].map(({ child }) => `${(rss(child.pid) / 1024).toFixed(0)} MiB`);
  console.log(
    `${String(done).padStart(9)} changes, ${seconds.toFixed(0)} s: RSS ${sizes.join(", standby ")}`,
  );
}

/** CPU time of a process, in clock ticks (proc(5), /proc/PID/stat, fields 14 and 15). */
function ticks(pid = 0): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Memory of a process in KiB. */
function rss(pid = 0): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]);
}
