/**
 * The address text of OVN ports: `MAC [IP[/LENGTH]]…`, as in Logical_Switch_Port.addresses and
 * Port_Binding.mac (ovn-nb(5)).
 */
import type { Prefix } from "./prefix.ts";
import { formatAddress, parseAddress, parsePrefix } from "./prefix.ts";

const MAC = /^(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/;

export interface PortAddresses {
  readonly mac: string;
  readonly ipv4: readonly Prefix[];
  readonly ipv6: readonly Prefix[];
}

/**
 * Parses one element of a port's addresses. What follows the first word that is no address is ignored, as OVN
 * does.
 *
 * @returns null if the text doesn't begin with an Ethernet address (`unknown`, `dynamic`, `router`, empty).
 * @example parsePortAddresses("aa:bb:cc:00:00:01 169.254.100.1/24 fd00::1/64")?.ipv4.length; // 1
 */
export function parsePortAddresses(text: string): PortAddresses | null {
  const [mac, ...words] = text.split(" ").filter((word) => word !== "");
  if (mac === undefined || !MAC.test(mac)) return null;
  const ipv4: Prefix[] = [];
  const ipv6: Prefix[] = [];
  for (const word of words) {
    const prefix = parsePrefix(word);
    if (prefix === null) break;
    (prefix.family === 4 ? ipv4 : ipv6).push(prefix);
  }
  return { mac, ipv4, ipv6 };
}

/**
 * Parses one element of a port's addresses whole: a MAC, and nothing but addresses after it.
 *
 * @returns null if it is anything else.
 * @example parseWholePortAddresses("aa:bb:cc:00:00:01 10.0.0.1 and more"); // null
 */
export function parseWholePortAddresses(text: string): PortAddresses | null {
  const parsed = parsePortAddresses(text);
  if (parsed === null) return null;
  const words = text.split(" ").filter((word) => word !== "");
  return words.length === 1 + parsed.ipv4.length + parsed.ipv6.length ? parsed : null;
}

/**
 * What addresses are found by: a MAC or an IP address, without a length, in one of the ways in which it can
 * be written.
 *
 * @returns null if the text is neither.
 * @example hostKey("FD00:0::1/64"); // "fd00::1"
 */
export function hostKey(text: string): string | null {
  if (MAC.test(text)) {
    const bytes = text.toLowerCase().split(":");
    return bytes.map((byte) => byte.padStart(2, "0")).join(":");
  }
  const prefix = parsePrefix(text);
  return prefix === null ? null : formatAddress(prefix);
}

/** Whether a key of an address is that of a MAC. */
export function isMacKey(key: string): boolean {
  return MAC.test(key);
}

/** The keys of all addresses in texts of ports, up to the first word of each that is none. */
export function hostKeys(texts: readonly string[]): string[] {
  const keys = new Set<string>();
  for (const text of texts) {
    for (const word of text.split(" ")) {
      if (word === "") continue;
      const key = hostKey(word);
      if (key === null) break;
      keys.add(key);
    }
  }
  return [...keys];
}

/**
 * Whether a text is an element of an address set: an Ethernet, IPv4 or IPv6 address, with a mask or, if it is
 * an IP address, a length after it (ovn-nb(5), Address_Set).
 *
 * @example isSetElement("10.0.0.0/8"); // true
 */
export function isSetElement(text: string): boolean {
  const slash = text.indexOf("/");
  if (slash < 0) return MAC.test(text) || parseAddress(text) !== null;
  if (parsePrefix(text) !== null) return true;
  const [value, mask] = [text.slice(0, slash), text.slice(slash + 1)];
  if (MAC.test(value)) return MAC.test(mask);
  // Bits of a mask need not be contiguous.
  const family = parseAddress(value)?.family;
  return family !== undefined && parseAddress(mask)?.family === family;
}
