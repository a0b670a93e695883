/**
 * Service monitors across zones. One that northd made here for a backend in another zone is pushed to ISB,
 * pulled into the SB of that zone, and what is found out there about the backend's health comes back the same
 * way.
 *
 * A unit is a direction and what both sides know a monitor by: port, address and protocol; for those pushed,
 * the zone they are for as well.
 */
import type { Batch, RowChange, Subject, View } from "../model/index.ts";
import {
  backendKey,
  bothRows,
  fact,
  joinKey,
  monitorKey,
  optionChanged,
  splitKey,
  touched,
} from "../model/index.ts";
import { hostKeys } from "../net/addresses.ts";
import type { Desired, Plan, Planner } from "../planning/index.ts";
import { ALL, reconcile, updateRow } from "../planning/index.ts";
import type { AvailabilityZone, ServiceMonitor as IcServiceMonitor } from "../schema/ic-sb.ts";
import type { ServiceMonitor } from "../schema/sb.ts";
import {
  acceptedMonitors,
  isAccepted,
  isBeyondLimit,
  isSupported,
  isUp,
  knownOptions,
  MONITOR_OPTIONS,
  ONLY_TYPE,
} from "./monitor-guards.ts";

const PUSH = "push";
const PULL = "pull";

export const serviceMonitors: Planner = {
  name: "service-monitors",
  writes: ["icSb", "sb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) => (MONITOR_OPTIONS.some((key) => optionChanged(change, key)) ? ALL : []),
      Logical_Router_Port: (change, view, { size }) =>
        touched(change, "networks")
          ? hostKeys(bothRows(change).flatMap((port) => port.networks)).flatMap((address) =>
              view.icSbIndexes.monitorBySourceAddress.find(address).flatMap((one) => pulled(view, one, size)),
            )
          : [],
    },
    sb: {
      SB_Global: (change) => (optionChanged(change, "svc_monitor_mac") ? ALL : []),
      Service_Monitor: (change, view, { size }) => [
        ...bothRows(change).flatMap(unitsOfLocal),
        ...bothRows(change).flatMap((row) => pulledAtBackend(view, row)),
        // What is run already comes before what isn't.
        ...(touched(change, "ic_learned")
          ? bothRows(change)
              .flatMap((row) => view.icSbIndexes.monitorByKey.find(monitorKey(row)))
              .flatMap((one) => pulled(view, one, size))
          : []),
      ],
      Port_Binding: (change, view, batch) =>
        bothRows(change).flatMap(({ logical_port: name }) => unitsAtPort(view, name, batch)),
      Chassis: (change, view, batch) =>
        change.old?.name === change.new?.name
          ? []
          : bothRows(change).flatMap((chassis) =>
              [...view.sbIndexes.portByChassis.find(chassis._uuid)].flatMap((port) => [
                ...unitsAtPort(view, port.logical_port, batch),
              ]),
            ),
    },
    icSb: {
      // A rename reaches the monitors together with our row. One that somebody else has renamed goes by its
      // former name, until another row has it.
      Availability_Zone: (change, view) => {
        const isOurs = ({ _uuid, name }: AvailabilityZone) =>
          _uuid === view.zone || name === view.identity.name;
        return touched(change, "name") && bothRows(change).some(isOurs) ? ALL : [];
      },
      Service_Monitor: (change, view, { size }) => [
        ...bothRows(change).flatMap(unitsOfGlobal),
        // Only the status changes often.
        ...(isSameMonitor(change)
          ? []
          : bothRows(change).flatMap((one) => [...pulled(view, one, size), ...pulledAtBackend(view, one)])),
      ],
    },
  },
  *units(view) {
    for (const monitor of view.sb.Service_Monitor) yield* unitsOfLocal(monitor);
    for (const monitor of view.icSb.Service_Monitor) yield* unitsOfGlobal(monitor);
  },
  plan(unit, view, plan) {
    const mac = view.sb.SB_Global.first()?.options.get("svc_monitor_mac");
    if (view.zone === null || !view.can("service monitors") || mac === undefined) return;
    const [direction, target = "", first = "", ...rest] = splitKey(unit);
    const key = joinKey(first, ...rest);
    if (direction === PUSH) planPush(view, plan, target, key, mac);
    else planPull(view, plan, key, mac);
  },
};

function unitOf(direction: string, target: string, key: string): string {
  return joinKey(direction, target, key);
}

function unitsOfLocal(monitor: ServiceMonitor): string[] {
  const key = monitorKey(monitor);
  if (!monitor.remote) return [unitOf(PULL, "", key)];
  return [unitOf(PUSH, monitor.options.get("az-name") ?? "", key), unitOf(PULL, "", key)];
}

function unitsOfGlobal(monitor: IcServiceMonitor): string[] {
  const key = monitorKey(monitor);
  return [unitOf(PUSH, monitor.target_availability_zone, key), unitOf(PULL, "", key)];
}

function unitsAtPort(view: View, name: string, { size }: Batch): (string | readonly string[])[] {
  return view.icSbIndexes.monitorByPort.find(name).flatMap((monitor) => pulled(view, monitor, size));
}

/**
 * What is run for a monitor of another zone; with it, if that zone asks for more than it may have, all that
 * it asks for.
 */
function pulled(view: View, monitor: IcServiceMonitor, gone: number): (string | readonly string[])[] {
  const zone = monitor.source_availability_zone;
  const own = unitOf(PULL, "", monitorKey(monitor));
  return isBeyondLimit(view, zone, gone) ? [own, pulledFor(view, zone)] : [own];
}

const pulledFor = fact((view: View, zone: string): readonly string[] =>
  view.icSbIndexes.monitorBySource.find(zone).map((one) => unitOf(PULL, "", monitorKey(one))),
);

/** What else is asked of a backend: one row of SB serves all. */
function pulledAtBackend(view: View, monitor: Parameters<typeof backendKey>[0]): string[] {
  return view.icSbIndexes.monitorByBackend
    .find(backendKey(monitor))
    .map((one) => unitOf(PULL, "", monitorKey(one)));
}

function isSameMonitor({ old, new: now }: RowChange<IcServiceMonitor>): boolean {
  return (
    old !== null &&
    now !== null &&
    monitorKey(old) === monitorKey(now) &&
    old.source_availability_zone === now.source_availability_zone &&
    old.target_availability_zone === now.target_availability_zone
  );
}

/** What northd wants to know of a backend in another zone. */
function planPush(view: View, plan: Plan, target: string, key: string, mac: string): void {
  const name = view.zoneName;
  const asking = [...view.sbIndexes.monitorByKey.find(key)].filter(
    (monitor) => monitor.remote && monitor.options.get("az-name") === target,
  );
  const existing = [...view.icSbIndexes.monitorByKey.find(key)].filter(
    (monitor) => monitor.source_availability_zone === name && monitor.target_availability_zone === target,
  );
  const monitor = target === "" || target === name ? undefined : asking[0];
  const wanted = monitor !== undefined && canBeWatched(plan, "sb", monitor) ? monitor : undefined;
  const desired: Desired<"icSb", "Service_Monitor">[] = [];
  if (wanted !== undefined) {
    desired.push({
      keys: [""],
      columns: {
        ...common(wanted),
        src_mac: mac,
        source_availability_zone: name,
        target_availability_zone: target,
      },
      why: `service-monitors: SB Service_Monitor of ${wanted.logical_port} is for zone ${target}`,
    });
  }
  reconcile(view, plan, {
    database: "icSb",
    table: "Service_Monitor",
    existing,
    keysOf: () => [""],
    desired,
    whyNot: (row) => `service-monitors: nothing here asks for ${row.logical_port} in zone ${target}`,
  });
  const [answer] = existing;
  // northd begins with "offline", and takes a monitor without a status for one of a backend that is
  // available.
  if (wanted === undefined || answer === undefined || answer.status === null) return;
  const why = `service-monitors: ISB Service_Monitor of ${answer.logical_port} in zone ${target}`;
  updateRow(view, plan, "sb", "Service_Monitor", wanted, { columns: { status: answer.status }, why });
}

/** What other zones want to know of a backend here. */
function planPull(view: View, plan: Plan, key: string, mac: string): void {
  const all = [...view.icSbIndexes.monitorByKey.find(key)]
    .filter((monitor) => monitor.target_availability_zone === view.zoneName)
    .sort((a, b) => (a._uuid < b._uuid ? -1 : 1));
  const asking = acceptedMonitors(view, plan, all);
  const here = [...view.sbIndexes.monitorByKey.find(key)].filter((monitor) => !monitor.remote);
  // One that northd made for a load balancer of this zone is as good, and is only read.
  const own = here.find((monitor) => !monitor.ic_learned);
  const [first] = asking;
  const port = first && view.sbIndexes.portByName.get(first.logical_port);
  const usable = first !== undefined && isUp(port) && canBeWatched(plan, "icSb", first);
  const other = usable ? servingOther(view, key, first) : null;
  const desired: Desired<"sb", "Service_Monitor">[] = [];
  if (usable && own === undefined && other === null) {
    const chassis = port?.chassis == null ? undefined : view.sb.Chassis.get(port.chassis);
    desired.push({
      keys: [""],
      columns: {
        ...common(first),
        options: knownOptions(plan, first),
        src_mac: mac,
        chassis_name: chassis?.name ?? "",
        ic_learned: true,
        remote: false,
      },
      why: `service-monitors: ISB Service_Monitor of ${first.logical_port} from zone ${first.source_availability_zone}`,
    });
  }
  const learned = here.filter((monitor) => monitor.ic_learned);
  reconcile(view, plan, {
    database: "sb",
    table: "Service_Monitor",
    existing: learned,
    keysOf: () => [""],
    desired,
    whyNot: (row) => `service-monitors: no other zone asks for ${row.logical_port}, or it is not up`,
  });
  const found = own ?? learned[0] ?? other?.row;
  if (found === undefined || !usable) return;
  for (const monitor of asking) {
    const why = `service-monitors: SB Service_Monitor of ${monitor.logical_port}`;
    updateRow(view, plan, "icSb", "Service_Monitor", monitor, { columns: { status: found.status }, why });
  }
}

/**
 * The monitor that serves another who asks for the same backend, from another address: SB has one row for
 * each. `row` is undefined while it is to be made; null if it is for us to make one.
 */
function servingOther(
  view: View,
  key: string,
  asked: IcServiceMonitor,
): { readonly row: ServiceMonitor | undefined } | null {
  const backend = backendKey(asked);
  const rows = view.sbIndexes.monitorByBackend.find(backend).filter((row) => !row.remote);
  if (rows.length > 0) {
    const row = rows.find((one) => monitorKey(one) !== key);
    return row === undefined ? null : { row };
  }
  const isBefore = (one: IcServiceMonitor) => one._uuid < asked._uuid && monitorKey(one) !== key;
  const others = view.icSbIndexes.monitorByBackend.find(backend);
  return others.some((one) => isBefore(one) && isAccepted(view, one)) ? { row: undefined } : null;
}

/** Columns that both databases have. */
function common(
  monitor: Pick<ServiceMonitor | IcServiceMonitor, keyof IcServiceMonitor & keyof ServiceMonitor>,
) {
  return {
    type: ONLY_TYPE,
    ip: monitor.ip,
    port: monitor.port,
    protocol: monitor.protocol === "icmp" ? null : monitor.protocol,
    src_ip: monitor.src_ip,
    logical_port: monitor.logical_port,
    options: monitor.options,
  } as const;
}

function canBeWatched(
  plan: Plan,
  database: "sb" | "icSb",
  monitor: ServiceMonitor | IcServiceMonitor,
): boolean {
  const { type, protocol, logical_port: name } = monitor;
  if (isSupported(monitor)) return true;
  const subject: Subject = { database, table: "Service_Monitor", uuid: monitor._uuid, name };
  const text = `Service_Monitor of ${name}: ${type} by ${protocol} can't be watched across zones`;
  plan.explain?.({ reason: "monitor-not-supported", text, subject });
  return false;
}
