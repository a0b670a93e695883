/** Instances in the daemon form: ours, or the C program, which are told apart by nothing but the command. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TlsOptions } from "ovsdb-client-ts";
import { callUnixctl, UnixctlConnectionError } from "../../../src/daemon/unixctl-client.ts";
import type { Remotes } from "../databases/names.ts";
import type { Instance } from "./instances.ts";
import { controllerCommand } from "./release.ts";

export type DaemonState = "active" | "standby" | "paused";

export interface DaemonOptions {
  /** The program; default: ours, or what is tried instead. */
  readonly command?: readonly string[];
  readonly tls?: TlsOptions;
}

let started = 0;

export class DaemonForm implements Instance {
  readonly child: ChildProcess;
  readonly #socket: string;
  readonly ended: Promise<void>;

  /** @param directory of the sandbox, for its control socket and log */
  constructor(remotes: Remotes, directory: string, options: DaemonOptions = {}) {
    const { command = controllerCommand(directory), tls } = options;
    const base = join(directory, `ovn-ic-${++started}`);
    this.#socket = `${base}.ctl`;
    const databases = [`--ovnnb-db=${remotes.nb}`, `--ovnsb-db=${remotes.sb}`];
    databases.push(`--ic-nb-db=${remotes.icNb}`, `--ic-sb-db=${remotes.icSb}`, `--unixctl=${this.#socket}`);
    if (tls !== undefined)
      databases.push("-p", `${tls.privateKey}`, "-c", `${tls.certificate}`, "-C", `${tls.caCert}`);
    const log = openSync(`${base}.log`, "a");
    const words = ["--pdeathsig", "KILL", ...command, ...databases, "-vsyslog:off"];
    this.child = spawn("setpriv", words, { stdio: ["ignore", log, log] });
    closeSync(log);
    this.ended = new Promise((resolve) => this.child.once("exit", () => resolve()));
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
    await this.ended;
  }

  async stop(): Promise<void> {
    this.child.kill("SIGTERM");
    this.child.kill("SIGCONT");
    if (this.child.exitCode === null && this.child.signalCode === null) await this.ended;
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
