/** Ports that are asked for in INB, on transit switches and transit routers alike: their rows in ISB. */
import type { Uuid } from "ovsdb-client-ts";
import type { Subject, View } from "../../model/index.ts";
import { bothRows, changedElements, icPortSubject, isTrue, touched } from "../../model/index.ts";
import type { Feed, Plan } from "../../planning/index.ts";
import { reconcile } from "../../planning/index.ts";
import type { PortBinding } from "../../schema/ic-sb.ts";

/** A port as its row in ISB should be. */
export interface GlobalPort {
  readonly type: "transit-switch-port" | "transit-router-port";
  readonly subject: Subject;
  /** Name and uuid of the transit switch or router that it is on. */
  readonly on: string;
  readonly onUuid: Uuid;
  readonly address: string;
  /** undefined where the row does not tell it. */
  readonly gateway?: string;
}

interface Owner {
  /** The row belongs to no zone: the leader writes it, whichever zone's it is. */
  readonly leader: boolean;
}

/** Asks for a port's row in ISB: a new one, or what it has of another value. */
export function planBinding(
  view: View,
  plan: Plan,
  port: GlobalPort,
  binding: PortBinding | undefined,
  owner: Owner,
): void {
  const { name } = port.subject;
  if (binding !== undefined && isRouterPort(binding) !== isRouterPort(port)) {
    plan.warn({
      reason: "port-name-taken",
      text: `${port.subject.table} ${name}: ISB has a port of that name on ${binding.transit_switch}: rename one of them`,
      subject: port.subject,
      decidedBy: icPortSubject(binding),
    });
    return;
  }
  const stays = binding?.transit_switch === port.on;
  const key = stays ? null : plan.tunnelKeys.port(port.on);
  if (!stays && key === null) {
    plan.warn({
      reason: "no-free-tunnel-key",
      text: `${port.subject.table} ${name}: no free tunnel key on ${port.on}`,
      subject: port.subject,
    });
    return;
  }
  const zone = view.zone ?? "";
  reconcile(view, plan, {
    database: "icSb",
    table: "Port_Binding",
    existing: binding === undefined ? [] : [binding],
    keysOf: (row) => [row.transit_switch],
    desired: [
      {
        keys: [port.on],
        columns: {
          logical_port: name,
          transit_switch: port.on,
          address: port.address,
          ...(port.gateway === undefined ? {} : { gateway: port.gateway }),
          type: port.type,
          nb_ic_uuid: port.onUuid,
          // Who has the chassis is the owner; where there is none, whoever made the row stays it.
          ...(owner.leader ? {} : { availability_zone: zone }),
        },
        initial: () => ({ availability_zone: zone, ...(key === null ? {} : { tunnel_key: key }) }),
        why: `${port.type}s: INB ${port.subject.table} ${name} on ${port.on}`,
      },
    ],
    whyNot: (row) => `${port.type}s: ${name} is not on ${row.transit_switch} any more`,
    leader: owner.leader,
  });
}

/**
 * The row of a port as others may rely on it: undefined if there is none, or the row of that name is
 * something else.
 */
export function usableBinding(
  binding: PortBinding | undefined,
  port: Pick<GlobalPort, "type" | "on">,
): PortBinding | undefined {
  if (binding === undefined || binding.transit_switch !== port.on) return undefined;
  return isRouterPort(binding) === isRouterPort(port) ? binding : undefined;
}

function isRouterPort(port: { readonly type: string | null }): boolean {
  return port.type === "transit-router-port";
}

/** A feed for chassis: the ports on one that became, or ceased to be, this zone's own. */
export function portsOnChangedChassis(
  portsOn: (view: View, chassis: string) => Iterable<string>,
): Feed<{ readonly name: string; readonly other_config: ReadonlyMap<string, string> }> {
  const state = (
    row: { readonly name: string; readonly other_config: ReadonlyMap<string, string> } | null,
  ) => (row === null ? "" : `${row.name} ${isTrue(row.other_config.get("is-remote"))}`);
  return (change, view) => {
    if (state(change.old) === state(change.new)) return [];
    return bothRows(change).flatMap(({ name }) => [...portsOn(view, name)]);
  };
}

/**
 * A feed for transit switches and routers: names of the ports that came or went, of all if it is another one
 * now.
 */
export function portsOfChangedHolder(
  table: "Transit_Switch_Port" | "Transit_Router_Port",
): Feed<{ readonly name: string; readonly ports: readonly Uuid[] }> {
  return (change, view, batch) => {
    const uuids = touched(change, "name")
      ? bothRows(change).flatMap((row) => [...row.ports])
      : changedElements(change.old?.ports, change.new?.ports);
    return uuids.flatMap(
      (uuid) => (view.icNb[table].get(uuid) ?? batch.before("icNb", table, uuid))?.name ?? [],
    );
  };
}
