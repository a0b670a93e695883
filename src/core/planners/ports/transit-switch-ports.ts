/**
 * Ports of transit switches that INB asks for, instead of the CMS of one zone: the zone that has the port's
 * chassis, or the leader if there is none, makes the port known in ISB, and then it becomes a switch port in
 * every zone. A unit is a port's name.
 */
import type { RowChange, View } from "../../model/index.ts";
import {
  bothRows,
  changedElements,
  contendedSwitch,
  isLocalChassis,
  joinKey,
  switchOf,
  switchPortSubject,
  touched,
} from "../../model/index.ts";
import type { Desired, Plan, Planner } from "../../planning/index.ts";
import { reconcile } from "../../planning/index.ts";
import type { TransitSwitch, TransitSwitchPort } from "../../schema/ic-nb.ts";
import type { PortBinding } from "../../schema/ic-sb.ts";
import type { LogicalSwitch, LogicalSwitchPort } from "../../schema/nb.ts";
import type { GlobalPort } from "./global-ports.ts";
import { planBinding, portsOfChangedHolder, portsOnChangedChassis, usableBinding } from "./global-ports.ts";
import { isNameFree } from "./port-guards.ts";

export const transitSwitchPorts: Planner = {
  name: "transit-switch-ports",
  writes: ["icSb", "nb"],
  leads: true,
  feeds: {
    icNb: {
      Transit_Switch_Port: (change) => bothRows(change).map((port) => port.name),
      Transit_Switch: portsOfChangedHolder("Transit_Switch_Port"),
    },
    icSb: {
      Port_Binding: (change, view) =>
        askedNames(
          view,
          bothRows(change).map((row) => row.logical_port),
        ),
    },
    sb: {
      Chassis: portsOnChangedChassis(portsOnChassis),
      Port_Binding: (change, view) =>
        askedNames(
          view,
          bothRows(change).map((row) => row.logical_port),
        ),
    },
    nb: {
      Logical_Router_Port: (change, view) =>
        askedNames(
          view,
          bothRows(change).map((row) => row.name),
        ),
      Logical_Switch_Port: (change, view) => [
        ...bothRows(change).flatMap(({ name, options }) => [
          ...(options.has("interconn-tsp") ? [options.get("interconn-tsp") ?? ""] : []),
          ...(isAsked(view, name) ? [name] : []),
        ]),
        ...contendedSwitch(view, change).flatMap((name) => askedPorts(view, name)),
      ],
      Logical_Switch: portsOfChangedSwitch,
    },
  },
  *units(view) {
    for (const port of view.icNb.Transit_Switch_Port) yield port.name;
    for (const name of view.nbIndexes.switchPortByTransitSwitchPort.keys()) yield String(name);
  },
  plan(name, view, plan) {
    if (view.zone === null || !view.can("transit switch ports")) return;
    const asked = view.icNbIndexes.transitSwitchPortByName.get(name);
    const transitSwitch = asked && view.icNbIndexes.transitSwitchByPort.get(asked._uuid);
    if (asked === undefined || transitSwitch === undefined) {
      planSwitchPort(view, plan, name, undefined);
      return;
    }
    const port = globalPort(asked, transitSwitch);
    const binding = view.icSbIndexes.portByName.get(name);
    if (asked.chassis === "" ? view.leader : isLocalChassis(view, asked.chassis)) {
      planBinding(view, plan, port, binding, { leader: asked.chassis === "" });
    }
    const usable = usableBinding(binding, port);
    planSwitchPort(view, plan, name, usable && { asked, transitSwitch, binding: usable });
  },
};

function askedNames(view: View, names: readonly string[]): string[] {
  return names.filter((name) => isAsked(view, name));
}

function isAsked(view: View, name: string): boolean {
  return view.icNbIndexes.transitSwitchPortByName.has(name);
}

function* portsOnChassis(view: View, chassis: string): Generator<string, void, void> {
  for (const port of view.icNbIndexes.transitSwitchPortByChassis.find(chassis)) yield port.name;
}

/**
 * All ports of a transit switch whose logical switch came, went, or is another one's now; and those that were
 * moved.
 */
function portsOfChangedSwitch(change: RowChange<LogicalSwitch>, view: View): string[] {
  const names = bothRows(change).flatMap((row) => row.other_config.get("interconn-ts") ?? []);
  if (names.length === 0) return [];
  const decides = (name: string) =>
    touched(change, "other_config") || view.nbIndexes.switchByTransitSwitch.find(name).length > 1;
  const moved = changedElements(change.old?.ports, change.new?.ports).flatMap(
    (uuid) => view.nb.Logical_Switch_Port.get(uuid)?.options.get("interconn-tsp") ?? [],
  );
  return [...moved, ...names.filter(decides).flatMap((name) => askedPorts(view, name))];
}

function askedPorts(view: View, transitSwitch: string): string[] {
  const uuids = view.icNbIndexes.transitSwitchByName.get(transitSwitch)?.ports ?? [];
  return uuids.flatMap((uuid) => view.icNb.Transit_Switch_Port.get(uuid)?.name ?? []);
}

function globalPort(asked: TransitSwitchPort, transitSwitch: TransitSwitch): GlobalPort {
  return {
    type: "transit-switch-port",
    subject: { database: "icNb", table: "Transit_Switch_Port", uuid: asked._uuid, name: asked.name },
    on: transitSwitch.name,
    onUuid: transitSwitch._uuid,
    address: asked.addresses[0] ?? "",
    gateway: asked.chassis,
  };
}

interface Wanted {
  readonly asked: TransitSwitchPort;
  readonly transitSwitch: TransitSwitch;
  readonly binding: PortBinding;
}

/** The port of the logical switch here; without `asked` there is to be none. */
function planSwitchPort(view: View, plan: Plan, name: string, asked: Wanted | undefined): void {
  const existing = [...view.nbIndexes.switchPortByTransitSwitchPort.find(name)];
  const newcomer = {
    name,
    table: "Logical_Switch_Port",
    exists: existing.length > 0,
    asked: `Transit_Switch_Port ${name}`,
  } as const;
  const wanted = asked !== undefined && isNameFree(view, plan, newcomer) ? asked : undefined;
  const home = wanted && switchOf(view, wanted.transitSwitch.name);
  const namesake = view.nbIndexes.switchPortByName.get(name);
  if (wanted !== undefined && namesake !== undefined && !existing.includes(namesake)) {
    // A controller that did not know of the port in INB took it for another zone's.
    if (namesake.type === "remote" && home?.ports.includes(namesake._uuid)) existing.push(namesake);
    else {
      plan.refuse({
        reason: "port-name-taken",
        text: `Transit_Switch_Port ${name} can't be made on ${wanted.transitSwitch.name}: a port of this name exists`,
        subject: switchPortSubject(namesake),
      });
      return;
    }
  }
  const holding = (port: LogicalSwitchPort) => view.nbIndexes.switchByPort.get(port._uuid)?._uuid;
  reconcile(view, plan, {
    database: "nb",
    table: "Logical_Switch_Port",
    existing,
    keysOf: (row) => [joinKey(holding(row) ?? "", row.name)],
    desired: wanted !== undefined && home !== undefined ? [desiredPort(view, name, home, wanted)] : [],
    whyNot: () =>
      wanted === undefined
        ? `transit-switch-ports: INB and ISB have no port ${name}`
        : `transit-switch-ports: ${name} is not on that switch any more`,
    holder: (row) => {
      const uuid = row === null ? home?._uuid : holding(row);
      return uuid === undefined ? null : { table: "Logical_Switch", uuid, column: "ports" };
    },
  });
}

function desiredPort(
  view: View,
  name: string,
  home: LogicalSwitch,
  { asked, transitSwitch, binding }: Wanted,
): Desired<"nb", "Logical_Switch_Port"> {
  const local = asked.chassis === "" || isLocalChassis(view, asked.chassis);
  const peer = asked.peer === "" ? null : asked.peer;
  const isRouterPort = asked.type === "router";
  return {
    keys: [joinKey(home._uuid, name)],
    columns: {
      type: local ? asked.type : "remote",
      addresses: asked.addresses,
      peer: isRouterPort ? null : peer,
    },
    initial: () => ({ name }),
    mapKeys: {
      options: {
        "interconn-tsp": name,
        "requested-chassis": asked.chassis === "" ? null : asked.chassis,
        "requested-tnl-key": String(binding.tunnel_key),
        "router-port": isRouterPort ? peer : null,
      },
    },
    why: `transit-switch-ports: INB Transit_Switch_Port ${name} on ${transitSwitch.name}`,
  };
}
