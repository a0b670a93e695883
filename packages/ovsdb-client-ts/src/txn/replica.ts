/** A replica that can be written to: what it holds, and transactions that see it. */

import { ReadReplica } from "../replica/replica.ts";
import type { ReplicaHost, ReplicaOptions, TableRequests } from "../replica/types.ts";
import type { Uuid } from "../schema/atom.ts";
import type { OvsSchema } from "../schema/schema.ts";
import { now } from "../support/clock.ts";
import { rest } from "../support/wait.ts";
import type { Arrivals } from "./commit-host.ts";
import type { TransactionHost } from "./transaction.ts";
import { Transaction } from "./transaction.ts";

/** What transactions need of the client, whatever they see. */
export type TransactionLink = Pick<
  TransactionHost,
  "database" | "connection" | "read" | "table" | "rowSchema"
>;

export class Replica<S extends OvsSchema = OvsSchema> extends ReadReplica<S> {
  readonly #link: TransactionLink;

  /** Replicas are made by `OvsdbClient.replica`. */
  constructor(
    host: ReplicaHost,
    link: TransactionLink,
    requests: TableRequests<S>,
    options: ReplicaOptions = {},
  ) {
    super(host, requests, options);
    this.#link = link;
  }

  /**
   * A new transaction that sees this replica through its own writes. It can be committed only while the
   * replica is complete, since otherwise it would rest on what may be out of date.
   *
   * @example
   * const txn = replica.transaction();
   * txn.insert("Transit_Switch", { name: "ts1" });
   * const result = await txn.commit();
   */
  transaction(): Transaction<S> {
    return new Transaction<S>({
      ...this.#link,
      connection: () => (this.complete ? this.#link.connection() : null),
      read: async (options, request) => {
        const began = now();
        await this.synced(options);
        return this.#link.read(rest(options, began), request);
      },
      noteArrivals: () => this.#noteArrivals(),
      row: (table, uuid) => this.store(table)?.get(uuid),
      rows: (table) => this.store(table) ?? [],
      find: (table, column, value) => this.store(table)?.index([column]).find(value) ?? [],
      sees: (table, column) => this.store(table)?.has(column) === true,
    });
  }

  #noteArrivals(): Arrivals {
    const arrived = new Set<Uuid>();
    const end = this.subscribe((changes) => {
      for (const change of changes) if (change.old === null) arrived.add(change.uuid);
    });
    const rowsBefore = (tables: Iterable<string>) => {
      const before = new Set<Uuid>();
      for (const table of tables) {
        for (const { _uuid } of this.store(table) ?? []) if (!arrived.has(_uuid)) before.add(_uuid);
      }
      return before;
    };
    return { rowsBefore, end };
  }
}
