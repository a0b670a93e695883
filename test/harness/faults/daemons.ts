/** Instances in the daemon form: ours, or the C program, which are told apart by nothing but the command. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { TlsOptions } from "ovsdb-client-ts";
import { callUnixctl, UnixctlConnectionError } from "../../../src/daemon/unixctl-client.ts";
import type { Remotes } from "../databases/names.ts";
import { Daemon } from "../programs/process.ts";
import type { Instance } from "./instances.ts";
import { controllerCommand } from "./release.ts";

export type DaemonState = "active" | "standby" | "paused";

export interface DaemonOptions {
  /** The program; default: ours, or what is tried instead. */
  readonly command?: readonly string[];
  readonly tls?: TlsOptions;
}

let started = 0;

export class DaemonForm extends Daemon implements Instance {
  readonly #socket: string;

  /** @param directory of the sandbox, for its control socket and log */
  constructor(remotes: Remotes, directory: string, options: DaemonOptions = {}) {
    const { command = controllerCommand(directory), tls } = options;
    const base = join(directory, `ovn-ic-${++started}`);
    const words = [`--ovnnb-db=${remotes.nb}`, `--ovnsb-db=${remotes.sb}`];
    words.push(`--ic-nb-db=${remotes.icNb}`, `--ic-sb-db=${remotes.icSb}`, `--unixctl=${base}.ctl`);
    if (tls !== undefined)
      words.push("-p", `${tls.privateKey}`, "-c", `${tls.certificate}`, "-C", `${tls.caCert}`);
    super([...command, ...words, "-vsyslog:off"], `${base}.log`);
    this.#socket = `${base}.ctl`;
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

  /** What it answers; "" while it is not there yet. */
  async #tell(command: string): Promise<string> {
    try {
      const reply = await callUnixctl(this.#socket, command, []);
      if ("error" in reply) throw new Error(reply.error);
      return reply.result;
    } catch (error) {
      if (!this.running || !(error instanceof UnixctlConnectionError)) throw error;
      return "";
    }
  }
}
