/**
 * Rows of ours in the global database that somebody else has given to another zone: gateways and ports whose
 * `availability_zone` was our row in this run, and isn't any more.
 *
 * No controller does that: each makes rows of its own. That such a row was ours is the evidence; whether it
 * still should be, the planner decides who would have written it. What was given away while no controller ran
 * can't be told from what the row of this zone's former name holds. With another row for ourselves, as after
 * two deployments used one name, nothing of what the former one held is ours.
 */
import type { ChangeSet, OvsSchema, Uuid } from "ovsdb-client-ts";
import type { DatabaseName } from "./databases.ts";

export interface Owned {
  readonly _uuid: Uuid;
  readonly availability_zone: Uuid<"Availability_Zone">;
}

export class StolenRows {
  readonly #uuids = new Set<Uuid>();
  #zone: Uuid<"Availability_Zone"> | null = null;

  /** To be called with everything that changes. */
  changed<S extends OvsSchema>(
    database: DatabaseName,
    changes: ChangeSet<S>,
    zone: Uuid<"Availability_Zone"> | null,
  ): void {
    if (database !== "icSb") return;
    if (zone !== this.#zone) this.#uuids.clear();
    this.#zone = zone;
    if (zone === null) return;
    for (const { table, uuid, old, new: now } of changes) {
      if (table !== "Gateway" && table !== "Port_Binding") continue;
      const [before, after] = [zoneOf(old), zoneOf(now)];
      if (after === null || after === zone) this.#uuids.delete(uuid);
      else if (before === zone) this.#uuids.add(uuid);
    }
  }

  has(uuid: Uuid, zone: Uuid<"Availability_Zone"> | null): boolean {
    return this.#uuids.size > 0 && zone === this.#zone && this.#uuids.has(uuid);
  }

  /** Their uuids. */
  of(zone: Uuid<"Availability_Zone"> | null): Iterable<Uuid> {
    return zone === this.#zone ? this.#uuids : [];
  }
}

function zoneOf(row: object | null): unknown {
  return row === null ? null : "availability_zone" in row ? row.availability_zone : null;
}
