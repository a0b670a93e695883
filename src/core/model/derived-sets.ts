/**
 * Address sets that northd makes in SB of other things than address sets of NB (seen with 23.03.1 and
 * 26.03.1).
 */
import type { View } from "./view.ts";

const ENDS = ["_ip4", "_ip6"] as const;

/**
 * The port group whose addresses northd would put into a set of some name; undefined if there can't be one.
 */
export function portGroupOf(set: string): string | undefined {
  const end = ENDS.find((one) => set.endsWith(one));
  return end === undefined ? undefined : set.slice(0, -end.length);
}

/** The sets that northd makes of a port group. */
export function setsOfPortGroup(group: string): string[] {
  return ENDS.map((end) => group + end);
}

/** Of the addresses of load balancers at a router, and of the one that monitors come from. */
const FIXED = /^(?:_rtr_lb_[0-9]+_ip[46]|svc_monitor_mac)$/;

/** Of what northd makes a set of some name, if that can be told; else null. */
export function describeDerived(view: View, set: string): string | null {
  if (FIXED.test(set)) return "northd keeps this name for itself";
  const group = portGroupOf(set);
  if (group === undefined || !view.nbIndexes.portGroupByName.has(group)) return null;
  return `northd makes the one of that name, of port group ${group}`;
}
