/**
 * Which rows of the large tables planners need. All other tables are read whole.
 *
 * A zone may have 100,000 ports that have nothing to do with interconnection, and the global database routes
 * of 1,000 zones. What is needed follows from rows that are known, in steps: transit switches lead to switch
 * ports, these to their bindings, and these to their peers.
 *
 * What a planner makes of a unit must be the same without the rows that are not needed: when they leave, that
 * looks like their deletion.
 */
import type { Condition } from "ovsdb-client-ts";
import type { RowChange, RowOf, View } from "../model/index.ts";
import { balancersNamedBy, fact, isTrue, portGroupOf, touched } from "../model/index.ts";
import type { Need, NeedFeeds } from "../planning/index.ts";

/** Rows of a table that have one of some values in a column. */
function among(column: string, values: Iterable<string>): Condition[] {
  return [...new Set(values)].sort().map((value) => [column, "==", value]);
}

/** Who we are decides about rows that belong to zones. */
const identity: Pick<NeedFeeds, "nb" | "icSb"> = {
  nb: { NB_Global: (change) => touched(change, "name") },
  icSb: { Availability_Zone: () => true },
};

/**
 * Ports of other zones are most of those on transit switches. All of them are asked for by their type, so
 * that one more or less changes no condition: a server that is given other conditions looks at all its rows.
 */
const remotePorts: Condition = ["type", "==", "remote"];

const switchPorts: Need = {
  database: "nb",
  table: "Logical_Switch_Port",
  single: true,
  byUuid: true,
  feeds: {
    nb: {
      Logical_Switch_Port: (change) => touched(change, "type") || touched(change, "name"),
      Logical_Switch: transitSwitchTouched,
      ...identity.nb,
    },
    icSb: {
      Port_Binding: (change) => touched(change, "logical_port") || touched(change, "availability_zone"),
      ...identity.icSb,
    },
    icNb: {
      Transit_Switch_Port: (change) => touched(change, "name"),
      Transit_Router_Port: (change) => touched(change, "name"),
    },
  },
  where: (view) => [
    remotePorts,
    ...among("_uuid", portsOfTransitSwitches(view)),
    // Ports of these names are in the way, wherever they are.
    ...among("name", namesOfGlobalPorts(view)),
  ],
};

function transitSwitchTouched(change: RowChange<RowOf<"nb", "Logical_Switch">>): boolean {
  const isOne = [change.old, change.new].some((row) => row?.other_config.has("interconn-ts"));
  return isOne && (touched(change, "ports") || touched(change, "other_config"));
}

function* portsOfTransitSwitches(view: View): Generator<string, void, void> {
  for (const name of view.nbIndexes.switchByTransitSwitch.keys())
    for (const row of view.nbIndexes.switchByTransitSwitch.find(name))
      for (const uuid of row.ports) if (view.nb.Logical_Switch_Port.get(uuid)?.type !== "remote") yield uuid;
}

/** Names that a port which is none of another zone's, and on no transit switch, may have taken. */
const namesOfGlobalPorts = fact((view: View): readonly string[] => [...portsToBeMade(view)]);

function* portsToBeMade(view: View): Generator<string, void, void> {
  const { remotePortByName } = view.nbIndexes;
  for (const { logical_port: name, availability_zone: zone } of view.icSb.Port_Binding)
    if (zone !== view.zone && !remotePortByName.has(name)) yield name;
  for (const { name } of view.icNb.Transit_Switch_Port) if (!remotePortByName.has(name)) yield name;
  for (const { name } of view.icNb.Transit_Router_Port) yield name;
}

/**
 * All of them, but later than what others follow from: then this server makes its dump of 100,000 rows while
 * the global one does, which has to be told of which transit switches routes are needed.
 */
const staticRoutes: Need = {
  database: "nb",
  table: "Logical_Router_Static_Route",
  feeds: {},
  where: () => true,
};

const loadBalancers: Need = {
  database: "nb",
  table: "Load_Balancer",
  byUuid: true,
  feeds: {
    nb: {
      Logical_Router: (change) => touched(change, "load_balancer") || touched(change, "load_balancer_group"),
      Load_Balancer_Group: (change) => touched(change, "load_balancer"),
      ...identity.nb,
    },
    icSb: { Port_Binding: routerChanged, ...identity.icSb },
  },
  where: (view) => {
    const routers = transitRouterIds(view).flatMap((uuid) => view.nb.Logical_Router.get(uuid) ?? []);
    return among(
      "_uuid",
      routers.flatMap((router) => balancersNamedBy(view, router)),
    );
  },
};

function routerChanged(change: RowChange<RowOf<"icSb", "Port_Binding">>, view: View): boolean {
  if (![change.old, change.new].some((row) => row?.availability_zone === view.zone)) return false;
  return touched(change, "availability_zone") || touched(change, "external_ids");
}

/** This zone's routers that have a port on a transit switch. */
function transitRouterIds(view: View): string[] {
  const stolen = [...view.stolen.of(view.zone)].flatMap((uuid) => view.icSb.Port_Binding.get(uuid) ?? []);
  const bindings = view.zone === null ? [] : [...view.icSbIndexes.portByZone.find(view.zone), ...stolen];
  return [...new Set(bindings.flatMap((row) => row.external_ids.get("router-id") ?? []))];
}

const northAddressSets: Need = {
  database: "nb",
  table: "Address_Set",
  feeds: {
    nb: { NB_Global: (change) => touched(change, "options") },
    icSb: { Address_Set: (change) => touched(change, "name") },
  },
  where: (view) => {
    if (!view.can("address sets")) return false;
    const learnt: Condition = ["external_ids", "includes", { "ic-learnt": "true" }];
    return [
      learnt,
      ...among(
        "name",
        [...view.icSb.Address_Set].map((row) => row.name),
      ),
    ];
  },
};

/** Northd makes address sets of them, whose names are theirs with an end to it. */
const portGroups: Need = {
  database: "nb",
  table: "Port_Group",
  feeds: northAddressSets.feeds,
  where: (view) =>
    among(
      "name",
      namesOfLearnable(view).flatMap((name) => portGroupOf(name) ?? []),
    ),
};

/** Names of address sets that may be learnt from other zones. */
function namesOfLearnable(view: View): string[] {
  if (!view.can("address sets") || !isTrue(view.options.get("ic-as-learn"))) return [];
  return [...view.icSb.Address_Set].map((row) => row.name);
}

/**
 * Those of other zones' ports are of the same type, once northd has heard of them: before, there is nothing
 * to be done to them.
 */
const southBindings: Need = {
  database: "sb",
  table: "Port_Binding",
  single: true,
  feeds: {
    nb: {
      Logical_Switch_Port: ({ old, new: now }) =>
        old?.name !== now?.name ||
        old?.type !== now?.type ||
        old?.options.get("router-port") !== now?.options.get("router-port"),
      ...identity.nb,
    },
    sb: { Port_Binding: ({ old, new: now }) => old?.options.get("peer") !== now?.options.get("peer") },
    icSb: {
      Service_Monitor: () => true,
      Port_Binding: ({ new: now }, view) =>
        now !== null &&
        now.availability_zone !== view.zone &&
        !view.nbIndexes.remotePortByName.has(now.logical_port),
      ...identity.icSb,
    },
    icNb: {
      Transit_Switch_Port: (change) => touched(change, "name"),
      Transit_Router_Port: (change) => touched(change, "name"),
    },
  },
  where: (view) => [remotePorts, ...among("logical_port", namesOfBindings(view))],
};

/**
 * This zone's ports of transit switches, and their peers by what both northd and the CMS say, which is not
 * always the same at once.
 */
function* namesOfBindings(view: View): Generator<string, void, void> {
  for (const port of ownPorts(view)) {
    yield port.name;
    const binding = view.sbIndexes.portByName.get(port.name);
    for (const peer of [port.options.get("router-port"), binding?.options.get("peer")]) {
      if (peer !== undefined) yield* [peer, `cr-${peer}`];
    }
  }
  yield* monitoredHere(view);
  // What SB has by these names keeps such a port from being made.
  yield* namesOfGlobalPorts(view);
}

function* ownPorts(view: View): Generator<RowOf<"nb", "Logical_Switch_Port">, void, void> {
  const { switchPortByType } = view.nbIndexes;
  for (const type of switchPortByType.keys()) if (type !== "remote") yield* switchPortByType.find(type);
}

function* monitoredHere(view: View): Generator<string, void, void> {
  for (const monitor of view.icSb.Service_Monitor)
    if (monitor.target_availability_zone === view.zoneName) yield monitor.logical_port;
}

const dynamicRoutes: Need = {
  database: "sb",
  table: "Learned_Route",
  feeds: {
    sb: { Datapath_Binding: (change) => touched(change, "nb_uuid") || touched(change, "external_ids") },
    nb: { ...identity.nb },
    icSb: { Port_Binding: routerChanged, ...identity.icSb },
  },
  where: (view) => {
    const datapaths = transitRouterIds(view).flatMap((uuid) => [
      ...view.sbIndexes.datapathByRouter.find(uuid),
    ]);
    return among(
      "datapath",
      datapaths.map((row) => row._uuid),
    );
  },
};

const southMonitors: Need = {
  database: "sb",
  table: "Service_Monitor",
  feeds: { ...identity, icSb: { Service_Monitor: () => true, ...identity.icSb } },
  where: (view) =>
    view.can("service monitors")
      ? [["remote", "==", true], ["ic_learned", "==", true], ...among("logical_port", monitoredHere(view))]
      : false,
};

const southAddressSets: Need = {
  database: "sb",
  table: "Address_Set",
  feeds: northAddressSets.feeds,
  where: (view) => {
    if (!view.can("address sets")) return false;
    const advertised = ["true", "True", "TRUE"].map(
      (value): Condition => ["options", "includes", { "ic-adv": value }],
    );
    // Those that other zones have as well may be northd's own.
    return [...advertised, ...among("name", namesOfLearnable(view))];
  },
};

const globalRoutes: Need = {
  database: "icSb",
  table: "Route",
  feeds: {
    nb: {
      Logical_Switch: transitSwitchTouched,
      Logical_Switch_Port: (change) => touched(change, "type") || touched(change, "name"),
      ...identity.nb,
    },
    icSb: {
      Port_Binding: (change, view) =>
        [change.old, change.new].some((row) => row?.availability_zone === view.zone) &&
        (touched(change, "availability_zone") || touched(change, "transit_switch")),
      ...identity.icSb,
    },
  },
  where: (view) => [
    ...among("availability_zone", ourRows(view)),
    ...among("transit_switch", attachedSwitches(view)),
  ],
};

/**
 * Transit switches with a router of this zone: also those where it is about to be made known, for then there
 * is no need to ask again.
 */
function* attachedSwitches(view: View): Generator<string, void, void> {
  if (view.zone === null) return;
  for (const binding of view.icSbIndexes.portByZone.find(view.zone)) yield binding.transit_switch;
  for (const port of view.nbIndexes.switchPortByType.find("router")) {
    const name = view.nbIndexes.switchByPort.get(port._uuid)?.other_config.get("interconn-ts");
    if (name !== undefined) yield name;
  }
}

/** Our row in ISB; also when it is about to be taken away, with all that hangs on it. */
function ourRows(view: View): string[] {
  const uuid = view.zone ?? view.identity.retired;
  return uuid === null ? [] : [uuid];
}

const globalMonitors: Need = {
  database: "icSb",
  table: "Service_Monitor",
  feeds: identity,
  where: (view) => {
    const rows = ourRows(view).flatMap((uuid) => view.icSb.Availability_Zone.get(uuid)?.name ?? []);
    const names = view.zone === null ? rows : [...rows, view.zoneName];
    return [...among("source_availability_zone", names), ...among("target_availability_zone", names)];
  },
};

const globalAddressSets: Need = {
  database: "icSb",
  table: "Address_Set",
  feeds: {
    ...identity,
    nb: { NB_Global: (change) => touched(change, "options") || touched(change, "name") },
  },
  where: (view) =>
    isTrue(view.options.get("ic-as-learn")) ? true : among("availability_zone", ourRows(view)),
};

/** All that is not read whole, or not at once, in the order in which one leads to another. */
export const ROW_NEEDS: readonly Need[] = [
  staticRoutes,
  globalRoutes,
  globalMonitors,
  globalAddressSets,
  switchPorts,
  loadBalancers,
  northAddressSets,
  portGroups,
  southBindings,
  dynamicRoutes,
  southMonitors,
  southAddressSets,
];
