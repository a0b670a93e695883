/** What routers could advertise: the rows behind routes, and the rules of each kind of row. */
import type { Subject, TransitPort, View } from "../../model/index.ts";
import {
  fact,
  isTransitPort,
  isTrue,
  prefixKey,
  routerOfDatapath,
  routerPortSubject,
  routerSubject,
  routersOfBalancer,
  routersOnSwitch,
  transitPortsOn,
} from "../../model/index.ts";
import type { Prefix } from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { LoadBalancer, LogicalRouterPort, LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { LearnedRoute } from "../../schema/sb.ts";
import type { Candidate, Source } from "./advertising-rules.ts";
import { BALANCER_RULES, passes, STATIC_RULES } from "./advertising-rules.ts";

const RANKS: Readonly<Record<Source, number>> = { static: 0, connected: 1, loadbalancer: 2, dynamic: 3 };

const routersThere = fact(
  (view: View, transitSwitch: string) => new Set(routersOnSwitch(view, transitSwitch)),
);

/** What has this prefix, the most wanted first. */
export function candidates(
  view: View,
  plan: Plan,
  transitSwitch: string,
  text: string,
  prefix: Prefix | null,
): Candidate[] {
  const found: Candidate[] = [];
  const here = routersThere(view, transitSwitch);
  for (const route of view.nbIndexes.ownRouteByPrefix.find(text)) {
    const router = view.nbIndexes.routerByRoute.get(route._uuid);
    if (router === undefined || !here.has(router._uuid)) continue;
    for (const port of transitPortsOn(view, router, transitSwitch))
      found.push(...staticCandidate(view, plan, route, port, prefix));
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
        found.push(...balancerCandidate(view, plan, balancer, port, text, prefix));
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
 * The ports on a network, of some routers at least. All routers may have the same network on transit
 * switches, each on another one: then it is these routers' ports that are gone through.
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
  prefix: Prefix | null,
): Candidate[] {
  const candidate: Candidate = {
    kind: "static",
    origin: "static",
    port,
    source: routeSubject(route),
    routeTable: route.route_table,
    override: view.has("icSb", "Route", "options") && isTrue(route.options.get("override-connected")),
  };
  return passes(STATIC_RULES, { view, plan, candidate, text: route.ip_prefix, prefix, route })
    ? [candidate]
    : [];
}

function routeSubject(route: LogicalRouterStaticRoute): Subject {
  return {
    database: "nb",
    table: "Logical_Router_Static_Route",
    uuid: route._uuid,
    name: route.ip_prefix,
  };
}

/**
 * A network is advertised into the main table, and where the transit port has a table of its own, into that
 * too.
 */
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
  prefix: Prefix | null,
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
  return passes(BALANCER_RULES, { view, plan, candidate, text, prefix }) ? [candidate] : [];
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
