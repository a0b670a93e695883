/** The rules that keep a route of the global database from being learned by a router. */
import { isUuid } from "ovsdb-client-ts";
import type { TransitPort, View } from "../../model/index.ts";
import {
  balancersOf,
  coversVip,
  fact,
  icRouteSubject,
  isTrue,
  networkKey,
  networksOfPort,
  routerOfDatapath,
  routerPortSubject,
  routerSubject,
  zoneOption,
} from "../../model/index.ts";
import type { Address, Prefix } from "../../net/prefix.ts";
import { isLinkLocalNexthop, parseNexthop, parsePrefix, sameNetwork } from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { Route } from "../../schema/ic-sb.ts";
import type { LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { Drop } from "../drops.ts";
import type { Rule } from "../rules.ts";
import { firstDrop } from "../rules.ts";
import { dropByPrefix } from "./route-filters.ts";
import {
  dropByConnected,
  dropByLength,
  dropByNexthop,
  dropByOwnAddress,
  ROUTE_QUOTA,
} from "./route-guards.ts";

/** A route of the global database that a router could learn by one of its ports. */
export interface Offer {
  readonly view: View;
  readonly plan: Plan;
  readonly port: TransitPort;
  readonly route: Route;
  /** Static routes of the router that are not learned, to the same network. */
  readonly own: readonly LogicalRouterStaticRoute[];
}

/** One whose prefix and next hop can be read. */
interface ReadableOffer extends Offer {
  readonly prefix: Prefix;
  readonly nexthop: Address;
}

/** The rules of one that can be read, in their order. */
export const LEARNING_RULES: readonly Rule<ReadableOffer>[] = [
  { name: "port-address", drop: dropByAddress },
  { name: "own-route", drop: dropByOrigin },
  { name: "tag", drop: dropByTag },
  { name: "route-table", drop: dropByTable },
  { name: "load-balancer", drop: dropByKind },
  {
    name: "router-enabled",
    drop: ({ port: { router } }) =>
      router.enabled === false ? { reason: "router-disabled", decidedBy: routerSubject(router) } : null,
  },
  {
    name: "prefix-filters",
    drop: ({ view, plan, prefix, port }) => dropByPrefix(view, plan, "learn", prefix, port),
  },
  { name: "own-static-route", drop: dropByOwn },
  { name: "nexthop-network", drop: dropByNetwork },
  { name: "nexthop-own-address", drop: ({ view, port, nexthop }) => dropByOwnAddress(view, port, nexthop) },
  { name: "prefix-length", drop: ({ view, plan, port, prefix }) => dropByLength(view, plan, port, prefix) },
  { name: "connected-networks", drop: ({ view, port, prefix }) => dropByConnected(view, port, prefix) },
  {
    name: "nexthop-of-zone",
    drop: ({ view, port, route, nexthop }) => dropByNexthop(view, port, route, nexthop),
  },
  { name: "own-load-balancer", drop: dropByBalancer },
  { name: "dynamic-route", drop: dropByDynamic },
  { name: "most-routes", drop: ({ view, plan, route }) => ROUTE_QUOTA.drop(view, plan, route) },
];

/** The first rule that keeps a route from being learned; null if none does. */
export function whyNotLearned(offer: Offer): Drop | null {
  const { view, plan, port, route, own } = offer;
  if (!isTrue(view.options.get("ic-route-learn")))
    return { reason: "learning-off", decidedBy: zoneOption(view, "ic-route-learn") };
  const prefix = parsePrefix(route.ip_prefix);
  const nexthop = parseNexthop(route.nexthop);
  if (prefix !== null && nexthop !== null && !isLinkLocalNexthop(nexthop))
    return firstDrop(LEARNING_RULES, { view, plan, port, route, own, prefix, nexthop });
  const reason =
    prefix === null ? "invalid-prefix" : nexthop === null ? "invalid-nexthop" : "link-local-nexthop";
  const subject = icRouteSubject(route);
  plan.warn({
    reason,
    text: `ISB Route ${subject.name} on ${route.transit_switch} is not learned: ${reason}`,
    subject,
  });
  return { reason };
}

function dropByAddress({ port: { binding, routerPort } }: Offer): Drop | null {
  if (binding.address !== "") return null;
  return { reason: "no-address-on-port", decidedBy: routerPortSubject(routerPort) };
}

function dropByOrigin({ view, port: { router }, route }: Offer): Drop | null {
  const routerId = route.external_ids.get("lr-id");
  if (routerId === undefined ? route.availability_zone === view.zone : routerId === router._uuid)
    return { reason: "own-route", decidedBy: routerSubject(router) };
  if (routerId !== undefined && !isUuid(routerId.toLowerCase())) return { reason: "invalid-router-id" };
  return null;
}

function dropByTag({ port: { routerPort }, route }: Offer): Drop | null {
  const option = "ic-route-filter-tag";
  // A port without a filter rejects the empty tag, as in C.
  const value = routerPort.options.get(option) ?? "";
  if (value !== route.external_ids.get("ic-route-tag")) return null;
  return { reason: "tag", decidedBy: { ...routerPortSubject(routerPort), option, value } };
}

function dropByTable({ port: { routerPort }, route }: Offer): Drop | null {
  const value = routerPort.options.get("route_table") ?? "";
  if (route.route_table === "" || route.route_table === value) return null;
  return {
    reason: "other-route-table",
    decidedBy: { ...routerPortSubject(routerPort), option: "route_table", value },
  };
}

function dropByKind({ view, route }: Offer): Drop | null {
  if (route.origin !== "loadbalancer" || isTrue(view.options.get("ic-route-learn-lb"))) return null;
  return { reason: "load-balancer-not-allowed", decidedBy: zoneOption(view, "ic-route-learn-lb") };
}

function dropByOwn({ port, route, own }: Offer): Drop | null {
  const winner = own.find((candidate) => candidate.route_table === route.route_table);
  if (winner === undefined) return null;
  const name = `${winner.ip_prefix} of ${port.router.name}`;
  return {
    reason: "own-static-route-wins",
    decidedBy: { database: "nb", table: "Logical_Router_Static_Route", uuid: winner._uuid, name },
  };
}

function dropByNetwork({ port, nexthop }: ReadableOffer): Drop | null {
  if (networksOfPort(port).some((network) => sameNetwork(network, nexthop, network.length))) return null;
  return { reason: "nexthop-not-on-network", decidedBy: routerPortSubject(port.routerPort) };
}

const balancersOfRouter = fact(balancersOf);

function dropByBalancer({ view, port, route, prefix }: ReadableOffer): Drop | null {
  const balancer = balancersOfRouter(view, port.router).find((one) =>
    coversVip(one, prefix, route.ip_prefix),
  );
  if (balancer === undefined) return null;
  return {
    reason: "own-load-balancer-wins",
    decidedBy: { database: "nb", table: "Load_Balancer", uuid: balancer._uuid, name: balancer.name },
  };
}

function dropByDynamic({ view, port, route }: Offer): Drop | null {
  if (!view.sb.Learned_Route.exists) return null;
  for (const dynamic of view.sbIndexes.learnedRouteByNetwork.find(networkKey(route.ip_prefix))) {
    if (routerOfDatapath(view, dynamic.datapath) === port.router._uuid)
      return {
        reason: "dynamic-route-wins",
        decidedBy: { database: "sb", table: "Learned_Route", uuid: dynamic._uuid, name: dynamic.ip_prefix },
      };
  }
  return null;
}
