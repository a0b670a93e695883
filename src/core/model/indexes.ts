/** What rows of the four databases are found by. */

import { hostKeys } from "../net/addresses.ts";
import { vipPrefixes } from "../net/vips.ts";
import type { RowOf, Schemas } from "./databases.ts";
import {
  addressKey,
  backendKey,
  isLearned,
  joinKey,
  monitorHostKey,
  monitorKey,
  networkKey,
  prefixKey,
} from "./keys.ts";
import type { Tables } from "./tables.ts";

export function icNbIndexes(tables: Tables<Schemas["icNb"]>) {
  return {
    transitSwitchByName: tables.Transit_Switch.index("name"),
    transitSwitchByPort: tables.Transit_Switch.index("ports"),
    transitSwitchPortByName: tables.Transit_Switch_Port.index("name"),
    transitSwitchPortByChassis: tables.Transit_Switch_Port.index("chassis"),
    transitRouterByName: tables.Transit_Router.index("name"),
    transitRouterByPort: tables.Transit_Router.index("ports"),
    transitRouterPortByName: tables.Transit_Router_Port.index("name"),
    transitRouterPortByChassis: tables.Transit_Router_Port.index("chassis"),
  };
}

/** The addresses of a switch port of this zone, as far as its own row tells. */
export function localAddresses({ type, addresses }: RowOf<"nb", "Logical_Switch_Port">): string[] {
  return type === "remote" ? [] : hostKeys(addresses);
}

export function nbIndexes(tables: Tables<Schemas["nb"]>) {
  return {
    switchByTransitSwitch: tables.Logical_Switch.indexBy("interconn-ts", (row) =>
      row.other_config.get("interconn-ts"),
    ),
    /** Of transit switches only: the ports of all others are many, and of no interest. */
    switchByPort: tables.Logical_Switch.indexBy("port of a transit switch", (row) =>
      row.other_config.has("interconn-ts") ? row.ports : undefined,
    ),
    switchPortByName: tables.Logical_Switch_Port.index("name"),
    remotePortByName: tables.Logical_Switch_Port.indexBy("name of a remote port", (row) =>
      row.type === "remote" ? row.name : undefined,
    ),
    switchPortByType: tables.Logical_Switch_Port.index("type"),
    switchPortByRouterPort: tables.Logical_Switch_Port.indexBy("router-port", (row) =>
      row.options.get("router-port"),
    ),
    switchPortByTransitSwitchPort: tables.Logical_Switch_Port.indexBy("interconn-tsp", (row) =>
      row.options.get("interconn-tsp"),
    ),
    routerByTransitRouter: tables.Logical_Router.indexBy("interconn-tr", (row) =>
      row.options.get("interconn-tr"),
    ),
    routerPortByTransitRouterPort: tables.Logical_Router_Port.indexBy("interconn-tr", (row) =>
      row.options.get("interconn-tr"),
    ),
    addressSetByName: tables.Address_Set.index("name"),
    portGroupByName: tables.Port_Group.index("name"),
    routerByPort: tables.Logical_Router.index("ports"),
    routerByRoute: tables.Logical_Router.index("static_routes"),
    routerByBalancer: tables.Logical_Router.index("load_balancer"),
    routerByBalancerGroup: tables.Logical_Router.index("load_balancer_group"),
    groupByBalancer: tables.Load_Balancer_Group.index("load_balancer"),
    balancerByVip: tables.Load_Balancer.indexBy("vip", vipPrefixes),
    routerPortByName: tables.Logical_Router_Port.index("name"),
    /**
     * By the keys of options that begin so: as a rule there are none, and each would be about all routes of
     * its router.
     */
    routerPortByGuard: tables.Logical_Router_Port.indexBy("guard", (row) =>
      [...row.options.keys()].filter((key) => key.startsWith("ic-route-learn-")),
    ),
    routerPortByNetwork: tables.Logical_Router_Port.indexBy("network", (row) => [
      ...new Set(row.networks.map(prefixKey)),
    ]),
    /** Of switch ports that are no other zone's; what a router's port has is not said there. */
    localPortByAddress: tables.Logical_Switch_Port.indexBy("address of a local port", localAddresses),
    routerPortByAddress: tables.Logical_Router_Port.indexBy("address", (row) =>
      hostKeys([row.mac, ...row.networks]),
    ),
    /** Those that are not learned: only these are advertised, and there may be 100,000 of the others. */
    ownRouteByPrefix: tables.Logical_Router_Static_Route.indexBy("prefix", (row) =>
      isLearned(row) ? undefined : prefixKey(row.ip_prefix),
    ),
    routeByNetwork: tables.Logical_Router_Static_Route.indexBy("network", (row) => networkKey(row.ip_prefix)),
  };
}

export function sbIndexes(tables: Tables<Schemas["sb"]>) {
  return {
    chassisByName: tables.Chassis.index("name"),
    chassisByEncap: tables.Chassis.index("encaps"),
    portByName: tables.Port_Binding.index("logical_port"),
    portByChassis: tables.Port_Binding.index("chassis"),
    /** Of those that have one. */
    portByEncap: tables.Port_Binding.indexBy("encap", (row) => row.encap ?? undefined),
    monitorByKey: tables.Service_Monitor.indexBy("monitor", monitorKey),
    monitorByBackend: tables.Service_Monitor.indexBy("backend", backendKey),
    portByPeer: tables.Port_Binding.indexBy("peer", (row) => row.options.get("peer")),
    portByDatapath: tables.Port_Binding.index("datapath"),
    datapathByRouter: tables.Datapath_Binding.indexBy(
      "router",
      (row) => row.nb_uuid ?? row.external_ids.get("logical-router"),
    ),
    addressSetByName: tables.Address_Set.index("name"),
    learnedRouteByDatapath: tables.Learned_Route.index("datapath"),
    learnedRouteByPrefix: tables.Learned_Route.indexBy("prefix", (row) => prefixKey(row.ip_prefix)),
    learnedRouteByNetwork: tables.Learned_Route.indexBy("network", (row) => networkKey(row.ip_prefix)),
  };
}

export function icSbIndexes(tables: Tables<Schemas["icSb"]>) {
  return {
    zoneByName: tables.Availability_Zone.index("name"),
    gatewayByName: tables.Gateway.index("name"),
    gatewayByZone: tables.Gateway.index("availability_zone"),
    gatewayByEncap: tables.Gateway.index("encaps"),
    encapByType: tables.Encap.index("type"),
    encapByAddress: tables.Encap.indexBy("address", (row) => addressKey(row.ip)),
    datapathBySwitch: tables.Datapath_Binding.index("transit_switch"),
    datapathByTransitRouter: tables.Datapath_Binding.indexBy("transit router", (row) =>
      row.type === "transit-router" ? (row.nb_ic_uuid ?? "") : undefined,
    ),
    datapathByKey: tables.Datapath_Binding.index("tunnel_key"),
    portByName: tables.Port_Binding.index("logical_port"),
    addressSetByName: tables.Address_Set.index("name"),
    portBySwitch: tables.Port_Binding.index("transit_switch"),
    portBySwitchAndKey: tables.Port_Binding.index("transit_switch", "tunnel_key"),
    portByZone: tables.Port_Binding.index("availability_zone"),
    portByAddress: tables.Port_Binding.indexBy("address", (row) => hostKeys([row.address])),
    portByGateway: tables.Port_Binding.index("gateway"),
    /** Of those that have one. */
    portByEncap: tables.Port_Binding.indexBy("encap", (row) => row.encap ?? undefined),
    portByRouter: tables.Port_Binding.indexBy("router-id", (row) => row.external_ids.get("router-id")),
    portByRouterAndSwitch: tables.Port_Binding.indexBy("router-id and switch", (row) => {
      const router = row.external_ids.get("router-id");
      return router === undefined ? undefined : joinKey(router, row.transit_switch);
    }),
    monitorByKey: tables.Service_Monitor.indexBy("monitor", monitorKey),
    monitorByBackend: tables.Service_Monitor.indexBy("backend", backendKey),
    monitorByPort: tables.Service_Monitor.index("logical_port"),
    monitorBySource: tables.Service_Monitor.index("source_availability_zone"),
    monitorBySourceAddress: tables.Service_Monitor.indexBy(
      "source address",
      (row) => monitorHostKey(row.src_ip) ?? undefined,
    ),
    routeByZone: tables.Route.index("availability_zone"),
    /** By switch and canonical prefix. */
    routeByPrefix: tables.Route.indexBy("prefix", (row) =>
      joinKey(row.transit_switch, prefixKey(row.ip_prefix)),
    ),
    routeByNetwork: tables.Route.indexBy("network", (row) => networkKey(row.ip_prefix)),
    routeBySwitch: tables.Route.index("transit_switch"),
  };
}
