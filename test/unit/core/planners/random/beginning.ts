/** How random worlds begin: three zones that are in some order, of which the first one is ours. */

import type { GivenRow, Rows } from "../../../../harness/memory/rows.ts";
import { uuidOf } from "../../../../harness/memory/rows.ts";
import { rows } from "../cases.ts";
import type { Chance } from "./chance.ts";
import { ADDRESSES, PREFIXES, ROUTERS, ZONES } from "./values.ts";

const JOINED = [
  { router: "lr1", on: "ts1", n: 1 },
  { router: "lr1", on: "ts2", n: 2 },
  { router: "lr2", on: "ts1", n: 3 },
] as const;

export function beginning(chance: Chance): Rows {
  const orderly = {
    nb: northbound(chance),
    sb: southbound(chance),
    icNb: globalNorthbound(chance),
    icSb: globalSouthbound(chance),
  };
  return rows(orderly, ...chance.some(OBSTACLES, 0.5));
}

/** What is in the way of ports that are to be made, or of the switch or router that they would be on. */
const OBSTACLES: readonly Rows[] = [
  {
    nb: {
      Logical_Router: [{ name: "lr9", ports: ["tsp1"] }],
      Logical_Router_Port: [{ name: "tsp1" }],
    },
  },
  {
    nb: {
      Logical_Switch: [{ name: "ls9", ports: ["trp1"] }],
      Logical_Switch_Port: [{ name: "trp1" }],
    },
  },
  { sb: { Port_Binding: [{ logical_port: "tsp1", datapath: "ts1", tunnel_key: 99 }] } },
  { sb: { Port_Binding: [{ logical_port: "trp1", datapath: "ts1", tunnel_key: 98 }] } },
  {
    nb: {
      Logical_Switch: [{ name: "ts1 again", other_config: { "interconn-ts": "ts1" }, ports: ["x1", "x2"] }],
      Logical_Switch_Port: [{ name: "x1" }, { name: "x2" }],
    },
  },
  {
    nb: {
      Logical_Router: [
        { name: "tr1 again", options: { "interconn-tr": "tr1" }, ports: ["y1"] },
        { name: "tr1 once more", options: { "interconn-tr": "tr1" }, ports: ["y2"] },
      ],
      Logical_Router_Port: [{ name: "y1" }, { name: "y2" }],
    },
  },
];

const ON = [
  "ic-route-adv",
  "ic-route-learn",
  "ic-route-adv-lb",
  "ic-route-learn-lb",
  "ic-as-adv",
  "ic-as-learn",
];

function northbound(chance: Chance): NonNullable<Rows["nb"]> {
  const routerPorts: GivenRow<"nb", "Logical_Router_Port">[] = JOINED.map(({ router, on, n }) => ({
    name: `${router}-${on}`,
    mac: `02:00:00:00:00:0${n}`,
    networks: [`169.254.${on.slice(2)}.${n}/24`, `fd0${on.slice(2)}::${n}/64`],
  }));
  return {
    NB_Global: [
      { name: "az1", options: Object.fromEntries(chance.some(ON, 0.9).map((key) => [key, "true"])) },
    ],
    Logical_Switch: ["ts1", "ts2"].map((name) => ({
      name,
      other_config: { "interconn-ts": name },
      ports: JOINED.filter(({ on }) => on === name).map(({ router, on }) => `${on}-${router}`),
    })),
    Logical_Switch_Port: JOINED.map(({ router, on }) => ({
      name: `${on}-${router}`,
      type: "router",
      options: { "router-port": `${router}-${on}` },
    })),
    Logical_Router_Port: [
      ...routerPorts,
      { name: "lr1-net", mac: "02:00:00:00:00:11", networks: ["10.1.0.1/24"] },
      { name: "lr2-net", mac: "02:00:00:00:00:12", networks: ["10.3.0.1/24", "fd03::1/64"] },
    ],
    Logical_Router_Static_Route: [
      { _uuid: "s1", ip_prefix: "10.4.0.0/24", nexthop: "10.1.0.7" },
      { _uuid: "s2", ip_prefix: chance.of(PREFIXES), nexthop: "10.3.0.7" },
    ],
    Load_Balancer: [
      { name: "lb1", vips: { "192.0.2.1:80": "10.1.0.5:80" } },
      { name: "lb2", vips: { "10.2.0.7:80": "10.1.0.5:80" } },
    ],
    Load_Balancer_Group: [{ name: "lbg1", load_balancer: chance.some(["lb1", "lb2"]) }],
    Logical_Router: ROUTERS.map((name) => ({
      name,
      ports: [
        ...JOINED.filter(({ router }) => router === name).map(({ on }) => `${name}-${on}`),
        ...(name === "lr3" ? [] : [`${name}-net`]),
      ],
      static_routes: name === "lr1" ? ["s1"] : name === "lr2" ? ["s2"] : [],
      load_balancer: chance.some(["lb1", "lb2"], 0.3),
      load_balancer_group: chance.some(["lbg1"], 0.4),
    })),
    Address_Set: [
      {
        name: "as1",
        addresses: ["10.1.0.1"],
        external_ids: chance.happens(0.6) ? { "ic-learnt": "true" } : {},
      },
    ],
    Port_Group: chance.some([{ name: "pg1" }]),
  };
}

/** What northd and ovn-controller would make of it. */
function southbound(chance: Chance): NonNullable<Rows["sb"]> {
  const tunnels = chance.happens(0.3) ? "vxlan" : "geneve";
  const ports: GivenRow<"sb", "Port_Binding">[] = JOINED.flatMap(({ router, on, n }) => [
    {
      logical_port: `${on}-${router}`,
      type: "patch",
      options: { peer: `${router}-${on}` },
      datapath: on,
      tunnel_key: n,
    },
    {
      logical_port: `${router}-${on}`,
      type: "patch",
      options: { peer: `${on}-${router}` },
      datapath: router,
      tunnel_key: n,
      mac: [`02:00:00:00:00:0${n} 169.254.${on.slice(2)}.${n}/24 fd0${on.slice(2)}::${n}/64`],
    },
    {
      logical_port: `cr-${router}-${on}`,
      type: "chassisredirect",
      datapath: router,
      tunnel_key: n + 10,
      chassis: chance.of(["gw1", "gw2"]),
      encap: chance.of(["e1", null]),
    },
  ]);
  return {
    SB_Global: [{ options: { svc_monitor_mac: "02:00:00:00:00:99" } }],
    Encap: [
      { _uuid: "e1", type: tunnels, ip: "172.16.0.1", chassis_name: "gw1" },
      { _uuid: "e2", type: "geneve", ip: "172.16.0.2", chassis_name: "gw2" },
    ],
    Chassis: [
      { name: "gw1", hostname: "h1", encaps: ["e1"], other_config: { "is-interconn": "true" } },
      {
        name: "gw2",
        hostname: "h2",
        encaps: ["e2"],
        other_config: { "is-interconn": chance.of(["true", "false"]) },
      },
    ],
    Datapath_Binding: [
      ...ROUTERS.map((name, i) => ({ _uuid: name, tunnel_key: i + 1, ...datapathOf(chance, name) })),
      { _uuid: "ts1", tunnel_key: 11 },
      { _uuid: "ts2", tunnel_key: 12 },
    ],
    Port_Binding: [
      ...ports,
      ...["vm1", "vm2"].map((name, i) => ({
        logical_port: name,
        datapath: "lr3",
        tunnel_key: i + 1,
        up: true,
        chassis: "gw2",
        mac: ["02:00:00:00:00:05 10.1.0.5"],
      })),
    ],
    Service_Monitor: [
      {
        _uuid: "m1",
        logical_port: "far",
        ip: "10.2.0.5",
        port: 80,
        protocol: "tcp",
        src_ip: "10.1.0.1",
        remote: true,
        type: "load-balancer",
        options: { "az-name": "az2" },
      },
    ],
    Address_Set: [{ name: "as2", addresses: ["10.1.0.2"], options: { "ic-adv": "true" } }],
    Learned_Route: [
      {
        _uuid: "d1",
        datapath: "lr1",
        logical_port: "lr1-ts1",
        ip_prefix: chance.of(PREFIXES),
        nexthop: "10.1.0.9",
      },
      {
        _uuid: "d2",
        datapath: "ts2",
        logical_port: "lr1-ts1",
        ip_prefix: "10.2.0.0/24",
        nexthop: "10.1.0.9",
      },
    ],
  };
}

/** Older northds say it in external_ids. */
function datapathOf(chance: Chance, router: string): GivenRow<"sb", "Datapath_Binding"> {
  const uuid = uuidOf("nb", "Logical_Router", router);
  return chance.happens(0.5) ? { nb_uuid: uuid } : { external_ids: { "logical-router": uuid } };
}

function globalNorthbound(chance: Chance): NonNullable<Rows["icNb"]> {
  return {
    IC_NB_Global: [{ nb_ic_cfg: 1, options: { vxlan_mode: chance.of(["true", "false"]) } }],
    Transit_Switch: [{ name: "ts1", ports: ["tsp1"] }, { name: "ts2" }, ...chance.some([{ name: "ts3" }])],
    Transit_Switch_Port: [
      {
        name: "tsp1",
        chassis: chance.of(["", "gw1", "gw21"]),
        addresses: ["02:00:00:00:03:01 169.254.1.77"],
        type: chance.of(["", "router"]),
        peer: "x",
      },
    ],
    Transit_Router: [{ name: "tr1", ports: ["trp1"] }],
    Transit_Router_Port: [
      {
        name: "trp1",
        mac: "02:00:00:00:04:01",
        chassis: chance.of(["gw1", "gw1", "gw21"]),
        networks: ["10.5.0.1/24"],
      },
    ],
  };
}

function globalSouthbound(chance: Chance): NonNullable<Rows["icSb"]> {
  const others = ["az2", "az2", "az3"].map((zone, i) => ({
    zone,
    name: ["gw21", "gw22", "gw31"][i] ?? "",
    ip: `172.16.0.${[21, 22, 31][i]}`,
  }));
  const ports: GivenRow<"icSb", "Port_Binding">[] = [
    {
      logical_port: "p21",
      transit_switch: "ts1",
      availability_zone: "az2",
      tunnel_key: 6,
      gateway: "gw21",
      address: ADDRESSES[0] ?? "",
    },
    {
      logical_port: "p22",
      transit_switch: "ts2",
      availability_zone: "az2",
      tunnel_key: 6,
      gateway: "gw22",
      address: ADDRESSES[2] ?? "",
      encap: chance.of([null, "e of gw22"]),
    },
    {
      logical_port: "p31",
      transit_switch: "ts1",
      availability_zone: "az3",
      tunnel_key: 7,
      gateway: "gw31",
      address: ADDRESSES[1] ?? "",
    },
  ];
  const routes = [
    "10.2.0.0/24",
    "10.2.0.9/24",
    "192.0.2.1/32",
    "fd02::/64",
    chance.of(PREFIXES),
    chance.of(PREFIXES),
  ];
  return {
    IC_SB_Global: [{ nb_ic_cfg: chance.below(2) }],
    Availability_Zone: ZONES.map((name) => ({ name, nb_ic_cfg: chance.below(2) })),
    Encap: others.map(({ name, ip }) => ({ _uuid: `e of ${name}`, type: "geneve", ip, gateway_name: name })),
    Gateway: others.map(({ name, zone }) => ({
      name,
      hostname: name,
      availability_zone: zone,
      encaps: [`e of ${name}`],
    })),
    Port_Binding: ports,
    Route: [...new Set(routes)].map((ip_prefix, i) => ({
      _uuid: `r${i}`,
      transit_switch: chance.of(["ts1", "ts1", "ts2"]),
      availability_zone: chance.of(["az2", "az3"]),
      ip_prefix,
      nexthop: ip_prefix.includes(":")
        ? "fd01::9"
        : chance.of(["169.254.1.21", "169.254.1.22", "169.254.2.21"]),
      origin: chance.of(["static", "connected", "loadbalancer"]),
    })),
    Service_Monitor: [
      {
        _uuid: "n1",
        logical_port: "vm1",
        ip: "10.1.0.5",
        port: 80,
        protocol: "tcp",
        src_ip: "10.9.0.1",
        type: "load-balancer",
        source_availability_zone: "az2",
        target_availability_zone: "az1",
      },
      {
        _uuid: "n2",
        logical_port: "vm2",
        ip: "10.1.0.5",
        port: 80,
        protocol: "tcp",
        src_ip: "10.9.0.1",
        type: "load-balancer",
        source_availability_zone: "az2",
        target_availability_zone: "az1",
      },
      {
        _uuid: "n3",
        logical_port: "vm2",
        ip: "10.1.0.5",
        port: 81,
        protocol: "tcp",
        src_ip: "10.3.0.1",
        type: "load-balancer",
        source_availability_zone: "az2",
        target_availability_zone: "az1",
      },
    ],
    Address_Set: [
      { _uuid: "a1", name: "as1", addresses: ["10.2.0.1"], availability_zone: "az2" },
      { _uuid: "a2", name: "as1", addresses: ["10.3.0.1"], availability_zone: "az3" },
      { _uuid: "a3", name: "pg1_ip4", addresses: ["10.2.0.2"], availability_zone: "az2" },
    ],
  };
}
