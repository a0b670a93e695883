/**
 * Databases that are away: said once they have been for some seconds, for a restart of a server is nothing to
 * be told of, and then less and less often.
 *
 * States of a database, and what leaves each:
 * - connected. The connection is lost, or not made at the start → missed.
 * - missed: nobody was told yet. Some seconds → away; connected again → connected.
 * - away: it was said, and is said again from time to time. Connected again → connected, which is said.
 */

import type { DatabaseName } from "../../../core/model/index.ts";
import { DATABASE_NAMES, SCHEMAS } from "../../../core/model/index.ts";
import { printable } from "../../../core/printable.ts";
import type { Connections } from "../../../core/sync/run/index.ts";

/** Milliseconds until something is said, and said again. The last one goes on. */
const PAUSES = [5_000, 10 * 60_000, 60 * 60_000] as const;

interface Outage {
  readonly since: number;
  /** How often it was said. */
  said: number;
  timer: NodeJS.Timeout;
}

export interface OutageListener {
  readonly warn: (text: string) => void;
  readonly info: (text: string) => void;
  /** Called when a database is away, or there again. */
  readonly changed: () => void;
}

export class Outages {
  readonly #connections: Connections;
  readonly #listener: OutageListener;
  readonly #outages = new Map<DatabaseName, Outage>();

  /** Begins with the connections as they are: to be made when they are about to be started. */
  constructor(connections: Connections, listener: OutageListener) {
    this.#connections = connections;
    this.#listener = listener;
    for (const name of DATABASE_NAMES) {
      const { session } = connections[name].client;
      session.onStateChange((state) => {
        if (state === "up" || state === "closed") this.#ended(name, state);
        else this.#missed(name);
      });
    }
  }

  /** The databases that are away, and why, for people. */
  get current(): string[] {
    return DATABASE_NAMES.flatMap((name) =>
      (this.#outages.get(name)?.said ?? 0) > 0 ? `${SCHEMAS[name].name} (${this.#failure(name)})` : [],
    );
  }

  #missed(name: DatabaseName): void {
    if (this.#outages.has(name)) return;
    const timer = setTimeout(() => this.#say(name), PAUSES[0]).unref();
    this.#outages.set(name, { since: performance.now(), said: 0, timer });
  }

  #say(name: DatabaseName): void {
    const outage = this.#outages.get(name);
    if (outage === undefined) return;
    outage.said++;
    const pause = PAUSES[outage.said] ?? PAUSES[PAUSES.length - 1];
    outage.timer = setTimeout(() => this.#say(name), pause).unref();
    const what = `${SCHEMAS[name].name} is not connected for ${seconds(outage)} s (${this.#failure(name)})`;
    this.#listener.warn(`${what}: until it is, nothing is advertised, learned or made`);
    if (outage.said === 1) this.#listener.changed();
  }

  #ended(name: DatabaseName, state: "up" | "closed"): void {
    const outage = this.#outages.get(name);
    if (outage === undefined) return;
    clearTimeout(outage.timer);
    this.#outages.delete(name);
    if (outage.said === 0 || state === "closed") return;
    this.#listener.info(`${SCHEMAS[name].name} is connected again after ${seconds(outage)} s`);
    this.#listener.changed();
  }

  #failure(name: DatabaseName): string {
    // It may quote what a server has sent.
    return printable(this.#connections[name].failure ?? "no answer yet");
  }
}

function seconds({ since }: Outage): number {
  return Math.round((performance.now() - since) / 1000);
}
