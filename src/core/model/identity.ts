/**
 * Which row of the global database is this availability zone's.
 *
 * It is the one that bears NB_Global.name. Once found it stays the same row for as long as there is that row,
 * whatever name either side has: a rename keeps the row, and with it the gateways, ports and routes that
 * refer to it. A new name that another zone's row has is refused by the server, and then that row must not be
 * taken for ours. When the name becomes empty, ours is the row to be taken away. This is the only thing that
 * a controller remembers. After a restart only what a row holds can tell that it is another zone's: nothing
 * of it is ours, while our gateways are in another row. If that is the row with our name, we have none, and
 * take no part.
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
  /** Whether our row bears our name, or did so until somebody else changed that. */
  readonly named: boolean;
}

export const NOBODY: Identity = { name: "", zone: null, retired: null, named: false };

interface Zones {
  get(uuid: Uuid<"Availability_Zone">): AvailabilityZone | undefined;
  named(name: string): AvailabilityZone | undefined;
  /** Whether a row is certain to be another zone's. */
  isOthers(row: AvailabilityZone): boolean;
  /** Whether a row holds gateways of this zone. */
  isOurs(row: AvailabilityZone): boolean;
}

/** Who we are now, given who we were. */
export function nextIdentity(previous: Identity, name: string, zones: Zones): Identity {
  const remembered = previous.zone ?? previous.retired;
  const known = remembered === null ? undefined : zones.get(remembered);
  // As a rule nothing has changed.
  if (known?.name === name && name !== "") return { name, zone: known._uuid, retired: null, named: true };
  const find = (wanted: string) => {
    const found = wanted === "" ? undefined : zones.named(wanted);
    return found === undefined || zones.isOthers(found) ? undefined : found;
  };
  // The row for the former name may have come since: it was on its way when the name changed.
  const row = remembered === null ? find(previous.name) : known;
  if (name === "") return { name, zone: null, retired: row?._uuid ?? null, named: false };
  const named = find(name);
  // Our gateways are in the row with our name: another instance of ours has put them there, or they never
  // were in the other one.
  const isLeft =
    row !== undefined && named !== undefined && row !== named && zones.isOurs(named) && !zones.isOurs(row);
  const ours = isLeft ? named : (row ?? named);
  // Only we follow NB_Global.name: while that is what it was, it is somebody else who gives our row another
  // one.
  const isNamed = ours?.name === name || (previous.named && previous.name === name && ours === known);
  return { name, zone: ours?._uuid ?? null, retired: null, named: ours !== undefined && isNamed };
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return a.name === b.name && a.zone === b.zone && a.retired === b.retired;
}
