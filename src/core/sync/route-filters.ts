/**
 * The rules by which a route is dropped, on its way out and on its way in, and their machine-readable reasons.
 */
import { prefixListMatches } from "../net/filters.ts";
import type { Prefix } from "../net/prefix.ts";
import { isDefaultRoute, isLinkLocal, isLoopback, isMulticast } from "../net/prefix.ts";
import type { Plan, Subject } from "./plan.ts";
import type { FilterList, PortFilters, TransitPort } from "./topology.ts";
import { routerPortSubject, routerSubject } from "./topology.ts";
import type { View } from "./view.ts";
import { isTrue } from "./view.ts";

/** Why a route is dropped, and which row and option decided it. */
export interface Drop {
  readonly reason: string;
  readonly decidedBy?: Subject & { readonly option?: string; readonly value?: string };
}

export type Direction = "adv" | "learn";

/** Judges a prefix by what applies in both directions: default routes, link-local prefixes, deny and allow lists. */
export function dropByPrefix(
  view: View,
  plan: Plan,
  direction: Direction,
  prefix: Prefix,
  port: TransitPort,
): Drop | null {
  const option = `ic-route-${direction}-default`;
  if (isDefaultRoute(prefix) && !isTrue(view.options.get(option)))
    return { reason: "default-route-not-allowed", decidedBy: zoneOption(view, option) };
  if (isLinkLocal(prefix)) return { reason: "link-local-prefix" };
  // To send a host's own traffic, or a group's, to another zone is never right; what is advertised is left to the administrator.
  if (direction === "learn" && isLoopback(prefix)) return { reason: "loopback-prefix" };
  if (direction === "learn" && isMulticast(prefix)) return { reason: "multicast-prefix" };
  return dropByLists(view, plan, direction, prefix, port);
}

function dropByLists(
  view: View,
  plan: Plan,
  direction: Direction,
  prefix: Prefix,
  port: TransitPort,
): Drop | null {
  port.known[direction] ??= filters(view, direction, port);
  const { deny, allow } = port.known[direction];
  if (deny.length === 0 && allow.length === 0) return null;
  for (const list of [...deny, ...allow]) warnOfInvalid(plan, list);
  const denying = deny.find(({ list }) => prefixListMatches(list, prefix));
  if (denying !== undefined) return { reason: "deny-list", decidedBy: decision(denying) };
  const [first] = allow;
  if (first === undefined || allow.some(({ list }) => prefixListMatches(list, prefix))) return null;
  return { reason: "allow-list", decidedBy: decision(first) };
}

function filters(view: View, direction: Direction, port: TransitPort): PortFilters {
  const own = (key: string): FilterList[] => [
    source(view, routerPortSubject(port.routerPort), key, port.routerPort.options.get(key)),
    source(view, routerSubject(port.router), key, port.router.options.get(key)),
  ];
  return {
    deny: [...own(`ic-route-deny-${direction}`), ...zoneDenyLists(view, direction)].filter(
      ({ list }) => list.exists,
    ),
    allow: own(`ic-route-filter-${direction}`).filter(({ list }) => list.exists),
  };
}

/** The list for one direction only is ours. Of it there is one for what is learned: what is advertised is the zone's own. */
function zoneDenyLists(view: View, direction: Direction): FilterList[] {
  if (direction === "adv") return [globalDenyList(view)];
  return [globalDenyList(view), zoneFilter(view, "ic-route-deny-learn")];
}

function globalDenyList(view: View): FilterList {
  const current = view.options.get("ic-route-denylist");
  return zoneFilter(
    view,
    current === undefined || current === "" ? "ic-route-blacklist" : "ic-route-denylist",
  );
}

/** A list of prefixes that is an option of the zone. */
export function zoneFilter(view: View, option: string): FilterList {
  return source(view, globalSubject(view), option, view.options.get(option));
}

function source(view: View, subject: Subject, option: string, value: string | undefined): FilterList {
  return { subject, option, value: value ?? "", list: view.prefixList(value) };
}

function decision({ subject, option, value }: FilterList) {
  return { ...subject, option, value };
}

/** Bad entries of one option that are named: there may be as many as fit into it, and every route asks again. */
const NAMED = 3;

export function warnOfInvalid(plan: Plan, { subject, option, list }: FilterList): void {
  for (const entry of list.invalid.slice(0, NAMED)) {
    const text = `${subject.table} ${subject.name}: option ${option}: "${entry}" is no prefix and is ignored`;
    plan.warn({
      reason: "invalid-filter-entry",
      text,
      subject,
      decidedBy: { ...subject, option, value: entry },
    });
  }
}

/** An option of the zone that is a number: null if it isn't there, or is none. */
export function zoneNumber(view: View, option: string): number | null {
  return parseNumber(view.options.get(option));
}

/** A whole number, as an option's value; null if it is none, or there is no value. */
export function parseNumber(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}

export function warnOfInvalidNumber(view: View, plan: Plan, option: string): void {
  const value = view.options.get(option);
  if (value === undefined || parseNumber(value) !== null) return;
  const subject = globalSubject(view);
  const text = `NB_Global: option ${option}: "${value}" is no whole number and is ignored`;
  plan.warn({ reason: "invalid-option", text, subject, decidedBy: { ...subject, option, value } });
}

/** An option of the zone that decides about routes: the value that it has counts. */
export function zoneOption(view: View, option: string): NonNullable<Drop["decidedBy"]> {
  const value = view.options.get(option);
  return { ...globalSubject(view), option, ...(value === undefined ? {} : { value }) };
}

export function globalSubject(view: View): Subject {
  return {
    database: "nb",
    table: "NB_Global",
    uuid: view.nb.NB_Global.first()?._uuid ?? "",
    name: view.identity.name,
  };
}
