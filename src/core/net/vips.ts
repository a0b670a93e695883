/** The virtual addresses of load balancers (ovn-nb(5), Load_Balancer.vips). */
import type { Prefix } from "./prefix.ts";
import { formatPrefix, parseAddress } from "./prefix.ts";

/**
 * `[IP]:PORT` or `[IP]`, and `IP:PORT`; a port may be left out after its colon, and is what strtol(3) takes
 * for a number.
 */
const BRACKETED = /^\[([^\]]*)\](?::([ \t\n\v\f\r]*\+?[0-9]+)?)?$/;
const WITH_PORT = /^([^:]*):([ \t\n\v\f\r]*\+?[0-9]+)?$/;

/**
 * The address in a key of Load_Balancer.vips: `IP`, `IP:PORT` or `[IP6]:PORT`, as a prefix of full length.
 *
 * It is read as strictly as northd reads it (seen with 23.03.1 and 26.03.1): what northd takes for no address
 * has no flows, and must not draw traffic. Routes are read otherwise: `10.0.0.05` is an address there, and
 * none here.
 *
 * @returns null if there is none.
 * @example formatPrefix(parseVip("[fd00::1]:80")); // "fd00::1/128"
 */
export function parseVip(key: string): Prefix | null {
  const [, text = key, port = ""] = BRACKETED.exec(key) ?? WITH_PORT.exec(key) ?? [];
  if (Number(port) > 65535) return null;
  const address = hasLeadingZeros(text) ? null : parseAddress(text);
  return address && { ...address, length: address.family === 4 ? 32 : 128 };
}

/** Whether the dotted part of an address has an octet as inet_pton(3) does not take it. */
function hasLeadingZeros(text: string): boolean {
  const dotted = text.slice(text.lastIndexOf(":") + 1);
  return dotted.includes(".") && dotted.split(".").some((octet) => octet.length > 1 && octet.startsWith("0"));
}

/** The virtual addresses of a load balancer, as prefixes in canonical text. */
export function vipPrefixes(balancer: { readonly vips: ReadonlyMap<string, string> }): string[] {
  const prefixes = [...balancer.vips.keys()].flatMap((key) => parseVip(key) ?? []);
  return [...new Set(prefixes.map(formatPrefix))];
}
