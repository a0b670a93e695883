/**
 * This availability zone's own row in the global database: made, renamed with NB_Global.name, and taken away
 * with all that hangs on it when that name becomes empty. One unit.
 */
import type { View } from "../model/index.ts";
import type { Plan, Planner } from "../planning/index.ts";
import { ALL, reconcile, updateRow } from "../planning/index.ts";
import type { AvailabilityZone } from "../schema/ic-sb.ts";
import { describeNamelessZone, warnOfFormerZone } from "./former-zone.ts";

export const availabilityZone: Planner = {
  name: "availability-zone",
  isIdentity: true,
  writes: ["icSb"],
  leads: false,
  feeds: {
    nb: { NB_Global: () => ALL },
    icSb: {
      Availability_Zone: () => ALL,
      // What goes with our row, or follows its name: read, so that it has to be complete, but no reason to do
      // anything.
      Gateway: () => [],
      Port_Binding: () => [],
      Route: () => [],
      Service_Monitor: () => [],
      Address_Set: () => [],
    },
  },
  nameOf: (_key, view) => view.identity.name,
  units: () => [""],
  plan(_key, view, plan) {
    const { name, zone, retired } = view.identity;
    if (retired !== null) {
      retire(view, plan);
      return;
    }
    if (name === "") {
      plan.finding?.(describeNamelessZone(view));
      return;
    }
    warnOfFormerZone(view, plan);
    const row = zone === null ? undefined : view.icSb.Availability_Zone.get(zone);
    const bearer = view.icSbIndexes.zoneByName.get(name);
    if (bearer !== undefined && bearer._uuid !== row?._uuid) {
      if (row !== undefined) warnNameTaken(view, plan, row, bearer);
      return;
    }
    if (row !== undefined && view.zoneRenamed) warnRenamed(plan, row, name);
    reconcile(view, plan, {
      database: "icSb",
      table: "Availability_Zone",
      existing: row === undefined ? [] : [row],
      keysOf: () => [""],
      desired: [{ keys: [""], columns: { name }, why: `availability-zone: NB_Global.name is ${name}` }],
      whyNot: () => "",
    });
    // Monitors have our own name as long as only somebody else has changed that of the row.
    if (row !== undefined && row.name !== name && !view.zoneRenamed)
      renameMonitors(view, plan, row.name, name);
  },
};

/**
 * The zone goes on under the name that its row has, and takes the new one when the other zone gives it up:
 * that change feeds this unit.
 */
function warnNameTaken(view: View, plan: Plan, ours: AvailabilityZone, other: AvailabilityZone): void {
  const renamed = view.zoneRenamed
    ? `somebody else has renamed this zone's row from ${other.name} to ${ours.name}, and given its name away; `
    : "";
  plan.warn({
    reason: "zone-name-taken",
    text:
      renamed +
      `NB_Global.name is ${other.name}, but that is the name of another zone (Availability_Zone ${other._uuid}): ` +
      `this zone stays ${ours.name} (Availability_Zone ${ours._uuid}) until ${other.name} is free; ` +
      `to keep its name: ovn-nbctl set NB_Global . name=${ours.name}`,
    subject: { database: "icSb", table: "Availability_Zone", uuid: ours._uuid, name: ours.name },
    decidedBy: { database: "icSb", table: "Availability_Zone", uuid: other._uuid, name: other.name },
  });
}

/** Only a controller of this zone renames its row, and that with NB_Global.name, which is what it was. */
function warnRenamed(plan: Plan, { _uuid: uuid, name: given }: AvailabilityZone, name: string): void {
  plan.refuse({
    reason: "zone-renamed",
    text:
      `somebody else has renamed this zone's row (Availability_Zone ${uuid}) to ${given}: it is called ${name} again, ` +
      `as NB_Global.name says, which has not changed`,
    subject: { database: "icSb", table: "Availability_Zone", uuid, name: given },
  });
}

/** Service monitors name their zone by its name instead of referring to its row. */
function renameMonitors(view: View, plan: Plan, before: string, name: string): void {
  const wanted = {
    columns: { source_availability_zone: name },
    why: `availability-zone: ${before} is called ${name} now`,
  };
  for (const monitor of view.icSb.Service_Monitor) {
    if (monitor.source_availability_zone === before)
      updateRow(view, plan, "icSb", "Service_Monitor", monitor, wanted);
  }
}

/** The server refuses to delete a row that others refer to, so all go at once. */
function retire(view: View, plan: Plan): void {
  const { retired } = view.identity;
  const row = retired === null ? undefined : view.icSb.Availability_Zone.get(retired);
  if (row === undefined) return;
  const aspects = { why: `availability-zone: NB_Global.name is empty, ${row.name} takes no part any more` };
  for (const route of view.icSbIndexes.routeByZone.find(row._uuid))
    plan.delete("icSb", "Route", route, aspects);
  for (const port of view.icSbIndexes.portByZone.find(row._uuid))
    plan.delete("icSb", "Port_Binding", port, aspects);
  for (const gateway of view.icSbIndexes.gatewayByZone.find(row._uuid))
    plan.delete("icSb", "Gateway", gateway, aspects);
  for (const set of view.icSb.Address_Set) {
    if (set.availability_zone === row._uuid) plan.delete("icSb", "Address_Set", set, aspects);
  }
  for (const monitor of view.icSb.Service_Monitor) {
    if (monitor.source_availability_zone === row.name)
      plan.delete("icSb", "Service_Monitor", monitor, aspects);
  }
  plan.delete("icSb", "Availability_Zone", row, aspects);
}
