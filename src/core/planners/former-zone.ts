/**
 * A zone that was renamed while no controller ran: its new name gets a row of its own in the global database,
 * and the row of the former name still holds its gateways and ports, whose names are unique there. Nothing
 * tells that row from another zone's for certain, so it is for the administrator to say; until then what was
 * learned stays.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Note, TransitPort, View } from "../model/index.ts";
import { fact, joinKey, routerPortBehind } from "../model/index.ts";
import type { Plan } from "../planning/index.ts";
import type { AvailabilityZone } from "../schema/ic-sb.ts";
import type { LogicalRouter } from "../schema/nb.ts";

/** A zone without a name takes no part. */
export function describeNamelessZone({ nb }: View): Note {
  const uuid = nb.NB_Global.first()?._uuid ?? "";
  return {
    reason: NAMELESS,
    text: "NB_Global.name is empty: this availability zone takes no part; give it a name: ovn-nbctl set NB_Global . name=NAME",
    subject: { database: "nb", table: "NB_Global", uuid, name: "" },
  };
}

/** What is this zone's and belongs to another row. */
export interface FormerZone {
  readonly row: AvailabilityZone;
  /** Names, in order. */
  readonly gateways: readonly string[];
  readonly ports: readonly string[];
}

export const NAMELESS = "no-zone-name";
export const FORMER_ZONE = "former-zone-holds-rows";

/** The row that holds most of what is this zone's; null if none does. */
export function formerZone(view: View): FormerZone | null {
  if (view.identity.name === "") return null;
  const held = new Map<Uuid, { gateways: string[]; ports: string[] }>();
  const of = (zone: Uuid) => {
    const known = held.get(zone) ?? { gateways: [], ports: [] };
    held.set(zone, known);
    return known;
  };
  for (const [zone, names] of view.ownGateways()) if (zone !== view.zone) of(zone).gateways.push(...names);
  for (const binding of view.icSb.Port_Binding) {
    if (binding.availability_zone !== view.zone && routerPortBehind(view, binding) !== undefined)
      of(binding.availability_zone).ports.push(binding.logical_port);
  }
  const count = ([, { gateways, ports }]: [Uuid, { gateways: string[]; ports: string[] }]) =>
    gateways.length + ports.length;
  const [most] = [...held].sort((a, b) => count(b) - count(a) || (a[0] < b[0] ? -1 : 1));
  const row = most === undefined ? undefined : view.icSb.Availability_Zone.get(most[0]);
  if (most === undefined || row === undefined) return null;
  return { row, gateways: most[1].gateways.sort(), ports: most[1].ports.sort() };
}

/** A router's ports on a transit switch that another row holds: by these it goes on learning. */
export const formerPortsOn = fact(
  (view: View, router: LogicalRouter, transitSwitch: string): readonly TransitPort[] => {
    const bindings = view.icSbIndexes.portByRouterAndSwitch.find(joinKey(router._uuid, transitSwitch));
    return bindings.flatMap((binding) =>
      binding.availability_zone === view.zone ? [] : (routerPortBehind(view, binding) ?? []),
    );
  },
);

/** Warns if another row holds what is this zone's. */
export function warnOfFormerZone(view: View, plan: Plan): void {
  const former = formerZone(view);
  if (former !== null) plan.warn(describeFormerZone(view, former));
}

export function describeFormerZone(view: View, { row, gateways, ports }: FormerZone): Note {
  const { name } = view.identity;
  const held = [...named("gateway", gateways), ...named("port", ports)].join(" and ");
  return {
    reason: FORMER_ZONE,
    text:
      `this zone is called ${name} now, and the Availability_Zone row of ${row.name} still holds its ${held}: ` +
      `they can't be registered again, and what was learned is kept as it is. ${wayOut(view, row)}`,
    subject: { database: "icSb", table: "Availability_Zone", uuid: row._uuid, name: row.name },
  };
}

function wayOut(view: View, row: AvailabilityZone): string {
  const { name } = view.identity;
  const bearer = view.icSbIndexes.zoneByName.get(name);
  if (view.zone === null && bearer !== undefined)
    return (
      `${name} is another zone's name (Availability_Zone ${bearer._uuid}): this zone takes no part until it has a name of its own, ` +
      `its former one for example: ovn-nbctl set NB_Global . name=${quoted(row.name)}`
    );
  // A row that holds something can't just be destroyed.
  const emptied =
    view.zone !== null && view.holdsAnything(view.zone) ? `delete what belongs to ${name} there, then: ` : "";
  const destroy = view.zone === null ? "" : `destroy Availability_Zone ${quoted(name)} -- `;
  return (
    `If ${row.name} is this zone's former name, give the row the new one: ` +
    `${emptied}ovn-ic-sbctl ${destroy}set Availability_Zone ${quoted(row.name)} name=${quoted(name)}`
  );
}

/** Names that are listed one by one. */
const LISTED = 3;

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return [`${what}${names.length === 1 ? "" : "s"} ${names.slice(0, LISTED).join(", ")}${more}`];
}

/** A name as a word of a shell's line. */
function quoted(name: string): string {
  return /^[\w.:-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}
