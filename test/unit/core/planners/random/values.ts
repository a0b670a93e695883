/**
 * What random rows have in their columns: few values of each, so that rows often have to do with one another.
 */
import type { ColumnName, Insert, Row } from "ovsdb-client-ts";
import type { DatabaseName, Schemas, TableOf } from "../../../../../src/core/model/index.ts";
import { uuidOf } from "../../../../harness/memory/rows.ts";
import type { Chance } from "./chance.ts";

type Value<D extends DatabaseName, T extends TableOf<D>, C extends ColumnName<Schemas[D], T>> = (
  chance: Chance,
  now: Row<Schemas[D], T>[C] | undefined,
) => Insert<Schemas[D], T>[C] | null;

type Values = {
  readonly [D in DatabaseName]: {
    readonly [T in TableOf<D>]?: {
      readonly [C in ColumnName<Schemas[D], T>]?: Value<D, T, C>;
    };
  };
};

const SWITCHES = ["ts1", "ts2", "ts3"];
export const ROUTERS = ["lr1", "lr2", "lr3"];
const BOOLEANS = ["true", "false"];
const MOSTLY_TRUE = ["true", "true", "true", "false"];
const LIMITS = ["0", "1", "2", "3", "few"];
export const PREFIXES = [
  "10.1.0.0/24",
  "10.2.0.0/24",
  "10.2.0.9/24",
  "10.0.0.0/8",
  "0.0.0.0/0",
  "fd02::/64",
  "192.0.2.1/32",
  "bad",
];
const FILTERS = ["10.0.0.0/8", "10.2.0.0/24,bad", "192.0.2.0/24", "fd02::/32", ""];
const NEXTHOPS = [
  "169.254.1.9",
  "169.254.1.21",
  "169.254.1.22",
  "169.254.2.21",
  "169.254.1.1",
  "fe80::1",
  "fd01::9",
  "bad",
];
const TABLES = ["", "", "blue"];
const NETWORKS = [
  ["10.1.0.1/24"],
  ["10.2.0.1/24"],
  ["169.254.1.1/24", "fd01::1/64"],
  ["169.254.2.1/24"],
  ["192.0.2.1/32"],
  [],
];
export const ADDRESSES = [
  "02:00:00:00:01:15 169.254.1.21/24",
  "02:00:00:00:01:16 169.254.1.22/24 fd01::9/64",
  "02:00:00:00:02:15 169.254.2.21/24",
  "02:00:00:00:00:01 169.254.1.1/24",
  "unknown",
  "",
  "nonsense",
];
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:01:15"];
const PORTS = [
  "ts1-lr1",
  "ts1-lr2",
  "ts2-lr1",
  "p21",
  "p22",
  "p31",
  "tsp1",
  "tsp2",
  "trp1",
  "lr1-ts1",
  "lr1-net",
  "cr-x",
  "vm1",
];
const LRPS = ["lr1-ts1", "lr1-ts2", "lr2-ts1", "lr1-net", "lr2-net", "trp1", "tsp1", "p22", "none"];
const GATEWAYS = ["gw1", "gw2", "gw21", "gw22", "gw31", "gw9"];
const IPS = ["172.16.0.1", "172.16.0.2", "172.16.0.21", "172.16.0.22", "172.16.0.31", "127.0.0.1"];
const SETS = ["as1", "as2", "pg1_ip4", "svc_monitor_mac"];
const ELEMENTS = ["10.1.0.1", "10.1.0.2", "fd02::/64", "nonsense"];
export const ZONES = ["az1", "az2", "az3"];
const HOSTS = ["10.1.0.5", "10.2.0.5", "10.1.0.1"];
const SOURCES = ["10.9.0.1", "10.1.0.1", "bad"];
const GUARDS = {
  "ic-route-learn-protect-connected": BOOLEANS,
  "ic-route-learn-check-nexthop": BOOLEANS,
  "ic-route-learn-ignore-override": BOOLEANS,
  "ic-route-learn-min-plen": ["8", "24", "25", "x"],
  "ic-route-learn-min-plen-ipv6": ["64", "65"],
};
const ROUTE_LISTS = {
  "ic-route-filter-adv": FILTERS,
  "ic-route-filter-learn": FILTERS,
  "ic-route-deny-adv": FILTERS,
  "ic-route-deny-learn": FILTERS,
};
const ROUTE_OPTIONS = {
  ...GUARDS,
  "ic-route-adv": MOSTLY_TRUE,
  "ic-route-learn": MOSTLY_TRUE,
  "ic-route-adv-default": BOOLEANS,
  "ic-route-learn-default": BOOLEANS,
  "ic-route-adv-lb": MOSTLY_TRUE,
  "ic-route-learn-lb": MOSTLY_TRUE,
  "ic-route-denylist": FILTERS,
  "ic-route-blacklist": FILTERS,
  "ic-route-deny-learn": FILTERS,
  "ic-max-routes": LIMITS,
};
const OTHER_OPTIONS = {
  "ic-as-adv": MOSTLY_TRUE,
  "ic-as-learn": MOSTLY_TRUE,
  "ic-encap-filter": ["172.16.0.0/24", "172.16.0.0/28", "bad"],
  "ic-port-address-check": MOSTLY_TRUE,
  "ic-max-ports": LIMITS,
  "ic-max-gateways": LIMITS,
  "ic-max-svc-monitors": LIMITS,
  "ic-svc-monitor-learn": BOOLEANS,
  "ic-svc-monitor-deny": ["az2", "az3, az2", ""],
};
const PORT_OPTIONS = {
  ...GUARDS,
  ...ROUTE_LISTS,
  route_table: TABLES,
  "ic-route-filter-tag": ["t1", "t2"],
  "ic-route-tag": ["t1", "t2"],
  "ic-route-ipv4-next-hop-ipv6": BOOLEANS,
};
const key = (c: Chance) => c.of([1, 2, 3, 4, 5, 16711682, 16711683, 1025]);
const portKey = (c: Chance) => 1 + c.below(12);
/** A row that a text refers to. */
const routerId = (c: Chance) => c.row("nb", "Logical_Router") ?? uuidOf("nb", "Logical_Router", "gone");
const learnedId = (c: Chance) => c.row("icSb", "Route") ?? uuidOf("icSb", "Route", "gone");
const zone = (c: Chance) => c.row("icSb", "Availability_Zone") ?? "";
const perhaps = <V>(c: Chance, value: V): V | null => (c.happens(0.3) ? null : value);

const monitor = {
  type: (c: Chance) => c.of(["load-balancer", "load-balancer", null] as const),
  ip: (c: Chance) => c.of(HOSTS),
  port: (c: Chance) => c.of([80, 81]),
  protocol: (c: Chance) => c.of(["tcp", "tcp", "udp", null] as const),
  src_ip: (c: Chance) => c.of(SOURCES),
  logical_port: (c: Chance) => c.of(["vm1", "vm2"]),
  status: (c: Chance) => c.of(["online", "offline", "error", null] as const),
};

export const VALUES: Values = {
  nb: {
    NB_Global: {
      // What concerns single rows is asked for as often as what concerns routes, of which there is more.
      options: (c, now) => c.map(c.of([ROUTE_OPTIONS, OTHER_OPTIONS]), now),
    },
    Logical_Switch: {
      other_config: (c, now) =>
        c.map({ "interconn-ts": SWITCHES, "requested-tnl-key": ["1", "2"], "ic-vxlan_mode": BOOLEANS }, now),
    },
    Logical_Switch_Port: {
      name: (c) => c.of(PORTS),
      type: (c) => c.of(["router", "router", "switch", "remote", ""]),
      options: (c, now) =>
        c.map(
          {
            "router-port": LRPS,
            "interconn-tsp": ["tsp1", "tsp2"],
            "requested-chassis": GATEWAYS,
            "requested-encap-ip": IPS,
          },
          now,
        ),
      addresses: (c) => c.some(ADDRESSES, 0.3),
      external_ids: (c, now) => c.map({ "ic-encap-ip": IPS }, now),
      peer: (c) => perhaps(c, c.of(LRPS)),
    },
    Address_Set: {
      name: (c) => c.of(SETS),
      addresses: (c) => c.some(ELEMENTS),
      external_ids: (c, now) => c.map({ "ic-learnt": BOOLEANS }, now),
    },
    Port_Group: { name: (c) => c.of(["pg1", "pg2"]) },
    Load_Balancer: {
      name: (c) => c.of(["lb1", "lb2"]),
      vips: (c, now) =>
        c.map(
          {
            "192.0.2.1:80": ["10.1.0.5:80"],
            "10.2.0.7:80": ["10.1.0.5:80"],
            "[fd02::5]:80": ["[fd01::5]:80"],
          },
          now,
        ),
    },
    Load_Balancer_Group: {
      name: (c) => c.of(["lbg1", "lbg2"]),
      load_balancer: (c) => c.some(c.all("nb", "Load_Balancer")),
    },
    Logical_Router: {
      name: (c) => c.of(ROUTERS),
      enabled: (c) => c.of([true, false, null]),
      load_balancer: (c) => c.some(c.all("nb", "Load_Balancer")),
      load_balancer_group: (c) => c.some(c.all("nb", "Load_Balancer_Group")),
      options: (c, now) =>
        c.map(
          {
            ...GUARDS,
            ...ROUTE_LISTS,
            "interconn-tr": ["tr1", "tr2"],
            "requested-tnl-key": ["1", "2"],
            "ic-route-ipv4-next-hop-ipv6": BOOLEANS,
          },
          now,
        ),
    },
    Logical_Router_Port: {
      name: (c) => c.of(LRPS),
      mac: (c) => c.of(MACS),
      networks: (c) => c.of(NETWORKS),
      options: (c, now) => c.map(c.happens(0.7) ? PORT_OPTIONS : { "interconn-tr": ["trp1", "trp2"] }, now),
    },
    Logical_Router_Static_Route: {
      ip_prefix: (c) => c.of(PREFIXES),
      nexthop: (c) => c.of([...NEXTHOPS, "10.1.0.7", "discard"]),
      route_table: (c) => c.of(TABLES),
      policy: (c) => c.of(["src-ip", "dst-ip", null] as const),
      options: (c, now) => c.map({ "override-connected": BOOLEANS, origin: ["static", "connected"] }, now),
      external_ids: (c, now) => c.map({ "ic-learned-route": [learnedId(c), "none"] }, now),
    },
  },
  sb: {
    SB_Global: { options: (c, now) => c.map({ svc_monitor_mac: MACS }, now) },
    Chassis: {
      name: (c) => c.of(GATEWAYS),
      hostname: (c) => c.of(["h1", "h2"]),
      encaps: (c) => c.atLeastOne(c.all("sb", "Encap")),
      other_config: (c, now) => c.map({ "is-interconn": MOSTLY_TRUE, "is-remote": BOOLEANS }, now),
    },
    Encap: {
      type: (c) => c.of(["geneve", "geneve", "vxlan"] as const),
      ip: (c) => c.of(IPS),
      options: (c, now) => c.map({ csum: BOOLEANS }, now),
    },
    Address_Set: {
      name: (c) => c.of(SETS),
      addresses: (c) => c.some(ELEMENTS),
      options: (c, now) => c.map({ "ic-adv": MOSTLY_TRUE }, now),
    },
    Datapath_Binding: {
      tunnel_key: (c) => 1 + c.below(100),
      nb_uuid: (c) => perhaps(c, routerId(c)),
      external_ids: (c, now) => c.map({ "logical-router": [routerId(c)] }, now),
    },
    Port_Binding: {
      logical_port: (c) => c.of([...PORTS, ...LRPS, "vm2", "cr-lr1-ts1", "cr-lr2-ts1"]),
      type: (c) => c.of(["patch", "remote", "", "chassisredirect"]),
      options: (c, now) => c.map({ peer: LRPS }, now),
      datapath: (c) => c.row("sb", "Datapath_Binding") ?? "",
      tunnel_key: (c) => 1 + c.below(1000),
      chassis: (c) => perhaps(c, c.row("sb", "Chassis")),
      encap: (c) => perhaps(c, c.row("sb", "Encap")),
      mac: (c) => c.some([...ADDRESSES.slice(0, 4), "02:00:00:00:00:05 10.1.0.5"], 0.3),
      up: (c) => c.of([true, false, null]),
    },
    Service_Monitor: {
      ...monitor,
      src_mac: (c) => c.of(MACS),
      chassis_name: (c) => c.of(GATEWAYS),
      ic_learned: (c) => c.happens(0.3),
      remote: (c) => c.happens(0.6),
      options: (c, now) => c.map({ "az-name": ["az2", "az2", "az3", "az1"], interval: ["5", "6"] }, now),
    },
    Learned_Route: {
      datapath: (c) => c.row("sb", "Datapath_Binding") ?? "",
      logical_port: (c) => c.row("sb", "Port_Binding") ?? "",
      ip_prefix: (c) => c.of(PREFIXES),
      nexthop: (c) => c.of(NEXTHOPS),
    },
  },
  icNb: {
    IC_NB_Global: {
      nb_ic_cfg: (c) => c.below(3),
      sb_ic_cfg: (c) => c.below(3),
      options: (c, now) => c.map({ vxlan_mode: BOOLEANS }, now),
    },
    Transit_Switch: { name: (c) => c.of(SWITCHES) },
    Transit_Switch_Port: {
      name: (c) => c.of(["tsp1", "tsp2", "tsp3", "p22", "lr1-net"]),
      type: (c) => c.of(["router", ""]),
      chassis: (c) => c.of(["", "gw1", "gw1", "gw21"]),
      peer: (c) => c.of(["", "lr2-net"]),
      addresses: (c) => c.some(ADDRESSES, 0.3),
    },
    Transit_Router: { name: (c) => c.of(["tr1", "tr2", "tr3"]) },
    Transit_Router_Port: {
      name: (c) => c.of(["trp1", "trp2", "p22", "vm1"]),
      mac: (c) => c.of(MACS),
      chassis: (c) => c.of(["", "gw1", "gw1", "gw21"]),
      networks: (c) => c.of(NETWORKS),
    },
  },
  icSb: {
    IC_SB_Global: { nb_ic_cfg: (c) => c.below(3) },
    Availability_Zone: {
      name: (c, now) => (c.happens(0.8) ? c.of([...ZONES, "rome"]) : now),
      nb_ic_cfg: (c) => c.below(3),
    },
    Gateway: {
      name: (c) => c.of(GATEWAYS),
      hostname: (c) => c.of(["h1", "h2"]),
      availability_zone: zone,
      encaps: (c) => c.atLeastOne(c.all("icSb", "Encap")),
    },
    Encap: {
      type: (c) => c.of(["geneve", "geneve", "vxlan"] as const),
      ip: (c) => c.of(IPS),
      options: (c, now) => c.map({ csum: BOOLEANS }, now),
      gateway_name: (c) => c.of(GATEWAYS),
    },
    Datapath_Binding: {
      transit_switch: (c) => c.of([...SWITCHES, ""]),
      type: (c) => c.of(["transit-switch", "transit-router", null] as const),
      nb_ic_uuid: (c) => perhaps(c, c.row("icNb", c.of(["Transit_Router", "Transit_Switch"] as const))),
      tunnel_key: key,
    },
    Port_Binding: {
      logical_port: (c) => c.of(PORTS),
      transit_switch: (c) => c.of([...SWITCHES, "tr1"]),
      availability_zone: zone,
      tunnel_key: portKey,
      gateway: (c) => c.of([...GATEWAYS, ""]),
      encap: (c) => perhaps(c, c.row("icSb", "Encap")),
      address: (c) => c.of(ADDRESSES),
      type: (c) => c.of(["transit-switch-port", "transit-switch-port", "transit-router-port", null] as const),
      external_ids: (c, now) => c.map({ "router-id": [routerId(c)] }, now),
    },
    Route: {
      transit_switch: (c) => c.of(SWITCHES),
      availability_zone: zone,
      route_table: (c) => c.of(TABLES),
      ip_prefix: (c) => c.of(PREFIXES),
      nexthop: (c) => c.of(NEXTHOPS),
      origin: (c) => c.of(["static", "connected", "loadbalancer", "connected-dynamic"] as const),
      options: (c, now) => c.map({ "override-connected": BOOLEANS }, now),
      external_ids: (c, now) => c.map({ "ic-route-tag": ["t1", "t2"], "lr-id": [routerId(c), "bad"] }, now),
    },
    Service_Monitor: {
      ...monitor,
      src_mac: (c) => c.of(MACS),
      target_availability_zone: (c) => c.of(["az1", "az1", "az2"]),
      source_availability_zone: (c) => c.of(["az2", "az2", "az3", "az1"]),
      options: (c, now) => c.map({ "az-name": ["az1"], interval: ["5", "6"], odd: ["1"] }, now),
    },
    Address_Set: {
      name: (c) => c.of(SETS),
      addresses: (c) => c.some(ELEMENTS),
      availability_zone: zone,
    },
  },
};
