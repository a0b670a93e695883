/** Scenarios of routes with odd values: what somebody may write there, and what C makes of it. */
import {
  dynamicRoutes,
  foreignRoute,
  foreignZone,
  join,
  joined,
  option,
  portOption,
  rawRoutes,
  routed,
  router,
} from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

const NEAR = "nexthop=10.0.1.9";
const NEAR6 = 'nexthop="fd01:1::9"';
const FAR = "nexthop=169.254.100.9 origin=static";
const FAR6 = 'nexthop="fd00:1::9" origin=static';
const PORT = "Logical_Router_Port";
const zoneList = (list: string) => `az1 set NB_Global . 'options:ic-route-blacklist="${list}"'`;
const vips = (text: string) => `az1 set Load_Balancer lb1 'vips={${text}}'`;
const balancersBothWays = [option("az1", "ic-route-adv-lb=true"), option("az2", "ic-route-learn-lb=true")];
const toTheGateway = (...prefixes: readonly string[]) =>
  dynamicRoutes("az1", 1, ...prefixes.map((prefix) => `ip_prefix=${prefix} nexthop=10.0.1.77`));

const advertised: Omit<Scenario, "rule">[] = [
  {
    name: "prefixes in every form",
    steps: [
      ...joined,
      rawRoutes(
        "az1",
        "lr1",
        ...["172.19.0.0/255.255.0.0", "010.001.002.0/24", "10.36.0.0/016", "169.254.0.0/15"].map(
          (prefix) => `ip_prefix="${prefix}" ${NEAR}`,
        ),
        ...["255.255.255.255/32", "10.1/16", "10.37.0.0/", "10.38.0.0/16x", "10.39.0.0/255.0.255.0", ""].map(
          (prefix) => `ip_prefix="${prefix}" ${NEAR}`,
        ),
        `'ip_prefix="10.34.0.0/16 "' ${NEAR}`,
        ...["FD03:0:0::/48", "::10.4.0.0/104", "fe80::/9", "fec0::/10", "::/1", "fd06::/ffff::"].map(
          (prefix) => `ip_prefix="${prefix}" ${NEAR6}`,
        ),
        ...["fd04::/64/64", "fd07::1%eth0/64", "fd08::/129"].map(
          (prefix) => `ip_prefix="${prefix}" ${NEAR6}`,
        ),
      ),
    ],
  },
  {
    name: "prefixes with white space and signs",
    steps: [
      ...joined,
      rawRoutes("az1", "lr1", `'ip_prefix=" 10.33.0.0/16"' ${NEAR}`, `ip_prefix="10.35.0.0/+16" ${NEAR}`),
    ],
    differs: { "23.03.1": "lax-numbers", "26.03.1": "lax-numbers" },
  },
  {
    name: "IPv4 in IPv6",
    steps: [...joined, rawRoutes("az1", "lr1", `ip_prefix="::ffff:10.4.0.0/104" ${NEAR6}`)],
    differs: { "23.03.1": "mapped", "26.03.1": "mapped" },
  },
  {
    name: "default routes in every form",
    steps: [
      ...joined,
      [
        option("az1", "ic-route-adv-default=true"),
        option("az2", "ic-route-learn-default=true"),
        ...rawRoutes(
          "az1",
          "lr1",
          ...["10.0.0.0/0", "0.0.0.0/0.0.0.0", "0.0.0.0/0"].map((prefix) => `ip_prefix="${prefix}" ${NEAR}`),
          ...["::/0", "fd00::/0"].map((prefix) => `ip_prefix="${prefix}" ${NEAR6}`),
        ),
      ],
      [option("az2", "ic-route-learn-default=no"), option("az1", "ic-route-adv-default=TRUE")],
      [option("az1", "ic-route-adv-default=1")],
    ],
  },
  {
    name: "next hops in every form",
    steps: [
      ...joined,
      rawRoutes(
        "az1",
        "lr1",
        ...["10.0.1.9/24", "10.0.1.9/32", "fd01:1::9", "FD01:1::9", "", "0.0.0.0", "169.254.100.1"].map(
          (nexthop, i) => `ip_prefix="10.4${i}.0.0/16" nexthop="${nexthop}"`,
        ),
        ...["169.254.100.2", "Discard", "::ffff:10.0.1.9"].map(
          (nexthop, i) => `ip_prefix="10.5${i}.0.0/16" nexthop="${nexthop}"`,
        ),
        ...["10.0.1.9", "fe80:10::9", "FE80::9", "fe80:0:0:1::9", "::", "::ffff:fe80:1"].map(
          (nexthop, i) => `ip_prefix="fd4${i}::/32" nexthop="${nexthop}"`,
        ),
      ),
    ],
  },
  {
    name: "two texts of one prefix",
    differs: { "23.03.1": "other-words", "26.03.1": "other-words" },
    steps: [
      ...joined,
      rawRoutes("az1", "lr1", `ip_prefix="10.5.5.5" ${NEAR}`, `ip_prefix="10.5.5.5/32" nexthop=10.0.1.8`),
      rawRoutes("az2", "lr2", 'ip_prefix="10.5.5.5" nexthop=10.0.2.9'),
      rawRoutes("az2", "lr2", 'ip_prefix="10.5.5.5/32" nexthop=10.0.2.9'),
    ],
  },
  {
    name: "routes with more columns",
    steps: [
      ...joined,
      [
        "az1 --bfd lr-route-add lr1 10.53.0.0/16 10.0.1.9 lr1-ls",
        "az1 --ecmp-symmetric-reply lr-route-add lr1 10.54.0.0/16 10.0.1.9",
        ...rawRoutes(
          "az1",
          "lr1",
          `ip_prefix="10.51.0.0/16" ${NEAR} output_port=lr1-ls policy=dst-ip`,
          `ip_prefix="10.55.0.0/16" nexthop=169.254.100.2 output_port=lr1-ts1`,
          `ip_prefix="10.0.2.1/24" nexthop=169.254.100.2`,
          // Not learned, since what it names is no row.
          `ip_prefix="10.56.0.0/16" ${NEAR} external_ids:ic-learned-route=nonsense`,
          `ip_prefix="10.57.0.0/16" ${NEAR} external_ids:ic-learned-route=""`,
        ),
      ],
      ["az1 set BFD {az1 BFD dst_ip=10.0.1.9} status=down"],
    ],
  },
  {
    name: "of a router that is disabled",
    releases: NEWER,
    steps: [...routed, ["az1 set Logical_Router lr1 enabled=false"]],
  },
  {
    name: "networks in every form",
    steps: [
      ...joined,
      [
        "az1 lrp-add lr1 lr1-x AA:AA:AA:AA:31:01 10.31.0.1/16 FD31::1/64 169.254.31.1/24 10.31.1.1/32 fe80::31/64",
      ],
      [
        `az1 set ${PORT} lr1-x 'networks=["10.31.0.1/16","10.31.0.2/16","0.0.0.0/0","nonsense"]' enabled=false`,
      ],
    ],
  },
  {
    name: "one network of two ports",
    releases: NEWER, // 23.03.1 fails an assertion
    steps: [
      ...joined,
      [
        "az1 lrp-add lr1 lr1-x aa:aa:aa:aa:31:01 10.31.0.1/16",
        "az1 lrp-add lr1 lr1-y aa:aa:aa:aa:31:02 10.31.0.1/16",
      ],
      ["az1 lrp-del lr1-x"],
    ],
  },
  {
    name: "keys of load balancers in every form",
    releases: NEWER,
    steps: [
      ...joined,
      [
        ...balancersBothWays,
        'az1 create Load_Balancer name=lb1 \'vips={"fd30::1"="fd01:1::5","[fd30::2]"="[fd01:1::5]"}\'',
        "az1 lr-lb-add lr1 lb1",
      ],
      [
        vips(
          '"[FD30::3]:80"="[fd01:1::5]:80","172.30.0.1:"="10.0.1.5:80","[fd30::4]:"="[fd01:1::5]:80","^vip:80"="^backends"',
        ),
      ],
      [
        vips(
          '"172.30.0.2:99999"="10.0.1.5:80","172.30.0.3:abc"="10.0.1.5:80","172.30.0.4:0"="10.0.1.5:80","[fd30::5]:99999"="[fd01:1::5]:80","172.30.0.5/32"="10.0.1.5"',
        ),
      ],
      [
        vips(
          '"172.30.0.6:80"="10.0.1.5:80","172.30.0.6:81"="","169.254.30.1:80"="10.0.1.5:80","0.0.0.0:80"=""',
        ),
        "az1 set Load_Balancer lb1 options:template=true",
      ],
    ],
  },
  {
    name: "one load balancer of two routers and a group",
    releases: NEWER,
    steps: [
      ...joined,
      [...balancersBothWays, ...router("az1", 3), ...join("az1", 3)],
      ["az1 lb-add lb1 172.30.0.1:80 10.0.1.5:80", "az1 lr-lb-add lr1 lb1", "az1 lr-lb-add lr3 lb1"],
      [
        "az1 create Load_Balancer_Group name=g load_balancer={az1 Load_Balancer name=lb1}",
        "az1 lb-add lb2 172.30.0.1:81 10.0.1.5:80",
        "az1 lr-lb-add lr1 lb2",
      ],
      ["az1 add Logical_Router lr1 load_balancer_group {az1 Load_Balancer_Group name=g}"],
      ["az1 lr-lb-del lr1 lb1", "az1 lr-lb-del lr3 lb1"],
      ["az1 clear Logical_Router lr1 load_balancer_group"],
    ],
  },
  {
    name: "a load balancer's address that is a port's too",
    releases: NEWER,
    steps: [
      ...joined,
      [...balancersBothWays, "az1 lrp-add lr1 lr1-x aa:aa:aa:aa:31:01 10.31.0.1/32"],
      [
        "az1 lb-add lb1 10.31.0.1:80 10.0.1.5:80",
        "az1 lr-lb-add lr1 lb1",
        "az1 lr-route-add lr1 10.88.0.0/16 10.0.1.9",
      ],
      ["az1 lr-route-add lr1 10.31.0.1/32 10.0.1.9"],
    ],
    differs: { "26.03.1": "blocked" },
  },
  {
    name: "a static route and a dynamic one",
    releases: NEWER,
    steps: [
      ...joined,
      ["az1 lr-route-add lr1 10.77.0.0/16 10.0.1.9", ...toTheGateway("10.77.0.0/16")],
      ["az1 lr-route-del lr1 10.77.0.0/16"],
    ],
  },
  {
    name: "dynamic routes, several and odd ones",
    releases: NEWER,
    steps: [
      ...joined,
      [
        ...toTheGateway("10.77.0.0/16", "0.0.0.0/0", "nonsense", "10.79.0.0/16"),
        ...dynamicRoutes(
          "az1",
          1,
          "ip_prefix=10.77.0.0/16 nexthop=10.0.1.78",
          `'ip_prefix="fd77::/32"' 'nexthop="fe80::77"'`,
          "ip_prefix=10.78.0.1/16 nexthop=nonsense",
        ),
        ...dynamicRoutes("az2", 2, "ip_prefix=10.79.0.0/16 nexthop=10.0.2.77"),
      ],
      [portOption("az1", 1, "ic-route-deny-adv=10.77.0.0/16")],
    ],
  },
  {
    name: "entries of lists in every form",
    steps: [
      ...routed,
      [zoneList("172.16.5.5/12")],
      [zoneList("nonsense,172.16.0.0,172.16.0.0/17,10.0.1.1")],
      [zoneList("172.16.0.0/255.240.0.0,10.0.1.1/24,")],
      [zoneList("0.0.0.0/0")],
      [zoneList("172.16.0.0/12 ")],
    ],
  },
  {
    name: "entries of IPv6 in lists",
    releases: NEWER,
    steps: [
      ...routed,
      [option("az1", 'ic-route-denylist="FD02::1/31,::/128"')],
      [option("az1", 'ic-route-denylist="::/0"')],
      [
        "az1 set NB_Global . 'options:ic-route-denylist=\" \"'",
        portOption("az1", 1, 'ic-route-filter-adv="::/0"'),
      ],
      [portOption("az2", 2, 'ic-route-filter-learn="nonsense"')],
    ],
  },
  {
    name: "values that are nearly true",
    steps: [
      ...routed,
      [option("az1", "ic-route-adv=1")],
      [option("az1", "ic-route-adv=tRUE"), option("az2", "ic-route-learn=yes")],
      ["az1 set NB_Global . 'options:ic-route-adv=\"true \"'", option("az2", "ic-route-learn=True")],
    ],
  },
  {
    name: "tables with odd names",
    steps: [
      ...routed,
      [
        portOption("az1", 1, 'route_table=""'),
        "az1 --route-table=main lr-route-add lr1 172.18.0.0/16 10.0.1.9",
      ],
      [portOption("az1", 1, "route_table=main"), portOption("az2", 2, "route_table=main")],
      [
        "az2 --route-table=main lr-route-add lr2 172.18.0.0/16 10.0.2.9",
        "az2 --route-table=main lr-route-add lr2 172.16.0.0/16 10.0.2.9",
      ],
    ],
  },
  {
    name: "rows of this zone that somebody else made or changed",
    steps: [
      ...joined,
      [
        ...["nonsense", "10.66.0.0/16", "10.0.1.0/24"].map(
          (prefix) =>
            `ic.sb create Route transit_switch=ts1 availability_zone={ic.sb Availability_Zone name=az1} ip_prefix="${prefix}" nexthop=169.254.100.1 origin=static`,
        ),
        "ic.sb create Route transit_switch=ts1 availability_zone={ic.sb Availability_Zone name=az1} ip_prefix=10.67.0.0/16 nexthop=nonsense origin=connected",
        "ic.sb create Route transit_switch=ts1 availability_zone={ic.sb Availability_Zone name=az1} ip_prefix=10.0.1.1/24 nexthop=169.254.100.1 origin=static route_table=blue",
      ],
      ["ic.sb set Route {ic.sb Route ip_prefix=10.0.1.1/24} origin=static"],
    ],
  },
];

const LEARNED = "{az2 Logical_Router_Static_Route ip_prefix=172.16.0.0/16}";
const learned: Omit<Scenario, "rule">[] = [
  {
    name: "rows of another zone in every form",
    steps: [
      ...joined,
      foreignZone,
      [
        ...["10.90.0.1/16", "10.91.0.1", "nonsense", "", "169.254.3.0/24", "0.0.0.0/0", "10.0.0.0/0"].map(
          (prefix) => foreignRoute(`ip_prefix="${prefix}" ${FAR}`),
        ),
        ...["172.19.0.0/255.255.0.0", "10.99.0.0/016", "10.99.0.0/104", "10.0.2.1/24", "10.0.2.0/24"].map(
          (prefix) => foreignRoute(`ip_prefix="${prefix}" ${FAR}`),
        ),
        ...["169.254.100.0/24", "0.0.0.0/32", "fd92::/32"].map((prefix) =>
          foreignRoute(`ip_prefix="${prefix}" ${FAR}`),
        ),
        ...["10.92.0.0/16", "fe80::/64", "FD93::/32", "::ffff:10.98.0.0/112"].map((prefix) =>
          foreignRoute(`ip_prefix="${prefix}" ${FAR6}`),
        ),
        ...["FD00:1::9", "169.254.100.9/24", "169.254.100.9/32", "", "10.0.2.9"].map((nexthop, i) =>
          foreignRoute(`ip_prefix="10.10${i}.0.0/16" nexthop="${nexthop}" origin=connected`),
        ),
        foreignRoute(`ip_prefix="10.100.0.0/16" route_table=blue ${FAR}`),
      ],
      [option("az2", "ic-route-learn-default=true")],
    ],
    differs: { "23.03.1": "foreign-nexthop" },
  },
  {
    name: "a next hop that is the router's own address",
    steps: [
      ...joined,
      foreignZone,
      [foreignRoute('ip_prefix="10.101.0.0/16" nexthop="169.254.100.2" origin=connected')],
    ],
    differs: { "23.03.1": "own-nexthop", "26.03.1": "own-nexthop" },
  },
  {
    name: "next hops that only C reads",
    releases: NEWER,
    steps: [
      ...joined,
      foreignZone,
      [foreignRoute(`ip_prefix="10.98.0.0/16" nexthop="::ffff:169.254.100.9" origin=static`)],
    ],
    differs: { "26.03.1": "mapped" },
  },
  {
    name: "router ids and tags in every form",
    releases: NEWER,
    steps: [
      ...joined,
      foreignZone,
      [
        ...['""', "nonsense", "{az2 Logical_Router name=lr2}", "11111111-1111-1111-1111-111111111111"].map(
          (id, i) => foreignRoute(`ip_prefix="10.9${i}.0.0/16" ${FAR} external_ids:lr-id=${id}`),
        ),
        ...['""', "x", "X"].map((tag, i) =>
          foreignRoute(`ip_prefix="10.8${i}.0.0/16" ${FAR} external_ids:ic-route-tag=${tag}`),
        ),
      ],
      [portOption("az1", 1, "ic-route-filter-tag=x"), portOption("az2", 2, 'ic-route-filter-tag=""')],
    ],
  },
  {
    name: "own addresses of load balancers of every form",
    releases: NEWER,
    steps: [
      ...joined,
      [
        ...["172.30.0.0/24", "172.32.0.1/32", "fd30::/64"].map(
          (prefix) => `az1 lr-route-add lr1 ${prefix} ${prefix.startsWith("fd") ? "fd01:1::9" : "10.0.1.9"}`,
        ),
        ...rawRoutes("az1", "lr1", `ip_prefix="172.31.0.1/24" ${NEAR}`),
      ],
      [
        "az2 lb-add lb3 [fd30::1]:80 [fd01:2::5]:80",
        "az2 lr-lb-add lr2 lb3",
        "az2 lb-add lb4 172.31.0.1 10.0.2.5",
        "az2 lb-add lb5 172.32.0.1:80 10.0.2.5:80",
      ],
      [
        "az2 create Load_Balancer_Group name=g load_balancer={az2 Load_Balancer name=lb4},{az2 Load_Balancer name=lb5}",
      ],
      ["az2 add Logical_Router lr2 load_balancer_group {az2 Load_Balancer_Group name=g}"],
      ["az2 remove Load_Balancer_Group g load_balancer {az2 Load_Balancer name=lb5}"],
      ['az2 set Load_Balancer lb3 \'vips={"172.30.0.200:80"="10.0.2.5:80"}\''],
    ],
  },
  {
    name: "own routes in other words",
    differs: { "23.03.1": "other-words", "26.03.1": "other-words" },
    steps: [
      ...routed,
      rawRoutes(
        "az2",
        "lr2",
        'ip_prefix="172.16.0.1/16" nexthop=10.0.2.9',
        'ip_prefix="FD02::/32" nexthop="fd01:2::9"',
        'ip_prefix="172.16.0.0/16" nexthop=10.0.2.9 route_table=blue',
      ),
      rawRoutes("az2", "lr2", 'ip_prefix="172.16.0.0/16" nexthop=nonsense'),
      rawRoutes("az2", "lr2", 'ip_prefix="fd02::/32" nexthop="fd01:2::9" policy=src-ip'),
    ],
  },
  {
    name: "columns that somebody changes",
    steps: [
      ...routed,
      [
        `az2 set Logical_Router_Static_Route ${LEARNED} policy=src-ip output_port=lr2-ts1 options:x=y external_ids:x=y`,
      ],
      [`az2 set Logical_Router_Static_Route ${LEARNED} ip_prefix=172.17.0.0/16`],
      [`az2 set Logical_Router_Static_Route ${LEARNED} route_table=blue`],
      [`az2 set Logical_Router_Static_Route ${LEARNED} options:origin=connected`],
    ],
  },
  {
    name: "rows whose origin somebody changes",
    steps: [
      ...routed,
      [`az2 set Logical_Router_Static_Route ${LEARNED} external_ids:x=y`],
      [`az2 set Logical_Router_Static_Route ${LEARNED} options:origin=connected`],
    ],
    differs: { "23.03.1": "keys-of-others", "26.03.1": "keys-of-others" },
  },
  {
    name: "a learned route that is there twice",
    steps: [
      ...routed,
      rawRoutes(
        "az2",
        "lr2",
        'ip_prefix="172.16.0.0/16" nexthop=169.254.100.1 external_ids:ic-learned-route={ic.sb Route ip_prefix=172.16.0.0/16} options:origin=static',
      ),
    ],
    differs: { "23.03.1": "learned-twice", "26.03.1": "learned-twice" },
  },
  {
    name: "rows that say otherwise where they come from",
    steps: [
      ...routed,
      rawRoutes(
        "az2",
        "lr2",
        'ip_prefix="172.16.0.5/16" nexthop=169.254.100.1 external_ids:ic-learned-route={ic.sb Route ip_prefix=172.16.0.0/16}',
        'ip_prefix="172.99.0.0/16" nexthop=nonsense external_ids:ic-learned-route=22222222-1111-1111-1111-111111111112',
      ),
      [
        `az2 set Logical_Router_Static_Route ${LEARNED} external_ids:ic-learned-route=11111111-1111-1111-1111-111111111111`,
      ],
      [`az2 remove Logical_Router_Static_Route ${LEARNED} external_ids ic-learned-route`],
    ],
  },
];

export const oddAdvertisedRoutes: readonly Scenario[] = advertised.map((one) => ({
  rule: "§8a advertised routes, odd values",
  ...one,
}));
export const oddLearnedRoutes: readonly Scenario[] = learned.map((one) => ({
  rule: "§8b learned routes, odd values",
  ...one,
}));
