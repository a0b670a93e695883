/** Instances in the daemon form: ours, or the C program, which are told apart by nothing but the command. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { callUnixctl, UnixctlConnectionError } from "../../src/daemon/unixctl-client.ts";
import { type Instance, PROGRAM, type Remotes } from "./instances.ts";

export type DaemonState = "active" | "standby" | "paused";

/** Our `ovn-ic`. */
export const OURS: readonly string[] = [process.execPath, PROGRAM];

let started = 0;

export class DaemonForm implements Instance {
  readonly child: ChildProcess;
  readonly #socket: string;
  readonly #ended: Promise<void>;

  /** @param directory of its control socket and log */
  constructor(remotes: Remotes, directory: string, command: readonly string[] = OURS) {
    const base = join(directory, `ovn-ic-${++started}`);
    this.#socket = `${base}.ctl`;
    const databases = [`--ovnnb-db=${remotes.nb}`, `--ovnsb-db=${remotes.sb}`];
    databases.push(`--ic-nb-db=${remotes.icNb}`, `--ic-sb-db=${remotes.icSb}`, `--unixctl=${this.#socket}`);
    const log = openSync(`${base}.log`, "a");
    const words = ["--pdeathsig", "KILL", ...command, ...databases, "-vsyslog:off"];
    this.child = spawn("setpriv", words, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.#ended = new Promise((resolve) => this.child.once("exit", () => resolve()));
  }

  get active(): Promise<void> {
    return this.reaches("active");
  }

  /** Resolves when it says that it is in a state. @throws Error when it has ended */
  async reaches(wanted: DaemonState): Promise<void> {
    while ((await this.#tell("status")) !== `Status: ${wanted}\n`) await delay(10);
  }

  async pause(): Promise<void> {
    await this.#tell("pause");
  }

  async resume(): Promise<void> {
    await this.#tell("resume");
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** As a power cut does it. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.#ended;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    this.child.kill("SIGCONT");
    if (this.child.exitCode === null && this.child.signalCode === null) await this.#ended;
  }

  /** What it answers; "" while it is not there yet. */
  async #tell(command: string): Promise<string> {
    try {
      const reply = await callUnixctl(this.#socket, command, []);
      if ("error" in reply) throw new Error(reply.error);
      return reply.result;
    } catch (error) {
      const over = this.child.exitCode !== null || this.child.signalCode !== null;
      if (over || !(error instanceof UnixctlConnectionError)) throw error;
      return "";
    }
  }
}
