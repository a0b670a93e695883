/**
 * Which service monitors of other zones are run here: whoever can write to the global database can ask for
 * any.
 */
import type { Note, Subject, View } from "../model/index.ts";
import { fact, monitorHostKey, monitorKey, zoneNumber } from "../model/index.ts";
import { hostKeys, isMacKey } from "../net/addresses.ts";
import type { Plan } from "../planning/index.ts";
import type { ServiceMonitor } from "../schema/ic-sb.ts";
import type { PortBinding } from "../schema/sb.ts";
import { warnOfInvalidNumber } from "./drops.ts";

const LEARN = "ic-svc-monitor-learn";
const DENY = "ic-svc-monitor-deny";
const MOST = "ic-max-svc-monitors";

/** What a monitor is where the schema has no column for it. */
export const ONLY_TYPE = "load-balancer";

/** What decides for all monitors at once. */
export const MONITOR_OPTIONS = [LEARN, DENY, MOST] as const;

/** Service_Monitor.options of ovn-sb(5). */
const KNOWN_OPTIONS = ["interval", "timeout", "success_count", "failure_count"];
/** By this northd names the zone that is asked, and controllers hand it on. */
const ZONE_OPTION = "az-name";

/** What zones ask for, and is run here; for the others it is said why not. */
export function acceptedMonitors(
  view: View,
  plan: Plan,
  asking: readonly ServiceMonitor[],
): ServiceMonitor[] {
  return asking.filter((monitor) => {
    const refusal = whyNotWanted(view, monitor) ?? whyUnfit(view, monitor);
    if (refusal === null) return isWithinLimit(view, plan, monitor);
    if (refusal.quiet) plan.explain?.(noteOf(monitor, refusal));
    else plan.refuse(noteOf(monitor, refusal));
    return false;
  });
}

interface Refusal {
  readonly reason: string;
  readonly text: string;
  /** Whether it is what the administrator wants, and worth no warning. */
  readonly quiet: boolean;
}

function whyNotWanted({ options }: View, { source_availability_zone: zone }: ServiceMonitor): Refusal | null {
  if (options.get(LEARN)?.toLowerCase() === "false")
    return { reason: "monitors-not-learned", text: `NB_Global.options:${LEARN} is false`, quiet: true };
  const denied = options.get(DENY)?.split(",") ?? [];
  if (denied.some((name) => name.trim() === zone))
    return { reason: "monitor-zone-denied", text: `NB_Global.options:${DENY} has ${zone}`, quiet: true };
  return null;
}

/** Whether it is something that may be asked of the port. What the rows don't tell is not held against it. */
function whyUnfit(view: View, { ip, src_ip, logical_port: name }: ServiceMonitor): Refusal | null {
  const port = view.sbIndexes.portByName.get(name);
  const addresses = port === undefined ? [] : addressesOf(port);
  const target = monitorHostKey(ip);
  if (target === null || (addresses.length > 0 && !addresses.includes(target)))
    return { reason: "monitor-ip-not-of-port", text: `${ip} is no address of ${name}`, quiet: false };
  const source = monitorHostKey(src_ip);
  if (source !== null && !addresses.includes(source) && !view.nbIndexes.routerPortByAddress.has(source))
    return null;
  const text = `${src_ip} is ${source === null ? "no address" : "an address of this zone"}, and can't be where another one asks from`;
  return { reason: "monitor-source-not-remote", text, quiet: false };
}

/** IP addresses that a port is known to have. */
function addressesOf({ mac }: PortBinding): string[] {
  // With "unknown" it may have others, too.
  if (mac.includes("unknown")) return [];
  return hostKeys(mac).filter((key) => !isMacKey(key));
}

/**
 * Whether what one monitor of a zone is decides about others: it asks for more than it may have, or did
 * before some were gone.
 */
export function isBeyondLimit(view: View, zone: string, gone: number): boolean {
  const most = zoneNumber(view, MOST);
  return most !== null && view.icSbIndexes.monitorBySource.count(zone) + gone > most;
}

/** Whether a monitor that another zone asks for would be run here. */
export function isAccepted(view: View, monitor: ServiceMonitor): boolean {
  if (monitor.target_availability_zone !== view.zoneName || !isSupported(monitor)) return false;
  return (
    whyNotWanted(view, monitor) === null &&
    whyUnfit(view, monitor) === null &&
    placeBeyond(view, monitor) === null
  );
}

/** The place of a monitor in what its zone asks for, if that is beyond what it may have. */
function placeBeyond(view: View, monitor: ServiceMonitor): number | null {
  const most = zoneNumber(view, MOST);
  const zone = monitor.source_availability_zone;
  if (most === null || view.icSbIndexes.monitorBySource.count(zone) <= most) return null;
  const place = orderedMonitors(view, zone).get(monitorKey(monitor));
  // One that can't be run now takes nobody's place.
  return place === undefined || place < most ? null : place;
}

function isWithinLimit(view: View, plan: Plan, monitor: ServiceMonitor): boolean {
  warnOfInvalidNumber(view, plan, MOST);
  const place = placeBeyond(view, monitor);
  if (place === null) return true;
  const most = zoneNumber(view, MOST);
  const zone = monitor.source_availability_zone;
  const note = noteOf(monitor, { reason: "too-many-monitors", text: `${MOST} is ${most}`, quiet: true });
  plan.explain?.(note);
  if (place === most)
    plan.warn({
      ...note,
      text: `zone ${zone} asks for ${orderedMonitors(view, zone).size} service monitors, and NB_Global.options:${MOST} is ${most}: those that came later are left out`,
    });
  return false;
}

/**
 * The keys of what a zone asks for and can be run, with their places in the order in which there is room:
 * first what is run already.
 */
const orderedMonitors = fact((view: View, zone: string): ReadonlyMap<string, number> => {
  const keys = new Set<string>();
  for (const monitor of view.icSbIndexes.monitorBySource.find(zone)) {
    const isAsked = monitor.target_availability_zone === view.zoneName;
    if (isAsked && hasPort(view, monitor) && isSupported(monitor) && whyUnfit(view, monitor) === null)
      keys.add(monitorKey(monitor));
  }
  const isRun = (key: string) => view.sbIndexes.monitorByKey.find(key).some((row) => row.ic_learned);
  const [run, fresh] = [[...keys].filter(isRun), [...keys].filter((key) => !isRun(key))];
  return new Map([...run.sort(), ...fresh.sort()].map((key, place) => [key, place]));
});

function hasPort(view: View, { logical_port: name }: ServiceMonitor): boolean {
  return isUp(view.sbIndexes.portByName.get(name));
}

/** Whether zones can tell each other of such a monitor. */
export function isSupported(monitor: {
  readonly type: string | null;
  readonly protocol: string | null;
}): boolean {
  const { type, protocol } = monitor;
  return (type === null || type === ONLY_TYPE) && protocol !== "icmp";
}

export function isUp(port: PortBinding | undefined): boolean {
  return port !== undefined && port.up !== null;
}

/** The options of a monitor that are passed on to northd and controllers here. */
export function knownOptions(plan: Plan, monitor: ServiceMonitor): ReadonlyMap<string, string> {
  const { options, target_availability_zone: zone } = monitor;
  const isKnown = ([name, value]: readonly [string, string]) =>
    KNOWN_OPTIONS.includes(name) || (name === ZONE_OPTION && value === zone);
  const kept = [...options].filter(isKnown);
  if (kept.length === options.size) return options;
  const names = [...options].filter((pair) => !isKnown(pair)).map(([name]) => name);
  const text = `its options ${names.join(", ")} are not known, and left out`;
  plan.refuse(noteOf(monitor, { reason: "monitor-option-unknown", text, quiet: false }));
  return new Map(kept);
}

function noteOf(monitor: ServiceMonitor, { reason, text }: Refusal): Note {
  const { logical_port: name, ip, port, source_availability_zone: zone } = monitor;
  const subject: Subject = { database: "icSb", table: "Service_Monitor", uuid: monitor._uuid, name };
  return {
    reason,
    text: `service monitor of ${name}, ${ip} port ${port}, that zone ${zone} asks for: ${text}`,
    subject,
  };
}
