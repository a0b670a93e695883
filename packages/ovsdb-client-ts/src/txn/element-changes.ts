/**
 * Elements that a transaction adds to a set or map column and takes from it, so that elements which others
 * write meanwhile survive.
 *
 * For each element that the program named stands what is wanted of it in the end, whatever came before: there
 * (with a value, in a map) or not there. Only where that depends on a value that was not seen are mutations
 * kept as they were asked for; these go first, and what is wanted for certain comes after them.
 */
import { SchemaError } from "../errors.ts";
import type { JsonValue } from "../jsonrpc/json.ts";
import type { Atom, Datum } from "../schema/atom.ts";
import { makeMap, makeSet, setHas } from "../schema/atom.ts";
import type { ColumnSchema } from "../schema/schema.ts";
import type { EncodeUuid } from "../wire/datum.ts";
import { encodeDatum } from "../wire/datum.ts";

/** Elements of a set, with null, or pairs of a map. */
export type Elements = ReadonlyMap<Atom, Atom | null>;

const ABSENT = Symbol("absent");
type Wanted = Atom | null | typeof ABSENT;

interface Conditional {
  readonly mutator: "insert" | "delete";
  readonly pairs: Map<Atom, Atom | null>;
}

export class ElementChanges {
  readonly #column: ColumnSchema;
  /** The value to be changed; undefined if it was not seen. */
  readonly #base: Datum | undefined;
  readonly #wanted = new Map<Atom, Wanted>();
  readonly #conditional: Conditional[] = [];
  /**
   * Keys of a map whose pair has to make way whatever its value is by then, also one that was not there when
   * it was read.
   */
  readonly #overwritten = new Set<Atom>();
  /** Whether something was asked for that the keys and pairs which are there make void. */
  #isVoid = false;
  /** Pairs that have to go only if they still are as they were read. */
  readonly #exact = new Map<Atom, Atom>();

  constructor(column: ColumnSchema, base: Datum | undefined) {
    this.#column = column;
    this.#base = base;
  }

  /**
   * Adds elements, or pairs; `replace` says whether the value of a key that is there changes (RFC 7047 §5.1:
   * it stays).
   */
  insert(elements: Elements, replace: boolean): void {
    for (const [key, element] of elements) {
      const now = this.#state(key);
      if (replace) this.#overwrite(key);
      if (element === null) this.#addElement(key);
      else if (replace || now === ABSENT) this.#wanted.set(key, element);
      else if (now === undefined) this.#addConditional("insert", key, element);
      else this.#isVoid = true;
    }
  }

  /** Removes elements of a set, or keys of a map. */
  remove(keys: Iterable<Atom>): void {
    for (const key of keys) {
      this.#overwrite(key);
      this.#wanted.set(key, ABSENT);
    }
  }

  /** Removes pairs of a map that are exactly so. */
  removePairs(pairs: ReadonlyMap<Atom, Atom>): void {
    for (const [key, value] of pairs) {
      const now = this.#state(key);
      if (now === undefined) this.#addConditional("delete", key, value);
      else if (now === value) {
        this.#wanted.set(key, ABSENT);
        if (!this.#overwritten.has(key)) this.#exact.set(key, value);
      } else this.#isVoid = true;
    }
  }

  get isEmpty(): boolean {
    const { added, removed } = this.net;
    return added.size + removed.size + this.#conditional.length === 0;
  }

  /** Whether something that was asked for is so already, and therefore not written. */
  get leavesOut(): boolean {
    return this.#isVoid || [...this.#wanted].some(([key, wanted]) => this.#before(key) === wanted);
  }

  /** The value after the changes; undefined if that depends on what was not seen. */
  get result(): Datum | undefined {
    const base = this.#base;
    if (base === undefined) return undefined;
    const { added, removed } = this.net;
    if (added.size + removed.size === 0) return base;
    const elements = new Map([...elementsOf(base)].filter(([key]) => !removed.has(key)));
    for (const [key, element] of added) elements.set(key, element);
    return this.#datum(elements);
  }

  /** What has to go, and then to be added, to bring about what is wanted for certain. */
  get net(): { readonly added: Elements; readonly removed: ReadonlySet<Atom> } {
    const added = new Map<Atom, Atom | null>();
    const removed = new Set<Atom>();
    for (const [key, wanted] of this.#wanted) {
      const before = this.#before(key);
      if (before === wanted) continue;
      // "insert" leaves a key that is there alone, so the old pair has to go first; a set's element needs no
      // such thing.
      if (wanted !== null && (before !== ABSENT || this.#overwritten.has(key))) removed.add(key);
      if (wanted !== ABSENT) added.set(key, wanted);
    }
    return { added, removed };
  }

  /** The mutations (RFC 7047 §5.1) that do it. */
  mutations(uuid: EncodeUuid): JsonValue[] {
    const column = this.#column;
    const keys: ColumnSchema = { ...column, kind: "set", value: null };
    const { added, removed } = this.net;
    const exact = new Map([...this.#exact].filter(([key]) => removed.has(key)));
    const wholeKeys = new Set([...removed].filter((key) => !exact.has(key)));
    const mutation = (mutator: string, elements: Elements): JsonValue => [
      column.name,
      mutator,
      encodeDatum(this.#datum(elements, "set"), column.kind === "map" ? column : keys, uuid),
    ];
    return [
      ...this.#conditional.map(({ mutator, pairs }) => mutation(mutator, pairs)),
      ...(exact.size > 0 ? [mutation("delete", exact)] : []),
      ...(wholeKeys.size > 0 ? [[column.name, "delete", encodeDatum(makeSet(wholeKeys), keys, uuid)]] : []),
      ...(added.size > 0 ? [mutation("insert", added)] : []),
    ];
  }

  #overwrite(key: Atom): void {
    this.#overwritten.add(key);
    this.#exact.delete(key);
  }

  #addElement(key: Atom): void {
    if (this.#column.kind === "optional") {
      const present = [...elementsOf(this.#base ?? null).keys(), ...this.#wanted.keys()];
      const other = present.find((one) => one !== key && this.#state(one) === null);
      if (other !== undefined) {
        throw new SchemaError(
          `column ${this.#column.name}: ${key} can't be inserted, it holds ${other} already`,
        );
      }
    }
    this.#wanted.set(key, null);
  }

  #addConditional(mutator: Conditional["mutator"], key: Atom, value: Atom): void {
    const last = this.#conditional.at(-1);
    if (last?.mutator !== mutator || last.pairs.has(key))
      this.#conditional.push({ mutator, pairs: new Map([[key, value]]) });
    else last.pairs.set(key, value);
  }

  /** An element as it is after the changes so far; undefined if that was not seen. */
  #state(key: Atom): Wanted | undefined {
    return this.#wanted.get(key) ?? (this.#wanted.has(key) ? null : this.#before(key));
  }

  /** An element as it was; undefined if that was not seen. */
  #before(key: Atom): Wanted | undefined {
    const base = this.#base;
    if (base === undefined) return undefined;
    if (base instanceof Map) return base.get(key) ?? ABSENT;
    const isThere = Array.isArray(base) ? setHas(base, key) : base === key;
    return isThere ? null : ABSENT;
  }

  #datum(elements: Elements, one: "set" | "single" = "single"): Datum {
    if (this.#column.kind === "map")
      return makeMap([...elements].flatMap(([k, v]): [Atom, Atom][] => (v === null ? [] : [[k, v]])));
    if (this.#column.kind === "optional" && one === "single") return elements.keys().next().value ?? null;
    return makeSet(elements.keys());
  }
}

/** The elements of a set or optional value, or the pairs of a map. */
export function elementsOf(value: Datum): Elements {
  if (value instanceof Map) return value;
  const atoms: readonly Atom[] = Array.isArray(value) ? value : value === null ? [] : [value as Atom];
  return new Map(atoms.map((atom) => [atom, null]));
}
