/**
 * Which row of the global database is this availability zone's.
 *
 * It is the one that bears NB_Global.name. When that name changes, it stays the row that bore the old one, for a rename keeps the
 * row, and with it the gateways, ports and routes that refer to it; and when the name becomes empty, it is the row to be taken away.
 * This is the only thing that a controller remembers: after a restart nothing tells a renamed row from another zone's.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { AvailabilityZone } from "../schema/ic-sb.ts";

export interface Identity {
  /** NB_Global.name; "" while this zone takes no part. */
  readonly name: string;
  /** Our row, while it exists and we have a name. */
  readonly zone: Uuid<"Availability_Zone"> | null;
  /** The row that was ours before the name was taken away. */
  readonly retired: Uuid<"Availability_Zone"> | null;
}

export const NOBODY: Identity = { name: "", zone: null, retired: null };

interface Zones {
  get(uuid: Uuid<"Availability_Zone">): AvailabilityZone | undefined;
  named(name: string): AvailabilityZone | undefined;
}

/** Who we are now, given who we were. */
export function nextIdentity(previous: Identity, name: string, zones: Zones): Identity {
  // The row for the former name may have come since: it was on its way when the name changed.
  const registered = previous.name === "" ? undefined : zones.named(previous.name)?._uuid;
  const remembered = previous.zone ?? previous.retired ?? registered ?? null;
  const row = remembered === null ? undefined : zones.get(remembered);
  if (name === "") return { name, zone: null, retired: row?._uuid ?? null };
  const named = zones.named(name);
  // A name that did not change follows the name: somebody may have made the row anew.
  const renamed = row !== undefined && (name !== previous.name || named === undefined);
  return { name, zone: (renamed ? row : named)?._uuid ?? null, retired: null };
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.name === b.name && a.zone === b.zone && a.retired === b.retired;
}
