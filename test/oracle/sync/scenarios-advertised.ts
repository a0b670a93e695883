/** Scenarios of advertised routes. */
import {
  dynamicRoutes,
  join,
  joined,
  option,
  portOption,
  routed,
  router,
  two,
} from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

const PORT = "Logical_Router_Port";
const advertise: Omit<Scenario, "rule">[] = [
  { name: "static and connected, IPv4 and IPv6", steps: routed },
  { name: "static ones go", steps: [...routed, ["az1 lr-route-del lr1 172.16.0.0/16"]] },
  {
    name: "not without ic-route-adv",
    steps: [...routed, [option("az1", "ic-route-adv=false")], [option("az1", "ic-route-adv=TRUE")]],
  },
  {
    name: "default routes only when asked for",
    steps: [
      ...routed,
      ["az1 lr-route-add lr1 0.0.0.0/0 10.0.1.9", "az1 lr-route-add lr1 ::/0 fd01:1::9"],
      [option("az1", "ic-route-adv-default=true")],
      [option("az2", "ic-route-learn-default=true")],
      [option("az1", "ic-route-adv-default=false")],
    ],
  },
  {
    name: "no source routes",
    steps: [...joined, ["az1 --policy=src-ip lr-route-add lr1 172.17.0.0/16 10.0.1.9"]],
  },
  {
    name: "no link-local prefixes or next hops",
    steps: [
      ...joined,
      [
        "az1 lr-route-add lr1 169.254.7.0/24 10.0.1.9",
        "az1 lr-route-add lr1 169.0.0.0/8 10.0.1.9",
        "az1 lr-route-add lr1 fe80:1::/64 fd01:1::9",
        "az1 lr-route-add lr1 fd03::/64 fe80::9 lr1-ls",
        "az1 lr-route-add lr1 172.17.0.0/16 169.254.9.9",
      ],
    ],
  },
  {
    name: "deny list of the zone, by its old name, of IPv6",
    steps: [...routed, [option("az1", 'ic-route-blacklist="172.16.0.0/12,fd02::/16"')]],
    differs: { "23.03.1": "ipv6-blacklist" },
  },
  {
    name: "deny list of the zone, by its old name",
    steps: [
      ...routed,
      ["az1 set NB_Global . 'options:ic-route-blacklist=\"172.16.0.0/12, 9.9.9.9\"'"],
      [option("az1", "ic-route-blacklist=172.16.0.0/17")],
      ["az1 remove NB_Global . options ic-route-blacklist"],
    ],
  },
  {
    name: "deny list of the zone",
    releases: NEWER,
    steps: [
      ...routed,
      ["az1 set NB_Global . 'options:ic-route-denylist=\"172.16.0.0/12,, fd02::/16\"'"],
      [option("az1", "ic-route-blacklist=10.0.0.0/8")],
      [option("az1", 'ic-route-denylist=""')],
      [option("az1", "ic-route-denylist=nonsense")],
    ],
  },
  {
    name: "deny list of the port",
    releases: NEWER,
    steps: [
      ...routed,
      [portOption("az1", 1, 'ic-route-deny-adv="10.0.0.0/8,fd01::/16"')],
      [`az1 remove ${PORT} lr1-ts1 options ic-route-deny-adv`],
    ],
  },
  {
    name: "deny list of the router",
    releases: NEWER,
    steps: [...routed, ["az1 set Logical_Router lr1 options:ic-route-deny-adv=10.0.0.0/8"]],
  },
  {
    name: "allow list of the port",
    releases: NEWER,
    steps: [
      ...routed,
      [portOption("az1", 1, "ic-route-filter-adv=172.16.0.0/12")],
      [portOption("az1", 1, "ic-route-filter-adv=bad")],
      [`az1 set ${PORT} lr1-ts1 'options:ic-route-filter-adv=", ,"'`],
      [portOption("az1", 1, 'ic-route-filter-adv=""')],
    ],
  },
  {
    name: "allow list of the router",
    releases: NEWER,
    steps: [
      ...routed,
      ["az1 set Logical_Router lr1 options:ic-route-filter-adv=172.16.0.0/12"],
      [portOption("az1", 1, "ic-route-filter-adv=10.0.0.0/8")],
      [portOption("az1", 1, "ic-route-deny-adv=10.0.1.0/24")],
    ],
  },
  {
    name: "host bits are kept, and the length is always there",
    steps: [
      ...joined,
      [
        "az1 lr-route-add lr1 10.5.5.5 10.0.1.9",
        "az1 lr-route-add lr1 fd05::5 fd01:1::9",
        'az1 -- --id=@r create Logical_Router_Static_Route ip_prefix="10.6.6.6/24" nexthop=10.0.1.9 -- add Logical_Router lr1 static_routes @r',
      ],
    ],
  },
  {
    name: "what can't be read is left out",
    steps: [
      ...joined,
      [
        "az1 -- --id=@r create Logical_Router_Static_Route ip_prefix=nonsense nexthop=10.0.1.9 -- add Logical_Router lr1 static_routes @r",
        'az1 -- --id=@s create Logical_Router_Static_Route ip_prefix="10.7.0.0/16" nexthop=nonsense -- add Logical_Router lr1 static_routes @s',
        'az1 -- --id=@t create Logical_Router_Static_Route ip_prefix="10.8.0.0/33" nexthop=10.0.1.9 -- add Logical_Router lr1 static_routes @t',
      ],
    ],
  },
  {
    name: "routes that discard",
    releases: NEWER,
    steps: [...joined, ["az1 lr-route-add lr1 172.18.0.0/16 discard"]],
  },
  {
    name: "ECMP routes are one",
    steps: [
      ...joined,
      [
        "az1 --ecmp lr-route-add lr1 172.18.0.0/16 10.0.1.8",
        "az1 --ecmp lr-route-add lr1 172.18.0.0/16 10.0.1.9",
      ],
      ["az1 lr-route-del lr1 172.18.0.0/16 10.0.1.8"],
    ],
  },
  {
    name: "a static route to a connected network",
    steps: [...joined, ["az1 lr-route-add lr1 10.0.1.1/24 10.0.1.9"]],
  },
  {
    name: "tables: only the port's own",
    steps: [
      ...joined,
      ["az1 --route-table=blue lr-route-add lr1 172.18.0.0/16 10.0.1.9"],
      [portOption("az1", 1, "route_table=blue")],
      [portOption("az2", 2, "route_table=blue")],
      [portOption("az2", 2, "route_table=red")],
      [`az1 remove ${PORT} lr1-ts1 options route_table`],
    ],
  },
  {
    name: "tables: the same prefix in two",
    steps: [
      ...two,
      [
        "az1 lr-route-add lr1 172.18.0.0/16 10.0.1.8",
        "az1 --route-table=blue lr-route-add lr1 172.18.0.0/16 10.0.1.9",
        `az1 set ${PORT} lr1-ts2 options:route_table=blue`,
        `az2 set ${PORT} lr2-ts2 options:route_table=blue`,
      ],
    ],
  },
  {
    name: "tags",
    releases: NEWER,
    steps: [
      ...routed,
      [portOption("az1", 1, "ic-route-tag=t1")],
      [portOption("az2", 2, "ic-route-filter-tag=t1")],
      [portOption("az1", 1, "ic-route-tag=t2")],
      [`az1 remove ${PORT} lr1-ts1 options ic-route-tag`],
    ],
  },
  {
    name: "addresses of load balancers",
    releases: NEWER,
    steps: [
      ...joined,
      [
        "az1 lb-add lb1 172.30.0.1:80 10.0.1.5:80",
        "az1 lb-add lb2 172.30.0.2 10.0.1.5",
        "az1 lb-add lb6 [fd30::1]:80 [fd01:1::5]:80",
      ],
      ["az1 lr-lb-add lr1 lb1", "az1 lr-lb-add lr1 lb2", "az1 lr-lb-add lr1 lb6"],
      [option("az1", "ic-route-adv-lb=true")],
      [option("az2", "ic-route-learn-lb=true")],
      ["az1 lb-del lb1"],
      [option("az1", "ic-route-adv-lb=false")],
    ],
  },
  {
    name: "addresses of load balancers in groups",
    releases: NEWER,
    steps: [
      ...joined,
      [
        option("az1", "ic-route-adv-lb=true"),
        option("az2", "ic-route-learn-lb=true"),
        "az1 lb-add lb1 172.30.0.1:80 10.0.1.5:80",
      ],
      ["az1 create Load_Balancer_Group name=g"],
      ["az1 add Logical_Router lr1 load_balancer_group {az1 Load_Balancer_Group name=g}"],
      ["az1 add Load_Balancer_Group g load_balancer {az1 Load_Balancer name=lb1}"],
      ["az1 lb-add lb1 172.30.0.9:80 10.0.1.5:80"],
      ["az1 remove Load_Balancer_Group g load_balancer {az1 Load_Balancer name=lb1}"],
    ],
  },
  {
    name: "dynamic routes",
    releases: NEWER,
    steps: [
      ...joined,
      dynamicRoutes("az1", 1, "ip_prefix=10.77.0.0/16 nexthop=10.0.1.77"),
      ["az2 lr-route-add lr2 10.77.0.0/16 10.0.2.9"],
      ["az1.sb --all destroy Learned_Route"],
    ],
  },
  {
    name: "of ports that are not on transit switches only",
    steps: [
      ...two,
      ["az1 lrp-add lr1 lr1-more aa:aa:aa:aa:21:01 10.9.1.1/24 10.9.2.1/24"],
      ["az1 lrp-del lr1-more"],
    ],
  },
  {
    name: "next hops are the port's address",
    steps: [
      ...routed,
      [`az1 set ${PORT} lr1-ts1 networks="169.254.100.71/24"`],
      [`az1 set ${PORT} lr1-ts1 networks="fd00:1::71/64"`],
    ],
    differs: { "23.03.1": "no-ipv6", "26.03.1": "no-ipv6" },
  },
  {
    name: "over several switches",
    steps: [...two, ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9"], ["ic ts-del ts2"]],
  },
  {
    name: "the global rows come back when they are deleted",
    steps: [...routed, ["ic.sb --all destroy Route"]],
  },
  {
    name: "rows that are not wanted go",
    releases: NEWER,
    steps: [
      ...joined,
      [
        'ic.sb create Route transit_switch=ts1 availability_zone={ic.sb Availability_Zone name=az1} ip_prefix="10.66.0.0/16" nexthop=169.254.100.1 origin=static',
        'ic.sb create Route transit_switch=gone availability_zone={ic.sb Availability_Zone name=az1} ip_prefix="10.66.0.0/16" nexthop=169.254.100.1 origin=static',
      ],
    ],
  },
  {
    name: "two routers with the same prefix",
    differs: { "23.03.1": "same-zone" },
    steps: [
      ...joined,
      [...router("az1", 3), ...join("az1", 3)],
      ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9", "az1 lr-route-add lr3 172.16.0.0/16 10.0.3.9"],
      ["az1 lr-route-del lr1 172.16.0.0/16"],
    ],
  },
];

export const advertisedRoutes: readonly Scenario[] = advertise.map((one) => ({
  rule: "§8a advertised routes",
  ...one,
}));
