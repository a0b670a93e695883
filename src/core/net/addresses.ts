/**
 * The address text of OVN ports: `MAC [IP[/LENGTH]]…`, as in Logical_Switch_Port.addresses and Port_Binding.mac
 * (ovn-nb(5)).
 */
import type { Prefix } from "./prefix.ts";
import { parsePrefix } from "./prefix.ts";

const MAC = /^(?:[0-9a-fA-F]{1,2}:){5}[0-9a-fA-F]{1,2}$/;

export interface PortAddresses {
  readonly mac: string;
  readonly ipv4: readonly Prefix[];
  readonly ipv6: readonly Prefix[];
}

/**
 * Parses one element of a port's addresses. What follows the first word that is no address is ignored, as OVN does.
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
