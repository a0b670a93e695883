/**
 * The `@names` of a line: rows that it creates (`--id=@name create`) or names (`--id=@name get`), which its
 * values may refer to, before or after.
 */
import type { BaseType, Uuid } from "ovsdb-client-ts";
import { ZERO_UUID } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";

interface Symbol {
  /** The row, once it exists. */
  uuid: Uuid | null;
  /** Whether an `--id` option has defined it. */
  defined: boolean;
  /** Kinds of reference to it in values. */
  strong: boolean;
  weak: boolean;
}

export class SymbolTable {
  readonly #symbols = new Map<string, Symbol>();
  readonly #createAhead: (name: string) => Uuid | null;

  /**
   * @param createAhead inserts the row that a later command of the line will `create` under a name; null:
   *   none will.
   */
  constructor(createAhead: (name: string) => Uuid | null) {
    this.#createAhead = createAhead;
  }

  /**
   * Defines a name as an `--id` option does. Returns the row, if a reference has brought it into being
   * already.
   */
  define(name: string): Uuid | null {
    if (!name.startsWith("@")) throw new CommandError(`row id "${name}" does not begin with "@"`);
    const symbol = this.#symbol(name);
    if (symbol.defined) throw new CommandError(`row id "${name}" may only be specified on one --id option`);
    symbol.defined = true;
    return symbol.uuid;
  }

  /** Says which row a defined name is. `stays`: it is there even if nothing refers to it. */
  assign(name: string, uuid: Uuid, stays: boolean): void {
    const symbol = this.#symbol(name);
    symbol.uuid = uuid;
    if (stays) symbol.strong = true;
  }

  has(name: string): boolean {
    return this.#symbols.has(name);
  }

  /** The row that a value refers to by `@name`; `base` says what kind of reference it is. */
  readonly resolve = (name: string, base: BaseType): string => {
    const symbol = this.#symbol(name);
    if (base.refType === "strong") symbol.strong = true;
    else if (base.refType === "weak") symbol.weak = true;
    // A name that nothing will ever be called by is an error in the end, if no other comes first.
    symbol.uuid ??= this.#createAhead(name) ?? this.#placeholder();
    return symbol.uuid;
  };

  /** Checks the names when all commands have run. Returns what there is to warn of. */
  check(): string[] {
    const warnings: string[] = [];
    for (const [name, { defined, strong, weak }] of this.#symbols) {
      if (!defined) {
        throw new CommandError(
          `row id "${name}" is referenced but never created (e.g. with "-- --id=${name} create ...")`,
        );
      }
      if (strong) continue;
      const which = weak ? "only a weak reference to it was" : "no reference to it was";
      warnings.push(
        `row id "${name}" was created but ${which} inserted, so it will not actually appear in the database`,
      );
    }
    return warnings;
  }

  /** A uuid that no row has: another one for each name, since a set holds none twice. */
  #placeholder(): Uuid {
    const number = this.#symbols.size.toString(16).padStart(12, "0");
    return ZERO_UUID.slice(0, -number.length) + number;
  }

  #symbol(name: string): Symbol {
    let symbol = this.#symbols.get(name);
    if (symbol === undefined) {
      symbol = { uuid: null, defined: false, strong: false, weak: false };
      this.#symbols.set(name, symbol);
    }
    return symbol;
  }
}
