/** The virtual addresses of load balancers (ovn-nb(5), Load_Balancer.vips). */
import type { Prefix } from "./prefix.ts";
import { formatPrefix, parseAddress } from "./prefix.ts";

/**
 * The address in a key of Load_Balancer.vips: `IP`, `IP:PORT` or `[IP6]:PORT`, as a prefix of full length.
 *
 * @returns null if there is none.
 * @example formatPrefix(parseVip("[fd00::1]:80")); // "fd00::1/128"
 */
export function parseVip(key: string): Prefix | null {
  const bracketed = /^\[([^\]]*)\](?::[0-9]+)?$/.exec(key)?.[1];
  const plain = key.split(":").length === 2 ? key.slice(0, key.indexOf(":")) : key;
  const address = parseAddress(bracketed ?? plain);
  return address && { ...address, length: address.family === 4 ? 32 : 128 };
}

/** The virtual addresses of a load balancer, as prefixes in canonical text. */
export function vipPrefixes(balancer: { readonly vips: ReadonlyMap<string, string> }): string[] {
  const prefixes = [...balancer.vips.keys()].flatMap((key) => parseVip(key) ?? []);
  return [...new Set(prefixes.map(formatPrefix))];
}
