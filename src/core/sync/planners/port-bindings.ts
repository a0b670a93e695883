/**
 * Ports on transit switches, the classic way: a local port of the CMS is made known in the global database, and the ports of other zones
 * become `remote` ports here. A unit is a port's name, which is unique in each of the databases.
 */
import type { PortBinding as IcPortBinding } from "../../schema/ic-sb.ts";
import type { LogicalSwitch, LogicalSwitchPort } from "../../schema/nb.ts";
import type { PortBinding } from "../../schema/sb.ts";
import type { Plan, Subject } from "../plan.ts";
import type { Batch, Planner, RowChange } from "../planner.ts";
import { bothRows, changedElements } from "../planner.ts";
import type { Desired } from "../reconcile.ts";
import { reconcile, updateRow } from "../reconcile.ts";
import { isGloballyManaged, switchOf, transitSwitchOf } from "../topology.ts";
import type { View } from "../view.ts";

const LOCAL_TYPES = new Set(["router", "switch"]);

export const portBindings: Planner = {
  name: "port-bindings",
  writes: ["icSb", "nb", "sb"],
  leads: false,
  feeds: {
    nb: {
      Logical_Switch_Port: (change) => [...bothRows(change)].map((port) => port.name),
      Logical_Switch: portsOfChangedSwitch,
    },
    sb: {
      Port_Binding: (change, view) => [...bothRows(change)].flatMap((port) => portsBehind(view, port)),
      Datapath_Binding: (change, view) =>
        [...bothRows(change)].flatMap((datapath) =>
          [...view.sbIndexes.portByDatapath.find(datapath._uuid)].flatMap((port) => portsBehind(view, port)),
        ),
      Chassis: (change, view) => {
        if (change.old?.name === change.new?.name) return [];
        return [...bothRows(change)].flatMap((chassis) =>
          [...view.icSbIndexes.portByGateway.find(chassis.name)].map((port) => port.logical_port),
        );
      },
    },
    icNb: {
      Transit_Switch: (change, view) => {
        if (change.old?.name === change.new?.name) return [];
        return [...bothRows(change)].flatMap(({ name }) => portsOnSwitch(view, name));
      },
      Transit_Switch_Port: (change) => [...bothRows(change)].map((port) => port.name),
    },
    icSb: {
      Port_Binding: (change) => [...bothRows(change)].map((port) => port.logical_port),
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
    if (port?.options.has("interconn-tsp") || isGloballyManaged(view, name, binding)) return;
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

/** Ports that came to a switch or left it; all, if it stands for another transit switch now, or may do so. */
function portsOfChangedSwitch(change: RowChange<LogicalSwitch>, view: View, batch: Batch): string[] {
  const names = new Set([...bothRows(change)].flatMap((row) => row.other_config.get("interconn-ts") ?? []));
  if (names.size === 0) return [];
  const [name = ""] = names;
  const same =
    names.size === 1 &&
    change.old !== null &&
    change.new !== null &&
    view.nbIndexes.switchByTransitSwitch.find(name).size === 1;
  const uuids = same
    ? changedElements(change.old?.ports, change.new?.ports)
    : [...bothRows(change)].flatMap((row) => [...row.ports]);
  const ports = uuids.flatMap((uuid) => {
    const port = view.nb.Logical_Switch_Port.get(uuid) ?? batch.before("nb", "Logical_Switch_Port", uuid);
    return port?.name ?? [];
  });
  return same ? ports : [...ports, ...[...names].flatMap((one) => portsOnSwitch(view, one))];
}

/** The local switch ports that what SB says about a port may concern: its own name, its peer, or what it is the gateway of. */
function portsBehind(view: View, port: PortBinding): string[] {
  const router = port.logical_port.startsWith("cr-") ? port.logical_port.slice(3) : port.logical_port;
  return [port.logical_port, ...[...view.sbIndexes.portByPeer.find(router)].map((peer) => peer.logical_port)];
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
  if (binding !== undefined && binding.availability_zone !== view.zone) {
    warnTaken(
      plan,
      portSubject(port),
      `port ${port.name} exists in this zone and in another one: rename one of them`,
    );
    return;
  }
  const southbound = view.sbIndexes.portByName.get(port.name);
  const unusable = whyNoBinding(view, port, southbound);
  if (southbound === undefined || unusable !== null) {
    plan.explain?.({
      reason: unusable ?? "no-port-binding",
      text: `port ${port.name} is not made known`,
      subject: portSubject(port),
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
  // No `wait` goes with a new port: unlike those of datapaths, the unique indexes on ports are in every schema.
  const key = stays === undefined ? plan.tunnelKeys.port(transitSwitch) : null;
  if (stays === undefined && key === null) {
    warnNoKey(plan, portSubject(port), transitSwitch);
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
    type: "transit-switch-port",
    nb_ic_uuid: view.transitSwitches.get(transitSwitch)?._uuid ?? null,
  } as const;
}

/** The router behind a switch port; undefined if that can't be told now, and then what was known stays. */
function routerIdOf(view: View, southbound: PortBinding): string | undefined {
  const peerName = southbound.options.get("peer");
  const peer = peerName === undefined ? undefined : view.sbIndexes.portByName.get(peerName);
  const datapath = peer === undefined ? undefined : view.sb.Datapath_Binding.get(peer.datapath);
  return datapath?.nb_uuid ?? datapath?.external_ids.get("logical-router");
}

interface Place {
  readonly port: LogicalSwitchPort | undefined;
  /** The transit switch that the port is on. */
  readonly transitSwitch: string | undefined;
}

function planRemote(view: View, plan: Plan, place: Place, binding: IcPortBinding | undefined): void {
  const { port, transitSwitch } = place;
  const remote =
    port !== undefined && transitSwitch !== undefined && port.type === "remote" ? port : undefined;
  const home =
    binding === undefined || !view.transitSwitches.has(binding.transit_switch)
      ? undefined
      : switchOf(view, binding.transit_switch);
  const wanted = home === undefined ? undefined : binding;
  if (wanted !== undefined && port !== undefined && remote === undefined) {
    warnTaken(
      plan,
      portSubject(port),
      `port ${port.name} of another zone can't be made on ${wanted.transit_switch}: a port of this name exists`,
    );
    return;
  }
  const desired: Desired<"nb", "Logical_Switch_Port">[] = [];
  if (wanted !== undefined && (remote === undefined || wanted.transit_switch === transitSwitch)) {
    desired.push({
      keys: [""],
      columns: { addresses: wanted.address === "" ? [] : [wanted.address] },
      mapKeys: { options: { "requested-tnl-key": String(wanted.tunnel_key) } },
      initial: () => ({ name: wanted.logical_port, type: "remote", up: true }),
      why: `port-bindings: ISB Port_Binding ${wanted.logical_port} on ${wanted.transit_switch} of another zone`,
    });
  }
  const holding = remote === undefined ? home : view.nbIndexes.switchByPort.get(remote._uuid);
  reconcile(view, plan, {
    database: "nb",
    table: "Logical_Switch_Port",
    existing: remote === undefined ? [] : [remote],
    keysOf: () => [""],
    desired,
    whyNot: (row) => `port-bindings: no other zone has a port ${row.name} on ${transitSwitch}`,
    holder: () =>
      holding === undefined ? null : { table: "Logical_Switch", uuid: holding._uuid, column: "ports" },
  });
  if (remote !== undefined && desired.length > 0 && wanted !== undefined)
    planChassis(view, plan, remote, wanted);
}

/** Where the packets for a remote port are sent to, unless the CMS said that itself. */
function planChassis(view: View, plan: Plan, port: LogicalSwitchPort, binding: IcPortBinding): void {
  const southbound = view.sbIndexes.portByName.get(port.name);
  if (southbound === undefined || port.options.has("requested-chassis")) return;
  const chassis = binding.gateway === "" ? null : view.sbIndexes.chassisByName.get(binding.gateway);
  if (chassis === undefined) {
    const subject: Subject = {
      database: "icSb",
      table: "Port_Binding",
      uuid: binding._uuid,
      name: binding.logical_port,
    };
    plan.explain?.({
      reason: "gateway-unknown",
      text: `no chassis ${binding.gateway} for port ${port.name}`,
      subject,
    });
    return;
  }
  const why = `port-bindings: ISB Port_Binding ${port.name} has gateway ${binding.gateway}`;
  updateRow(view, plan, "sb", "Port_Binding", southbound, {
    columns: { chassis: chassis?._uuid ?? null },
    why,
  });
}

function deleteBinding(plan: Plan, binding: IcPortBinding | undefined, why: string): void {
  if (binding !== undefined) plan.delete("icSb", "Port_Binding", binding, { why });
}

function portSubject(port: LogicalSwitchPort): Subject {
  return { database: "nb", table: "Logical_Switch_Port", uuid: port._uuid, name: port.name };
}

function warnTaken(plan: Plan, subject: Subject, text: string): void {
  plan.warn({ reason: "port-name-taken", text, subject });
}

function warnNoKey(plan: Plan, subject: Subject, transitSwitch: string): void {
  plan.warn({
    reason: "no-free-tunnel-key",
    text: `port ${subject.name}: no free tunnel key on ${transitSwitch}`,
    subject,
  });
}
