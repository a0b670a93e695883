/**
 * The rules by which a route is dropped, on its way out and on its way in, and their machine-readable
 * reasons.
 */
import type { FilterList, TransitPort, View } from "../../model/index.ts";
import {
  fact,
  filterList,
  isTrue,
  routerPortSubject,
  routerSubject,
  zoneFilter,
  zoneOption,
} from "../../model/index.ts";
import { prefixListMatches } from "../../net/filters.ts";
import type { Prefix } from "../../net/prefix.ts";
import { isDefaultRoute, isLinkLocal, isLoopback, isMulticast } from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { Drop } from "../drops.ts";
import { warnOfInvalid } from "../drops.ts";

export type Direction = "adv" | "learn";

/**
 * Judges a prefix by what applies in both directions: default routes, link-local prefixes, deny and allow
 * lists.
 */
export function dropByPrefix(
  view: View,
  plan: Plan,
  direction: Direction,
  prefix: Prefix,
  port: TransitPort,
): Drop | null {
  const option = `ic-route-${direction}-default`;
  if (isDefaultRoute(prefix) && !isTrue(view.options.get(option)))
    return { reason: "default-route-not-allowed", decidedBy: zoneOption(view, option) };
  if (isLinkLocal(prefix)) return { reason: "link-local-prefix" };
  // To send a host's own traffic, or a group's, to another zone is never right; what is advertised is left to
  // the administrator.
  if (direction === "learn" && isLoopback(prefix)) return { reason: "loopback-prefix" };
  if (direction === "learn" && isMulticast(prefix)) return { reason: "multicast-prefix" };
  return dropByLists(view, plan, direction, prefix, port);
}

function dropByLists(
  view: View,
  plan: Plan,
  direction: Direction,
  prefix: Prefix,
  port: TransitPort,
): Drop | null {
  const { deny, allow } = filtersOf(view, port, direction);
  if (deny.length === 0 && allow.length === 0) return null;
  for (const list of [...deny, ...allow]) warnOfInvalid(plan, list);
  const denying = deny.find(({ list }) => prefixListMatches(list, prefix));
  if (denying !== undefined) return { reason: "deny-list", decidedBy: decision(denying) };
  const [first] = allow;
  if (first === undefined || allow.some(({ list }) => prefixListMatches(list, prefix))) return null;
  return { reason: "allow-list", decidedBy: decision(first) };
}

/** The lists that decide about all routes of a port in one direction; only those that there are. */
interface PortFilters {
  readonly deny: readonly FilterList[];
  readonly allow: readonly FilterList[];
}

const filtersOf = fact((view: View, port: TransitPort, direction: Direction): PortFilters => {
  const own = (key: string): FilterList[] => [
    filterList(view, routerPortSubject(port.routerPort), key, port.routerPort.options.get(key)),
    filterList(view, routerSubject(port.router), key, port.router.options.get(key)),
  ];
  return {
    deny: [...own(`ic-route-deny-${direction}`), ...zoneDenyLists(view, direction)].filter(
      ({ list }) => list.exists,
    ),
    allow: own(`ic-route-filter-${direction}`).filter(({ list }) => list.exists),
  };
});

/**
 * The list for one direction only is ours. Of it there is one for what is learned: what is advertised is the
 * zone's own.
 */
function zoneDenyLists(view: View, direction: Direction): FilterList[] {
  if (direction === "adv") return [globalDenyList(view)];
  return [globalDenyList(view), zoneFilter(view, "ic-route-deny-learn")];
}

function globalDenyList(view: View): FilterList {
  const current = view.options.get("ic-route-denylist");
  return zoneFilter(
    view,
    current === undefined || current === "" ? "ic-route-blacklist" : "ic-route-denylist",
  );
}

function decision({ subject, option, value }: FilterList) {
  return { ...subject, option, value };
}
