/** A controller as a process: ours, or the C program. What it costs is read from the kernel's accounting. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
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
  /** In its own words. */
  version(): string;
  command(servers: Servers, directory: string): { program: string; args: string[]; env?: NodeJS.ProcessEnv };
}

export const OURS: Contender = {
  name: "ours",
  schemas: "/usr/share/ovn",
  version: () => runOnce(process.execPath, join(root, "dist/ovn-ic.cjs"), "--version"),
  command: (servers, directory) => ({
    program: process.execPath,
    args: [join(root, "dist/ovn-ic.cjs"), "sync", "--watch", "--quiet", ...remotes(servers)],
    env: { NODE_OPTIONS: Probe.nodeOptions(root), OVN_IC_BENCH_PROBE: Probe.file(directory) },
  }),
};

/** The C program at a path; one that lies in the tree of another Debian release is run through that tree's loader. */
export function theC(path: string): Contender {
  const tree = dirname(dirname(dirname(resolve(path))));
  const library = join(tree, "usr/lib/x86_64-linux-gnu");
  const loader = join(library, "ld-linux-x86-64.so.2");
  const foreign = tree !== "/" && existsSync(loader);
  const words = foreign ? [loader, "--inhibit-cache", "--library-path", library, path] : [path];
  return {
    name: path,
    schemas: foreign ? join(tree, "usr/share/ovn") : "/usr/share/ovn",
    version: () => runOnce(...words, "--version"),
    command(servers, directory) {
      const own = ["-vconsole:off", "-vsyslog:off", `--unixctl=${join(directory, "ovn-ic.ctl")}`];
      const [program = "", ...args] = [...words, ...own, ...remotes(servers)];
      return { program, args };
    },
  };
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

/** A running one. */
export class Running {
  readonly directory = mkdtempSync("/tmp/ov-bench-");
  readonly probe: Probe | null;
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #gone = false;

  constructor(contender: Contender, servers: Servers) {
    const { program, args, env } = contender.command(servers, this.directory);
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
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error if it has ended by itself. */
  check(): void {
    if (this.#gone) throw new Error(`it has ended: ${readFileSync(join(this.directory, "log"), "utf8")}`);
  }

  /** Milliseconds of CPU time so far, of all threads. */
  get cpu(): number {
    let nanoseconds = 0;
    for (const task of readdirSync(`/proc/${this.pid}/task`)) {
      const text = readFileSync(`/proc/${this.pid}/task/${task}/schedstat`, "latin1");
      nanoseconds += Number(text.split(" ")[0]);
    }
    return nanoseconds / 1e6;
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
      if (now - before < QUIET_CPU_MS) return;
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
