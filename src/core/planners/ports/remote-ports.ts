/** Ports of other zones on transit switches, as switch ports of type `remote` here. */
import type { Subject, View } from "../../model/index.ts";
import { icPortSubject, switchOf, switchPortSubject } from "../../model/index.ts";
import type { Desired, Plan } from "../../planning/index.ts";
import { reconcile, updateRow } from "../../planning/index.ts";
import type { PortBinding as IcPortBinding } from "../../schema/ic-sb.ts";
import type { LogicalSwitch, LogicalSwitchPort } from "../../schema/nb.ts";
import type { Chassis } from "../../schema/sb.ts";
import { isRemote } from "../gateway-guards.ts";
import { mayHaveAddress, remoteAddresses } from "./port-addresses.ts";
import { isNameFree, PORT_QUOTA } from "./port-guards.ts";

/** Where a switch port is. */
export interface Place {
  readonly port: LogicalSwitchPort | undefined;
  /** The transit switch that the port is on. */
  readonly transitSwitch: string | undefined;
}

/** Asks for what makes a port of another zone known here; without `binding` there is none. */
export function planRemote(view: View, plan: Plan, place: Place, binding: IcPortBinding | undefined): void {
  const { port, transitSwitch } = place;
  // One on a switch that claims to be a transit switch, but isn't used as one, moves to the one that is.
  const claimed = port !== undefined && view.nbIndexes.switchByPort.has(port._uuid);
  const remote = claimed && port.type === "remote" ? port : undefined;
  const home =
    binding === undefined || !view.icNbIndexes.transitSwitchByName.has(binding.transit_switch)
      ? undefined
      : switchOf(view, binding.transit_switch);
  const asked = home === undefined ? undefined : binding;
  if (asked !== undefined && port !== undefined && remote === undefined) {
    warnTaken(
      plan,
      switchPortSubject(port),
      `port ${port.name} of another zone can't be made on ${asked.transit_switch}: a port of this name exists`,
    );
    return;
  }
  const wanted =
    asked !== undefined && isAdmitted(view, plan, asked, home, remote !== undefined) ? asked : undefined;
  const encap = encapKeys(view, remote, binding);
  const desired: Desired<"nb", "Logical_Switch_Port">[] = [];
  if (wanted !== undefined && (remote === undefined || wanted.transit_switch === transitSwitch)) {
    desired.push({
      keys: [""],
      columns: { addresses: remoteAddresses(plan, wanted) },
      mapKeys: {
        options: { "requested-tnl-key": String(wanted.tunnel_key), ...encap.options },
        external_ids: encap.external_ids,
      },
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
    whyNot: (row) =>
      `port-bindings: no other zone has a port ${row.name} on ${transitSwitch ?? "this switch"}, or it is refused`,
    holder: () =>
      holding === undefined ? null : { table: "Logical_Switch", uuid: holding._uuid, column: "ports" },
  });
  if (remote !== undefined && desired.length > 0 && wanted !== undefined)
    planChassis(view, plan, remote, wanted);
}

/** Whether another zone's port may be here. */
function isAdmitted(
  view: View,
  plan: Plan,
  binding: IcPortBinding,
  home: LogicalSwitch | undefined,
  exists: boolean,
): boolean {
  const { logical_port: name, transit_switch: transitSwitch } = binding;
  const asked = `port ${name} of another zone on ${transitSwitch}`;
  if (!isNameFree(view, plan, { name, table: "Logical_Switch_Port", exists, asked })) return false;
  if (home !== undefined && !mayHaveAddress(view, plan, binding, home)) return false;
  const drop = PORT_QUOTA.drop(view, plan, binding);
  if (drop !== null)
    plan.explain?.({ ...drop, text: `${asked} is left out`, subject: icPortSubject(binding) });
  return drop === null;
}

const REQUESTED_ENCAP = "requested-encap-ip";
/** Tells our request from one that the CMS made. */
const ENCAP_MARK = "ic-encap-ip";

/** By which of the gateway's tunnel addresses a port is to be reached, unless the CMS said that itself. */
function encapKeys(
  view: View,
  port: LogicalSwitchPort | undefined,
  binding: IcPortBinding | undefined,
): { readonly options: Record<string, string | null>; readonly external_ids: Record<string, string | null> } {
  const mark = port?.external_ids.get(ENCAP_MARK) ?? null;
  const ip = binding?.encap == null ? null : (view.icSb.Encap.get(binding.encap)?.ip ?? null);
  const requested = port?.options.get(REQUESTED_ENCAP) ?? null;
  if (!view.can("encapsulations of ports") || (mark === null && ip === null))
    return { options: {}, external_ids: {} };
  if (requested !== null && requested !== mark) return { options: {}, external_ids: { [ENCAP_MARK]: null } };
  return { options: { [REQUESTED_ENCAP]: ip }, external_ids: { [ENCAP_MARK]: ip } };
}

/** Where the packets for a remote port are sent to, unless the CMS said that itself. */
function planChassis(view: View, plan: Plan, port: LogicalSwitchPort, binding: IcPortBinding): void {
  const southbound = view.sbIndexes.portByName.get(port.name);
  // Before northd has made it one of this type it is none of ours.
  if (southbound?.type !== "remote" || port.options.has("requested-chassis")) return;
  const chassis = gatewayOf(view, plan, binding);
  if (chassis === undefined) return;
  const why = `port-bindings: ISB Port_Binding ${port.name} has gateway ${binding.gateway}`;
  updateRow(view, plan, "sb", "Port_Binding", southbound, {
    columns: { chassis: chassis?._uuid ?? null },
    why,
  });
}

/**
 * The chassis that stands for a port's gateway: null if it has none that counts, undefined if that can't be
 * told yet.
 */
function gatewayOf(view: View, plan: Plan, binding: IcPortBinding): Chassis | null | undefined {
  const { gateway: name, logical_port: port } = binding;
  if (name === "") return null;
  const subject = icPortSubject(binding);
  const gateway = view.icSbIndexes.gatewayByName.get(name);
  const chassis = gateway && view.sbIndexes.chassisByName.get(name);
  if (chassis === undefined)
    plan.explain?.({ reason: "gateway-unknown", text: `no chassis ${name} for port ${port}`, subject });
  const isTheirs = gateway === undefined || gateway.availability_zone === binding.availability_zone;
  if (isTheirs && (chassis === undefined || isRemote(chassis))) return chassis;
  plan.refuse({
    reason: "gateway-not-of-zone",
    text: `port ${port} of another zone has gateway ${name}, which is not that zone's here: it gets none`,
    subject,
  });
  return null;
}

export function warnTaken(plan: Plan, subject: Subject, text: string): void {
  plan.refuse({ reason: "port-name-taken", text, subject });
}
