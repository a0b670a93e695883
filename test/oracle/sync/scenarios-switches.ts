/** Scenarios of transit switches and transit routers. */
import { gateway, joined } from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

/** Transit router tr1 with a port that az1 has the chassis of. */
const withPort: readonly (readonly string[])[] = [
  [...gateway("az1", "gw1", "10.255.0.1"), ...gateway("az2", "gw2", "10.255.0.2"), "ic tr-add tr1"],
  ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 chassis=gw1"],
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
  {
    rule: "§3 transit switches",
    name: "are renamed, by whoever runs INB",
    steps: [...joined, ["ic set Transit_Switch ts1 name=ts9"], ["ic set Transit_Switch ts9 name=ts1"]],
    differs: { "23.03.1": "orphans" },
  },
  {
    rule: "§3 transit switches",
    name: "names that contain each other",
    steps: [
      [...["ts1", "ts11", "ts", "t"].map((name) => `ic ts-add ${name}`)],
      ["ic ts-del ts"],
      ["ic ts-del ts1"],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "keys of others stay, in INB and here",
    steps: [
      ["ic ts-add ts1"],
      [
        "ic set Transit_Switch ts1 other_config:mcast_snoop=true external_ids:a=b",
        "az1 set Logical_Switch ts1 other_config:mcast_snoop=false external_ids:c=d",
      ],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "datapaths that nobody needs go",
    steps: [
      ["ic ts-add ts1"],
      [
        "ic.sb create Datapath_Binding transit_switch=gone tunnel_key=77",
        "ic.sb create Datapath_Binding transit_switch=ts1 tunnel_key=16777000",
      ],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "the key of a datapath changes",
    steps: [
      ["ic ts-add ts1"],
      ["ic.sb set Datapath_Binding {ic.sb Datapath_Binding transit_switch=ts1} tunnel_key=16777111"],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "what an older controller left out is filled in",
    releases: NEWER,
    steps: [
      ...joined,
      [
        "ic.sb clear Datapath_Binding {ic.sb Datapath_Binding transit_switch=ts1} nb_ic_uuid type",
        "ic.sb create Datapath_Binding transit_switch=gone tunnel_key=77 type=transit-switch",
      ],
    ],
  },
  {
    rule: "§3 transit switches",
    name: "VXLAN mode is written where it is not what it should be",
    releases: NEWER,
    steps: [
      ["ic ts-add ts1"],
      ["az1 set Logical_Switch ts1 other_config:ic-vxlan_mode=true"],
      ["az1 remove Logical_Switch ts1 other_config ic-vxlan_mode"],
      ["az1 set Logical_Switch ts1 other_config:ic-vxlan_mode=nonsense"],
      [
        "az1 set Logical_Switch ts1 other_config:ic-vxlan_mode=FALSE",
        "ic set IC_NB_Global . options:vxlan_mode=True",
        ...gateway("az1", "gw1", "10.255.0.1", "vxlan"),
      ],
      ["az1 remove Logical_Switch ts1 other_config ic-vxlan_mode"],
      ["az1 set Logical_Switch ts1 other_config:ic-vxlan_mode=TRUE"],
      ["ic remove IC_NB_Global . options vxlan_mode"],
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
  {
    rule: "§4 transit routers",
    name: "are put right, and keep what others add",
    releases: NEWER,
    steps: [
      ["ic tr-add tr1"],
      [
        "az1 set Logical_Router tr1 options:requested-tnl-key=5 options:mine=1 external_ids:a=b",
        "az2 remove Logical_Router tr1 options requested-tnl-key",
        "az1 lr-add extra",
        "az1 set Logical_Router extra options:interconn-tr=gone",
      ],
      ["az1 set Logical_Router tr1 name=renamed"],
      ["ic set Transit_Router tr1 name=tr9"],
      ["ic.sb --all destroy Datapath_Binding"],
      ["az1 remove Logical_Router {az1 Logical_Router options:interconn-tr=tr9} options interconn-tr"],
    ],
  },
  {
    rule: "§4 transit routers",
    name: "have the name of a router and of a transit switch",
    releases: NEWER,
    steps: [["az1 lr-add tr1"], ["ic tr-add tr1"], ["ic ts-add tr1"], ["ic tr-del tr1"]],
  },
  {
    rule: "§4 transit routers",
    name: "are made anew at once",
    releases: NEWER,
    steps: [["ic tr-add tr1"], ["ic tr-del tr1", "ic tr-add tr1"]],
  },
  {
    rule: "§7 transit router ports",
    name: "follow INB, and keep what others add",
    releases: NEWER,
    steps: [
      ...withPort,
      [`ic set Transit_Router_Port trp1 'networks=["192.168.1.1/24","fd00:9::1/64"]'`],
      [
        "az1 set Logical_Router_Port trp1 options:mine=1 external_ids:a=b options:requested-chassis=wrong",
        `az2 set Logical_Router_Port trp1 'networks=["192.168.7.1/24"]' options:requested-tnl-key=77`,
      ],
      ["az1 lrp-del trp1"],
    ],
  },
  {
    rule: "§7 transit router ports",
    name: "the address follows",
    releases: NEWER,
    steps: [
      ...withPort,
      [`ic set Transit_Router_Port trp1 'mac="00:00:00:00:00:AA"'`],
      ["ic.sb set Port_Binding {ic.sb Port_Binding logical_port=trp1} address=wrong"],
    ],
    differs: { "26.03.1": "router-port-address" },
  },
  {
    rule: "§7 transit router ports",
    name: "move to another zone",
    releases: NEWER,
    steps: [...withPort, ["ic set Transit_Router_Port trp1 chassis=gw2"]],
    differs: { "26.03.1": "router-port-moves" },
  },
  {
    rule: "§7 transit router ports",
    name: "come back when they are deleted",
    releases: NEWER,
    steps: [
      ...withPort,
      ["ic.sb destroy Port_Binding {ic.sb Port_Binding logical_port=trp1}"],
      ["az2 lr-del tr1"],
    ],
  },
  {
    rule: "§7 transit router ports",
    name: "have the name of another router's port",
    releases: NEWER,
    steps: [
      [
        ...gateway("az1", "gw1", "10.255.0.1"),
        "ic tr-add tr1",
        "az1 lr-add own",
        "az1 lrp-add own trp1 aa:aa:aa:aa:00:01 10.3.0.1/24",
      ],
      ["ic trp-add tr1 trp1 00:00:00:00:00:01 192.168.1.1/24 chassis=gw1"],
      ["ic trp-del trp1"],
    ],
  },
];
