/**
 * Ports on transit switches, the classic way: a local port of the CMS is made known in the global database,
 * and the ports of other zones become `remote` ports here. A unit is a port's name, which is unique in each
 * of the databases.
 */
import type { Uuid } from "ovsdb-client-ts";
import type { Batch, RowChange, Subject, View } from "../../model/index.ts";
import {
  bothRows,
  changedElements,
  contendedSwitch,
  icPortSubject,
  isGloballyManaged,
  optionChanged,
  routerOf,
  switchPortSubject,
  touched,
  transitSwitchOf,
} from "../../model/index.ts";
import { hostKeys } from "../../net/addresses.ts";
import type { Desired, Plan, Planner } from "../../planning/index.ts";
import { ALL, reconcile, updateRow } from "../../planning/index.ts";
import type { PortBinding as IcPortBinding } from "../../schema/ic-sb.ts";
import type { LogicalSwitch, LogicalSwitchPort } from "../../schema/nb.ts";
import type { Chassis, PortBinding } from "../../schema/sb.ts";
import { refuseTheft } from "../theft.ts";
import { ADDRESS_CHECK, mayHaveOtherAddresses, portsLike, portsWithAddress } from "./port-addresses.ts";
import { PORT_QUOTA } from "./port-guards.ts";
import { findPortMistake } from "./port-mistakes.ts";
import { planRemote, warnTaken } from "./remote-ports.ts";

const LOCAL_TYPES = new Set(["router", "switch"]);

export const portBindings: Planner = {
  name: "port-bindings",
  writes: ["icSb", "nb", "sb"],
  leads: false,
  feeds: {
    nb: {
      NB_Global: (change) =>
        [ADDRESS_CHECK, PORT_QUOTA.option].some((key) => optionChanged(change, key)) ? ALL : [],
      Logical_Router_Port: (change, view) => [
        ...(touched(change, "mac") || touched(change, "networks") || touched(change, "name")
          ? portsWithAddress(
              view,
              hostKeys(bothRows(change).flatMap(({ mac, networks }) => [mac, ...networks])),
            )
          : []),
        ...(change.old?.name === change.new?.name
          ? []
          : bothRows(change).flatMap(({ name }) => [
              ...(view.icSbIndexes.portByName.has(name) ? [name] : []),
              ...portsTo(view, name),
            ])),
      ],
      Logical_Switch_Port: (change, view) => [
        ...bothRows(change).map((port) => port.name),
        ...successorsOfPort(view, change).map((binding) => binding.logical_port),
        ...(mayHaveOtherAddresses(change) ? portsLike(view, bothRows(change)) : []),
        ...contendedSwitch(view, change).flatMap((name) => portsOnSwitch(view, name)),
      ],
      Logical_Switch: portsOfChangedSwitch,
      // Another zone's port of a router that is here is one that the row of a former name holds.
      Logical_Router: (change, view) =>
        change.old === null || change.new === null
          ? bothRows(change).flatMap(({ _uuid }) =>
              view.icSbIndexes.portByRouter.find(_uuid).map((port) => port.logical_port),
            )
          : [],
    },
    sb: {
      Encap: (change, view) =>
        bothRows(change).flatMap((encap) => [
          ...portsBehindGateway(view, encap.chassis_name),
          ...view.sbIndexes.portByEncap.find(encap._uuid).flatMap((port) => portsBehind(view, port)),
        ]),
      Port_Binding: (change, view) => bothRows(change).flatMap((port) => portsBehind(view, port)),
      Datapath_Binding: (change, view) =>
        bothRows(change).flatMap((datapath) =>
          [...view.sbIndexes.portByDatapath.find(datapath._uuid)].flatMap((port) => portsBehind(view, port)),
        ),
      Chassis: (change, view) => {
        // The latter is looked at to see what may be wrong with ports.
        if (!touched(change, "name") && !touched(change, "other_config")) return [];
        return bothRows(change).flatMap((chassis) => portsBehindGateway(view, chassis.name));
      },
    },
    icNb: {
      Transit_Switch: (change, view) => {
        if (change.old?.name === change.new?.name) return [];
        return bothRows(change).flatMap(({ name }) => portsOnSwitch(view, name));
      },
      // A port that INB asks for takes no place.
      Transit_Switch_Port: (change, view) =>
        bothRows(change).flatMap(({ name }) => {
          const binding = view.icSbIndexes.portByName.get(name);
          return [name, ...PORT_QUOTA.successorsOf(view, binding).map((next) => next.logical_port)];
        }),
    },
    icSb: {
      // Whatever gateway another zone says that it is of.
      Encap: (change, view) =>
        bothRows(change).flatMap((encap) => [
          ...portsBehindGateway(view, encap.gateway_name),
          ...view.icSbIndexes.portByEncap.find(encap._uuid).map((port) => port.logical_port),
        ]),
      // A port counts only with a gateway of its own zone, and is reached by an encapsulation of that
      // gateway.
      Gateway: (change, view) =>
        (["name", "availability_zone", "encaps"] as const).some((column) => touched(change, column))
          ? bothRows(change).flatMap(({ name }) => portsBehindGateway(view, name))
          : [],
      Port_Binding: (change, view, batch) =>
        [...bothRows(change), ...PORT_QUOTA.successors(view, change, batch)].map((port) => port.logical_port),
    },
  },
  *units(view) {
    for (const port of view.icSb.Port_Binding) yield port.logical_port;
    for (const name of view.nbIndexes.switchByTransitSwitch.keys()) yield* localPorts(view, String(name));
  },
  plan(name, view, plan) {
    if (view.zone === null) return;
    const port = view.nbIndexes.switchPortByName.get(name);
    const binding = view.icSbIndexes.portByName.get(name);
    if (isGloballyManaged(view, name, binding)) return;
    if (port?.options.has("interconn-tsp")) {
      // INB asks for it no more: the switch port is about to go too.
      if (binding?.availability_zone === view.zone)
        deleteBinding(plan, binding, `port-bindings: no INB Transit_Switch_Port ${name}`);
      return;
    }
    const transitSwitch = port && transitSwitchOf(view, port);
    if (port !== undefined && transitSwitch !== undefined && LOCAL_TYPES.has(port.type)) {
      planLocal(view, plan, port, transitSwitch, binding);
      return;
    }
    const foreign = binding !== undefined && binding.availability_zone !== view.zone;
    if (!foreign)
      deleteBinding(
        plan,
        binding,
        `port-bindings: no port ${name} of this zone on ${binding?.transit_switch}`,
      );
    planRemote(view, plan, { port, transitSwitch }, foreign ? binding : undefined);
  },
};

/** The ports of another zone that may take the place of one that somebody has removed here. */
function successorsOfPort(
  view: View,
  { old, new: now }: RowChange<LogicalSwitchPort>,
): readonly IcPortBinding[] {
  if (old?.type !== "remote" || (now?.type === "remote" && now.name === old.name)) return [];
  return PORT_QUOTA.successorsOf(view, view.icSbIndexes.portByName.get(old.name));
}

/** Ports that came to a switch or left it; all, if it stands for another transit switch now, or may do so. */
function portsOfChangedSwitch(change: RowChange<LogicalSwitch>, view: View, batch: Batch): string[] {
  const names = new Set(bothRows(change).flatMap((row) => row.other_config.get("interconn-ts") ?? []));
  if (names.size === 0) return [];
  const [name = ""] = names;
  const stands = [change.old, change.new].every((row) => row?.other_config.get("interconn-ts") === name);
  const same = stands && view.nbIndexes.switchByTransitSwitch.find(name).length === 1;
  const uuids = same
    ? changedElements(change.old?.ports, change.new?.ports)
    : bothRows(change).flatMap((row) => [...row.ports]);
  const rows = uuids.flatMap(
    (uuid) => view.nb.Logical_Switch_Port.get(uuid) ?? batch.before("nb", "Logical_Switch_Port", uuid) ?? [],
  );
  const ports = [...rows.map((port) => port.name), ...portsLike(view, rows)];
  return same ? ports : [...ports, ...[...names].flatMap((one) => portsOnSwitch(view, one))];
}

/**
 * The local switch ports that what SB says about a port may concern: its own name, its peer, or what it is
 * the gateway of.
 */
function portsBehind(view: View, port: PortBinding): string[] {
  const router = port.logical_port.startsWith("cr-") ? port.logical_port.slice(3) : port.logical_port;
  const peers = view.sbIndexes.portByPeer.find(router).map((peer) => peer.logical_port);
  return [port.logical_port, ...peers, ...portsTo(view, router)];
}

/** The switch ports that lead to a router's port, as the CMS says: northd may not have said so yet. */
function portsTo(view: View, routerPort: string): string[] {
  return view.nbIndexes.switchPortByRouterPort.find(routerPort).map(({ name }) => name);
}

function portsBehindGateway(view: View, gateway: string): string[] {
  return [...view.icSbIndexes.portByGateway.find(gateway)].map((port) => port.logical_port);
}

function localPorts(view: View, transitSwitch: string): string[] {
  const switches = [...view.nbIndexes.switchByTransitSwitch.find(transitSwitch)];
  return switches.flatMap((row) =>
    row.ports.flatMap((uuid) => view.nb.Logical_Switch_Port.get(uuid)?.name ?? []),
  );
}

function portsOnSwitch(view: View, transitSwitch: string): string[] {
  const bindings = [...view.icSbIndexes.portBySwitch.find(transitSwitch)].map(
    (binding) => binding.logical_port,
  );
  return [...localPorts(view, transitSwitch), ...bindings];
}

function planLocal(
  view: View,
  plan: Plan,
  port: LogicalSwitchPort,
  transitSwitch: string,
  binding: IcPortBinding | undefined,
): void {
  if (binding !== undefined && !view.isOurs(binding)) {
    // The row of a former name holds it: that is said of the zone.
    if (routerOf(view, binding).length > 0) return;
    warnTaken(
      plan,
      switchPortSubject(port),
      `port ${port.name} exists in this zone and in another one: rename one of them`,
    );
    return;
  }
  if (binding !== undefined && view.isStolen(binding)) {
    refuseTheft(view, plan, icPortSubject(binding), binding, `the port is on ${transitSwitch} here`);
  }
  const southbound = view.sbIndexes.portByName.get(port.name);
  findPortMistake(view, plan, port, transitSwitch, southbound);
  const unusable = whyNoBinding(view, port, southbound);
  if (southbound === undefined || unusable !== null) {
    plan.explain?.({
      reason: unusable ?? "no-port-binding",
      text: `port ${port.name} is not made known`,
      subject: switchPortSubject(port),
    });
    deleteBinding(plan, binding, `port-bindings: ${port.name}: ${unusable}`);
    return;
  }
  const stays = binding?.transit_switch === transitSwitch ? binding : undefined;
  const columns = localColumns(view, port, southbound, transitSwitch);
  const why = `port-bindings: Logical_Switch_Port ${port.name} on ${transitSwitch}`;
  const routerId = routerIdOf(view, southbound);
  const desired: Desired<"icSb", "Port_Binding"> = {
    keys: [transitSwitch],
    columns,
    ...(routerId === undefined ? {} : { mapKeys: { external_ids: { "router-id": routerId } } }),
    why,
  };
  // No `wait` goes with a new port: unlike those of datapaths, the unique indexes on ports are in every
  // schema.
  const key = stays === undefined ? plan.tunnelKeys.port(transitSwitch) : null;
  if (stays === undefined && key === null) {
    warnNoKey(plan, switchPortSubject(port), transitSwitch);
    return;
  }
  reconcile(view, plan, {
    database: "icSb",
    table: "Port_Binding",
    existing: binding === undefined ? [] : [binding],
    keysOf: (row) => [row.transit_switch],
    desired: [{ ...desired, initial: () => (key === null ? {} : { tunnel_key: key }) }],
    whyNot: (row) => `port-bindings: ${port.name} is not on ${row.transit_switch} any more`,
  });
  if (stays !== undefined) {
    const mapKeys = { options: { "requested-tnl-key": String(stays.tunnel_key) } };
    updateRow(view, plan, "nb", "Logical_Switch_Port", port, { columns: {}, mapKeys, why });
  }
}

function whyNoBinding(
  view: View,
  port: LogicalSwitchPort,
  southbound: PortBinding | undefined,
): string | null {
  if (southbound === undefined) return "no-southbound-port-binding";
  const needsRouterPort = port.type === "router" && !view.has("icSb", "Port_Binding", "type");
  return needsRouterPort && !port.options.has("router-port") ? "no-router-port" : null;
}

function localColumns(view: View, port: LogicalSwitchPort, southbound: PortBinding, transitSwitch: string) {
  const isRouter = port.type === "router";
  const peerName = southbound.options.get("peer");
  const peer = peerName === undefined ? undefined : view.sbIndexes.portByName.get(peerName);
  const bound = isRouter
    ? view.sbIndexes.portByName.get(`cr-${peerName ?? port.options.get("router-port")}`)
    : southbound;
  const chassis = bound?.chassis == null ? undefined : view.sb.Chassis.get(bound.chassis);
  return {
    logical_port: port.name,
    transit_switch: transitSwitch,
    availability_zone: view.zone ?? "",
    address: isRouter ? (peer?.mac[0] ?? "") : "unknown",
    gateway: chassis?.name ?? "",
    ...(view.can("encapsulations of ports") ? { encap: encapOf(view, bound, chassis) } : {}),
    type: "transit-switch-port",
    nb_ic_uuid: view.icNbIndexes.transitSwitchByName.get(transitSwitch)?._uuid ?? null,
  } as const;
}

/** Which of its gateway's encapsulations a port is reached by, if that was chosen here. */
function encapOf(
  view: View,
  bound: PortBinding | undefined,
  chassis: Chassis | undefined,
): Uuid<"Encap"> | null {
  const chosen = bound?.encap == null ? undefined : view.sb.Encap.get(bound.encap);
  if (chosen === undefined || chassis === undefined) return null;
  const gateway = view.icSbIndexes.gatewayByName.get(chassis.name);
  const encaps = (gateway?.encaps ?? []).flatMap((uuid) => view.icSb.Encap.get(uuid) ?? []);
  return encaps.find(({ type, ip }) => type === chosen.type && ip === chosen.ip)?._uuid ?? null;
}

/** The router behind a switch port; undefined if that can't be told now, and then what was known stays. */
function routerIdOf(view: View, southbound: PortBinding): string | undefined {
  const peerName = southbound.options.get("peer");
  const peer = peerName === undefined ? undefined : view.sbIndexes.portByName.get(peerName);
  const datapath = peer === undefined ? undefined : view.sb.Datapath_Binding.get(peer.datapath);
  return datapath?.nb_uuid ?? datapath?.external_ids.get("logical-router");
}

function deleteBinding(plan: Plan, binding: IcPortBinding | undefined, why: string): void {
  if (binding !== undefined) plan.delete("icSb", "Port_Binding", binding, { why });
}

function warnNoKey(plan: Plan, subject: Subject, transitSwitch: string): void {
  plan.warn({
    reason: "no-free-tunnel-key",
    text: `port ${subject.name}: no free tunnel key on ${transitSwitch}`,
    subject,
  });
}
