/**
 * Ports of transit routers, as INB asks for them: the zone that has the port's chassis makes it known in ISB,
 * and then it becomes a router port in every zone. A unit is a port's name.
 */
import type { RowChange, View } from "../../model/index.ts";
import {
  bothRows,
  changedElements,
  contendedRouter,
  isLocalChassis,
  joinKey,
  routerOfTransitRouter,
  routerPortSubject,
  touched,
} from "../../model/index.ts";
import type { Desired, Plan, Planner } from "../../planning/index.ts";
import { reconcile } from "../../planning/index.ts";
import type { TransitRouter, TransitRouterPort } from "../../schema/ic-nb.ts";
import type { PortBinding } from "../../schema/ic-sb.ts";
import type { LogicalRouter } from "../../schema/nb.ts";
import type { GlobalPort } from "./global-ports.ts";
import { planBinding, portsOfChangedHolder, portsOnChangedChassis, usableBinding } from "./global-ports.ts";
import { isNameFree } from "./port-guards.ts";

export const transitRouterPorts: Planner = {
  name: "transit-router-ports",
  writes: ["icSb", "nb"],
  leads: false,
  feeds: {
    icNb: {
      Transit_Router_Port: (change) => bothRows(change).map((port) => port.name),
      Transit_Router: portsOfChangedHolder("Transit_Router_Port"),
    },
    icSb: {
      Port_Binding: (change, view) =>
        bothRows(change).flatMap(({ logical_port: name, type }) =>
          type === "transit-router-port" || view.icNbIndexes.transitRouterPortByName.has(name) ? [name] : [],
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
      Logical_Switch_Port: (change, view) =>
        askedNames(
          view,
          bothRows(change).map((row) => row.name),
        ),
      Logical_Router_Port: (change, view) => [
        ...bothRows(change).flatMap(({ name, options }) => [
          ...(options.has("interconn-tr") ? [options.get("interconn-tr") ?? ""] : []),
          ...(view.icNbIndexes.transitRouterPortByName.has(name) ? [name] : []),
        ]),
        ...contendedRouter(view, change).flatMap((name) => askedPorts(view, name)),
      ],
      Logical_Router: portsOfChangedRouter,
    },
  },
  *units(view) {
    for (const port of view.icNb.Transit_Router_Port) yield port.name;
    for (const name of view.nbIndexes.routerPortByTransitRouterPort.keys()) yield String(name);
    for (const binding of view.icSb.Port_Binding)
      if (binding.type === "transit-router-port") yield binding.logical_port;
  },
  plan(name, view, plan) {
    if (view.zone === null || !view.can("transit routers")) return;
    const asked = view.icNbIndexes.transitRouterPortByName.get(name);
    const router = asked && view.icNbIndexes.transitRouterByPort.get(asked._uuid);
    const binding = view.icSbIndexes.portByName.get(name);
    if (asked === undefined || router === undefined) {
      const ours = binding?.type === "transit-router-port" && binding.availability_zone === view.zone;
      const why = `transit-router-ports: no INB Transit_Router_Port ${name}`;
      if (ours) plan.delete("icSb", "Port_Binding", binding, { why });
      planRouterPort(view, plan, name, undefined);
      return;
    }
    const port = globalPort(asked, router);
    if (isLocalChassis(view, asked.chassis)) planBinding(view, plan, port, binding, { leader: false });
    const usable = usableBinding(binding, port);
    planRouterPort(view, plan, name, usable && { asked, router, binding: usable });
  },
};

function askedNames(view: View, names: readonly string[]): string[] {
  return names.filter((name) => view.icNbIndexes.transitRouterPortByName.has(name));
}

function* portsOnChassis(view: View, chassis: string): Generator<string, void, void> {
  for (const port of view.icNbIndexes.transitRouterPortByChassis.find(chassis)) yield port.name;
}

/**
 * All ports of a transit router whose logical router came, went, or is another one's now; and those that were
 * moved.
 */
function portsOfChangedRouter(change: RowChange<LogicalRouter>, view: View): string[] {
  const names = bothRows(change).flatMap((row) => row.options.get("interconn-tr") ?? []);
  const moved = changedElements(change.old?.ports, change.new?.ports).flatMap(
    (uuid) => view.nb.Logical_Router_Port.get(uuid)?.options.get("interconn-tr") ?? [],
  );
  const decides = (name: string) =>
    touched(change, "options") || view.nbIndexes.routerByTransitRouter.find(name).length > 1;
  return [...moved, ...names.filter(decides).flatMap((name) => askedPorts(view, name))];
}

function askedPorts(view: View, transitRouter: string): string[] {
  const uuids = view.icNbIndexes.transitRouterByName.get(transitRouter)?.ports ?? [];
  return uuids.flatMap((uuid) => view.icNb.Transit_Router_Port.get(uuid)?.name ?? []);
}

function globalPort(asked: TransitRouterPort, router: TransitRouter): GlobalPort {
  return {
    type: "transit-router-port",
    subject: { database: "icNb", table: "Transit_Router_Port", uuid: asked._uuid, name: asked.name },
    on: router.name,
    onUuid: router._uuid,
    address: asked.mac,
  };
}

interface Wanted {
  readonly asked: TransitRouterPort;
  readonly router: TransitRouter;
  readonly binding: PortBinding;
}

/** The port of the logical router here; without `requested` there is to be none. */
function planRouterPort(view: View, plan: Plan, name: string, requested: Wanted | undefined): void {
  const existing = [...view.nbIndexes.routerPortByTransitRouterPort.find(name)];
  const newcomer = {
    name,
    table: "Logical_Router_Port",
    exists: existing.length > 0,
    asked: `Transit_Router_Port ${name}`,
  } as const;
  const wanted = requested !== undefined && isNameFree(view, plan, newcomer) ? requested : undefined;
  const home = wanted && routerOfTransitRouter(view, wanted.router.name);
  const namesake = view.nbIndexes.routerPortByName.get(name);
  if (wanted !== undefined && namesake !== undefined && !existing.includes(namesake)) {
    plan.refuse({
      reason: "port-name-taken",
      text: `Transit_Router_Port ${name} can't be made on ${wanted.router.name}: a port of this name exists`,
      subject: routerPortSubject(namesake),
    });
    return;
  }
  const holding = (uuid: string) => view.nbIndexes.routerByPort.get(uuid)?._uuid;
  const desired: Desired<"nb", "Logical_Router_Port">[] = [];
  if (wanted !== undefined && home !== undefined) {
    const { asked, binding, router } = wanted;
    desired.push({
      keys: [joinKey(home._uuid, name)],
      columns: { mac: asked.mac, networks: asked.networks },
      initial: () => ({ name }),
      mapKeys: {
        options: {
          "interconn-tr": name,
          "requested-chassis": asked.chassis === "" ? null : asked.chassis,
          "requested-tnl-key": String(binding.tunnel_key),
        },
      },
      why: `transit-router-ports: INB Transit_Router_Port ${name} on ${router.name}`,
    });
  }
  reconcile(view, plan, {
    database: "nb",
    table: "Logical_Router_Port",
    existing,
    keysOf: (row) => [joinKey(holding(row._uuid) ?? "", row.name)],
    desired,
    whyNot: () =>
      wanted === undefined
        ? `transit-router-ports: INB and ISB have no port ${name}`
        : `transit-router-ports: ${name} is not on that router any more`,
    holder: (row) => {
      const uuid = row === null ? home?._uuid : holding(row._uuid);
      return uuid === undefined ? null : { table: "Logical_Router", uuid, column: "ports" };
    },
  });
}
