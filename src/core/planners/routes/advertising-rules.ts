/** The rules that keep something of a router from being advertised on a transit switch. */
import type { Subject, TransitPort, View } from "../../model/index.ts";
import { isTrue, routerPortSubject, trait, zoneOption } from "../../model/index.ts";
import { parsePortAddresses } from "../../net/addresses.ts";
import type { Prefix } from "../../net/prefix.ts";
import { formatAddress, isLinkLocalNexthop, parseNexthop } from "../../net/prefix.ts";
import type { Plan } from "../../planning/index.ts";
import type { LogicalRouterStaticRoute } from "../../schema/nb.ts";
import type { Drop } from "../drops.ts";
import type { Rule } from "../rules.ts";
import { firstDrop } from "../rules.ts";
import { dropByPrefix } from "./route-filters.ts";

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

/** A candidate under its prefix. */
export interface Proposal {
  readonly view: View;
  readonly plan: Plan;
  readonly candidate: Candidate;
  /** The prefix, and what it says; null if that can't be read. */
  readonly text: string;
  readonly prefix: Prefix | null;
}

interface StaticProposal extends Proposal {
  readonly route: LogicalRouterStaticRoute;
}

/** The rules of all kinds of sources, in their order; those of one kind come before them. */
export const ADVERTISING_RULES: readonly Rule<Proposal>[] = [
  {
    name: "advertising-on",
    drop: ({ view }) =>
      isTrue(view.options.get("ic-route-adv"))
        ? null
        : { reason: "advertising-off", decidedBy: zoneOption(view, "ic-route-adv") },
  },
  { name: "prefix", drop: dropUnreadable },
  {
    name: "prefix-filters",
    drop: ({ view, plan, prefix, candidate: { port } }) =>
      prefix === null ? null : dropByPrefix(view, plan, "adv", prefix, port),
  },
  { name: "port-address", drop: dropByAddress },
];

/** The rules of static routes. */
export const STATIC_RULES: readonly Rule<StaticProposal>[] = [
  { name: "policy", drop: ({ route }) => (route.policy === "src-ip" ? { reason: "source-policy" } : null) },
  { name: "route-table", drop: dropByTable },
  { name: "nexthop", drop: dropByNexthop },
];

/** The rules of load balancers' addresses. */
export const BALANCER_RULES: readonly Rule<Proposal>[] = [
  {
    name: "load-balancer",
    drop: ({ view }) =>
      isTrue(view.options.get("ic-route-adv-lb"))
        ? null
        : { reason: "load-balancer-not-allowed", decidedBy: zoneOption(view, "ic-route-adv-lb") },
  },
];

/** Whether a candidate passes some rules; if not, it is explained. */
export function passes<P extends Proposal>(rules: readonly Rule<P>[], proposal: P): boolean {
  const drop = firstDrop(rules, proposal);
  if (drop === null) return true;
  const { plan, candidate, text } = proposal;
  // What nothing else decided, the row itself did.
  plan.explain?.({
    decidedBy: candidate.source,
    ...drop,
    text: `${text} of router ${candidate.port.router.name} is not advertised on ${candidate.port.transitSwitch}`,
    subject: candidate.source,
  });
  return false;
}

const addressesOf = trait(
  ({ binding }: TransitPort) => parsePortAddresses(binding.address) ?? { ipv4: [], ipv6: [] },
);

/** The port's own address of the prefix's family; null if it has none. */
export function nexthopOf(port: TransitPort, prefix: Prefix): string | null {
  const addresses = addressesOf(port);
  const ipv6 = addresses.ipv6.find((address) => !isLinkLocalNexthop(address));
  if (prefix.family === 6) return ipv6 === undefined ? null : formatAddress(ipv6);
  const option = "ic-route-ipv4-next-hop-ipv6";
  const prefersIpv6 = isTrue(port.routerPort.options.get(option) ?? port.router.options.get(option));
  const address = prefersIpv6 && ipv6 !== undefined ? ipv6 : addresses.ipv4[0];
  return address === undefined ? null : formatAddress(address);
}

function dropByAddress({ prefix, candidate: { port } }: Proposal): Drop | null {
  if (prefix === null || nexthopOf(port, prefix) !== null) return null;
  return { reason: `no-ipv${prefix.family}-address-on-port`, decidedBy: routerPortSubject(port.routerPort) };
}

function dropUnreadable({ plan, candidate, text, prefix }: Proposal): Drop | null {
  if (prefix !== null) return null;
  warnInvalid(plan, candidate, "prefix", text);
  return { reason: "invalid-prefix" };
}

function dropByTable({ route, candidate: { port } }: StaticProposal): Drop | null {
  const option = "route_table";
  const value = port.routerPort.options.get(option) ?? "";
  if (route.route_table === value) return null;
  return {
    reason: "other-route-table",
    decidedBy: { ...routerPortSubject(port.routerPort), option, value },
  };
}

function dropByNexthop({ plan, candidate, route }: StaticProposal): Drop | null {
  if (route.nexthop === "discard") return null;
  const nexthop = parseNexthop(route.nexthop);
  if (nexthop !== null) return isLinkLocalNexthop(nexthop) ? { reason: "link-local-nexthop" } : null;
  warnInvalid(plan, candidate, "nexthop", route.nexthop);
  return { reason: "invalid-nexthop" };
}

/** Says that a row can't be advertised because of what somebody wrote there. */
function warnInvalid(plan: Plan, candidate: Candidate, what: "prefix" | "nexthop", value: string): void {
  const { source, port } = candidate;
  plan.warn({
    reason: `invalid-${what}`,
    text: `${source.table} ${source.uuid} of router ${port.router.name} is not advertised on ${port.transitSwitch}: "${value}" is no ${what}`,
    subject: source,
  });
}
