/** The virtual addresses of load balancers (ovn-nb(5), Load_Balancer.vips). */
import type { Prefix } from "./prefix.ts";
import { formatPrefix, parseAddress } from "./prefix.ts";

/** `[IP6]:PORT` or `[IP6]`, and `IP:PORT`; a port may be left out after its colon. */
const BRACKETED = /^\[([^\]]*)\](?::([0-9]*))?$/;
const WITH_PORT = /^([^:]*):([0-9]*)$/;

/**
 * The address in a key of Load_Balancer.vips: `IP`, `IP:PORT` or `[IP6]:PORT`, as a prefix of full length.
 *
 * @returns null if there is none.
 * @example formatPrefix(parseVip("[fd00::1]:80")); // "fd00::1/128"
 */
export function parseVip(key: string): Prefix | null {
  const [, text = key, port = ""] = BRACKETED.exec(key) ?? WITH_PORT.exec(key) ?? [];
  if (Number(port) > 65535) return null;
  const address = parseAddress(text);
  return address && { ...address, length: address.family === 4 ? 32 : 128 };
}

/** The virtual addresses of a load balancer, as prefixes in canonical text. */
export function vipPrefixes(balancer: { readonly vips: ReadonlyMap<string, string> }): string[] {
  const prefixes = [...balancer.vips.keys()].flatMap((key) => parseVip(key) ?? []);
  return [...new Set(prefixes.map(formatPrefix))];
}
