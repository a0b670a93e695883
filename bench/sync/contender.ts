/** A controller as a process: ours, or the C program. What it costs is read from the kernel's accounting. */
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { programAt } from "../foreign.ts";
import type { Servers } from "./databases.ts";
import { Probe } from "./probe.ts";
import { LimitError } from "./watch.ts";

// The bundle that runs this lies in dist/run.
const root = join(import.meta.dirname, "../..");
const QUIET_MS = 150;
/** CPU time in that while which is still quiet: an idle Node.js has a timer now and then. */
const QUIET_CPU_MS = 2;
const QUIET_WITHIN_MS = 120_000;

/** Something to be measured. */
export interface Contender {
  readonly name: string;
  readonly schemas: string;
  /** Milliseconds of CPU time in a while in which it does nothing. */
  readonly quietCpu: number;
  /** In its own words. */
  version(): string;
  command(servers: Servers, directory: string): { program: string; args: string[]; env?: NodeJS.ProcessEnv };
}

/**
 * The controller of this package, or another build of it, as a daemon.
 *
 * @param profiles a directory to which each process writes a profile of its CPU time, for people who look for
 *   what to improve
 */
export function ours(bundle = join(root, "dist/ovn-ic.cjs"), name = "ours", profiles?: string): Contender {
  const profiling =
    profiles === undefined
      ? []
      : ["--cpu-prof", "--cpu-prof-interval=2000", `--cpu-prof-dir=${resolve(profiles)}`];
  return {
    name,
    schemas: "/usr/share/ovn",
    // A profiler is never quiet.
    quietCpu: profiles === undefined ? QUIET_CPU_MS : 40 * QUIET_CPU_MS,
    version: () => runOnce(process.execPath, bundle, "--version"),
    command: (servers, directory) => ({
      program: process.execPath,
      args: [...profiling, bundle, ...daemonOptions(directory), ...remotes(servers)],
      env: { NODE_OPTIONS: Probe.nodeOptions(root), OVN_IC_BENCH_PROBE: Probe.file(directory) },
    }),
  };
}

/** What is at a path: another build of ours (`dist/ovn-ic.cjs` of some tree), or the C program. */
export function contenderAt(path: string): Contender {
  return path.endsWith(".cjs") ? ours(resolve(path), path) : theC(path);
}

function theC(path: string): Contender {
  const { words, schemas } = programAt(path);
  const version = runOnce(...words, "--version");
  return {
    name: version.replace("ovn-ic", "C"),
    schemas,
    quietCpu: QUIET_CPU_MS,
    version: () => version,
    command(servers, directory) {
      const [program = "", ...args] = [...words, ...daemonOptions(directory), ...remotes(servers)];
      return { program, args };
    },
  };
}

function daemonOptions(directory: string): string[] {
  return ["-vconsole:off", "-vsyslog:off", `--unixctl=${controlSocket(directory)}`];
}

function controlSocket(directory: string): string {
  return join(directory, "ovn-ic.ctl");
}

function runOnce(program = "", ...args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8" }).split("\n")[0] ?? "";
}

function remotes(servers: Servers): string[] {
  return [
    `--ovnnb-db=${servers.nb.remote}`,
    `--ovnsb-db=${servers.sb.remote}`,
    `--ic-nb-db=${servers.icNb.remote}`,
    `--ic-sb-db=${servers.icSb.remote}`,
  ];
}

/** Milliseconds of CPU time of a process so far, of all its threads. */
export function cpuOf(pid: number): number {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const text = readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1");
    nanoseconds += Number(text.split(" ")[0]);
  }
  return nanoseconds / 1e6;
}

/** A running one. */
export class Running {
  readonly directory = mkdtempSync("/tmp/ov-bench-");
  readonly probe: Probe | null;
  readonly #quietCpu: number;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** Rejects if it ends by itself. */
  readonly ended: Promise<never>;
  #gone = false;

  constructor(contender: Contender, servers: Servers) {
    const { program, args, env } = contender.command(servers, this.directory);
    this.#quietCpu = contender.quietCpu;
    const log = openSync(join(this.directory, "log"), "a");
    const environment = { ...process.env, OVN_RUNDIR: this.directory, ...env };
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", program, ...args], {
      stdio: ["ignore", log, log],
      env: environment,
    });
    closeSync(log);
    this.probe = env === undefined ? null : new Probe(this.directory, this.pid);
    this.#exited = new Promise((done) => {
      const gone = () => {
        this.#gone = true;
        done();
      };
      this.#child.once("exit", gone);
      this.#child.once("error", gone);
    });
    this.ended = this.#exited.then(() => Promise.reject(new LimitError(this.#lastWords)));
    // It may end when nobody waits for anything.
    this.ended.catch(() => {});
  }

  /** Where it answers questions. */
  get control(): string {
    return controlSocket(this.directory);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error if it has ended by itself. */
  check(): void {
    if (this.#gone) throw new LimitError(this.#lastWords);
  }

  get #lastWords(): string {
    const log = join(this.directory, "log");
    return `it has ended: ${existsSync(log) ? readFileSync(log, "utf8") : ""}`;
  }

  /** Milliseconds of CPU time so far, of all threads. */
  get cpu(): number {
    return cpuOf(this.pid);
  }

  /** MiB of memory: resident now, and at most so far. */
  get memory(): { now: number; peak: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, "latin1");
    const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024;
    return { now: of("VmRSS"), peak: of("VmHWM") };
  }

  /** Waits until it has done nothing for a while. */
  async quiet(): Promise<void> {
    const deadline = performance.now() + QUIET_WITHIN_MS;
    for (let before = this.cpu; performance.now() < deadline; ) {
      await delay(QUIET_MS);
      this.check();
      const now = this.cpu;
      if (now - before < this.#quietCpu) return;
      before = now;
    }
    throw new LimitError(`not quiet after ${QUIET_WITHIN_MS / 1000} s`);
  }

  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#exited;
    rmSync(this.directory, { recursive: true, force: true });
  }
}
