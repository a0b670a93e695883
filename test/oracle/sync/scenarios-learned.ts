/** Scenarios of learned routes. */
import { join, joined, option, portOption, routed, router, two } from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

const PORT = "Logical_Router_Port";

const learn: Omit<Scenario, "rule">[] = [
  {
    name: "not without ic-route-learn",
    steps: [...routed, [option("az2", "ic-route-learn=false")], [option("az2", "ic-route-learn=true")]],
  },
  {
    name: "learned routes come back when they are deleted",
    steps: [...routed, ["az2 lr-route-del lr2 172.16.0.0/16"]],
  },
  {
    name: "not by a router that has it itself",
    steps: [
      ...routed,
      ["az2 --may-exist lr-route-add lr2 172.20.0.0/16 10.0.2.9"],
      ["az1 lr-route-add lr1 172.20.0.0/16 10.0.1.9"],
      ["az2 lr-route-del lr2 172.20.0.0/16"],
    ],
  },
  {
    name: "not by a router that is disabled",
    differs: { "23.03.1": "disabled" },
    steps: [
      ...routed,
      ["az2 set Logical_Router lr2 enabled=false"],
      ["az2 set Logical_Router lr2 enabled=true"],
    ],
  },
  {
    name: "deny list of the zone, by its old name",
    steps: [
      ...routed,
      [option("az2", "ic-route-blacklist=172.16.0.0/12")],
      ["az2 remove NB_Global . options ic-route-blacklist"],
    ],
  },
  {
    name: "deny list of the zone",
    releases: NEWER,
    steps: [
      ...routed,
      [option("az2", "ic-route-denylist=172.16.0.0/12")],
      ["az2 remove NB_Global . options ic-route-denylist"],
    ],
  },
  {
    name: "deny list of the port and the router",
    releases: NEWER,
    steps: [
      ...routed,
      [portOption("az2", 2, "ic-route-deny-learn=172.16.0.0/12")],
      ["az2 set Logical_Router lr2 options:ic-route-deny-learn=10.0.0.0/8"],
      [`az2 remove ${PORT} lr2-ts1 options ic-route-deny-learn`],
    ],
  },
  {
    name: "allow list of the port and the router",
    releases: NEWER,
    steps: [
      ...routed,
      [portOption("az2", 2, "ic-route-filter-learn=172.16.0.0/12")],
      ["az2 set Logical_Router lr2 options:ic-route-filter-learn=fd02::/16"],
      [`az2 remove ${PORT} lr2-ts1 options ic-route-filter-learn`],
    ],
  },
  {
    name: "only next hops on the port's networks",
    releases: NEWER,
    steps: [
      ...routed,
      [`az2 set ${PORT} lr2-ts1 networks="192.168.7.2/24"`],
      [`az2 set ${PORT} lr2-ts1 networks="169.254.0.2/16"`],
    ],
  },
  {
    name: "own addresses of load balancers win",
    releases: NEWER,
    steps: [
      ...joined,
      ["az1 lr-route-add lr1 172.30.0.0/24 10.0.1.9", "az1 lr-route-add lr1 172.30.0.1/32 10.0.1.9"],
      ["az2 lb-add lb2 172.30.0.1:80 10.0.2.5:80", "az2 lr-lb-add lr2 lb2"],
      ["az2 lb-del lb2"],
    ],
  },
  {
    name: "over several switches: ECMP",
    steps: [...two, ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9"], ["az2 lsp-del ts2-lr2"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    name: "forgotten with the last port",
    steps: [...routed, ["az2 lsp-del ts1-lr2"]],
    differs: { "23.03.1": "forgotten", "26.03.1": "forgotten" },
  },
  {
    name: "by two routers of a zone, from each other too",
    releases: NEWER,
    steps: [...routed, [...router("az1", 3), ...join("az1", 3)]],
  },
  {
    name: "malformed learned routes go",
    steps: [
      ...routed,
      [
        "az2 -- --id=@r create Logical_Router_Static_Route ip_prefix=nonsense nexthop=169.254.100.1 external_ids:ic-learned-route=11111111-1111-1111-1111-111111111111 -- add Logical_Router lr2 static_routes @r",
      ],
    ],
  },
  {
    name: "a learned route that was changed is put right",
    steps: [
      ...routed,
      [
        'az2 set Logical_Router_Static_Route {az2 Logical_Router_Static_Route ip_prefix="172.16.0.0/16"} nexthop=169.254.100.55',
      ],
    ],
  },
  {
    name: "learned routes are not advertised",
    differs: { "23.03.1": "same-zone" },
    steps: [...routed, ["ic ts-add ts2"], [...router("az2", 4), ...join("az2", 2, 2), ...join("az2", 4, 2)]],
  },
];

export const learnedRoutes: readonly Scenario[] = learn.map((one) => ({
  rule: "§8b learned routes",
  ...one,
}));
