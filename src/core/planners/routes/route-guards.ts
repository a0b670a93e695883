/**
 * What a zone may forbid other zones to have it learn. Each guard is an option of the router's port, of the
 * router or of NB_Global, of which the first that is there counts. All are ours, and off unless set.
 */
import type { Setting, Subject, TransitPort, View } from "../../model/index.ts";
import {
  fact,
  globalSubject,
  isTrue,
  joinKey,
  learnedFrom,
  networkKey,
  networksOfPort,
  parseNumber,
  routerPortSubject,
  routerSubject,
  transitPortsOn,
} from "../../model/index.ts";
import { parsePortAddresses } from "../../net/addresses.ts";
import type { Address, Prefix } from "../../net/prefix.ts";
import {
  formatAddress,
  isDefaultRoute,
  parsePrefix,
  prefixesOverlap,
  sameAddress,
} from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { Route } from "../../schema/ic-sb.ts";
import type { LogicalRouter } from "../../schema/nb.ts";
import type { Drop } from "../drops.ts";
import { Quota } from "../quotas.ts";

/** Nothing inside or over a network that the router is connected to. */
const PROTECT_CONNECTED = "ic-route-learn-protect-connected";
/** Next hops are addresses of ports that the advertising zone has on that switch. */
const CHECK_NEXTHOP = "ic-route-learn-check-nexthop";
/** What a route asks for over connected networks is not granted. */
const IGNORE_OVERRIDE = "ic-route-learn-ignore-override";
/** No prefix shorter than this, but for default routes, which have an option of their own. */
const MIN_LENGTH = { 4: "ic-route-learn-min-plen", 6: "ic-route-learn-min-plen-ipv6" } as const;

/**
 * How many routes of a zone are learned at most, counted as it advertises them on the transit switches that
 * we have routers on.
 */
export const ROUTE_QUOTA = new Quota<Route>({
  what: "routes",
  option: "ic-max-routes",
  countOf: (view, zone) => view.icSbIndexes.routeByZone.count(zone),
  rowsOf: (view, zone) => view.icSbIndexes.routeByZone.find(zone),
  isHere: (view, route) =>
    view.nbIndexes.routeByNetwork
      .find(networkKey(route.ip_prefix))
      .some((own) => learnedFrom(own) === route._uuid),
});

/** What other zones must not have a port's router learn: those guards that are on. */
interface RouteGuards {
  readonly protectConnected: Setting | null;
  readonly checkNexthop: Setting | null;
  readonly ignoreOverride: Setting | null;
  readonly minLength: { readonly 4: Setting | null; readonly 6: Setting | null };
}

const guardsOf = fact((view: View, port: TransitPort): RouteGuards => {
  const setting = (option: string) =>
    settingOf(view, port.router, option, {
      subject: routerPortSubject(port.routerPort),
      value: port.routerPort.options.get(option),
    });
  const onlyTrue = (found: Setting | null) => (isTrue(found?.value) ? found : null);
  return {
    protectConnected: onlyTrue(setting(PROTECT_CONNECTED)),
    checkNexthop: onlyTrue(setting(CHECK_NEXTHOP)),
    ignoreOverride: onlyTrue(setting(IGNORE_OVERRIDE)),
    minLength: { 4: setting(MIN_LENGTH[4]), 6: setting(MIN_LENGTH[6]) },
  };
});

interface PortOption {
  readonly subject: Subject;
  readonly value: string | undefined;
}

function settingOf(view: View, router: LogicalRouter, option: string, port?: PortOption): Setting | null {
  const places: PortOption[] = [
    ...(port === undefined ? [] : [port]),
    { subject: routerSubject(router), value: router.options.get(option) },
    { subject: globalSubject(view), value: view.options.get(option) },
  ];
  for (const { subject, value } of places) if (value !== undefined) return { ...subject, option, value };
  return null;
}

export function dropByLength(view: View, plan: Plan, port: TransitPort, prefix: Prefix): Drop | null {
  const setting = guardsOf(view, port).minLength[prefix.family];
  if (setting === null || isDefaultRoute(prefix)) return null;
  const least = parseNumber(setting.value);
  if (least === null) {
    const { table, name, option, value } = setting;
    const text = `${table} ${name}: option ${option}: "${value}" is no length and is ignored`;
    plan.warn({ reason: "invalid-option", text, subject: setting, decidedBy: setting });
    return null;
  }
  return prefix.length < least ? { reason: "prefix-too-short", decidedBy: setting } : null;
}

export function dropByConnected(view: View, port: TransitPort, prefix: Prefix): Drop | null {
  const { protectConnected } = guardsOf(view, port);
  const { router } = port;
  if (protectConnected === null || isDefaultRoute(prefix)) return null;
  const overlaps = networksOf(view, router).some((network) => prefixesOverlap(network, prefix));
  return overlaps ? { reason: "overlaps-connected-network", decidedBy: protectConnected } : null;
}

const networksOf = fact((view: View, router: LogicalRouter): readonly Prefix[] =>
  router.ports.flatMap((uuid) => {
    const networks = view.nb.Logical_Router_Port.get(uuid)?.networks ?? [];
    return networks.flatMap((network) => parsePrefix(network) ?? []);
  }),
);

export function dropByNexthop(view: View, port: TransitPort, route: Route, nexthop: Address): Drop | null {
  const { checkNexthop } = guardsOf(view, port);
  if (checkNexthop === null) return null;
  const addresses = addressesOn(view, route.transit_switch);
  const known = addresses.has(joinKey(route.availability_zone, formatAddress(nexthop)));
  return known ? null : { reason: "nexthop-not-of-zone", decidedBy: checkNexthop };
}

/** The addresses of ports on a transit switch, with the zones that have them. */
const addressesOn = fact((view: View, transitSwitch: string): ReadonlySet<string> => {
  const keys = new Set<string>();
  for (const port of view.icSbIndexes.portBySwitch.find(transitSwitch)) {
    const addresses = parsePortAddresses(port.address);
    for (const one of [...(addresses?.ipv4 ?? []), ...(addresses?.ipv6 ?? [])])
      keys.add(joinKey(port.availability_zone, formatAddress(one)));
  }
  return keys;
});

/**
 * A next hop that is the router's own address would have it send to itself: two zones use one address on the
 * transit switch.
 */
export function dropByOwnAddress(view: View, port: TransitPort, nexthop: Address): Drop | null {
  const ports = transitPortsOn(view, port.router, port.transitSwitch);
  const owner = ports.find((own) => networksOfPort(own).some((address) => sameAddress(address, nexthop)));
  if (owner === undefined) return null;
  return { reason: "nexthop-is-own-address", decidedBy: routerPortSubject(owner.routerPort) };
}

/** Whether a route that is learned wins over connected networks, as it asks for. */
export function overridesConnected(view: View, port: TransitPort, route: Route): boolean {
  return isTrue(route.options.get("override-connected")) && guardsOf(view, port).ignoreOverride === null;
}

/**
 * Whether some port of a router asks for a guard, so that what it looks at decides about the router's routes.
 */
export function isGuarded(view: View, router: LogicalRouter, guard: "connected" | "nexthop"): boolean {
  const option = guard === "connected" ? PROTECT_CONNECTED : CHECK_NEXTHOP;
  if (isTrue(settingOf(view, router, option)?.value)) return true;
  const ports = view.nbIndexes.routerPortByGuard.find(option);
  return ports.some(
    (port) => isTrue(port.options.get(option)) && view.nbIndexes.routerByPort.get(port._uuid) === router,
  );
}
