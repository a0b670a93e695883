/**
 * How often silent servers are asked whether they are still there: NB_Global and IC_NB_Global,
 * options:ic_probe_interval (ovn-nb(5)).
 */
import type { DatabaseName, View } from "../../model/index.ts";
import { DATABASE_NAMES } from "../../model/index.ts";
import type { Connections } from "./connections.ts";

const DEFAULT = 5000;
const LEAST = 1000;

/**
 * The interval in milliseconds that an option asks for; 0: never.
 *
 * @returns null if it asks for nothing, or for nonsense.
 * @example parseProbeInterval("250"); // 1000
 */
export function parseProbeInterval(text: string | undefined): number | null {
  if (text === undefined || !/^[0-9]{1,9}$/.test(text.trim())) return null;
  const milliseconds = Number(text);
  return milliseconds === 0 ? 0 : Math.max(milliseconds, LEAST);
}

/** Keeps the probes of four connections as the options say. */
export class Probes {
  readonly #connections: Connections;
  readonly #set = new Map<DatabaseName, number>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** To be called when options may have changed. */
  update(view: View): void {
    const local = parseProbeInterval(view.options.get("ic_probe_interval"));
    const global = parseProbeInterval(view.icNb.IC_NB_Global.first()?.options.get("ic_probe_interval"));
    for (const name of DATABASE_NAMES) this.#update(name, name === "nb" || name === "sb" ? local : global);
  }

  #update(name: DatabaseName, asked: number | null): void {
    const { session } = this.#connections[name].client;
    const before = this.#set.get(name);
    // Who never asked for anything has the session's own default.
    if (asked === null && before === undefined) return;
    const interval = asked ?? (session.remote?.startsWith("unix:") ? 0 : DEFAULT);
    if (interval === before) return;
    this.#set.set(name, interval);
    session.setProbeInterval(interval);
  }
}
