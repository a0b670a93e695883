/** Keys of units and indexes. */
import type { Uuid } from "ovsdb-client-ts";
import { isUuid } from "ovsdb-client-ts";
import { hostKey } from "../net/addresses.ts";
import {
  canonicalPrefix,
  formatAddress,
  formatPrefix,
  isPlainIpv4Network,
  isPlainIpv4Prefix,
  networkOf,
  parseAddress,
  parsePrefix,
  unmapped,
} from "../net/prefix.ts";

const SEPARATOR = "\u0000";

/** Joins names to one key; no name can contain what separates them. */
export function joinKey(first: string, ...parts: readonly string[]): string {
  let key = first;
  for (const part of parts) key += SEPARATOR + part;
  return key;
}

/** The parts of a joined key. */
export function splitKey(key: string): string[] {
  // Not `split`, which takes three times as long for the two parts that most keys have.
  const parts: string[] = [];
  let from = 0;
  for (let end = key.indexOf(SEPARATOR); end >= 0; end = key.indexOf(SEPARATOR, from)) {
    parts.push(key.slice(from, end));
    from = end + 1;
  }
  parts.push(key.slice(from));
  return parts;
}

/** The canonical text of a prefix in a database; one that can't be parsed is itself. */
export function prefixKey(text: string): string {
  return isPlainIpv4Prefix(text) ? text : (canonicalPrefix(text) ?? text);
}

/**
 * The canonical text of the network of a prefix in a database, without host bits; one that can't be parsed is
 * itself.
 */
export function networkKey(text: string): string {
  if (isPlainIpv4Network(text)) return text;
  const prefix = parsePrefix(text);
  return prefix === null ? text : formatPrefix(networkOf(prefix));
}

/**
 * The canonical text of an address in a database, of a mapped one that of IPv4; one that can't be parsed is
 * itself.
 */
export function addressKey(text: string): string {
  const address = parseAddress(text);
  return address === null ? text : formatAddress(unmapped(address));
}

/**
 * The global route that a static route was learned from; undefined of an own one, as one is that names no
 * uuid there.
 */
export function learnedFrom(route: { readonly external_ids: ReadonlyMap<string, string> }): Uuid | undefined {
  const text = route.external_ids.get("ic-learned-route");
  if (text === undefined || isUuid(text)) return text;
  const uuid = text.toLowerCase();
  return isUuid(uuid) ? uuid : undefined;
}

export function isLearned(route: { readonly external_ids: ReadonlyMap<string, string> }): boolean {
  return learnedFrom(route) !== undefined;
}

/** What a service monitor is known by in all databases. */
export function monitorKey(monitor: {
  readonly logical_port: string;
  readonly port: number | bigint;
  readonly type: string | null;
  readonly ip: string;
  readonly src_ip: string;
  readonly protocol: string | null;
}): string {
  const { logical_port, port, ip, src_ip } = monitor;
  // Older schemas have no type, since there was only one.
  const type = monitor.type ?? "load-balancer";
  return joinKey(logical_port, String(port), type, ip, src_ip, monitor.protocol ?? "");
}

/**
 * The key of an address of a service monitor; northd may write it as in a load balancer, where an IPv6
 * address is in brackets.
 */
export function monitorHostKey(text: string): string | null {
  return hostKey(text.replace(/^\[(.*)\]$/, "$1"));
}

/** By what SB knows a monitor: one row for a backend, whoever asks. */
export function backendKey(monitor: {
  readonly logical_port: string;
  readonly port: number | bigint;
  readonly ip: string;
  readonly protocol: string | null;
}): string {
  const { logical_port, port, ip, protocol } = monitor;
  return joinKey(logical_port, ip, String(port), protocol ?? "");
}
