/**
 * Routes that this zone advertises: static routes of routers with a port on a transit switch, and the networks of their other ports,
 * become routes of the global database. A unit is a prefix (canonical text) on a transit switch; all routers that have it compete in it.
 */
import type { Uuid } from "ovsdb-client-ts";
import { parsePortAddresses } from "../../net/addresses.ts";
import type { Prefix } from "../../net/prefix.ts";
import { formatAddress, isLinkLocalNexthop, parseAddress, parsePrefix } from "../../net/prefix.ts";
import type { Route } from "../../schema/ic-sb.ts";
import type { LogicalRouter, LogicalRouterPort, LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { Plan, Subject } from "../plan.ts";
import type { Batch, Planner, RowChange } from "../planner.ts";
import { ALL, bothRows, changedElements, touched } from "../planner.ts";
import type { Desired } from "../reconcile.ts";
import { reconcile } from "../reconcile.ts";
import type { Drop } from "../route-filters.ts";
import { dropByPrefix } from "../route-filters.ts";
import type { TransitPort } from "../topology.ts";
import {
  isTransitPort,
  leadsToTransitSwitch,
  routerBehind,
  routerOf,
  routerPortSubject,
  routersOnSwitch,
  transitPortsOn,
  transitSwitchesOfRouter,
} from "../topology.ts";
import type { View } from "../view.ts";
import { isTrue, joinKey, prefixKey, splitKey } from "../view.ts";

/** Something that could be advertised. Of several for one row, the first origin wins. */
interface Candidate {
  readonly origin: "static" | "connected";
  readonly port: TransitPort;
  readonly source: Subject;
  readonly routeTable: string;
  readonly override: boolean;
}

const RANKS = { static: 0, connected: 1 };

/** What names a source in the warning about duplicates. */
const SOURCE_NAMES = { static: "NB route", connected: "NB lrp" };

export const advertisedRoutes: Planner = {
  name: "advertised-routes",
  writes: ["icSb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) => (touched(change, "options") ? ALL : []),
      Logical_Router: unitsOfChangedRouter,
      Logical_Router_Port: (change, view) =>
        [...bothRows(change)].flatMap((port) => {
          const router = view.nbIndexes.routerByPort.get(port._uuid);
          return router === undefined ? [] : unitsOfPort(view, router, port);
        }),
      Logical_Router_Static_Route: (change, view) =>
        [...bothRows(change)].flatMap((route) => {
          const router = view.nbIndexes.routerByRoute.get(route._uuid);
          return router === undefined ? [] : unitsOf(view, router._uuid, [prefixKey(route.ip_prefix)]);
        }),
      Logical_Switch_Port: (change, view) =>
        [...bothRows(change)].flatMap((port) =>
          routerBehind(view, port).flatMap((uuid) => allUnitsOf(view, uuid)),
        ),
    },
    icNb: {
      Transit_Switch: (change, view) =>
        touched(change, "name") ? [...bothRows(change)].flatMap(({ name }) => unitsOnSwitch(view, name)) : [],
    },
    icSb: {
      Port_Binding: (change, view) =>
        [...bothRows(change)]
          .filter((row) => row.availability_zone === view.zone)
          .flatMap((row) => [
            ...existingUnits(view, row.transit_switch),
            ...routerOf(view, row).flatMap((uuid) => allUnitsOf(view, uuid)),
          ]),
      Route: (change, view) =>
        [...bothRows(change)].flatMap((route) =>
          route.availability_zone === view.zone ? [unitOf(route)] : [],
        ),
    },
  },
  *units(view) {
    if (view.zone === null) return;
    for (const route of view.icSbIndexes.routeByZone.find(view.zone)) yield unitOf(route);
    for (const router of view.nb.Logical_Router) yield* unitsOf(view, router._uuid, prefixesOf(view, router));
  },
  plan(key, view, plan) {
    if (view.zone === null) return;
    const [transitSwitch = "", text = ""] = splitKey(key);
    const prefix = parsePrefix(text);
    const desired =
      prefix === null || !isTrue(view.options.get("ic-route-adv")) || !view.transitSwitches.has(transitSwitch)
        ? []
        : desiredRoutes(view, plan, transitSwitch, text, prefix);
    reconcile(view, plan, {
      database: "icSb",
      table: "Route",
      existing: ownRoutes(view, key),
      keysOf: (route) => [joinKey(route.route_table, route.nexthop)],
      desired,
      whyNot: (route) =>
        `advertised-routes: nothing advertises ${route.ip_prefix} via ${route.nexthop} on ${transitSwitch}`,
    });
  },
};

function unitOf(route: Route): string {
  return joinKey(route.transit_switch, prefixKey(route.ip_prefix));
}

function ownRoutes(view: View, key: string): Route[] {
  return [...view.icSbIndexes.routeByPrefix.find(key)].filter(
    (route) => route.availability_zone === view.zone,
  );
}

/** Every prefix that a router could advertise. */
function* prefixesOf(view: View, router: LogicalRouter): Generator<string, void, void> {
  for (const uuid of router.static_routes) {
    const route = view.nb.Logical_Router_Static_Route.get(uuid);
    if (route !== undefined && !isLearned(route)) yield prefixKey(route.ip_prefix);
  }
  for (const uuid of router.ports) {
    for (const network of view.nb.Logical_Router_Port.get(uuid)?.networks ?? []) yield prefixKey(network);
  }
}

function unitsOf(view: View, router: Uuid, prefixes: Iterable<string>): string[] {
  const names = transitSwitchesOfRouter(view, router);
  if (names.length === 0) return [];
  const list = [...prefixes];
  return names.flatMap((name) => list.map((prefix) => joinKey(name, prefix)));
}

/** All that a router advertises, or could. The router may be gone. */
function allUnitsOf(view: View, uuid: Uuid): string[] {
  const router = view.nb.Logical_Router.get(uuid);
  return [
    ...(router === undefined ? [] : unitsOf(view, uuid, prefixesOf(view, router))),
    ...transitSwitchesOfRouter(view, uuid).flatMap((name) => existingUnits(view, name)),
  ];
}

/** The units that have routes of ours in the global database. */
function existingUnits(view: View, transitSwitch: string): string[] {
  const routes = [...view.icSbIndexes.routeBySwitch.find(transitSwitch)];
  return routes.filter((route) => route.availability_zone === view.zone).map(unitOf);
}

function unitsOnSwitch(view: View, transitSwitch: string): string[] {
  const routers = routersOnSwitch(view, transitSwitch);
  return [...existingUnits(view, transitSwitch), ...routers.flatMap((uuid) => allUnitsOf(view, uuid))];
}

function unitsOfChangedRouter(change: RowChange<LogicalRouter>, view: View, batch: Batch): string[] {
  const { old, new: now } = change;
  if (old === null || now === null || touched(change, "options")) {
    return [...bothRows(change)].flatMap((router) => allUnitsOf(view, router._uuid));
  }
  const routes = changedElements(old.static_routes, now.static_routes).flatMap((uuid) => {
    const route =
      view.nb.Logical_Router_Static_Route.get(uuid) ??
      batch.before("nb", "Logical_Router_Static_Route", uuid);
    return route === undefined ? [] : [prefixKey(route.ip_prefix)];
  });
  const ports = changedElements(old.ports, now.ports).flatMap((uuid) => {
    const port = view.nb.Logical_Router_Port.get(uuid) ?? batch.before("nb", "Logical_Router_Port", uuid);
    return port === undefined ? [] : unitsOfPort(view, now, port);
  });
  return [...unitsOf(view, now._uuid, routes), ...ports];
}

/** A port to a transit switch decides about every route of its router there, another one only about its own networks. */
function unitsOfPort(view: View, router: LogicalRouter, port: LogicalRouterPort): string[] {
  if (leadsToTransitSwitch(view, port))
    return [...unitsOf(view, router._uuid, port.networks.map(prefixKey)), ...allUnitsOf(view, router._uuid)];
  return unitsOf(view, router._uuid, port.networks.map(prefixKey));
}

function isLearned(route: LogicalRouterStaticRoute): boolean {
  return route.external_ids.has("ic-learned-route");
}

function desiredRoutes(
  view: View,
  plan: Plan,
  transitSwitch: string,
  text: string,
  prefix: Prefix,
): Desired<"icSb", "Route">[] {
  const winners = new Map<string, { candidate: Candidate; nexthop: string }>();
  for (const candidate of candidates(view, plan, transitSwitch, text)) {
    const drop = dropByPrefix(view, plan, "adv", prefix, candidate.port);
    const nexthop = drop === null ? nexthopOf(candidate.port, prefix) : null;
    if (nexthop === null) {
      explainDrop(plan, candidate, text, drop ?? noAddress(candidate.port, prefix));
      continue;
    }
    const key = joinKey(candidate.routeTable, nexthop);
    const winner = winners.get(key);
    if (winner === undefined) winners.set(key, { candidate, nexthop });
    else warnDuplicate(plan, candidate, winner.candidate, text);
  }
  return [...winners].map(([key, { candidate, nexthop }]) => ({
    keys: [key],
    columns: {
      transit_switch: transitSwitch,
      availability_zone: view.zone ?? "",
      route_table: candidate.routeTable,
      ip_prefix: text,
      nexthop,
      origin: candidate.origin,
    },
    mapKeys: {
      options: { "override-connected": candidate.override ? "true" : null },
      external_ids: {
        "nb-id": candidate.source.uuid,
        "lr-id": candidate.port.router._uuid,
        "ic-route-tag": candidate.port.routerPort.options.get("ic-route-tag") ?? null,
      },
    },
    why: `advertised-routes: ${candidate.source.table} ${candidate.source.name} of router ${candidate.port.router.name}`,
  }));
}

/** What has this prefix, the most wanted first. */
function candidates(view: View, plan: Plan, transitSwitch: string, text: string): Candidate[] {
  const found: Candidate[] = [];
  for (const route of view.nbIndexes.routeByPrefix.find(text)) {
    const router = view.nbIndexes.routerByRoute.get(route._uuid);
    if (isLearned(route) || router === undefined) continue;
    for (const port of transitPortsOn(view, router, transitSwitch))
      found.push(...staticCandidate(view, plan, route, port));
  }
  for (const routerPort of view.nbIndexes.routerPortByNetwork.find(text)) {
    const router = view.nbIndexes.routerByPort.get(routerPort._uuid);
    if (router === undefined || isTransitPort(view, router, routerPort)) continue;
    for (const port of transitPortsOn(view, router, transitSwitch))
      found.push(...connectedCandidates(view, routerPort, port));
  }
  return found.sort((a, b) => RANKS[a.origin] - RANKS[b.origin] || compareSources(a, b));
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
    origin: "static",
    port,
    source: {
      database: "nb",
      table: "Logical_Router_Static_Route",
      uuid: route._uuid,
      name: route.ip_prefix,
    },
    routeTable: route.route_table,
    override: view.has("icSb", "Route", "options") && isTrue(route.options.get("override-connected")),
  };
  const drop = dropStatic(route, port);
  if (drop === null) return [candidate];
  explainDrop(plan, candidate, route.ip_prefix, drop);
  return [];
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
  const nexthop = parseAddress(route.nexthop);
  if (nexthop === null) return { reason: "invalid-nexthop" };
  return isLinkLocalNexthop(nexthop) ? { reason: "link-local-nexthop" } : null;
}

/** A network is advertised into the main table, and where the transit port has a table of its own, into that too. */
function connectedCandidates(view: View, routerPort: LogicalRouterPort, port: TransitPort): Candidate[] {
  const main: Candidate = {
    origin: "connected",
    port,
    source: routerPortSubject(routerPort),
    routeTable: "",
    override: false,
  };
  const table = port.routerPort.options.get("route_table") ?? "";
  if (table === "" || !view.has("icSb", "Route", "options")) return [main];
  return [main, { ...main, routeTable: table, override: true }];
}

/** The port's own address of the prefix's family. */
function nexthopOf(port: TransitPort, prefix: Prefix): string | null {
  const addresses = parsePortAddresses(port.binding.address);
  if (addresses === null) return null;
  const ipv6 = addresses.ipv6.find((address) => !isLinkLocalNexthop(address));
  if (prefix.family === 6) return ipv6 === undefined ? null : formatAddress(ipv6);
  const option = "ic-route-ipv4-next-hop-ipv6";
  const prefersIpv6 = isTrue(port.routerPort.options.get(option) ?? port.router.options.get(option));
  const address = prefersIpv6 && ipv6 !== undefined ? ipv6 : addresses.ipv4[0];
  return address === undefined ? null : formatAddress(address);
}

function noAddress(port: TransitPort, prefix: Prefix): Drop {
  return { reason: `no-ipv${prefix.family}-address-on-port`, decidedBy: routerPortSubject(port.routerPort) };
}

function explainDrop(plan: Plan, candidate: Candidate, text: string, drop: Drop): void {
  plan.explain?.({
    ...drop,
    text: `${text} of router ${candidate.port.router.name} is not advertised on ${candidate.port.transitSwitch}`,
    subject: candidate.source,
  });
}

function warnDuplicate(plan: Plan, loser: Candidate, winner: Candidate, text: string): void {
  const same = loser.origin === winner.origin && loser.override === winner.override;
  plan.warn({
    reason: "duplicate-route",
    text: same
      ? `Duplicate ${loser.origin} route advertisement was suppressed! ${SOURCE_NAMES[loser.origin]} uuid: ${loser.source.uuid}`
      : `${loser.origin} route ${text} (${SOURCE_NAMES[loser.origin]} ${loser.source.uuid}) is not advertised on ${loser.port.transitSwitch}: the ${winner.origin} one (${SOURCE_NAMES[winner.origin]} ${winner.source.uuid}) takes its place`,
    subject: loser.source,
    decidedBy: winner.source,
  });
}
