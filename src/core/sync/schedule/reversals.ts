/**
 * Who keeps changing back what we write: another deployment with this zone's name, a script, a CMS that
 * tidies up.
 *
 * A unit that writes the very same to a database again has been reversed: what it wrote is no longer there,
 * and what it wants hasn't changed. (Had its wish changed meanwhile, it would have written something else in
 * between.) After three reversals within a minute that write is *contested*: the next one waits, twice as
 * long each time, up to a minute; whatever else the unit wants is written at once. The war is over when a
 * minute has passed without a reversal.
 *
 * All waits end with a second of the clock, so that contested writes, however many, are made together, once a
 * second at most.
 */
import type { DatumInput } from "ovsdb-client-ts";
import type { DatabaseName } from "../../model/index.ts";
import type { Operation, Planner, Unit } from "../../planning/index.ts";
import { isPlaceholder } from "../../planning/index.ts";

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
  /** Until when nothing contested is written, since something just was. */
  #gate = 0;
  /** What was written last, by planner, and by database and unit, in the order of time. */
  readonly #written = new Map<Planner, Map<string, Written>>();

  /**
   * Takes in what a unit has written.
   *
   * @param now milliseconds of any clock that never goes back
   * @returns whether it is contested
   */
  committed(unit: Unit, database: DatabaseName, operations: readonly Operation[], now: number): boolean {
    const units = this.#written.get(unit.planner) ?? new Map<string, Written>();
    this.#written.set(unit.planner, units);
    forget(units, now);
    const key = keyOf(unit, database);
    const known = units.get(key);
    const what = fingerprint(operations);
    const next = known?.what === what && !isOver(known, now) ? again(known, now) : first(what, now);
    units.delete(key);
    units.set(key, next);
    if (next.pauses > 0) this.#gate = Math.ceil((now + 1) / TICK) * TICK;
    return next.pauses > 0;
  }

  /** Until when something has to wait that a unit wants to write; 0 if it is not contested. */
  pauseOf(unit: Unit, database: DatabaseName, operations: readonly Operation[]): number {
    const known = this.#written.get(unit.planner)?.get(keyOf(unit, database));
    if (known === undefined || known.pauses === 0 || known.what !== fingerprint(operations)) return 0;
    return Math.max(known.until, this.#gate);
  }

  /** Whether something is contested now. */
  isAtWar(now: number): boolean {
    for (const units of this.#written.values())
      for (const written of units.values()) if (written.pauses > 0 && !isOver(written, now)) return true;
    return false;
  }

  /** Whether a unit's first pause has just begun. */
  isNew(unit: Unit, database: DatabaseName): boolean {
    return this.#written.get(unit.planner)?.get(keyOf(unit, database))?.pauses === 1;
  }

  /** Ends all pauses: what they were about may have changed. Returns whether there were any. */
  end(): boolean {
    let paused = false;
    for (const units of this.#written.values())
      for (const [key, { pauses }] of units) {
        if (pauses === 0) continue;
        units.delete(key);
        paused = true;
      }
    return paused;
  }
}

function keyOf({ key }: Unit, database: DatabaseName): string {
  return `${database} ${key}`;
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
 * A number that tells one wish from another. What the server or an allocator makes of the wish is left out:
 * uuids of new rows and of rows that new ones refer to, and tunnel keys.
 */
function fingerprint(operations: readonly Operation[]): number {
  let hash = 0x811c9dc5;
  for (const operation of operations) {
    if (operation.kind === "absent") continue;
    hash = mix(mix(hash, operation.kind), operation.table);
    if (operation.kind === "delete") continue;
    hash = mix(hash, operation.kind === "update" ? operation.old._uuid : (operation.holder?.uuid ?? ""));
    for (const column in operation.columns) {
      if (operation.kind === "insert" && column === "tunnel_key") continue;
      hash = mixValue(mix(hash, column), operation.columns[column] ?? null);
    }
    if (operation.kind === "update") hash = mixValue(hash, operation.keys);
  }
  return hash;
}

/** FNV-1a, with an end of the text. */
function mix(hash: number, text: string): number {
  let mixed = hash;
  for (let i = 0; i < text.length; i++) mixed = Math.imul(mixed ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(mixed ^ 0xffff, 0x01000193);
}

function mixValue(hash: number, value: DatumInput | object): number {
  if (typeof value === "string") return isPlaceholder(value) ? hash : mix(hash, value);
  if (typeof value !== "object" || value === null) return mix(hash, String(value));
  let mixed = hash;
  if (value instanceof Map) for (const [key, one] of value) mixed = mixValue(mix(mixed, String(key)), one);
  else if (value instanceof Set || Array.isArray(value))
    for (const one of value) mixed = mixValue(mixed, one);
  else for (const [key, one] of Object.entries(value)) mixed = mixValue(mix(mixed, key), one);
  return mixed;
}
