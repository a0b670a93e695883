/**
 * Instances of the controller. A fault test needs no more of one than this, so that every form in which the controller comes can take its place:
 * as an object in this process, as `ovn-ic sync --watch`, as the daemon.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { TlsOptions } from "ovsdb-client-ts";
import { RULES } from "../../../src/core/planners/all.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import type { Remotes } from "../databases/names.ts";

export const PROGRAM = fileURLToPath(new URL("../../../bin/ovn-ic", import.meta.url));

export interface Instance {
  /** As soon as it is the active one of its zone. */
  readonly active: Promise<void>;
  /** Ends it regularly. */
  stop(): Promise<void>;
}

/** The environment that leads a program to databases. */
export function environmentOf({ nb, sb, icNb, icSb }: Remotes): NodeJS.ProcessEnv {
  return { ...process.env, OVN_NB_DB: nb, OVN_SB_DB: sb, OVN_IC_NB_DB: icNb, OVN_IC_SB_DB: icSb };
}

/** An instance in this process. */
export class InProcess implements Instance {
  readonly controller: Controller;
  readonly active: Promise<void>;

  constructor(remotes: Remotes, tls?: TlsOptions) {
    this.controller = new Controller({ remotes, tls, rules: RULES });
    this.active = this.controller.until(() => this.controller.state === "active");
    this.controller.start();
  }

  stop(): Promise<void> {
    return this.controller.close();
  }
}

/** An instance as a process. */
export class Program implements Instance {
  readonly child: ChildProcess;
  readonly active: Promise<void>;
  readonly ended: Promise<void>;
  readonly #listeners = new Set<(state: string) => void>();

  /** @param log of standard error */
  constructor(remotes: Remotes, log = "/dev/null") {
    const env = environmentOf(remotes);
    const command = ["--pdeathsig", "KILL", process.execPath, PROGRAM, "sync", "--watch", "--json"];
    const errors = openSync(log, "a");
    this.child = spawn("setpriv", command, { env, stdio: ["ignore", "pipe", errors] });
    closeSync(errors);
    this.ended = new Promise((resolve) => this.child.once("exit", () => resolve()));
    this.child.stdout?.on("data", (data) => {
      for (const [, state = ""] of String(data).matchAll(/"state":"(\w+)"/g))
        for (const listener of this.#listeners) listener(state);
    });
    this.active = this.reaches("active");
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves the next time that it says that it is in a state. */
  reaches(wanted: "active" | "standby"): Promise<void> {
    return new Promise((resolve) => {
      const listener = (state: string) => {
        if (state !== wanted) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
    });
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
    if (!this.running) return;
    this.child.kill("SIGTERM");
    this.child.kill("SIGCONT");
    await this.ended;
  }
}
