/** What routers could advertise: the rows behind routes, and the rules of each kind of row. */
import type { Subject, TransitPort, View } from "../../model/index.ts";
import {
  isTransitPort,
  isTrue,
  prefixKey,
  routerOfDatapath,
  routerPortSubject,
  routerSubject,
  routersOfBalancer,
  routersOnSwitch,
  transitPortsOn,
  zoneOption,
} from "../../model/index.ts";
import { isLinkLocalNexthop, parseNexthop } from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { LoadBalancer, LogicalRouterPort, LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { LearnedRoute } from "../../schema/sb.ts";
import type { Drop } from "../drops.ts";

export type Source = "static" | "connected" | "loadbalancer" | "dynamic";

/** Something that could be advertised. Of several for one row, the first kind of source wins. */
export interface Candidate {
  readonly kind: Source;
  readonly origin: "static" | "connected" | "loadbalancer" | "connected-dynamic";
  readonly port: TransitPort;
  readonly source: Subject;
  readonly routeTable: string;
  readonly override: boolean;
}

const RANKS: Readonly<Record<Source, number>> = { static: 0, connected: 1, loadbalancer: 2, dynamic: 3 };

/** What has this prefix, the most wanted first. */
export function candidates(view: View, plan: Plan, transitSwitch: string, text: string): Candidate[] {
  const found: Candidate[] = [];
  const here = view.facts.get(
    "routers",
    view,
    transitSwitch,
    () => new Set(routersOnSwitch(view, transitSwitch)),
  );
  for (const route of view.nbIndexes.ownRouteByPrefix.find(text)) {
    const router = view.nbIndexes.routerByRoute.get(route._uuid);
    if (router === undefined || !here.has(router._uuid)) continue;
    for (const port of transitPortsOn(view, router, transitSwitch))
      found.push(...staticCandidate(view, plan, route, port));
  }
  for (const routerPort of portsOnNetwork(view, here, text)) {
    const router = view.nbIndexes.routerByPort.get(routerPort._uuid);
    if (router === undefined || !here.has(router._uuid) || isTransitPort(view, router, routerPort)) continue;
    for (const port of transitPortsOn(view, router, transitSwitch))
      found.push(...connectedCandidates(view, routerPort, port));
  }
  for (const balancer of view.nbIndexes.balancerByVip.find(text)) {
    for (const router of routersOfBalancer(view, balancer)) {
      for (const port of transitPortsOn(view, router, transitSwitch)) {
        found.push(...balancerCandidate(view, plan, balancer, port, text));
      }
    }
  }
  for (const route of view.sbIndexes.learnedRouteByPrefix.find(text)) {
    const uuid = routerOfDatapath(view, route.datapath);
    const router = uuid === undefined ? undefined : view.nb.Logical_Router.get(uuid);
    for (const port of router === undefined ? [] : transitPortsOn(view, router, transitSwitch)) {
      found.push(...dynamicCandidates(view, route, port));
    }
  }
  return found.sort((a, b) => RANKS[a.kind] - RANKS[b.kind] || compareSources(a, b));
}

/** So many ports on a network are looked at one by one. */
const FEW = 16;

/**
 * The ports on a network, of some routers at least. All routers may have the same network on transit switches, each on another one: then it
 * is these routers' ports that are gone through.
 */
function portsOnNetwork(
  view: View,
  routers: ReadonlySet<string>,
  network: string,
): readonly LogicalRouterPort[] {
  const all = view.nbIndexes.routerPortByNetwork.find(network);
  if (all.length <= FEW) return all;
  const uuids = new Set([...routers].flatMap((uuid) => view.nb.Logical_Router.get(uuid)?.ports ?? []));
  if (uuids.size >= all.length) return all;
  const ports = [...uuids].flatMap((uuid) => view.nb.Logical_Router_Port.get(uuid) ?? []);
  return ports.filter((port) => port.networks.some((text) => prefixKey(text) === network));
}

function compareSources(a: Candidate, b: Candidate): number {
  if (a.source.uuid !== b.source.uuid) return a.source.uuid < b.source.uuid ? -1 : 1;
  return Number(a.override) - Number(b.override);
}

function staticCandidate(
  view: View,
  plan: Plan,
  route: LogicalRouterStaticRoute,
  port: TransitPort,
): Candidate[] {
  const candidate: Candidate = {
    kind: "static",
    origin: "static",
    port,
    source: routeSubject(route),
    routeTable: route.route_table,
    override: view.has("icSb", "Route", "options") && isTrue(route.options.get("override-connected")),
  };
  const drop = dropStatic(route, port);
  if (drop === null) return [candidate];
  if (drop.reason === "invalid-nexthop") warnInvalid(plan, candidate, "nexthop", route.nexthop);
  explainDrop(plan, candidate, route.ip_prefix, drop);
  return [];
}

function routeSubject(route: LogicalRouterStaticRoute): Subject {
  return {
    database: "nb",
    table: "Logical_Router_Static_Route",
    uuid: route._uuid,
    name: route.ip_prefix,
  };
}

function dropStatic(route: LogicalRouterStaticRoute, port: TransitPort): Drop | null {
  if (route.policy === "src-ip") return { reason: "source-policy" };
  const table = port.routerPort.options.get("route_table") ?? "";
  if (route.route_table !== table) {
    return {
      reason: "other-route-table",
      decidedBy: { ...routerPortSubject(port.routerPort), option: "route_table", value: table },
    };
  }
  if (route.nexthop === "discard") return null;
  const nexthop = parseNexthop(route.nexthop);
  if (nexthop === null) return { reason: "invalid-nexthop" };
  return isLinkLocalNexthop(nexthop) ? { reason: "link-local-nexthop" } : null;
}

/** A network is advertised into the main table, and where the transit port has a table of its own, into that too. */
function connectedCandidates(view: View, routerPort: LogicalRouterPort, port: TransitPort): Candidate[] {
  const main: Candidate = {
    kind: "connected",
    origin: "connected",
    port,
    source: routerPortSubject(routerPort),
    routeTable: "",
    override: false,
  };
  return [main, ...inOwnTable(view, main)];
}

/** Networks go into the table of the transit port once more, if it has one. */
function inOwnTable(view: View, main: Candidate): Candidate[] {
  const table = main.port.routerPort.options.get("route_table") ?? "";
  if (table === "" || !view.has("icSb", "Route", "options")) return [];
  return [{ ...main, origin: "connected", routeTable: table, override: true }];
}

function balancerCandidate(
  view: View,
  plan: Plan,
  balancer: LoadBalancer,
  port: TransitPort,
  text: string,
): Candidate[] {
  if (!view.allows("icSb", "Route", "origin", "loadbalancer")) return [];
  const source: Subject = {
    database: "nb",
    table: "Load_Balancer",
    uuid: balancer._uuid,
    name: balancer.name,
  };
  const candidate: Candidate = {
    kind: "loadbalancer",
    origin: "loadbalancer",
    port,
    source,
    routeTable: "",
    override: false,
  };
  if (isTrue(view.options.get("ic-route-adv-lb"))) return [candidate];
  explainDrop(plan, candidate, text, {
    reason: "load-balancer-not-allowed",
    decidedBy: zoneOption(view, "ic-route-adv-lb"),
  });
  return [];
}

/** What northd learned from outside, by dynamic routing. */
function dynamicCandidates(view: View, route: LearnedRoute, port: TransitPort): Candidate[] {
  const known = view.allows("icSb", "Route", "origin", "connected-dynamic");
  const main: Candidate = {
    kind: "dynamic",
    origin: known ? "connected-dynamic" : "connected",
    port,
    source: { ...routerSubject(port.router), name: `${port.router.name} (${route.ip_prefix})` },
    routeTable: "",
    override: false,
  };
  return [main, ...inOwnTable(view, main)];
}

export function explainDrop(plan: Plan, candidate: Candidate, text: string, drop: Drop): void {
  // What nothing else decided, the row itself did.
  plan.explain?.({
    decidedBy: candidate.source,
    ...drop,
    text: `${text} of router ${candidate.port.router.name} is not advertised on ${candidate.port.transitSwitch}`,
    subject: candidate.source,
  });
}

/** Says that a row can't be advertised because of what somebody wrote there. */
export function warnInvalid(
  plan: Plan,
  candidate: Candidate,
  what: "prefix" | "nexthop",
  value: string,
): void {
  const { source, port } = candidate;
  plan.warn({
    reason: `invalid-${what}`,
    text: `${source.table} ${source.uuid} of router ${port.router.name} is not advertised on ${port.transitSwitch}: "${value}" is no ${what}`,
    subject: source,
  });
}
