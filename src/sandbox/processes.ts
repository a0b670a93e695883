// The processes of a sandbox: started as children, noted down, stopped in order.
//
// A process: down -> (start) -> up -> (its end, for whatever reason) -> down. The group: open -> (stop) ->
// closed; a closed group starts nothing any more, so that a start-up which is abandoned halfway leaves
// nothing behind.
//
// Unless the sandbox is to outlive this process (`keep`), the kernel ends the children when this process
// dies, even of SIGKILL (PDEATHSIG, prctl(2)). Every child has a session of its own: a terminal's Ctrl-C
// reaches only this process, which then stops its children in order.

import type { ChildProcess, ExecFileException } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { onAbort } from "ovsdb-client-ts";
import type { RecordedProcess } from "./directory.ts";
import { recordProcess } from "./directory.ts";
import { SandboxError } from "./error.ts";
import { identify } from "./identity.ts";

/** Milliseconds that a process gets to end by itself before it is killed. */
export const patience = 5_000;
const listensWithin = 20_000;
const runsWithin = 60_000;

export interface ProcessSpec {
  /** Unique in the sandbox: `ic-nb`, `az1/northd`. */
  readonly name: string;
  /** Clients of the databases are stopped before the servers. */
  readonly role: "client" | "server";
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly log: string;
  /** The unix socket on which it must accept connections to count as started. */
  readonly socket?: string;
}

/** One server, northd or controller of a sandbox. */
export class SandboxProcess {
  readonly name: string;
  readonly role: ProcessSpec["role"];
  readonly log: string;
  readonly #spec: ProcessSpec;
  readonly #group: ProcessGroup;
  #child: ChildProcess | undefined;
  #up = false;
  #wanted = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(group: ProcessGroup, spec: ProcessSpec) {
    this.name = spec.name;
    this.role = spec.role;
    this.log = spec.log;
    this.#spec = spec;
    this.#group = group;
  }

  /** The process id of the last start; 0 before it. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get up(): boolean {
    return this.#up;
  }

  /** Resolves when the process, if it is up, has ended. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Starts the program (again), and waits until it listens, if it is a server.
   *
   * @throws SandboxError with the end of its log, if it ends first or takes more than 20 s.
   */
  async start(): Promise<void> {
    this.#spawn();
    if (this.#spec.socket !== undefined) await this.#listening(this.#spec.socket);
  }

  #spawn(): void {
    if (this.#up) throw new SandboxError(`${this.name} is already running (process ${this.pid})`);
    this.#group.requireOpen();
    const { file, args, env, log } = this.#spec;
    const [first = file, ...rest] = [...this.#group.launcher, file, ...args];
    const output = openSync(log, "a");
    const child = spawn(first, rest, { env, detached: true, stdio: ["ignore", output, output] });
    closeSync(output);
    this.#child = child;
    this.#up = true;
    this.#wanted = true;
    this.#ended = new Promise((resolve) => {
      const end = () => {
        if (!this.#up) return;
        this.#up = false;
        if (this.#wanted) this.#group.onUnexpectedEnd(this);
        resolve();
      };
      child.once("exit", end);
      child.once("error", end);
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity !== undefined) this.#group.record({ name: this.name, role: this.role, ...identity });
    if (this.#group.keep) child.unref();
  }

  /** Sends a signal. After SIGKILL or SIGTERM, wait for `ended`; `start` brings the process back. */
  kill(signal: NodeJS.Signals): void {
    if (!this.#up) return;
    if (signal === "SIGKILL" || signal === "SIGTERM" || signal === "SIGINT") this.#wanted = false;
    this.#child?.kill(signal);
  }

  /** Ends the process, politely first. */
  async stop(): Promise<void> {
    if (!this.#up) return;
    this.#child?.ref();
    const impatient = setTimeout(() => this.kill("SIGKILL"), patience);
    this.kill("SIGTERM");
    this.kill("SIGCONT"); // in case that it was stopped
    await this.#ended;
    clearTimeout(impatient);
  }

  async #listening(path: string): Promise<void> {
    const deadline = Date.now() + listensWithin;
    for (let pause = 2; !(await accepts(path)); pause = Math.min(pause * 2, 20)) {
      if (!this.#up) throw this.failure("ended");
      if (Date.now() > deadline) throw this.failure(`doesn't listen on ${path}`);
      await delay(pause);
    }
  }

  /**
   * `work` that waits for what the process does, or a rejection as soon as the process ends.
   *
   * @throws SandboxError of the work, with the end of the log, which may tell why it didn't come to its end.
   */
  whileUp<T>(work: Promise<T>): Promise<T> {
    const end = this.#ended.then((): never => {
      throw this.failure("ended");
    });
    const explained = work.catch((error: unknown): never => {
      if (!(error instanceof SandboxError) || !this.#up) throw error;
      throw new SandboxError(`${error.message}\n${this.failure("is up").message}`, { cause: error });
    });
    return Promise.race([explained, end]);
  }

  /** What became of this process, with the last lines of its log. */
  failure(what: string): SandboxError {
    return new SandboxError(`${this.name} ${what}. The end of its log:\n${this.#lastLines(8)}`);
  }

  #lastLines(count: number): string {
    try {
      return readFileSync(this.log, "utf8").trimEnd().split("\n").slice(-count).join("\n");
    } catch {
      return "(none)";
    }
  }
}

export class ProcessGroup {
  readonly dir: string;
  readonly keep: boolean;
  /** What stands before the command of each process. */
  readonly launcher: readonly string[];
  readonly processes = new Map<string, SandboxProcess>();
  onUnexpectedEnd: (process: SandboxProcess) => void = () => {};
  #open = true;

  /** @param setpriv Path of util-linux's setpriv(1). */
  constructor(dir: string, setpriv: string, keep: boolean) {
    this.dir = dir;
    this.keep = keep;
    this.launcher = keep ? [] : [setpriv, "--pdeathsig", "TERM"];
  }

  /** Starts a process that the sandbox didn't have yet. */
  async start(spec: ProcessSpec): Promise<SandboxProcess> {
    const process = new SandboxProcess(this, spec);
    this.processes.set(spec.name, process);
    await process.start();
    return process;
  }

  requireOpen(): void {
    if (!this.#open) throw new SandboxError("this sandbox has been stopped");
  }

  record(process: RecordedProcess): void {
    recordProcess(this.dir, process);
  }

  /** Ends all processes, first the clients, then the servers; nothing can be started after that. */
  async stop(): Promise<void> {
    this.#open = false;
    for (const role of ["client", "server"] as const) {
      const some = [...this.processes.values()].filter((process) => process.role === role);
      await Promise.all(some.map((process) => process.stop()));
    }
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const answer = (value: boolean) => {
      socket.destroy();
      resolve(value);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/**
 * Runs a program to its end; gives its standard output. `signal`, which is not aborted yet, ends it early.
 *
 * @throws SandboxError with its standard error if the exit status isn't 0 or it takes more than 60 s.
 */
export function runToEnd(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env, timeout: runsWithin, encoding: "utf8", maxBuffer: 1 << 30 } as const;
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      leave();
      if (error === null) return resolve(stdout);
      const failure = new SandboxError(`${file} ${args.join(" ")}: ${describeEnd(error, stderr)}`, {
        cause: error,
      });
      // An abandoned program has been sent a signal, but may still be there.
      const running = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
      if (running) child.once("exit", () => reject(failure));
      else reject(failure);
    });
    child.stdin?.end();
    // Not execFile's own option: dozens of programs run at once, and each would listen to the signal.
    const leave = onAbort(signal, () => child.kill());
  });
}

/** How a program failed, and what it said. */
function describeEnd(error: ExecFileException, stderr: string): string {
  const { code, killed, signal } = error;
  const said = stderr.trim();
  // That it could not be started at all is said by the system.
  if (typeof code === "string") return error.message;
  const timedOut = killed === true ? `not done within ${runsWithin / 1000} s` : undefined;
  const end = timedOut ?? (signal ? `killed (${signal})` : `exit status ${code}`);
  return said === "" ? `${end}, and it said nothing` : `${end}: ${said}`;
}
