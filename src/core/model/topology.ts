/**
 * How routers, switches and ports of this zone hang together with transit switches: questions that several
 * planners ask.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Prefix } from "../net/prefix.ts";
import { parsePrefix } from "../net/prefix.ts";
import type { PortBinding as IcPortBinding, Route as IcRoute } from "../schema/ic-sb.ts";
import type { LogicalRouter, LogicalRouterPort, LogicalSwitch, LogicalSwitchPort } from "../schema/nb.ts";
import type { DatapathBinding, LearnedRoute } from "../schema/sb.ts";
import type { Batch, RowChange } from "./changes.ts";
import { joinKey } from "./keys.ts";
import { fact, trait } from "./memo.ts";
import type { Note, Subject } from "./subject.ts";
import type { View } from "./view.ts";
import { isTrue } from "./view.ts";

/**
 * Rows of NB that all claim to stand for one transit switch or router: what is left by a race of controllers,
 * or marked by somebody.
 */
export interface Claims<R> {
  /** The one that does stand for it. */
  readonly chosen: R | undefined;
  /** Those that can go. */
  readonly spare: readonly R[];
  /**
   * Those that have ports of somebody else, who may have made and marked them after us: they are left alone.
   */
  readonly foreign: readonly R[];
}

/**
 * Of several, the one with most ports that are not ours to make, then the one with the lowest key, then uuid,
 * stands for a transit switch. Nobody can make such ports again, and ours come back by themselves.
 */
function claims<R extends { readonly _uuid: Uuid }>(
  rows: Iterable<R>,
  keyOf: (row: R) => number,
  portsOf: (row: R) => number,
): Claims<R> {
  const [chosen, ...others] = sortedByKey(rows, keyOf);
  if (others.length === 0 || chosen === undefined) return { chosen, spare: [], foreign: [] };
  // The sort is stable: of those with as many ports, the order by key stays.
  const [first, ...rest] = [chosen, ...others].sort((a, b) => portsOf(b) - portsOf(a));
  return {
    chosen: first,
    spare: rest.filter((row) => portsOf(row) === 0),
    foreign: rest.filter((row) => portsOf(row) > 0),
  };
}

/** The logical switches marked as a transit switch's. */
export function switchesOf(view: View, transitSwitch: string): Claims<LogicalSwitch> {
  const isOurs = (port: LogicalSwitchPort | undefined) => port !== undefined && isOurSwitchPort(port);
  return claims(
    view.nbIndexes.switchByTransitSwitch.find(transitSwitch),
    (row) => requestedKey(row.other_config),
    (row) => row.ports.filter((uuid) => !isOurs(view.nb.Logical_Switch_Port.get(uuid))).length,
  );
}

/** The logical switch that stands for a transit switch. */
export function switchOf(view: View, transitSwitch: string): LogicalSwitch | undefined {
  return switchesOf(view, transitSwitch).chosen;
}

/**
 * The transit switch (none or one) of which another logical switch may be chosen, since a port became ours,
 * or ceased to be.
 */
export function contendedSwitch(view: View, { old, new: now }: RowChange<LogicalSwitchPort>): string[] {
  // Ports that come or go change the row of their switch.
  if (old === null || now === null || isOurSwitchPort(old) === isOurSwitchPort(now)) return [];
  const name = view.nbIndexes.switchByPort.get(now._uuid)?.other_config.get("interconn-ts");
  return name !== undefined && view.nbIndexes.switchByTransitSwitch.find(name).length > 1 ? [name] : [];
}

function isOurSwitchPort(port: LogicalSwitchPort): boolean {
  return port.type === "remote" || port.options.has("interconn-tsp");
}

/** The logical routers marked as a transit router's. */
export function routersOf(view: View, transitRouter: string): Claims<LogicalRouter> {
  const isOurs = (port: LogicalRouterPort | undefined) => port?.options.has("interconn-tr") === true;
  return claims(
    view.nbIndexes.routerByTransitRouter.find(transitRouter),
    (row) => requestedKey(row.options),
    (row) => row.ports.filter((uuid) => !isOurs(view.nb.Logical_Router_Port.get(uuid))).length,
  );
}

/** The logical router that stands for a transit router, chosen as that of a transit switch is. */
export function routerOfTransitRouter(view: View, transitRouter: string): LogicalRouter | undefined {
  return routersOf(view, transitRouter).chosen;
}

/**
 * The transit router (none or one) of which another logical router may be chosen, since a port became ours,
 * or ceased to be.
 */
export function contendedRouter(view: View, { old, new: now }: RowChange<LogicalRouterPort>): string[] {
  if (old === null || now === null || old.options.has("interconn-tr") === now.options.has("interconn-tr"))
    return [];
  const name = view.nbIndexes.routerByPort.get(now._uuid)?.options.get("interconn-tr");
  return name !== undefined && view.nbIndexes.routerByTransitRouter.find(name).length > 1 ? [name] : [];
}

/** Rows by tunnel key, then uuid: of several that should be one, the first is kept. */
export function sortedByKey<R extends { readonly _uuid: Uuid }>(
  rows: Iterable<R>,
  keyOf: (row: R) => number | bigint,
): R[] {
  return [...rows].sort((a, b) => Number(keyOf(a)) - Number(keyOf(b)) || (a._uuid < b._uuid ? -1 : 1));
}

function requestedKey(options: ReadonlyMap<string, string>): number {
  const key = Number(options.get("requested-tnl-key"));
  return Number.isInteger(key) && key > 0 ? key : Number.MAX_SAFE_INTEGER;
}

/** Whether a chassis of that name is this zone's own. */
export function isLocalChassis(view: View, name: string): boolean {
  const chassis = view.sbIndexes.chassisByName.get(name);
  return chassis !== undefined && !isTrue(chassis.other_config.get("is-remote"));
}

/**
 * The name of the transit switch that a port is on, if it exists, and the switch is the one that stands for
 * it.
 */
export function transitSwitchOf(view: View, port: LogicalSwitchPort): string | undefined {
  const ls = view.nbIndexes.switchByPort.get(port._uuid);
  const name = ls?.other_config.get("interconn-ts");
  if (ls === undefined || name === undefined || !view.icNbIndexes.transitSwitchByName.has(name))
    return undefined;
  return switchOf(view, name)?._uuid === ls._uuid ? name : undefined;
}

/**
 * Whether a port of the global database is one of those that an INB Transit_Switch_Port or
 * Transit_Router_Port asks for.
 */
export function isGloballyManaged(view: View, name: string, port: IcPortBinding | undefined): boolean {
  return port?.type === "transit-router-port" || view.icNbIndexes.transitSwitchPortByName.has(name);
}

/** A router's port on a transit switch, as routes see it. */
export interface TransitPort {
  readonly binding: IcPortBinding;
  readonly transitSwitch: string;
  readonly routerPort: LogicalRouterPort;
  readonly router: LogicalRouter;
}

/** What a local port of the global database means for routes; undefined if nothing. */
export function transitPort(view: View, binding: IcPortBinding): TransitPort | undefined {
  return view.isOurs(binding) ? routerPortBehind(view, binding) : undefined;
}

/** The same, whatever zone's row holds the port. */
export function routerPortBehind(view: View, binding: IcPortBinding): TransitPort | undefined {
  if (binding.type === "transit-router-port") return undefined;
  const routerId = binding.external_ids.get("router-id");
  const router = routerId === undefined ? undefined : view.nb.Logical_Router.get(routerId);
  const switchPort = view.nbIndexes.switchPortByName.get(binding.logical_port);
  if (router === undefined || switchPort?.type !== "router") return undefined;
  const name = switchPort.options.get("router-port");
  const routerPort = name === undefined ? undefined : view.nbIndexes.routerPortByName.get(name);
  if (routerPort === undefined) return undefined;
  return { binding, transitSwitch: binding.transit_switch, routerPort, router };
}

/** The networks of a router's port on a transit switch, with its own addresses as host bits. */
export const networksOfPort = trait(({ routerPort }: TransitPort): readonly Prefix[] =>
  routerPort.networks.flatMap((network) => parsePrefix(network) ?? []),
);

/** A router's ports on one transit switch, in a fixed order. */
export const transitPortsOn = fact(
  (view: View, router: LogicalRouter, transitSwitch: string): readonly TransitPort[] => {
    const bindings = view.icSbIndexes.portByRouterAndSwitch.find(joinKey(router._uuid, transitSwitch));
    const ports = [...bindings].flatMap((binding) => transitPort(view, binding) ?? []);
    return ports.sort((a, b) => (a.binding.logical_port < b.binding.logical_port ? -1 : 1));
  },
);

/** Whether a router port is a port of this router on some transit switch. */
export function isTransitPort(view: View, router: LogicalRouter, port: LogicalRouterPort): boolean {
  return [...view.nbIndexes.switchPortByRouterPort.find(port.name)].some((switchPort) => {
    const binding = view.icSbIndexes.portByName.get(switchPort.name);
    return binding !== undefined && transitPort(view, binding)?.router === router;
  });
}

/**
 * Whether a router port, which may be gone, is or was the peer of a port that is known in the global
 * database.
 */
export function leadsToTransitSwitch(view: View, port: LogicalRouterPort): boolean {
  return [...view.nbIndexes.switchPortByRouterPort.find(port.name)].some((switchPort) =>
    view.icSbIndexes.portByName.has(switchPort.name),
  );
}

/** The transit switches on which the global database knows ports of this zone's router, which may be gone. */
export function transitSwitchesOfRouter(view: View, router: Uuid): string[] {
  const bindings = [...view.icSbIndexes.portByRouter.find(router)];
  return [...new Set(bindings.map((binding) => binding.transit_switch))];
}

/** The uuids of this zone's routers that the global database knows on a transit switch; some may be gone. */
export const routersOnSwitch = fact((view: View, transitSwitch: string): readonly string[] => {
  const bindings = view.icSbIndexes.portBySwitch.find(transitSwitch);
  return [...new Set(bindings.flatMap((binding) => routerOf(view, binding)))];
});

/**
 * The router (none or one) of a port of the global database, if that is this zone's: by its row, or because
 * the router is here, when the row of the zone's former name still holds the port.
 */
export function routerOf(view: View, binding: IcPortBinding): string[] {
  const id = binding.external_ids.get("router-id");
  if (id === undefined) return [];
  const isOurs = binding.availability_zone === view.zone || view.nb.Logical_Router.get(id) !== undefined;
  return isOurs ? [id] : [];
}

/** The router (none or one) that the global database knows behind a switch port. */
export function routerBehind(view: View, port: LogicalSwitchPort): string[] {
  const binding = view.icSbIndexes.portByName.get(port.name);
  return binding === undefined ? [] : routerOf(view, binding);
}

/**
 * The routers that the global database knows behind the switch ports which lead to a router port: as a rule,
 * the port's own.
 */
export function routersBehindPort(view: View, port: LogicalRouterPort): string[] {
  const switchPorts = view.nbIndexes.switchPortByRouterPort.find(port.name);
  return [...new Set(switchPorts.flatMap((switchPort) => routerBehind(view, switchPort)))];
}

/** The router that a datapath of SB stands for. */
export function routerOfDatapath(view: View, uuid: Uuid): Uuid | undefined {
  const datapath = view.sb.Datapath_Binding.get(uuid);
  return datapath === undefined ? undefined : routerIdOfDatapath(datapath);
}

/** The router that a datapath stands for, and the one that it stood for before some changes. */
export function routersOfDatapath(view: View, batch: Batch, uuid: Uuid): Uuid[] {
  const rows = [view.sb.Datapath_Binding.get(uuid), batch.before("sb", "Datapath_Binding", uuid)];
  return [...new Set(rows.flatMap((row) => (row === undefined ? [] : (routerIdOfDatapath(row) ?? []))))];
}

function routerIdOfDatapath({ nb_uuid, external_ids }: DatapathBinding): Uuid | undefined {
  return nb_uuid ?? external_ids.get("logical-router");
}

/**
 * The routers, and the prefixes of what northd has learned for them, of a datapath that stands for another
 * router now.
 */
export function routesOfChangedDatapath(
  view: View,
  { old, new: now }: RowChange<DatapathBinding>,
): { readonly router: Uuid; readonly prefix: string }[] {
  const routers = [old, now].map((row) => (row === null ? undefined : routerIdOfDatapath(row)));
  if (routers[0] === routers[1]) return [];
  const routes = view.sbIndexes.learnedRouteByDatapath.find((old ?? now)?._uuid ?? "");
  return routers.flatMap((router) =>
    router === undefined ? [] : routes.map(({ ip_prefix: prefix }) => ({ router, prefix })),
  );
}

/** The routes that northd learned for a router, by dynamic routing. */
export function dynamicRoutesOf(view: View, router: LogicalRouter): LearnedRoute[] {
  const datapaths = [...view.sbIndexes.datapathByRouter.find(router._uuid)];
  return datapaths.flatMap((datapath) => [...view.sbIndexes.learnedRouteByDatapath.find(datapath._uuid)]);
}

/** Somebody else's switch or router claims to stand for what another one stands for. */
export function doublyClaimed(mark: string, row: Subject, chosen: Subject): Note {
  return {
    reason: "doubly-claimed",
    text:
      `${row.table} ${row.name} (${row.uuid}) has ${mark}, as ${chosen.name} (${chosen.uuid}) has: the latter is used, and the former left ` +
      `alone, since it has ports of its own. Remove the mark, or move the ports`,
    subject: row,
    decidedBy: chosen,
  };
}

export function switchSubject(row: LogicalSwitch): Subject {
  return { database: "nb", table: "Logical_Switch", uuid: row._uuid, name: row.name };
}

export function routerSubject(router: LogicalRouter): Subject {
  return { database: "nb", table: "Logical_Router", uuid: router._uuid, name: router.name };
}

export function routerPortSubject(port: LogicalRouterPort): Subject {
  return { database: "nb", table: "Logical_Router_Port", uuid: port._uuid, name: port.name };
}

export function switchPortSubject(port: LogicalSwitchPort): Subject {
  return { database: "nb", table: "Logical_Switch_Port", uuid: port._uuid, name: port.name };
}

export function icPortSubject({ _uuid: uuid, logical_port: name }: IcPortBinding): Subject {
  return { database: "icSb", table: "Port_Binding", uuid, name };
}

export function icRouteSubject(route: IcRoute): Subject {
  return {
    database: "icSb",
    table: "Route",
    uuid: route._uuid,
    name: `${route.ip_prefix} via ${route.nexthop}`,
  };
}
