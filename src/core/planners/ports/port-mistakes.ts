/**
 * The commonest mistakes with a router's port on a transit switch. None of them keeps the port from being
 * made known, and each of them keeps packets from getting through.
 */
import type { Note, View } from "../../model/index.ts";
import { isTrue, switchPortSubject } from "../../model/index.ts";
import type { Plan } from "../../planning/index.ts";
import type { LogicalRouterPort, LogicalSwitchPort } from "../../schema/nb.ts";
import type { PortBinding } from "../../schema/sb.ts";

interface Mistake {
  readonly reason: string;
  readonly text: string;
}

/** Finds what is wrong with a local port; the first of several, for the others may follow from it. */
export function findPortMistake(
  view: View,
  plan: Plan,
  port: LogicalSwitchPort,
  transitSwitch: string,
  southbound: PortBinding | undefined,
): void {
  if (plan.finding === null || port.type !== "router") return;
  const name = port.options.get("router-port");
  const routerPort = name === undefined ? undefined : view.nbIndexes.routerPortByName.get(name);
  const mistake =
    routerPort === undefined ? noRouterPort(name) : wrongGateway(view, routerPort, southbound !== undefined);
  if (mistake === null) return;
  const where =
    routerPort === undefined ? `port ${port.name}` : describeRouterPort(view, routerPort, port.name);
  plan.finding(
    inZone(view, {
      reason: mistake.reason,
      text: `${where} on ${transitSwitch}: ${mistake.text}`,
      subject: switchPortSubject(port),
    }),
  );
}

/** A note that says which zone it is about. */
export function inZone(view: View, note: Note): Note {
  return { ...note, text: `zone ${view.zoneName || view.identity.name}: ${note.text}` };
}

function describeRouterPort(view: View, routerPort: LogicalRouterPort, switchPort: string): string {
  const router = view.nbIndexes.routerByPort.get(routerPort._uuid)?.name ?? "?";
  return `router ${router}, port ${routerPort.name} (${routerPort.networks.join(" ")}) behind ${switchPort}`;
}

function noRouterPort(name: string | undefined): Mistake {
  return name === undefined
    ? { reason: "no-router-port", text: "options:router-port is not set: no router is behind it" }
    : {
        reason: "router-port-missing",
        text: `options:router-port is ${name}, and no router has a port of that name`,
      };
}

function wrongGateway(view: View, { name }: LogicalRouterPort, bound: boolean): Mistake | null {
  if (!bound)
    return {
      reason: "no-southbound-port-binding",
      text: "there is no SB Port_Binding for it: does ovn-northd run?",
    };
  const gateway = view.sbIndexes.portByName.get(`cr-${name}`);
  if (gateway === undefined)
    return {
      reason: "no-gateway-chassis",
      text: `it has no gateway chassis, so that no other zone can reach it: ovn-nbctl lrp-set-gateway-chassis ${name} CHASSIS`,
    };
  const chassis = gateway.chassis === null ? undefined : view.sb.Chassis.get(gateway.chassis);
  if (chassis === undefined)
    return {
      reason: "gateway-not-bound",
      text: "none of its gateway chassis has taken it, so that no other zone can reach it: are they there (ovn-sbctl show)?",
    };
  if (isTrue(chassis.other_config.get("is-interconn"))) return null;
  return {
    reason: "gateway-not-interconn",
    text: `its gateway chassis ${chassis.name} is not made known to other zones: there, ovs-vsctl set Open_vSwitch . external_ids:ovn-is-interconn=true`,
  };
}
