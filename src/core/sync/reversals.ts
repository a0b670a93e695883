/**
 * Who keeps changing back what we write: another deployment with this zone's name, a script, a CMS that tidies up.
 *
 * A unit that writes the very same again has been reversed: what it wrote is no longer there, and what it wants hasn't changed. (Had its wish
 * changed meanwhile, it would have written something else in between.) After three reversals within a minute it is *contested*:
 * the next write waits, twice as long each time, up to a minute. The war is over when a minute has passed without a reversal.
 *
 * All waits end with a second of the clock, so that contested units, however many, are written together, once a second at most.
 */
import type { DatumInput } from "ovsdb-client-ts";
import type { Operation } from "./operations.ts";
import { isPlaceholder } from "./operations.ts";
import type { Planner } from "./planner.ts";
import type { Unit } from "./transactions.ts";

/** Milliseconds within which reversals belong together. */
const WINDOW = 60_000;
/** Reversals within that time that are suffered without a pause. */
const PATIENCE = 3;
const TICK = 1000;
const MAX_PAUSE = 60_000;

interface Written {
  readonly what: number;
  /** When this was written, the last few times. */
  readonly times: readonly number[];
  /** Pauses so far. */
  readonly pauses: number;
  /** Until when it must not be written again. */
  readonly until: number;
}

export class Reversals {
  /** Until when no contested unit writes anything, since one just did. */
  #gate = 0;
  /** What was written last, of units by planner and key, in the order of time. */
  readonly #written = new Map<Planner, Map<string, Written>>();

  /**
   * Takes in what a unit has written.
   *
   * @param now milliseconds of any clock that never goes back
   * @returns whether the unit is contested
   */
  committed({ planner, key }: Unit, operations: readonly Operation[], now: number): boolean {
    const units = this.#written.get(planner) ?? new Map<string, Written>();
    this.#written.set(planner, units);
    forget(units, now);
    const known = units.get(key);
    const what = fingerprint(operations);
    const next = known?.what === what && !isOver(known, now) ? again(known, now) : first(what, now);
    units.delete(key);
    units.set(key, next);
    if (next.pauses > 0) this.#gate = Math.ceil((now + 1) / TICK) * TICK;
    return next.pauses > 0;
  }

  /** Until when a unit has to wait; 0 of one that is not contested. */
  pauseOf({ planner, key }: Unit): number {
    const until = this.#written.get(planner)?.get(key)?.until ?? 0;
    return until === 0 ? 0 : Math.max(until, this.#gate);
  }

  /** Whether there is a contested unit. */
  get anyContested(): boolean {
    for (const units of this.#written.values())
      for (const { pauses } of units.values()) if (pauses > 0) return true;
    return false;
  }

  /** Whether a unit's first pause has just begun. */
  isNew({ planner, key }: Unit): boolean {
    return this.#written.get(planner)?.get(key)?.pauses === 1;
  }

  /** Ends all pauses: what they were about may have changed. */
  end(): void {
    this.#written.clear();
  }

  /** Whether a unit's rows are being changed back by somebody. */
  isContested(unit: Unit): boolean {
    return this.pauseOf(unit) > 0;
  }
}

function first(what: number, now: number): Written {
  return { what, times: [now], pauses: 0, until: 0 };
}

function again(known: Written, now: number): Written {
  const times = [...known.times.filter((time) => now - time <= WINDOW), now].slice(-PATIENCE - 1);
  const isWar = known.pauses > 0 || times.length > PATIENCE;
  const pauses = isWar ? known.pauses + 1 : 0;
  const pause = Math.min(TICK * 2 ** (pauses - 1), MAX_PAUSE);
  return {
    what: known.what,
    times,
    pauses,
    until: isWar ? Math.ceil((now + pause) / TICK) * TICK : 0,
  };
}

/** Whether what was written has lasted. */
function isOver({ times, until }: Written, now: number): boolean {
  return now - Math.max(times.at(-1) ?? 0, until) > WINDOW;
}

/** Forgets what was written long ago. Pauses may keep one longer than those after it, which then go later. */
function forget(units: Map<string, Written>, now: number): void {
  for (const [key, written] of units) {
    if (!isOver(written, now)) return;
    units.delete(key);
  }
}

/**
 * A number that tells one wish from another. What the server or an allocator makes of the wish is left out: uuids of new rows and of rows that new
 * ones refer to, and tunnel keys.
 */
function fingerprint(operations: readonly Operation[]): number {
  let hash = 0x811c9dc5;
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ 0xffff, 0x01000193);
  };
  for (const operation of operations) {
    if (operation.kind === "absent") continue;
    add(operation.kind);
    add(operation.table);
    if (operation.kind === "delete") continue;
    if (operation.kind === "update") add(operation.old._uuid);
    if (operation.kind === "insert") add(operation.holder?.uuid ?? "");
    for (const column in operation.columns) {
      if (operation.kind === "insert" && column === "tunnel_key") continue;
      add(column);
      addValue(add, operation.columns[column] ?? null);
    }
    if (operation.kind === "update") addValue(add, operation.keys);
  }
  return hash;
}

function addValue(add: (text: string) => void, value: DatumInput | object): void {
  if (typeof value !== "object" || value === null) {
    if (!isPlaceholder(value)) add(String(value));
    return;
  }
  const parts =
    value instanceof Map || value instanceof Set || Array.isArray(value) ? value : Object.entries(value);
  for (const part of parts) addValue(add, part);
}
