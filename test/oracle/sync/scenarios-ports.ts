/** Scenarios of ports on transit switches. */
import { apart, gateway, join, joined, router } from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

export const ports: readonly Scenario[] = [
  { rule: "§5 ports", name: "local ones are known on the other side", steps: joined },
  {
    rule: "§5 ports",
    name: "two of one router on one switch",
    differs: { "23.03.1": "two-ports", "26.03.1": "two-ports" },
    steps: [
      ...joined,
      [
        "az1 lrp-add lr1 lr1-ts1b aa:aa:aa:aa:1b:01 169.254.100.11/24",
        "az1 lsp-add ts1 ts1b-lr1",
        "az1 lsp-set-type ts1b-lr1 router",
        "az1 lsp-set-addresses ts1b-lr1 router",
        "az1 lsp-set-options ts1b-lr1 router-port=lr1-ts1b",
      ],
    ],
  },
  {
    rule: "§5 ports",
    name: "several on a switch",
    differs: { "23.03.1": "same-zone" },
    steps: [...joined, [...router("az1", 3), ...join("az1", 3)], ["az1 lsp-del ts1-lr1"]],
  },
  {
    rule: "§5 ports",
    name: "go with the switch port",
    steps: [...joined, ["az1 lsp-del ts1-lr1"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    rule: "§5 ports",
    name: "lose the router port",
    steps: [...joined, ["az1 lrp-del lr1-ts1"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    rule: "§5 ports",
    name: "lose the router",
    steps: [...joined, ["az1 lr-del lr1"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    rule: "§5 ports",
    name: "without the name of a router port",
    differs: { "23.03.1": "orphans", "26.03.1": "no-router-port" },
    steps: [...joined, ["az1 clear Logical_Switch_Port ts1-lr1 options"]],
  },
  {
    rule: "§5 ports",
    name: "that never had the name of a router port",
    differs: { "26.03.1": "no-router-port" },
    steps: [
      ...apart,
      ["az1 lsp-add ts1 bare", "az1 lsp-set-type bare router", "az1 lsp-set-addresses bare router"],
    ],
  },
  {
    rule: "§5 ports",
    name: "change their type",
    differs: { "23.03.1": "orphans", "26.03.1": "retyped" },
    steps: [
      ...joined,
      ["az1 lsp-set-type ts1-lr1 localport"],
      ["az1 lsp-set-type ts1-lr1 router"],
      ['az1 set Logical_Switch_Port ts1-lr1 type=""'],
    ],
  },
  {
    rule: "§5 ports",
    name: "other types are ignored",
    steps: [...joined, ["az1 lsp-add ts1 vm", "az1 lsp-set-addresses vm 'aa:aa:aa:aa:77:01 169.254.100.77'"]],
  },
  {
    rule: "§5 ports",
    name: "of type switch",
    releases: NEWER,
    steps: [
      ...apart,
      ["az1 lsp-add ts1 spine", "az1 lsp-set-type spine switch", "az1 lsp-set-addresses spine unknown"],
      ["az1.sb lsp-bind spine gw1"],
      ["az1 lsp-del spine"],
    ],
  },
  {
    rule: "§5 ports",
    name: "follow address and router",
    differs: { "23.03.1": "foreign-nexthop" },
    steps: [
      ...joined,
      ['az1 set Logical_Router_Port lr1-ts1 mac="aa:aa:aa:aa:99:01"'],
      ['az1 set Logical_Router_Port lr1-ts1 networks="169.254.100.11/24"'],
    ],
  },
  {
    rule: "§5 ports",
    name: "follow the gateway",
    steps: [
      ...joined,
      ["az1 lrp-set-gateway-chassis lr1-ts1 gw1 10", ...gateway("az1", "gw3", "10.255.0.3")],
      ["az1.sb lsp-bind cr-lr1-ts1 gw1"],
      ["az1.sb lsp-unbind cr-lr1-ts1"],
      ["az1.sb lsp-bind cr-lr1-ts1 gw3"],
      ["az1.sb chassis-del gw3"],
    ],
  },
  {
    rule: "§5 ports",
    name: "follow the gateway unless the CMS chose the chassis",
    releases: NEWER,
    steps: [
      ...joined,
      ["az2 set Logical_Switch_Port ts1-lr1 options:requested-chassis=gw2"],
      ["az1 lrp-set-gateway-chassis lr1-ts1 gw1 10"],
      ["az1.sb lsp-bind cr-lr1-ts1 gw1"],
      ["az2 remove Logical_Switch_Port ts1-lr1 options requested-chassis"],
    ],
  },
  {
    rule: "§5 ports",
    name: "remote ones come back when they are deleted",
    steps: [...joined, ["az2 lsp-del ts1-lr1"]],
  },
  {
    rule: "§5 ports",
    name: "remote ones keep what the CMS adds, but not what is wrong",
    steps: [
      ...joined,
      [
        "az2 set Logical_Switch_Port ts1-lr1 external_ids:mine=1 options:other=2 options:requested-tnl-key=99",
      ],
      ["az2 lsp-set-addresses ts1-lr1 unknown"],
    ],
  },
  {
    rule: "§5 ports",
    name: "the global row comes back when it is deleted",
    steps: [...joined, ["ic.sb destroy Port_Binding {ic.sb Port_Binding logical_port=ts1-lr1}"]],
  },
  {
    rule: "§5 ports",
    name: "the key of a local port is put right",
    steps: [...joined, ["az1 set Logical_Switch_Port ts1-lr1 options:requested-tnl-key=99"]],
  },
  {
    rule: "§5 ports",
    name: "go with the transit switch",
    steps: [...joined, ["ic ts-del ts1"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    rule: "§5 ports",
    name: "move to another router",
    differs: { "23.03.1": "orphans" },
    steps: [
      ...joined,
      [
        ...router("az1", 3),
        "az1 lrp-del lr1-ts1",
        "az1 lrp-add lr3 lr1-ts1 aa:aa:aa:aa:11:01 169.254.100.1/24",
      ],
    ],
  },
];
