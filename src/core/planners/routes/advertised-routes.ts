/**
 * Routes that this zone advertises: static routes of routers with a port on a transit switch, and the
 * networks of their other ports, become routes of the global database. A unit is a prefix (canonical text) on
 * a transit switch; all routers that have it compete in it.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Batch, RowChange, View } from "../../model/index.ts";
import {
  balancersOf,
  balancersOfChangedGroups,
  bothRows,
  changedBalancers,
  changedElements,
  dynamicRoutesOf,
  fact,
  isLearned,
  isTransitPort,
  isTrue,
  joinKey,
  leadsToTransitSwitch,
  prefixKey,
  routerBehind,
  routerOf,
  routersBehindPort,
  routersOfChangedBalancer,
  routersOfDatapath,
  routersOnSwitch,
  routesOfChangedDatapath,
  splitKey,
  touched,
  transitSwitchesOfRouter,
} from "../../model/index.ts";
import type { Prefix } from "../../net/prefix.ts";
import { parsePrefix } from "../../net/prefix.ts";
import { vipPrefixes } from "../../net/vips.ts";
import type { Desired, Fed, Plan, Planner } from "../../planning/index.ts";
import { ALL, reconcile } from "../../planning/index.ts";
import type { Route } from "../../schema/ic-sb.ts";
import type { LogicalRouter, LogicalRouterPort } from "../../schema/nb.ts";
import type { Candidate, Source } from "./advertising-rules.ts";
import { ADVERTISING_RULES, nexthopOf, passes } from "./advertising-rules.ts";
import { candidates } from "./route-candidates.ts";

/** What names a source in the warning about duplicates. */
const SOURCE_NAMES: Readonly<Record<Source, string>> = {
  static: "NB route",
  connected: "NB lrp",
  loadbalancer: "NB loadbalancer",
  dynamic: "NB lr",
};

export const advertisedRoutes: Planner = {
  name: "advertised-routes",
  writes: ["icSb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) => (touched(change, "options") ? ALL : []),
      Logical_Router: unitsOfChangedRouter,
      Logical_Router_Port: (change, view) =>
        bothRows(change).flatMap((port) => {
          const router = view.nbIndexes.routerByPort.get(port._uuid);
          return [
            ...(router === undefined ? [] : unitsOfPort(view, router, port)),
            // What the global database says of the port may be another router's, or that of one which has
            // lost it.
            ...routersBehindPort(view, port).map((uuid) => allUnitsOf(view, uuid)),
          ];
        }),
      Logical_Router_Static_Route: (change, view) =>
        bothRows(change).flatMap((route) => {
          // A learned route is nothing to be advertised, and there may be many more of these than others.
          if (isLearned(route)) return [];
          const router = view.nbIndexes.routerByRoute.get(route._uuid);
          return router === undefined ? [] : unitsOf(view, router._uuid, [prefixKey(route.ip_prefix)]);
        }),
      Load_Balancer: (change, view) => {
        const prefixes = bothRows(change).flatMap(vipPrefixes);
        return routersOfChangedBalancer(change, view).flatMap((router) =>
          unitsOf(view, router._uuid, prefixes),
        );
      },
      Load_Balancer_Group: (change, view, batch) => {
        const prefixes = changedBalancers(change, view, batch).flatMap(vipPrefixes);
        const routers = bothRows(change).flatMap((group) => [
          ...view.nbIndexes.routerByBalancerGroup.find(group._uuid),
        ]);
        return routers.flatMap((router) => unitsOf(view, router._uuid, prefixes));
      },
      Logical_Switch_Port: (change, view) =>
        bothRows(change).flatMap((port) => routerBehind(view, port).map((uuid) => allUnitsOf(view, uuid))),
    },
    sb: {
      Learned_Route: (change, view, batch) =>
        bothRows(change).flatMap((route) =>
          routersOfDatapath(view, batch, route.datapath).flatMap((router) =>
            unitsOf(view, router, [prefixKey(route.ip_prefix)]),
          ),
        ),
      Datapath_Binding: (change, view) =>
        routesOfChangedDatapath(view, change).flatMap(({ router, prefix }) =>
          unitsOf(view, router, [prefixKey(prefix)]),
        ),
    },
    icNb: {
      Transit_Switch: (change, view) =>
        touched(change, "name") ? bothRows(change).flatMap(({ name }) => unitsOnSwitch(view, name)) : [],
    },
    icSb: {
      // One that somebody has given to another zone counts as long as its router is here.
      Port_Binding: (change, view) =>
        bothRows(change)
          .filter((row) => row.availability_zone === view.zone || routerOf(view, row).length > 0)
          .flatMap((row) => [
            existingUnits(view, row.transit_switch),
            ...routerOf(view, row).map((uuid) => allUnitsOf(view, uuid)),
          ]),
      Route: (change, view) =>
        bothRows(change).flatMap((route) => (route.availability_zone === view.zone ? [unitOf(route)] : [])),
    },
  },
  nameOf(key) {
    const [transitSwitch = "", text = ""] = splitKey(key);
    return `${text} on ${transitSwitch}`;
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
    const exists = view.icNbIndexes.transitSwitchByName.has(transitSwitch);
    const desired = exists ? desiredRoutes(view, plan, transitSwitch, text, prefix) : [];
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
    const port = view.nb.Logical_Router_Port.get(uuid);
    // The networks of transit ports are advertised nowhere, and hundreds of these would have as many units on
    // every switch.
    if (port !== undefined && !isTransitPort(view, router, port)) yield* port.networks.map(prefixKey);
  }
  for (const balancer of balancersOf(view, router)) yield* vipPrefixes(balancer);
  for (const route of dynamicRoutesOf(view, router)) yield prefixKey(route.ip_prefix);
}

function unitsOf(view: View, router: Uuid, prefixes: Iterable<string>): string[] {
  const names = transitSwitchesOfRouter(view, router);
  if (names.length === 0) return [];
  const list = [...prefixes];
  return names.flatMap((name) => list.map((prefix) => joinKey(name, prefix)));
}

/** All that a router advertises, or could. The router may be gone. */
const allUnitsOf = fact((view: View, uuid: Uuid): readonly string[] => {
  const router = view.nb.Logical_Router.get(uuid);
  return [
    ...(router === undefined ? [] : unitsOf(view, uuid, prefixesOf(view, router))),
    ...transitSwitchesOfRouter(view, uuid).flatMap((name) => existingUnits(view, name)),
  ];
});

/** The units that have routes of ours in the global database. */
const existingUnits = fact((view: View, transitSwitch: string): readonly string[] => {
  const routes = [...view.icSbIndexes.routeBySwitch.find(transitSwitch)];
  return routes.filter((route) => route.availability_zone === view.zone).map(unitOf);
});

function unitsOnSwitch(view: View, transitSwitch: string): (readonly string[])[] {
  const routers = routersOnSwitch(view, transitSwitch);
  return [existingUnits(view, transitSwitch), ...routers.map((uuid) => allUnitsOf(view, uuid))];
}

function unitsOfChangedRouter(change: RowChange<LogicalRouter>, view: View, batch: Batch): Fed {
  const { old, new: now } = change;
  if (old === null || now === null || touched(change, "options")) {
    return bothRows(change).map((router) => allUnitsOf(view, router._uuid));
  }
  const routes = changedElements(old.static_routes, now.static_routes).flatMap((uuid) => {
    const route =
      view.nb.Logical_Router_Static_Route.get(uuid) ??
      batch.before("nb", "Logical_Router_Static_Route", uuid);
    return route === undefined || isLearned(route) ? [] : [prefixKey(route.ip_prefix)];
  });
  const ports = changedElements(old.ports, now.ports).flatMap((uuid) => {
    const port = view.nb.Logical_Router_Port.get(uuid) ?? batch.before("nb", "Logical_Router_Port", uuid);
    return port === undefined ? [] : unitsOfPort(view, now, port);
  });
  const balancers = [
    ...changedBalancers(change, view, batch),
    ...balancersOfChangedGroups(change, view, batch),
  ];
  return [...unitsOf(view, now._uuid, [...routes, ...balancers.flatMap(vipPrefixes)]), ...ports];
}

/**
 * A port to a transit switch decides about every route of its router there, another one only about its own
 * networks.
 */
function unitsOfPort(
  view: View,
  router: LogicalRouter,
  port: LogicalRouterPort,
): (string | readonly string[])[] {
  // Such a port may be about to be none: then its own networks are among all that its router could advertise.
  if (leadsToTransitSwitch(view, port)) return [allUnitsOf(view, router._uuid)];
  return unitsOf(view, router._uuid, port.networks.map(prefixKey));
}

function desiredRoutes(
  view: View,
  plan: Plan,
  transitSwitch: string,
  text: string,
  prefix: Prefix | null,
): Desired<"icSb", "Route">[] {
  if (!isTrue(view.options.get("ic-route-adv")) && plan.explain === null) return [];
  const winners = new Map<string, { candidate: Candidate; nexthop: string }>();
  for (const candidate of candidates(view, plan, transitSwitch, text, prefix)) {
    if (!passes(ADVERTISING_RULES, { view, plan, candidate, text, prefix })) continue;
    const nexthop = prefix === null ? null : nexthopOf(candidate.port, prefix);
    if (nexthop === null) continue;
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

function warnDuplicate(plan: Plan, loser: Candidate, winner: Candidate, text: string): void {
  const same = loser.origin === winner.origin && loser.override === winner.override;
  plan.warn({
    reason: "duplicate-route",
    text: same
      ? `Duplicate ${loser.origin} route advertisement was suppressed! ${SOURCE_NAMES[loser.kind]} uuid: ${loser.source.uuid}`
      : `${loser.origin} route ${text} (${SOURCE_NAMES[loser.kind]} ${loser.source.uuid}) is not advertised on ${loser.port.transitSwitch}: the ${winner.origin} one (${SOURCE_NAMES[winner.kind]} ${winner.source.uuid}) takes its place`,
    subject: loser.source,
    decidedBy: winner.source,
  });
}
