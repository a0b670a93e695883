/** Scenarios of zones, gateways, transit switches and ports. */
import { apart, gateway, join, joined, NEWER, router, type Scenario } from "./scenario.ts";

export const zones: readonly Scenario[] = [
  { rule: "§1 zones", name: "are registered", steps: [[]] },
  {
    rule: "§1 zones",
    name: "are renamed with all they have",
    steps: [...joined, ["az1 set NB_Global . name=zone1"], ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9"]],
    differs: { "23.03.1": "rename" },
  },
  {
    rule: "§1 zones",
    name: "lose their name, and get it back",
    steps: [...joined, ['az1 set NB_Global . name=""'], ["az1 set NB_Global . name=az1"]],
    differs: { "23.03.1": "un-name", "26.03.1": "un-name" },
  },
  {
    rule: "§1 zones",
    name: "are registered again when somebody deletes their row",
    steps: [[], ["ic.sb destroy Availability_Zone az1"]],
  },
];

export const gateways: readonly Scenario[] = [
  { rule: "§2 gateways", name: "are known on both sides", steps: [gateway("az1", "gw1", "10.255.0.1")] },
  {
    rule: "§2 gateways",
    name: "of several zones",
    steps: [
      [
        ...gateway("az1", "gw1", "10.255.0.1"),
        ...gateway("az1", "gw3", "10.255.0.3"),
        ...gateway("az2", "gw2", "10.255.0.2"),
      ],
    ],
  },
  {
    rule: "§2 gateways",
    name: "an ordinary chassis is none",
    steps: [["az1.sb chassis-add hv1 geneve 10.255.1.1"], ["az1.sb set Chassis hv1 hostname=hv1"]],
  },
  {
    rule: "§2 gateways",
    name: "a chassis becomes one and ceases to be one",
    steps: [
      ["az1.sb chassis-add gw1 geneve 10.255.0.1"],
      ["az1.sb set Chassis gw1 other_config:is-interconn=true"],
      ["az1.sb set Chassis gw1 other_config:is-interconn=false"],
      ["az1.sb set Chassis gw1 other_config:is-interconn=true"],
      ["az1.sb remove Chassis gw1 other_config is-interconn"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "hostname and encapsulation follow",
    steps: [
      gateway("az1", "gw1", "10.255.0.1"),
      ["az1.sb set Chassis gw1 hostname=host1"],
      ["az1.sb set Encap {az1.sb Encap chassis_name=gw1} options:csum=false"],
      ["az1.sb set Encap {az1.sb Encap chassis_name=gw1} options:dst_port=6082"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "of several encapsulations",
    steps: [
      [
        "az1.sb chassis-add gw1 geneve,vxlan 10.255.0.1",
        "az1.sb set Chassis gw1 other_config:is-interconn=true",
      ],
      ["az1.sb destroy Encap {az1.sb Encap type=vxlan}"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "move to another address",
    steps: [
      gateway("az1", "gw1", "10.255.0.1"),
      ["az1.sb chassis-del gw1"],
      gateway("az1", "gw1", "10.255.0.7"),
    ],
  },
  {
    rule: "§2 gateways",
    name: "go",
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), ...gateway("az2", "gw2", "10.255.0.2")],
      ["az1.sb chassis-del gw1"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "the remote chassis comes back when it is deleted",
    steps: [gateway("az1", "gw1", "10.255.0.1"), ["az2.sb chassis-del gw1"]],
  },
  {
    rule: "§2 gateways",
    name: "the global row comes back when it is deleted",
    steps: [gateway("az1", "gw1", "10.255.0.1"), ["ic.sb destroy Gateway gw1"]],
  },
  {
    rule: "§2 gateways",
    name: "a remote chassis without a gateway goes",
    steps: [
      ["az1.sb chassis-add stray geneve 10.255.9.9", "az1.sb set Chassis stray other_config:is-remote=true"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "keys of others stay in a remote chassis",
    steps: [
      gateway("az1", "gw1", "10.255.0.1"),
      ["az2.sb set Chassis gw1 other_config:mine=1"],
      ["az1.sb set Chassis gw1 hostname=host1 other_config:theirs=2"],
    ],
  },
];

export const transitSwitches: readonly Scenario[] = [
  {
    rule: "§3 transit switches",
    name: "come and go",
    steps: [["ic ts-add ts1", "ic ts-add ts2"], ["ic ts-del ts1"]],
  },
  {
    rule: "§3 transit switches",
    name: "the switch comes back when it is deleted",
    steps: [["ic ts-add ts1"], ["az1 ls-del ts1"]],
  },
  {
    rule: "§3 transit switches",
    name: "the datapath comes back when it is deleted",
    steps: [
      ["ic ts-add ts1"],
      ["ic.sb destroy Datapath_Binding {ic.sb Datapath_Binding transit_switch=ts1}"],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "it is the key that makes a switch theirs, not the name",
    steps: [
      ["ic ts-add ts1", "az1 ls-add ts2", "az1 ls-add own"],
      ["az1 set Logical_Switch ts1 name=renamed"],
      ["ic ts-add ts2"],
      ["az1 set Logical_Switch own other_config:interconn-ts=ts3"],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "the key is put right",
    steps: [["ic ts-add ts1"], ["az1 set Logical_Switch ts1 other_config:requested-tnl-key=77"]],
  },
  {
    rule: "§3 transit switches",
    name: "without the key a switch is somebody else's",
    steps: [["ic ts-add ts1"], ["az1 remove Logical_Switch ts1 other_config interconn-ts"]],
  },
  {
    rule: "§3 transit switches",
    name: "are made anew at once",
    releases: NEWER,
    steps: [["ic ts-add ts1"], ["ic ts-del ts1", "ic ts-add ts1"]],
    differs: { "26.03.1": "stale-identity" },
  },
  {
    rule: "§3 transit switches",
    name: "VXLAN mode on and off",
    releases: NEWER,
    steps: [
      ["ic ts-add ts1"],
      ["ic set IC_NB_Global . options:vxlan_mode=true"],
      gateway("az1", "gw1", "10.255.0.1", "vxlan"),
      ["ic ts-add ts2"],
      ["ic set IC_NB_Global . options:vxlan_mode=false"],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "VXLAN mode ends with the last such encapsulation",
    releases: NEWER,
    steps: [
      [
        "ic ts-add ts1",
        "ic set IC_NB_Global . options:vxlan_mode=true",
        ...gateway("az1", "gw1", "10.255.0.1", "vxlan"),
      ],
      ["az1.sb chassis-del gw1"],
    ],
  },
];

export const ports: readonly Scenario[] = [
  { rule: "§5 ports", name: "local ones are known on the other side", steps: joined },
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

export const transitRouters: readonly Scenario[] = [
  {
    rule: "§4 transit routers",
    name: "come and go",
    releases: NEWER,
    steps: [["ic tr-add tr1", "ic tr-add tr2"], ["ic tr-del tr1"]],
  },
  {
    rule: "§4 transit routers",
    name: "the router comes back when it is deleted",
    releases: NEWER,
    steps: [["ic tr-add tr1"], ["az1 lr-del tr1"]],
  },
  {
    rule: "§7 transit router ports",
    name: "belong to the zone that has their chassis",
    releases: NEWER,
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), ...gateway("az2", "gw2", "10.255.0.2"), "ic tr-add tr1"],
      ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 chassis=gw1"],
      ["ic trp-add tr1 trp2 00:00:00:00:00:02 192.168.2.1/24 chassis=gw2"],
      ["ic trp-del trp1"],
    ],
  },
  {
    rule: "§7 transit router ports",
    name: "without a chassis, or with an unknown one, wait",
    releases: NEWER,
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), "ic tr-add tr1"],
      ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 192.168.3.1/24"],
      ["ic trp-add tr1 trp2 00:00:00:00:00:02 192.168.2.1/24 chassis=nowhere"],
    ],
  },
  {
    rule: "§7 transit router ports",
    name: "lose their chassis, and get it back",
    releases: NEWER,
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), "ic tr-add tr1"],
      ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 chassis=gw1"],
      ["az1.sb chassis-del gw1"],
      gateway("az1", "gw1", "10.255.0.1"),
    ],
    differs: { "26.03.1": "router-port-chassis" },
  },
  {
    rule: "§7 transit router ports",
    name: "go with the router",
    releases: NEWER,
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), "ic tr-add tr1"],
      ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 chassis=gw1"],
      ["ic tr-del tr1"],
    ],
  },
];
