/** Copies of what lines need: one for a line alone, or one that many share. */
import type { OvsdbClient, OvsSchema, Replica } from "ovsdb-client-ts";
import type { Requests } from "./needs.ts";
import type { ReplicaInUse } from "./run.ts";

/** A copy of exactly what is requested, for the only line of a connection. */
export function copyFor(client: OvsdbClient, requests: Requests): ReplicaInUse {
  const tables = [...requests].map(
    ([table, { columns, where }]) => [table, { columns: [...columns], where }] as const,
  );
  return { replica: client.replica(Object.fromEntries(tables)), done: () => undefined };
}

interface Kept {
  readonly replica: Replica<OvsSchema>;
  /** How many lines use it, and one more while it is the newest. */
  uses: number;
}

/**
 * A copy of what lines have needed so far, kept for the lines to come.
 *
 * Invariants: it only ever grows, in tables and columns, and holds whole tables; a line keeps the copy that
 * it was given until it says that it is done, also when meanwhile another line has needed more and a larger
 * one has taken its place.
 */
export class KeptReplica {
  readonly #client: OvsdbClient;
  readonly #columns = new Map<string, Set<string>>();
  #newest: Kept | null = null;

  constructor(client: OvsdbClient) {
    this.#client = client;
  }

  /** A copy of what is requested, and of more. */
  readonly use = (requests: Requests): ReplicaInUse => {
    if (this.#grow(requests) || this.#newest === null) {
      const tables = [...this.#columns].map(
        ([table, columns]) => [table, { columns: [...columns] }] as const,
      );
      const replica = this.#client.replica(Object.fromEntries(tables));
      if (this.#newest !== null) release(this.#newest);
      this.#newest = { replica, uses: 1 };
    }
    const kept = this.#newest;
    kept.uses += 1;
    return { replica: kept.replica, done: () => release(kept) };
  };

  /** Whether something is requested that the copy lacks. */
  #grow(requests: Requests): boolean {
    let grown = false;
    for (const [table, { columns }] of requests) {
      const known = this.#columns.get(table) ?? new Set();
      const before = this.#columns.has(table) ? known.size : -1;
      for (const column of columns) known.add(column);
      this.#columns.set(table, known);
      grown ||= known.size !== before;
    }
    return grown;
  }
}

function release(kept: Kept): void {
  kept.uses -= 1;
  if (kept.uses === 0) kept.replica.close();
}
