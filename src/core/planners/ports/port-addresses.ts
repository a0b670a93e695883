/** Addresses of ports of other zones: what may be one, and whose it is here already. */
import type { RowChange, View } from "../../model/index.ts";
import { icPortSubject, isTrue, localAddresses, touched } from "../../model/index.ts";
import { hostKeys, parseWholePortAddresses } from "../../net/addresses.ts";
import type { Plan } from "../../planning/index.ts";
import type { PortBinding as IcPortBinding } from "../../schema/ic-sb.ts";
import type { LogicalSwitch, LogicalSwitchPort } from "../../schema/nb.ts";

/** Characters of an address that are taken: some hundred IP addresses. */
const MOST = 4096;
const SHOWN = 80;

/** Whether a port of another zone that has an address of a port here is refused. */
export const ADDRESS_CHECK = "ic-port-address-check";

/**
 * What northd may be told of the address of a port of another zone: nothing that would have it choose one, or
 * look for one at a router.
 */
export function remoteAddresses(plan: Plan, binding: IcPortBinding): string[] {
  const { address, logical_port: name, transit_switch: on } = binding;
  if (address === "") return [];
  if (address === "unknown") return [address];
  if (address.length <= MOST && parseWholePortAddresses(address) !== null) return [address];
  const shown = address.length > SHOWN ? `${address.slice(0, SHOWN)}…` : address;
  plan.refuse({
    reason: "port-address-invalid",
    text: `port ${name} of another zone on ${on}: its address ${JSON.stringify(shown)} is not understood, and taken for unknown`,
    subject: icPortSubject(binding),
  });
  return ["unknown"];
}

/** Whether a port of another zone may be made on a switch, which may have a port with its address. */
export function mayHaveAddress(view: View, plan: Plan, binding: IcPortBinding, on: LogicalSwitch): boolean {
  const taken = findTaken(view, binding, on);
  if (taken === null) return true;
  const refused = isTrue(view.options.get(ADDRESS_CHECK));
  const { port, address } = taken;
  const note = {
    reason: "port-address-taken",
    text:
      `port ${binding.logical_port} of another zone on ${binding.transit_switch} has the address ${address} of ${port.name} here` +
      (refused
        ? " and is left out"
        : `: one of them must change (NB_Global.options:${ADDRESS_CHECK}=true leaves such ports out)`),
    subject: icPortSubject(binding),
    decidedBy: { database: "nb", table: "Logical_Switch_Port", uuid: port._uuid, name: port.name },
  } as const;
  if (refused) plan.refuse(note);
  else plan.warn(note);
  return !refused;
}

function findTaken(
  view: View,
  { address }: IcPortBinding,
  on: LogicalSwitch,
): { readonly port: LogicalSwitchPort; readonly address: string } | null {
  for (const key of hostKeys([address])) {
    const routerPorts = view.nbIndexes.routerPortByAddress.find(key);
    const ports = [
      ...view.nbIndexes.localPortByAddress.find(key),
      ...routerPorts.flatMap(({ name }) => view.nbIndexes.switchPortByRouterPort.find(name)),
    ];
    const port = ports.find((one) => view.nbIndexes.switchByPort.get(one._uuid)?._uuid === on._uuid);
    if (port !== undefined) return { port, address: key };
  }
  return null;
}

/** The ports of other zones that have one of some addresses. */
export function portsWithAddress(view: View, addresses: readonly string[]): string[] {
  return addresses.flatMap((key) =>
    view.icSbIndexes.portByAddress
      .find(key)
      .flatMap((binding) => (binding.availability_zone === view.zone ? [] : [binding.logical_port])),
  );
}

/** The ports of other zones that may have an address of one of this zone's, as it was or is. */
export function portsLike(view: View, ports: readonly LogicalSwitchPort[]): string[] {
  const addresses = ports.flatMap((port) => {
    const name = port.type === "router" ? port.options.get("router-port") : undefined;
    const routerPort = name === undefined ? undefined : view.nbIndexes.routerPortByName.get(name);
    return [
      ...localAddresses(port),
      ...(routerPort === undefined ? [] : hostKeys([routerPort.mac, ...routerPort.networks])),
    ];
  });
  return portsWithAddress(view, addresses);
}

/** Whether a change of a switch port may be one of its addresses. */
export function mayHaveOtherAddresses(change: RowChange<LogicalSwitchPort>): boolean {
  const { old, new: now } = change;
  return (
    touched(change, "addresses") ||
    touched(change, "type") ||
    old?.options.get("router-port") !== now?.options.get("router-port")
  );
}
