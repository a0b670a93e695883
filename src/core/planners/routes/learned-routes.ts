/**
 * Routes that this zone learns: what others advertise on a transit switch becomes static routes of the
 * routers that have a port there. A unit is a network of a router: all routes to it decide about each other,
 * whatever host bits their texts have.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Batch, RowChange, TransitPort, View } from "../../model/index.ts";
import {
  balancersOfChangedGroups,
  bothRows,
  changedBalancers,
  changedElements,
  coveringPrefixes,
  fact,
  icRouteSubject,
  isLearned,
  isTrue,
  joinKey,
  leadsToTransitSwitch,
  learnedFrom,
  networkKey,
  routerBehind,
  routerOf,
  routerPortSubject,
  routersBehindPort,
  routersOfChangedBalancer,
  routersOfDatapath,
  routersOnSwitch,
  routesOfChangedDatapath,
  splitKey,
  touched,
  transitPortsOn,
  transitSwitchesOfRouter,
} from "../../model/index.ts";
import type { Desired, Fed, Plan, Planner } from "../../planning/index.ts";
import { ALL, reconcile } from "../../planning/index.ts";
import type { PortBinding, Route } from "../../schema/ic-sb.ts";
import type { LogicalRouter, LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { Drop } from "../drops.ts";
import { formerPortsOn } from "../former-zone.ts";
import { inZone } from "../ports/port-mistakes.ts";
import { whyNotLearned } from "./learning-rules.ts";
import { isGuarded, overridesConnected, ROUTE_QUOTA } from "./route-guards.ts";

export const learnedRoutes: Planner = {
  name: "learned-routes",
  writes: ["nb"],
  leads: false,
  independent: true,
  // 100,000 routes take seconds to come: what has come is learned meanwhile.
  partial: ["icSb.Route"],
  feeds: {
    nb: {
      NB_Global: (change) => (touched(change, "options") ? ALL : []),
      Logical_Router: unitsOfChangedRouter,
      Logical_Router_Port: (change, view) =>
        bothRows(change).flatMap((port) => {
          const router = view.nbIndexes.routerByPort.get(port._uuid);
          // What the global database says of the port may be another router's, or that of one which has lost
          // it.
          const behind = routersBehindPort(view, port).map((uuid) => unitsOf(view, uuid));
          if (router === undefined) return behind;
          const decides = leadsToTransitSwitch(view, port) || isGuarded(view, router, "connected");
          return decides ? [...behind, unitsOf(view, router._uuid)] : behind;
        }),
      Logical_Router_Static_Route: (change, view) =>
        bothRows(change).flatMap((route) => {
          const router = view.nbIndexes.routerByRoute.get(route._uuid);
          return [
            ...(router === undefined ? [] : [unitOf(router._uuid, route.ip_prefix)]),
            ...successorsOfRoute(view, change).flatMap((one) => unitsOfRoute(view, one)),
          ];
        }),
      Load_Balancer: (change, view) => {
        const prefixes = bothRows(change).flatMap(coveringPrefixes);
        return routersOfChangedBalancer(change, view).flatMap((router) =>
          unitsCovering(view, router._uuid, prefixes),
        );
      },
      Load_Balancer_Group: (change, view, batch) => {
        const prefixes = changedBalancers(change, view, batch).flatMap(coveringPrefixes);
        const routers = bothRows(change).flatMap((group) => [
          ...view.nbIndexes.routerByBalancerGroup.find(group._uuid),
        ]);
        return routers.flatMap((router) => unitsCovering(view, router._uuid, prefixes));
      },
      Logical_Switch_Port: (change, view) =>
        bothRows(change).flatMap((port) => routerBehind(view, port).map((uuid) => unitsOf(view, uuid))),
    },
    icSb: {
      Port_Binding: (change, view) =>
        bothRows(change).flatMap((row) =>
          routerOf(view, row)
            .flatMap((uuid) => [unitsOf(view, uuid), ...unitsOnSwitch(view, uuid, row.transit_switch)])
            .concat(
              decidesAboutNexthops(change)
                ? routersCheckingNexthops(view, row).map((uuid) => unitsOf(view, uuid))
                : [],
            ),
        ),
      Route: (change, view, batch) =>
        [...bothRows(change), ...ROUTE_QUOTA.successors(view, change, batch)].flatMap((route) =>
          unitsOfRoute(view, route),
        ),
    },
    sb: {
      Learned_Route: (change, view, batch) =>
        bothRows(change).flatMap((route) =>
          routersOfDatapath(view, batch, route.datapath).map((uuid) => unitOf(uuid, route.ip_prefix)),
        ),
      Datapath_Binding: (change, view) =>
        routesOfChangedDatapath(view, change).map(({ router, prefix }) => unitOf(router, prefix)),
    },
  },
  nameOf(key, view) {
    const [uuid = "", text = ""] = splitKey(key);
    return `${text} of router ${view.nb.Logical_Router.get(uuid)?.name ?? uuid}`;
  },
  *units(view) {
    for (const router of view.nb.Logical_Router) yield* unitsOf(view, router._uuid);
  },
  plan(key, view, plan) {
    if (view.zone === null) return;
    const [uuid = "", network = ""] = splitKey(key);
    const router = view.nb.Logical_Router.get(uuid);
    if (router === undefined) return;
    // Which of a zone's routes came first can't be told while they come.
    if (ROUTE_QUOTA.isSet(view) && view.incomplete.has("icSb.Route")) {
      plan.wait();
      return;
    }
    const learned: LogicalRouterStaticRoute[] = [];
    const own: LogicalRouterStaticRoute[] = [];
    for (const route of view.nbIndexes.routeByNetwork.find(network)) {
      if (view.nbIndexes.routerByRoute.get(route._uuid) !== router) continue;
      if (isLearned(route)) learned.push(route);
      // One that names something else than a row is advertised, but wins over none.
      else if (!route.external_ids.has("ic-learned-route")) own.push(route);
    }
    const accepted = acceptedRoutes(view, plan, router, network, own);
    if (isInOrder(view, learned, accepted)) return;
    // What is not to be learned from what has come may be from what comes.
    if (learned.length > 0 && view.incomplete.has("icSb.Route")) {
      plan.wait();
      return;
    }
    reconcile(view, plan, {
      database: "nb",
      table: "Logical_Router_Static_Route",
      existing: learned,
      // The same route under another uuid is taken over, not replaced: that costs the data path nothing.
      keysOf: (route) => routeKeys(route, learnedFrom(route) ?? ""),
      desired: accepted.map(({ port, route }) => desiredRoute(view, port, route)),
      whyNot: (route) =>
        `learned-routes: no ISB Route ${route.ip_prefix} via ${route.nexthop} for router ${router.name}`,
      holder: () => ({ table: "Logical_Router", uuid: router._uuid, column: "static_routes" }),
    });
  },
};

function unitOf(router: Uuid, prefix: string): string {
  return joinKey(router, networkKey(prefix));
}

function unitsOfRoute(view: View, route: Route): string[] {
  return routersOnSwitch(view, route.transit_switch).map((uuid) => unitOf(uuid, route.ip_prefix));
}

/** The routes of another zone that may take the place of one that somebody has removed here. */
function successorsOfRoute(
  view: View,
  { old, new: now }: RowChange<LogicalRouterStaticRoute>,
): readonly Route[] {
  const uuid = old === null ? undefined : learnedFrom(old);
  if (uuid === undefined || (now !== null && learnedFrom(now) === uuid)) return [];
  return ROUTE_QUOTA.successorsOf(view, view.icSb.Route.get(uuid));
}

function routeKeys(
  route: { readonly ip_prefix: string; readonly nexthop: string; readonly route_table: string },
  icRoute: string,
): string[] {
  const key = joinKey(route.ip_prefix, route.nexthop, route.route_table);
  return [joinKey(key, icRoute), key];
}

/** Everything that a router has learned or could learn. */
const unitsOf = fact((view: View, uuid: Uuid): readonly string[] => {
  const routes = view.nb.Logical_Router.get(uuid)?.static_routes ?? [];
  const learned = routes.flatMap((one) => {
    const route = view.nb.Logical_Router_Static_Route.get(one);
    return route !== undefined && isLearned(route) ? unitOf(uuid, route.ip_prefix) : [];
  });
  const names = transitSwitchesOfRouter(view, uuid);
  return [...new Set([...learned, ...names.flatMap((name) => unitsOnSwitch(view, uuid, name))])];
});

/** Whether a change of a port is one of what next hops are checked against. */
function decidesAboutNexthops(change: RowChange<PortBinding>): boolean {
  return (["address", "transit_switch", "availability_zone"] as const).some((column) =>
    touched(change, column),
  );
}

/**
 * Routers of this zone to which a port says which next hops are its zone's: routers of one zone learn from
 * each other, too.
 */
function routersCheckingNexthops(view: View, binding: PortBinding): string[] {
  return routersOnSwitch(view, binding.transit_switch).filter((uuid) => {
    const router = view.nb.Logical_Router.get(uuid);
    return router !== undefined && isGuarded(view, router, "nexthop");
  });
}

function unitsOnSwitch(view: View, uuid: Uuid, transitSwitch: string): string[] {
  return [...view.icSbIndexes.routeBySwitch.find(transitSwitch)].map((route) =>
    unitOf(uuid, route.ip_prefix),
  );
}

function unitsOfChangedRouter(change: RowChange<LogicalRouter>, view: View, batch: Batch): Fed {
  const { old, new: now } = change;
  if (now === null) return [];
  if (old === null || touched(change, "options") || touched(change, "enabled"))
    return [unitsOf(view, now._uuid)];
  const ports = changedElements(old.ports, now.ports);
  const transit = ports.some((uuid) => {
    const port = view.nb.Logical_Router_Port.get(uuid) ?? batch.before("nb", "Logical_Router_Port", uuid);
    return port !== undefined && leadsToTransitSwitch(view, port);
  });
  if (transit || (ports.length > 0 && isGuarded(view, now, "connected"))) return [unitsOf(view, now._uuid)];
  const balancers = [
    ...changedBalancers(change, view, batch),
    ...balancersOfChangedGroups(change, view, batch),
  ];
  const routes = changedElements(old.static_routes, now.static_routes).flatMap((uuid) => {
    const route =
      view.nb.Logical_Router_Static_Route.get(uuid) ??
      batch.before("nb", "Logical_Router_Static_Route", uuid);
    return route === undefined ? [] : unitOf(now._uuid, route.ip_prefix);
  });
  if (balancers.length === 0) return routes;
  return [...routes, ...unitsCovering(view, now._uuid, balancers.flatMap(coveringPrefixes))];
}

/** The units of those prefixes that are advertised by anybody. */
function unitsCovering(view: View, uuid: Uuid, prefixes: readonly string[]): string[] {
  return prefixes
    .filter((prefix) => view.icSbIndexes.routeByNetwork.has(prefix))
    .map((prefix) => joinKey(uuid, prefix));
}

/** A route that is to be learned, and the port that leads to it. */
interface Accepted {
  readonly port: TransitPort;
  readonly route: Route;
}

function acceptedRoutes(
  view: View,
  plan: Plan,
  router: LogicalRouter,
  network: string,
  own: readonly LogicalRouterStaticRoute[],
): Accepted[] {
  const accepted: Accepted[] = [];
  if (!isTrue(view.options.get("ic-route-learn")) && plan.explain === null) return accepted;
  for (const route of view.icSbIndexes.routeByNetwork.find(network)) {
    let wrong: { readonly port: TransitPort; readonly reason: string } | null = null;
    for (const port of learningPorts(view, router, route)) {
      const drop = whyNotLearned({ view, plan, port, route, own });
      if (drop !== null) {
        explainDrop(plan, port, route, drop);
        if (MISTAKES.has(drop.reason)) wrong ??= { port, reason: drop.reason };
        continue;
      }
      accepted.push({ port, route });
      wrong = null;
      break;
    }
    if (wrong !== null) findMistake(view, plan, wrong.port, wrong.reason, route);
  }
  if (accepted.length > 1) accepted.sort((a, b) => (a.route._uuid < b.route._uuid ? -1 : 1));
  return accepted;
}

/** The ports by which a router could learn a route. */
function learningPorts(view: View, router: LogicalRouter, route: Route): readonly TransitPort[] {
  const ports = transitPortsOn(view, router, route.transit_switch);
  if (ports.length > 0) return ports;
  const zone = route.availability_zone;
  return formerPortsOn(view, router, route.transit_switch).filter(
    ({ binding }) => binding.availability_zone !== zone,
  );
}

/**
 * Whether there is one row, and it is what is wanted: so are nearly all, and to see that here takes half the
 * time.
 */
function isInOrder(
  view: View,
  learned: readonly LogicalRouterStaticRoute[],
  accepted: readonly Accepted[],
): boolean {
  const [row, first] = [learned[0], accepted[0]];
  if (learned.length > 1 || accepted.length > 1 || row === undefined || first === undefined)
    return learned.length + accepted.length === 0;
  const { port, route: wanted } = first;
  const override = overridesConnected(view, port, wanted) ? "true" : undefined;
  return (
    row.external_ids.get("ic-learned-route") === wanted._uuid &&
    row.ip_prefix === wanted.ip_prefix &&
    row.nexthop === wanted.nexthop &&
    row.route_table === wanted.route_table &&
    row.options.get("origin") === wanted.origin &&
    row.options.get("override-connected") === override
  );
}

function desiredRoute(
  view: View,
  port: TransitPort,
  route: Route,
): Desired<"nb", "Logical_Router_Static_Route"> {
  const zone = view.icSb.Availability_Zone.get(route.availability_zone)?.name ?? "?";
  return {
    keys: routeKeys(route, route._uuid),
    columns: { ip_prefix: route.ip_prefix, nexthop: route.nexthop, route_table: route.route_table },
    mapKeys: {
      external_ids: { "ic-learned-route": route._uuid },
      options: {
        origin: route.origin,
        "override-connected": overridesConnected(view, port, route) ? "true" : null,
      },
    },
    why: `learned-routes: ISB Route ${route.ip_prefix} via ${route.nexthop} from ${zone} on ${port.transitSwitch}`,
  };
}

/** What nobody would configure on purpose, and what is wrong then. */
const MISTAKES: ReadonlyMap<string, (port: TransitPort, nexthop: string) => string> = new Map([
  [
    "nexthop-not-on-network",
    ({ routerPort }, nexthop) =>
      `the next hop ${nexthop} is in no network of port ${routerPort.name} (${routerPort.networks.join(" ")})`,
  ],
  [
    "nexthop-is-own-address",
    ({ routerPort }, nexthop) =>
      `the next hop ${nexthop} is this router's own address (port ${routerPort.name}): on a transit switch each port needs an address of its own`,
  ],
]);

function findMistake(view: View, plan: Plan, port: TransitPort, reason: string, route: Route): void {
  const zone = view.icSb.Availability_Zone.get(route.availability_zone)?.name ?? "?";
  const where = `router ${port.router.name} does not learn ${route.ip_prefix} of zone ${zone} on ${port.transitSwitch}`;
  plan.finding?.(
    inZone(view, {
      reason,
      text: `${where}: ${MISTAKES.get(reason)?.(port, route.nexthop)}`,
      subject: icRouteSubject(route),
      decidedBy: routerPortSubject(port.routerPort),
    }),
  );
}

function explainDrop(plan: Plan, port: TransitPort, route: Route, drop: Drop): void {
  const subject = icRouteSubject(route);
  plan.explain?.({
    decidedBy: subject,
    ...drop,
    text: `${route.ip_prefix} via ${route.nexthop} on ${route.transit_switch} is not learned by router ${port.router.name}`,
    subject,
  });
}
