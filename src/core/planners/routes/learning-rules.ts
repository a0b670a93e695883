/** The rules that keep a route of the global database from being learned by a router. */
import { isUuid } from "ovsdb-client-ts";
import type { TransitPort, View } from "../../model/index.ts";
import {
  balancersOf,
  coversVip,
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
import { dropByQuota } from "../quotas.ts";
import { dropByPrefix } from "./route-filters.ts";
import { dropByGuards, dropByOwnAddress, ROUTE_QUOTA } from "./route-guards.ts";

/**
 * The first rule that keeps a route from being learned; null if none does.
 *
 * @param own static routes of the router that are not learned, to the same network
 */
export function whyNotLearned(
  view: View,
  plan: Plan,
  port: TransitPort,
  route: Route,
  own: readonly LogicalRouterStaticRoute[],
): Drop | null {
  if (!isTrue(view.options.get("ic-route-learn")))
    return { reason: "learning-off", decidedBy: zoneOption(view, "ic-route-learn") };
  const prefix = parsePrefix(route.ip_prefix);
  const nexthop = parseNexthop(route.nexthop);
  if (prefix === null || nexthop === null || isLinkLocalNexthop(nexthop)) {
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
  return (
    dropByOrigin(view, port, route) ??
    dropByPrefix(view, plan, "learn", prefix, port) ??
    dropByOwn(port, route, own) ??
    dropByNetwork(port, nexthop) ??
    dropByOwnAddress(view, port, nexthop) ??
    dropByGuards(view, plan, port, route, prefix, nexthop) ??
    dropByBalancer(view, port, route, prefix) ??
    dropByDynamic(view, port, route) ??
    dropByQuota(view, plan, ROUTE_QUOTA, route)
  );
}

function dropByOrigin(view: View, port: TransitPort, route: Route): Drop | null {
  if (port.binding.address === "")
    return { reason: "no-address-on-port", decidedBy: routerPortSubject(port.routerPort) };
  const routerId = route.external_ids.get("lr-id");
  if (routerId === undefined ? route.availability_zone === view.zone : routerId === port.router._uuid) {
    return { reason: "own-route", decidedBy: routerSubject(port.router) };
  }
  if (routerId !== undefined && !isUuid(routerId.toLowerCase())) return { reason: "invalid-router-id" };
  const { options } = port.routerPort;
  // A port without a filter rejects the empty tag, as in C.
  const tag = options.get("ic-route-filter-tag") ?? "";
  const subject = routerPortSubject(port.routerPort);
  if (tag === route.external_ids.get("ic-route-tag")) {
    return { reason: "tag", decidedBy: { ...subject, option: "ic-route-filter-tag", value: tag } };
  }
  const table = options.get("route_table") ?? "";
  if (route.route_table !== "" && route.route_table !== table) {
    return { reason: "other-route-table", decidedBy: { ...subject, option: "route_table", value: table } };
  }
  if (route.origin === "loadbalancer" && !isTrue(view.options.get("ic-route-learn-lb"))) {
    return { reason: "load-balancer-not-allowed", decidedBy: zoneOption(view, "ic-route-learn-lb") };
  }
  return port.router.enabled === false
    ? { reason: "router-disabled", decidedBy: routerSubject(port.router) }
    : null;
}

function dropByOwn(port: TransitPort, route: Route, own: readonly LogicalRouterStaticRoute[]): Drop | null {
  const winner = own.find((candidate) => candidate.route_table === route.route_table);
  if (winner === undefined) return null;
  const name = `${winner.ip_prefix} of ${port.router.name}`;
  return {
    reason: "own-static-route-wins",
    decidedBy: { database: "nb", table: "Logical_Router_Static_Route", uuid: winner._uuid, name },
  };
}

function dropByNetwork(port: TransitPort, nexthop: Address): Drop | null {
  if (networksOfPort(port).some((network) => sameNetwork(network, nexthop, network.length))) return null;
  return { reason: "nexthop-not-on-network", decidedBy: routerPortSubject(port.routerPort) };
}

function dropByBalancer(view: View, port: TransitPort, route: Route, prefix: Prefix): Drop | null {
  port.known.balancers ??= balancersOf(view, port.router);
  const balancer = port.known.balancers.find((one) => coversVip(one, prefix, route.ip_prefix));
  if (balancer === undefined) return null;
  return {
    reason: "own-load-balancer-wins",
    decidedBy: { database: "nb", table: "Load_Balancer", uuid: balancer._uuid, name: balancer.name },
  };
}

function dropByDynamic(view: View, port: TransitPort, route: Route): Drop | null {
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
