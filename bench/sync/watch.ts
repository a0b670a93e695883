/** Counts rows of a table as they come and go, by a monitor of the benchmark's own. */
import type { OvsdbClient, Replica, Where } from "ovsdb-client-ts";
import type { Clients } from "./databases.ts";

/** A step took longer than it may. */
export class LimitError extends Error {}

export class Watch {
  readonly #replica: Replica;
  readonly #table: string;

  constructor(client: OvsdbClient, table: string, where: Where) {
    this.#table = table;
    // Without columns: what the benchmark does must cost the machine little.
    this.#replica = client.replica({ [table]: { columns: [], where } });
  }

  get count(): number {
    return this.#replica.table(this.#table).size;
  }

  async ready(): Promise<this> {
    await this.#replica.synced();
    return this;
  }

  /** Waits for a number of rows. @returns when it was reached, by `performance.now`. */
  async reaches(count: number, limit: number): Promise<number> {
    try {
      await this.#replica.when(() => this.count === count, { timeout: limit });
    } catch {
      throw new LimitError(`${this.#table}: ${this.count} rows instead of ${count} after ${limit / 1000} s`);
    }
    return performance.now();
  }
}

/** What the effects of a controller are seen by. */
export interface Watches {
  /** Routes that it learned. */
  readonly learned: Watch;
  /** Ports of other zones on its transit switches. */
  readonly remotePorts: Watch;
  /** Connected routes in the global database: only those that it advertises are. */
  readonly advertised: Watch;
  /** Bindings that lead to a chassis: those of other zones' ports, and one of each router of this zone. */
  readonly bound: Watch;
  readonly remoteChassis: Watch;
}

export async function watchAll({ nb, sb, icSb }: Clients): Promise<Watches> {
  const remote = ["type", "==", "remote"] as const;
  return {
    learned: await new Watch(nb, "Logical_Router_Static_Route", true).ready(),
    remotePorts: await new Watch(nb, "Logical_Switch_Port", [remote]).ready(),
    advertised: await new Watch(icSb, "Route", [["origin", "==", "connected"]]).ready(),
    bound: await new Watch(sb, "Port_Binding", [["chassis", "!=", null]]).ready(),
    remoteChassis: await new Watch(sb, "Chassis", [["name", "!=", "gateway"]]).ready(),
  };
}
