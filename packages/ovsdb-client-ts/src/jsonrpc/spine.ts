/**
 * The part of a large message that has been decoded: the containers that are still open, outermost first,
 * each holding its complete members and, as its last member, the next one.
 */
import type { JsonObject, JsonValue } from "./json-value.ts";
import { isJsonArray, setOwn } from "./json-value.ts";

type Container = JsonValue[] | { [key: string]: JsonValue };

export class Spine {
  readonly #open: Container[] = [];
  #fresh = false;

  /** Number of open containers. */
  get depth(): number {
    return this.#open.length;
  }

  /** Whether the last container has just been entered, so that no text of its members was taken yet. */
  get fresh(): boolean {
    return this.#fresh;
  }

  /** Opens a container as the last member of the last one: under `key` in an object, appended to an array. */
  enter(key: string | null, isObject: boolean): void {
    const child: Container = isObject ? {} : [];
    const parent = this.#open.at(-1);
    if (Array.isArray(parent)) parent.push(child);
    else if (parent !== undefined) setOwn(parent, key ?? "", child);
    this.#open.push(child);
    this.#fresh = true;
  }

  /** Adds the members of `batch` to the last container, which is of the same kind. Returns their number. */
  add(batch: JsonValue): number {
    this.#fresh = false;
    const last = this.#open.at(-1);
    if (Array.isArray(last)) {
      if (!isJsonArray(batch)) throw new TypeError("a batch for an array is an array");
      for (const value of batch) last.push(value);
      return batch.length;
    }
    return last === undefined ? 0 : addMembers(last, batch);
  }

  /** Closes the last container and returns it. */
  leave(): JsonValue {
    this.#fresh = false;
    return this.#open.pop() ?? null;
  }
}

function addMembers(to: { [key: string]: JsonValue }, batch: JsonValue): number {
  if (typeof batch !== "object" || batch === null) throw new TypeError("a batch for an object is an object");
  const members = batch as JsonObject;
  const keys = Object.keys(members);
  for (const key of keys) setOwn(to, key, members[key] ?? null);
  return keys.length;
}
