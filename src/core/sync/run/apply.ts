/** From what planners ask for to a transaction of the client. */
import type { Datum, DatumInput, OvsSchema, Transaction, Uuid } from "ovsdb-client-ts";
import type {
  Columns,
  DeleteOperation,
  Holder,
  InsertOperation,
  Operation,
  UnitOperations,
  UpdateOperation,
} from "../../planning/index.ts";
import { isPlaceholder } from "../../planning/index.ts";

/** The lock that the holder of the right to write rows of no AZ has on the global database. */
export const GLOBAL_LOCK = "ovn_ic_sb";

/**
 * Puts the operations of some units into a transaction.
 *
 * What one unit does to a row that another one deletes in the same transaction is left out.
 */
export function applyOperations(transaction: Transaction<OvsSchema>, parts: readonly UnitOperations[]): void {
  const deleted = new Set<Uuid>();
  for (const { operations } of parts) {
    for (const operation of operations)
      if (operation.kind === "delete" && operation.holder === null) deleted.add(operation.old._uuid);
  }
  const application = new Application(transaction, deleted);
  for (const { operations } of parts) application.unit(operations);
  application.end();
}

interface HeldReferences {
  readonly holder: Holder;
  readonly gained: Uuid[];
  readonly lost: Uuid[];
}

class Application {
  readonly #transaction: Transaction<OvsSchema>;
  readonly #deleted: ReadonlySet<Uuid>;
  readonly #gone = new Set<Uuid>();
  readonly #inserted = new Map<string, Uuid>();
  /**
   * What each column that holds references gets and loses: written together, since there may be thousands for
   * one row.
   */
  readonly #held = new Map<Uuid, HeldReferences[]>();

  constructor(transaction: Transaction<OvsSchema>, deleted: ReadonlySet<Uuid>) {
    this.#transaction = transaction;
    this.#deleted = deleted;
  }

  /** Placeholders mean something within one unit only. */
  unit(operations: readonly Operation[]): void {
    this.#inserted.clear();
    for (const operation of operations) this.#apply(operation);
  }

  /** To be called once all units are applied. */
  end(): void {
    for (const list of this.#held.values()) {
      for (const { holder, gained, lost } of list) {
        const { table, uuid, column } = holder;
        if (lost.length > 0) this.#transaction.mutate(table, uuid, column, "delete", lost);
        if (gained.length > 0) this.#transaction.mutate(table, uuid, column, "insert", gained);
      }
    }
  }

  #referencesOf(holder: Holder): HeldReferences {
    const known = this.#held.get(holder.uuid) ?? [];
    const found = known.find((one) => one.holder.column === holder.column);
    if (found !== undefined) return found;
    const references = { holder, gained: [], lost: [] };
    this.#held.set(holder.uuid, [...known, references]);
    return references;
  }

  #apply(operation: Operation): void {
    if (operation.leader) this.#transaction.assertLock(GLOBAL_LOCK);
    if (operation.kind === "insert") this.#insert(operation);
    else if (operation.kind === "update") this.#update(operation);
    else if (operation.kind === "absent") this.#requireAbsent(operation.table, operation.values);
    else if (operation.holder === null) this.#delete(operation);
    else if (!this.#deleted.has(operation.holder.uuid)) {
      this.#referencesOf(operation.holder).lost.push(operation.old._uuid);
    }
  }

  #delete({ table, old: { _uuid: uuid }, verify }: DeleteOperation): void {
    if (this.#gone.has(uuid)) return;
    this.#gone.add(uuid);
    if (verify.length > 0) this.#transaction.verify(table, uuid, verify);
    this.#transaction.delete(table, uuid);
  }

  #insert(operation: InsertOperation): void {
    const { holder } = operation;
    if (holder !== null && this.#deleted.has(holder.uuid)) return;
    const uuid = this.#transaction.insert(operation.table, this.#resolveAll(operation.columns));
    this.#inserted.set(operation.uuid, uuid);
    if (holder !== null) this.#referencesOf(holder).gained.push(uuid);
  }

  #update(operation: UpdateOperation): void {
    const { table, old } = operation;
    if (this.#deleted.has(old._uuid)) return;
    this.#transaction.update(table, old._uuid, this.#resolveAll(operation.columns));
    for (const [column, keys] of Object.entries(operation.keys)) {
      for (const [key, value] of Object.entries(keys)) {
        if (value === null) this.#transaction.removeKey(table, old._uuid, column, key);
        else this.#transaction.setKey(table, old._uuid, column, key, value);
      }
    }
  }

  #requireAbsent(table: string, values: Columns): void {
    const where = Object.entries(values).map(([column, value]): [string, "==", Datum] => [
      column,
      "==",
      value as Datum,
    ]);
    this.#transaction.waitFor(table, where, Object.keys(values), "==", [], { timeout: 0 });
  }

  #resolveAll(columns: Columns): Columns {
    // Only an insert before it in its unit can be referred to.
    if (this.#inserted.size === 0) return columns;
    const resolved: Record<string, DatumInput> = {};
    for (const column in columns) resolved[column] = this.#resolve(columns[column] ?? null);
    return resolved;
  }

  #resolve(value: DatumInput): DatumInput {
    if (isPlaceholder(value)) return this.#inserted.get(value) ?? value;
    if (Array.isArray(value))
      return value.map((atom) => (isPlaceholder(atom) ? (this.#inserted.get(atom) ?? atom) : atom));
    return value;
  }
}
