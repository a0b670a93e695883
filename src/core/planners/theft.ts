/**
 * Rows of ours that somebody else has given to another zone, and that planners take back: see `StolenRows`.
 */
import type { Owned, Subject, View } from "../model/index.ts";
import type { Plan } from "../planning/index.ts";

/**
 * Says that somebody else has given a row of ours to another zone, that it is taken back, and why it is ours.
 */
export function refuseTheft(view: View, plan: Plan, subject: Subject, row: Owned, evidence: string): void {
  const zone = view.icSb.Availability_Zone.get(row.availability_zone)?.name ?? row.availability_zone;
  plan.refuse({
    reason: "row-given-away",
    text:
      `somebody else has given ${subject.table} ${subject.name} to zone ${zone}: it was this zone's since its controller ` +
      `was started, and ${evidence}, so that it is this zone's again`,
    subject,
  });
}
