/**
 * Instances of the controller. A fault test needs no more of one than this, so that every form in which the
 * controller comes can take its place: as an object in this process, as `ovn-ic sync --watch`, as the daemon.
 */

import { fileURLToPath } from "node:url";
import type { TlsOptions } from "ovsdb-client-ts";
import { RULES } from "../../../src/core/planners/all.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import type { Remotes } from "../databases/names.ts";
import { Daemon } from "../programs/process.ts";

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

/** An instance as `ovn-ic sync --watch`. */
export class Program extends Daemon implements Instance {
  readonly active: Promise<void>;
  readonly #listeners = new Set<(state: string) => void>();

  /** @param log of standard error */
  constructor(remotes: Remotes, log = "/dev/null") {
    const command = [process.execPath, PROGRAM, "sync", "--watch", "--json"];
    super(command, log, { env: environmentOf(remotes), reads: true });
    this.child.stdout?.on("data", (data) => {
      for (const [, state = ""] of String(data).matchAll(/"state":"(\w+)"/g))
        for (const listener of this.#listeners) listener(state);
    });
    this.active = this.reaches("active");
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
}
