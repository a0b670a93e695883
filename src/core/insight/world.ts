/**
 * All that could be read: the global databases, and those of the zones that somebody said where to find. Live
 * or from a file, it is the same.
 *
 * What could not be read is known to be unknown: a zone without its own databases has no view, and whoever
 * asks says so.
 */
import type { DatabaseSchema } from "ovsdb-client-ts";
import { MemoryDatabase } from "ovsdb-client-ts";
import type { DatabaseName, RowSource, Schemas, Sources } from "../model/index.ts";
import { SCHEMAS, View } from "../model/index.ts";
import type { AvailabilityZone } from "../schema/ic-sb.ts";
import type { Capture, Reading } from "./capture.ts";
import { isCapture, loadCapture } from "./capture.ts";

/** A zone's own databases. */
export interface ZoneReadings {
  /** As whoever asks calls it; null: as it calls itself. */
  readonly name: string | null;
  readonly nb: Reading;
  readonly sb: Reading;
}

export interface Readings {
  readonly icNb: Reading;
  readonly icSb: Reading;
  readonly zones: readonly ZoneReadings[];
}

/** What is known of one zone. */
export interface Zone {
  readonly name: string;
  /** Its row in the global southbound database; undefined if it has none there. */
  readonly row: AvailabilityZone | undefined;
  /** Its own databases; null if nobody said where they are. */
  readonly readings: ZoneReadings | null;
  /** What its controller knows; null unless all four databases could be read. */
  readonly view: View | null;
}

/** A database that could not be read, to those who only look at rows: it has none. */
const NO_SCHEMA: DatabaseSchema = { name: "", version: "", tables: new Map() };

export class World {
  readonly readings: Readings;
  /** The global databases, as seen from no zone: without those of which `isKnown` says no, they are empty. */
  readonly global: View;
  /** By name. Those of the global database, and those that somebody named. */
  readonly zones: ReadonlyMap<string, Zone>;

  /** @throws ProtocolError, SchemaError for captures that are none of these databases. */
  constructor(readings: Readings) {
    this.readings = readings;
    const icNb = source("icNb", readings.icNb);
    const icSb = source("icSb", readings.icSb);
    this.global = new View({ icNb, icSb, nb: empty("nb"), sb: empty("sb") });
    this.zones = this.#findZones(icNb, icSb);
  }

  /** Whether a global database could be read. */
  isKnown(database: "icNb" | "icSb"): boolean {
    return isCapture(this.readings[database]);
  }

  #findZones(icNb: Sources["icNb"], icSb: Sources["icSb"]): Map<string, Zone> {
    const found = new Map<string, Zone>();
    for (const readings of this.readings.zones) {
      const nb = source("nb", readings.nb);
      const own = nb.table("NB_Global")[Symbol.iterator]().next().value?.name;
      const name = own || readings.name || "(no name)";
      const all = [readings.nb, readings.sb, this.readings.icNb, this.readings.icSb].every(isCapture);
      const view = all ? new View({ nb, sb: source("sb", readings.sb), icNb, icSb }) : null;
      view?.refreshIdentity();
      found.set(name, { name, row: this.global.icSbIndexes.zoneByName.get(name), readings, view });
    }
    for (const row of this.global.icSb.Availability_Zone)
      if (!found.has(row.name)) found.set(row.name, { name: row.name, row, readings: null, view: null });
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function source<D extends DatabaseName>(database: D, reading: Reading): RowSource<Schemas[D]> {
  return isCapture(reading) ? loadCapture<Schemas[D]>(SCHEMAS[database], reading) : empty(database);
}

function empty<D extends DatabaseName>(database: D): RowSource<Schemas[D]> {
  return new MemoryDatabase<Schemas[D]>(SCHEMAS[database], NO_SCHEMA);
}

/** The captures of a world, with the zone that each is of; null for global ones. */
export function* capturesOf({ icNb, icSb, zones }: Readings): Generator<readonly [string | null, Capture]> {
  for (const reading of [icNb, icSb]) if (isCapture(reading)) yield [null, reading];
  for (const { name, nb, sb } of zones)
    for (const reading of [nb, sb]) if (isCapture(reading)) yield [name, reading];
}
