/** Keys of units and indexes. */
import { canonicalPrefix, isPlainIpv4Prefix } from "../net/prefix.ts";

const SEPARATOR = "\u0000";

/** Joins names to one key; no name can contain what separates them. */
export function joinKey(...parts: readonly string[]): string {
  return parts.join(SEPARATOR);
}

/** The parts of a joined key. */
export function splitKey(key: string): string[] {
  return key.split(SEPARATOR);
}

/** The canonical text of a prefix in a database; one that can't be parsed is itself. */
export function prefixKey(text: string): string {
  return isPlainIpv4Prefix(text) ? text : (canonicalPrefix(text) ?? text);
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
