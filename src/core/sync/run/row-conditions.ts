/**
 * Keeps the replicas' conditions as the planners' needs are.
 *
 * States of a need: known (its condition is what the rows now known ask for); in doubt (a row changed that
 * may ask for another one). `update` makes all known, and asks the servers for what has changed. A table is
 * incomplete while the server has not acknowledged its condition whole; what comes meanwhile may put further
 * needs in doubt.
 *
 * Long conditions that bring many rows grow in portions: what a server sends for one is taken in in one turn
 * of the event loop.
 */
import type { ChangeSet, Condition, OvsSchema, Where, WhereRequests } from "ovsdb-client-ts";
import type { DatabaseName, RowChange, TableKey, View } from "../../model/index.ts";
import type { Need } from "../../planning/index.ts";
import { keyOf } from "../../planning/index.ts";
import type { Connections } from "./connections.ts";

/**
 * Conditions that are added at once, or a part of all if there are very many: a server looks at all its rows
 * each time. Each may bring 1000 routes.
 */
const PORTION = 32;
const MOST_PORTIONS = 8;

/** What one need asks for. */
interface Asked {
  readonly need: Need;
  readonly where: Where;
  /** The same as text. */
  readonly text: string;
  /**
   * On the way there: what a server has sent already, then also a first portion of what is new, and so on.
   */
  readonly portions: readonly Where[];
}

type AnyFeed = (change: RowChange<unknown>, view: View) => boolean;

export class RowConditions {
  readonly #connections: Connections;
  readonly #needs: readonly Need[];
  readonly #view: View;
  readonly #acknowledged: () => void;
  readonly #inDoubt: Set<Need>;
  readonly #asked = new Map<Need, Asked>();
  /** What a server has acknowledged: the last portion, and what it belongs to if that was all of it. */
  readonly #known = new Map<Need, Where>();
  readonly #whole = new Map<Need, Asked>();

  /** @param acknowledged called whenever a server has sent what was asked for */
  constructor(connections: Connections, needs: readonly Need[], view: View, acknowledged: () => void) {
    this.#connections = connections;
    this.#needs = needs;
    this.#inDoubt = new Set(needs);
    this.#view = view;
    this.#acknowledged = acknowledged;
  }

  /** Puts in doubt what changed rows may concern. */
  changed<S extends OvsSchema>(database: DatabaseName, changes: ChangeSet<S>): void {
    for (const need of this.#needs) {
      const feeds = need.feeds[database] as Readonly<Record<string, AnyFeed | undefined>> | undefined;
      if (feeds === undefined || this.#inDoubt.has(need)) continue;
      if (changes.some((change) => feeds[change.table]?.(change, this.#view) === true))
        this.#inDoubt.add(need);
    }
  }

  /** Puts everything in doubt: the servers' schemas may be others. */
  doubtAll(): void {
    for (const need of this.#needs) this.#inDoubt.add(need);
  }

  /** Asks for the rows that are needed now. */
  update(): void {
    if (this.#inDoubt.size === 0) return;
    const requests = this.#view.facts.during(() => this.#changedRequests());
    this.#inDoubt.clear();
    for (const [database, asked] of requests) void this.#ask(database, asked);
  }

  /** What is asked for now and wasn't before. */
  #changedRequests(): Map<DatabaseName, Asked[]> {
    const requests = new Map<DatabaseName, Asked[]>();
    for (const need of this.#inDoubt) {
      const where = need.where(this.#view);
      const text = JSON.stringify(where);
      const before = this.#asked.get(need);
      if (before?.text === text || (before !== undefined && suffices(before, where))) continue;
      const portions = need.single === true ? [where] : portionsOf(where, this.#known.get(need) ?? false);
      const asked = { need, where, text, portions };
      this.#asked.set(need, asked);
      requests.set(need.database, [...(requests.get(need.database) ?? []), asked]);
    }
    return requests;
  }

  /** Tables that may lack rows which are needed. */
  get incomplete(): Set<TableKey> {
    const lacking = this.#needs.filter(
      (need) =>
        this.#inDoubt.has(need) ||
        this.#whole.get(need) !== this.#asked.get(need) ||
        !this.#connections[need.database].replica.conditionsAcknowledged(need.table as never),
    );
    return new Set(lacking.map(keyOf));
  }

  async #ask(database: DatabaseName, all: readonly Asked[]): Promise<void> {
    // Others may be asked for since.
    const current = () => all.filter((one) => this.#asked.get(one.need) === one);
    const left = () => current().filter((one) => this.#whole.get(one.need) !== one);
    try {
      for (let step = 0; left().length > 0; step++)
        await this.#set(database, current(), (one) => one.portions[step] ?? one.where);
    } catch {
      // When the replica is closed nobody waits any more. A server that can't take the conditions has to send
      // everything.
      if (this.#connections[database].replica.ended !== null) return;
      try {
        await this.#set(database, current(), () => true);
      } catch {
        for (const { need } of current()) {
          this.#asked.delete(need);
          this.#inDoubt.add(need);
        }
        return;
      }
    }
    this.#acknowledged();
  }

  /** Has a server send some rows. @throws if it doesn't. */
  async #set(database: DatabaseName, asked: readonly Asked[], where: (one: Asked) => Where): Promise<void> {
    const wheres = asked.map((one) => [one, where(one)] as const);
    const request = Object.fromEntries(wheres.map(([{ need }, rows]) => [need.table, rows]));
    // A need names a table of its database, and columns of that table.
    await this.#connections[database].replica.setConditions(request as WhereRequests<never>);
    for (const [one, rows] of wheres) {
      if (this.#asked.get(one.need) !== one) continue;
      this.#known.set(one.need, rows);
      if (rows === one.where || rows === true) this.#whole.set(one.need, one);
    }
  }
}

/** Whether what is asked for brings what is wanted, and little more: that goes with the next change. */
function suffices({ need, where }: Asked, wanted: Where): boolean {
  if (need.single !== true || typeof where === "boolean" || typeof wanted === "boolean") return false;
  const texts = new Set(where.map((one) => JSON.stringify(one)));
  return wanted.every((one) => texts.has(JSON.stringify(one)));
}

/** From what is known to what is wanted. What is known and still wanted stays all the time. */
function portionsOf(where: Where, known: Where): Where[] {
  if (typeof where === "boolean" || known === true) return [where];
  const texts = new Set((known || []).map((one) => JSON.stringify(one)));
  const isKnown = (one: Condition) => texts.has(JSON.stringify(one));
  const [kept, fresh] = [where.filter(isKnown), where.filter((one) => !isKnown(one))];
  const size = Math.max(PORTION, Math.ceil(fresh.length / MOST_PORTIONS));
  const portions: Where[] = [];
  for (let end = size; end < fresh.length; end += size) portions.push([...kept, ...fresh.slice(0, end)]);
  return [...portions, where];
}
