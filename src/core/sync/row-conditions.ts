/**
 * Keeps the replicas' conditions as the planners' needs are.
 *
 * States of a need: known (its condition is what the rows now known ask for); in doubt (a row changed that may ask for another one). `update`
 * makes all known, and asks the servers for what has changed. A table is incomplete while the server has not acknowledged its condition;
 * what comes meanwhile may put further needs in doubt.
 */
import type { ChangeSet, OvsSchema, WhereRequests } from "ovsdb-client-ts";
import type { Connections } from "./connections.ts";
import type { DatabaseName } from "./databases.ts";
import type { RowChange, TableKey } from "./planner.ts";
import type { Need } from "./row-needs.ts";
import { keyOf, NEEDS } from "./row-needs.ts";
import type { View } from "./view.ts";

type AnyFeed = (change: RowChange<unknown>, view: View) => boolean;

export class RowConditions {
  readonly #connections: Connections;
  readonly #view: View;
  readonly #acknowledged: () => void;
  readonly #inDoubt = new Set<Need>(NEEDS);
  /** What was asked for, as text. */
  readonly #asked = new Map<Need, string>();

  /** @param acknowledged called whenever a server has sent what was asked for */
  constructor(connections: Connections, view: View, acknowledged: () => void) {
    this.#connections = connections;
    this.#view = view;
    this.#acknowledged = acknowledged;
  }

  /** Puts in doubt what changed rows may concern. */
  changed<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>): void {
    for (const need of NEEDS) {
      const feeds = need.feeds[database] as Readonly<Record<string, AnyFeed | undefined>> | undefined;
      if (feeds === undefined || this.#inDoubt.has(need)) continue;
      if (changes.some((change) => feeds[change.table]?.(change, this.#view) === true))
        this.#inDoubt.add(need);
    }
  }

  /** Puts everything in doubt: the servers' schemas may be others. */
  doubtAll(): void {
    for (const need of NEEDS) this.#inDoubt.add(need);
  }

  /** Asks for the rows that are needed now. */
  update(): void {
    if (this.#inDoubt.size === 0) return;
    const requests = new Map<DatabaseName, Record<string, unknown>>();
    for (const need of this.#inDoubt) {
      const where = need.where(this.#view);
      const text = JSON.stringify(where);
      if (this.#asked.get(need) === text) continue;
      this.#asked.set(need, text);
      requests.set(need.database, { ...requests.get(need.database), [need.table]: where });
    }
    this.#inDoubt.clear();
    for (const [database, request] of requests) this.#ask(database, request);
  }

  /** Tables that may lack rows which are needed. */
  get incomplete(): Set<TableKey> {
    const lacking = NEEDS.filter(
      (need) =>
        this.#inDoubt.has(need) ||
        !this.#connections[need.database].replica.conditionsAcknowledged(need.table as never),
    );
    return new Set(lacking.map(keyOf));
  }

  #ask(database: DatabaseName, request: Readonly<Record<string, unknown>>): void {
    const { replica } = this.#connections[database];
    // A need names a table of its database, and columns of that table.
    const set = (conditions: object) => replica.setConditions(conditions as WhereRequests<never>);
    const all = Object.fromEntries(Object.keys(request).map((table) => [table, true]));
    // A server that can't take the conditions has to send everything. When the replica is closed nobody waits any more.
    set(request)
      .catch((error) => (replica.ended === null ? set(all) : Promise.reject(error)))
      .then(this.#acknowledged, () => {});
  }
}
