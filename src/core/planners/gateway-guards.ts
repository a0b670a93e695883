/** Which tunnel addresses another zone's gateway may have here, and how many gateways a zone. */
import type { RowChange, Subject, View } from "../model/index.ts";
import { addressKey, bothRows, fact, isTrue, touched, zoneFilter, zoneOption } from "../model/index.ts";
import { prefixListMatches } from "../net/filters.ts";
import type { Address } from "../net/prefix.ts";
import { isUnicast, parseAddress, unmapped } from "../net/prefix.ts";
import type { Plan } from "../planning/index.ts";
import type { Gateway, Encap as IcEncap } from "../schema/ic-sb.ts";
import type { Chassis } from "../schema/sb.ts";
import { warnOfInvalid } from "./drops.ts";
import { Quota } from "./quotas.ts";

export const ENCAP_FILTER = "ic-encap-filter";

export const GATEWAY_QUOTA = new Quota<Gateway>({
  what: "gateways",
  option: "ic-max-gateways",
  countOf: (view, zone) => view.icSbIndexes.gatewayByZone.count(zone),
  rowsOf: (view, zone) => view.icSbIndexes.gatewayByZone.find(zone),
  isHere: (view, { name }) => {
    const chassis = view.sbIndexes.chassisByName.get(name);
    return chassis !== undefined && isRemote(chassis);
  },
});

/**
 * Whether a chassis stands for another zone's gateway. One that is a gateway here is not, whatever else it is
 * said to be.
 */
export function isRemote({ other_config: config }: Pick<Chassis, "other_config">): boolean {
  return isTrue(config.get("is-remote")) && !isTrue(config.get("is-interconn"));
}

/** Whether a tunnel may lead to an address that another zone names. */
export function isTunnelAllowed(
  view: View,
  plan: Plan,
  encap: Pick<IcEncap, "type" | "ip">,
  subject: Subject,
): boolean {
  const address = parseAddress(encap.ip);
  const refuse = (reason: string, what: string, decidedBy?: Subject) => {
    const text = `Gateway ${subject.name} of another zone: tunnel address ${encap.ip} (${encap.type}) ${what}, it is left out`;
    plan.refuse({ reason, text, subject, ...(decidedBy === undefined ? {} : { decidedBy }) });
    return false;
  };
  if (address === null || !isUnicast(address)) return refuse("encap-ip-invalid", "can be no host's");
  const owner = ownTunnelEnds(view).get(addressKey(encap.ip));
  if (owner !== undefined)
    return refuse("encap-ip-taken", `is that of this zone's chassis ${owner.name}`, {
      database: "sb",
      table: "Chassis",
      uuid: owner._uuid,
      name: owner.name,
    });
  return (
    isInFilter(view, plan, address) ||
    refuse("encap-filter", `is not in NB_Global.options:${ENCAP_FILTER}`, zoneOption(view, ENCAP_FILTER))
  );
}

function isInFilter(view: View, plan: Plan, address: Address): boolean {
  const filter = zoneFilter(view, ENCAP_FILTER);
  warnOfInvalid(plan, filter);
  if (!filter.list.exists) return true;
  const plain = unmapped(address);
  return prefixListMatches(filter.list, { ...plain, length: plain.family === 4 ? 32 : 128 });
}

/** The tunnel addresses of this zone's chassis, whatever their type, in canonical text. */
const ownTunnelEnds = fact((view: View): ReadonlyMap<string, Chassis> => {
  const owners = new Map<string, Chassis>();
  for (const chassis of view.sb.Chassis) {
    if (isRemote(chassis)) continue;
    for (const uuid of chassis.encaps) {
      const encap = view.sb.Encap.get(uuid);
      if (encap !== undefined) owners.set(addressKey(encap.ip), chassis);
    }
  }
  return owners;
});

/** The gateways of the global database that have one of these tunnel addresses. */
export function gatewaysAt(view: View, ips: Iterable<string>): string[] {
  return [...ips].flatMap((ip) =>
    view.icSbIndexes.encapByAddress
      .find(addressKey(ip))
      .flatMap((encap) => view.icSbIndexes.gatewayByEncap.find(encap._uuid).map(({ name }) => name)),
  );
}

/** The gateways about which a chassis decides by its tunnel addresses. */
export function gatewaysAtChassis(view: View, change: RowChange<Chassis>): string[] {
  if (!touched(change, "encaps") && !touched(change, "other_config")) return [];
  const uuids = bothRows(change).flatMap((row) => [...row.encaps]);
  return gatewaysAt(
    view,
    uuids.flatMap((uuid) => view.sb.Encap.get(uuid)?.ip ?? []),
  );
}
