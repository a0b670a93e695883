// SIGUSR1 opens a port for debuggers in no form that runs for long, whenever it comes, and each goes on
// working.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { environment, makeDirectory, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";
import { isAlive } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ azs: ["az1"], northd: false });
});
afterAll(() => sandbox?.stop());

/** Sends the signal right after a handler for it is there, in every process of the program. */
const EARLY = `
  const { on } = process;
  process.on = function (name, listener) {
    on.call(this, name, listener);
    if (name === "SIGUSR1") process.kill(process.pid, name);
    return this;
  };
`;

/** Sends it before the program's first line, and waits until the port is open. */
const TOO_EARLY = `
  process.kill(process.pid, "SIGUSR1");
  const { url } = require("node:inspector");
  while (url() === undefined);
`;

/** One form, in a directory of its own. */
interface Form {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Whether it does its work. */
  works(running: Running): Promise<boolean>;
}

interface Running {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stderr: () => string;
  readonly stdout: () => string;
}

const appctl = async ({ env }: Running, ...words: string[]) =>
  (await runProgram(["ovn-appctl", "-t", "ovn-ic", ...words], env)).stdout;

const forms: readonly Form[] = [
  {
    name: "the daemon",
    program: "ovn-ic",
    args: ["--pidfile", "-vconsole:off"],
    works: async (running) => /^Status: (active|standby)\n/.test(await appctl(running, "status")),
  },
  {
    name: "the daemon, its monitor, and both in the background",
    program: "ovn-ic",
    args: ["--pidfile", "-vconsole:off", "--monitor", "--detach"],
    works: async (running) => /^Status: (active|standby)\n/.test(await appctl(running, "status")),
  },
  {
    name: "ovn-ic-nbctl --detach",
    program: "ovn-ic-nbctl",
    args: ["--pidfile", "--detach", "--monitor", "--unixctl=nbctl.ctl"],
    works: async ({ directory, env }) => {
      const line = ["ovs-appctl", "-t", join(directory, "nbctl.ctl"), "run", "ts-list"];
      return (await runProgram(line, env)).status === 0;
    },
  },
  {
    name: "ovn-ic sync --watch",
    program: "ovn-ic",
    args: ["sync", "--watch"],
    works: async ({ stdout }) => /^(active|standby)$/m.test(stdout()),
  },
  {
    name: "ovn-ic sandbox",
    program: "ovn-ic",
    args: ["sandbox", "--az", "az1", "--no-northd"],
    works: async ({ stderr }) => stderr().includes("Ctrl-C stops it"),
  },
];

/** Starts a form; `first` runs in each of its Node.js processes before the program does. */
async function start(form: Form, first: string): Promise<Running> {
  const directory = makeDirectory();
  const hook = join(directory, "first.cjs");
  writeFileSync(hook, first);
  const zone = sandbox.azs.get("az1");
  const databases = { ...sandbox.env, OVN_NB_DB: zone?.nb, OVN_SB_DB: zone?.sb, TMPDIR: directory };
  const env = environment(directory, databases);
  const words = ["--inspect-port=0", "--require", hook, join(ROOT, `dist/${form.program}.cjs`), ...form.args];
  const child = spawn(process.execPath, words, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => (output[name] += chunk.toString()));
  onTestFinished(() => end(child, directory));
  const running = { directory, env, stdout: () => output.stdout, stderr: () => output.stderr };
  await until(() => form.works(running), `${form.name} works: ${output.stderr}`);
  // What started one in the background has nothing more to do, but may be a while about it.
  if (form.args.includes("--detach")) await until(() => child.exitCode !== null, "the starter has ended");
  return running;
}

async function end(child: ChildProcess, directory: string): Promise<void> {
  child.kill("SIGTERM");
  const pids = () => processesOf(directory);
  for (const pid of pids()) if (pid !== child.pid) tryKill(pid);
  await until(() => pids().length === 0, "all of them have ended");
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended already.
  }
}

/** The Node.js processes that were started with the hook of a directory. */
function processesOf(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => isAlive(pid) && words(pid).includes(join(directory, "first.cjs")));
}

function words(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** The TCP sockets at which a process listens. */
function listening(pid: number): string[] {
  const own = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  const lines = readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1);
  return lines.filter((line) => {
    const [, , , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return state === "0A" && own.has(inode);
  });
}

describe.each(forms)("SIGUSR1 opens no port for debuggers of $name", (form) => {
  test("a signal that comes at once, and one that comes late", async () => {
    const running = await start(form, EARLY);
    const pids = processesOf(running.directory);
    expect(pids.length).toBeGreaterThan(0);
    for (const pid of pids) process.kill(pid, "SIGUSR1");
    expect(await form.works(running)).toBe(true);
    expect(processesOf(running.directory)).toEqual(pids);
    expect(pids.flatMap(listening)).toEqual([]);
    expect(running.stderr()).not.toContain("Debugger");
  });

  test("one that came before the program's first line", async () => {
    const running = await start(form, TOO_EARLY);
    const pids = processesOf(running.directory);
    await until(() => pids.flatMap(listening).length === 0, "the ports are closed");
    expect(await form.works(running)).toBe(true);
  });
});
