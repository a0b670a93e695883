/**
 * Ports that come from elsewhere, another zone or IC-NB, never take a name that means something here; and how
 * many ports another zone may have.
 */
import type { Subject, View } from "../../model/index.ts";
import { isGloballyManaged, routerPortSubject, switchPortSubject } from "../../model/index.ts";
import type { Plan } from "../../planning/index.ts";
import type { PortBinding } from "../../schema/ic-sb.ts";
import { Quota } from "../quotas.ts";

/** Ports of a zone on transit switches, but for those that IC-NB asks for. */
export const PORT_QUOTA = new Quota<PortBinding>({
  what: "ports",
  option: "ic-max-ports",
  countOf: (view, zone) => view.icSbIndexes.portByZone.count(zone),
  rowsOf: (view, zone) =>
    view.icSbIndexes.portByZone
      .find(zone)
      .filter((binding) => !isGloballyManaged(view, binding.logical_port, binding)),
  isHere: (view, { logical_port: name }) => view.nbIndexes.remotePortByName.has(name),
});

/** What northd calls the port by which a router port is bound to its gateway. */
const GATEWAY_PORT = "cr-";

/** A port that is to be made here. */
export interface Newcomer {
  readonly name: string;
  /** What it becomes. */
  readonly table: "Logical_Switch_Port" | "Logical_Router_Port";
  /** Whether it has been made: then what SB has by that name is its own. */
  readonly exists: boolean;
  /** Who asks for it, for people. */
  readonly asked: string;
}

/**
 * Refuses a port whose name is in use here: by a port of the other sort, since northd has one name space for
 * both, or by one that northd makes itself.
 */
export function isNameFree(view: View, plan: Plan, port: Newcomer): boolean {
  const holder = holderOf(view, port);
  if (holder === null) return true;
  plan.refuse({
    reason: "port-name-taken",
    text: `${port.asked} can't be made: ${holder.text}`,
    subject: holder.subject,
  });
  return false;
}

function holderOf(
  view: View,
  { name, table, exists }: Newcomer,
): { readonly subject: Subject; readonly text: string } | null {
  if (table === "Logical_Switch_Port") {
    const own = view.nbIndexes.routerPortByName.get(name);
    if (own !== undefined) return { subject: routerPortSubject(own), text: "a router port has this name" };
  } else {
    const own = view.nbIndexes.switchPortByName.get(name);
    if (own !== undefined) return { subject: switchPortSubject(own), text: "a switch port has this name" };
  }
  if (name.startsWith(GATEWAY_PORT))
    return {
      subject: { database: "nb", table, uuid: "", name },
      text: `names that begin with ${GATEWAY_PORT} are northd's, for ports bound to a gateway`,
    };
  const south = view.sbIndexes.portByName.get(name);
  if (exists || south === undefined || south.type === "remote") return null;
  return {
    subject: { database: "sb", table: "Port_Binding", uuid: south._uuid, name },
    text: `SB has a port of this name, of type "${south.type}"`,
  };
}
