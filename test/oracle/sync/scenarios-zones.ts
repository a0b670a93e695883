/** Scenarios of zones and gateways. */
import { foreign, foreignRoute, foreignZone, gateway, joined, routed } from "../../harness/lab/topology.ts";
import type { Scenario } from "./scenario.ts";
import { NEWER } from "./scenario.ts";

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
  {
    rule: "§1 zones",
    name: "get their name back when somebody renames their row",
    steps: [
      ...joined,
      ["ic.sb set Availability_Zone az1 name=az9"],
      ["az1 lr-route-add lr1 172.16.0.0/16 10.0.1.9"],
    ],
    differs: { "23.03.1": "renamed-by-others", "26.03.1": "renamed-by-others" },
  },
  {
    rule: "§1 zones",
    name: "get their gateway back when somebody gives it to another zone",
    steps: [...joined, ["ic.sb set Gateway gw1 availability_zone={ic.sb Availability_Zone name=az2}"]],
  },
  {
    rule: "§1 zones",
    name: "get their port back when somebody gives it to another zone",
    steps: [
      ...joined,
      ["ic.sb set Port_Binding ts1-lr1 availability_zone={ic.sb Availability_Zone name=az2}"],
    ],
  },
  {
    rule: "§1 zones",
    name: "are renamed as soon as they are there",
    releases: NEWER,
    steps: [["az1 set NB_Global . name=zone1"]],
  },
  {
    rule: "§1 zones",
    name: "have odd names, and names that contain each other",
    releases: NEWER,
    steps: [
      ...routed,
      ["az1 set NB_Global . name=az22"],
      [`az1 set NB_Global . 'name="a zone, with \\"quotes\\" and ünïcode"'`],
      [`az1 set NB_Global . 'name=" "'`],
    ],
  },
  {
    rule: "§1 zones",
    name: "in which no controller runs keep what they have",
    steps: [
      ...joined,
      foreignZone,
      [
        foreign(
          "Port_Binding",
          `logical_port=p9 transit_switch=ts1 tunnel_key=900 'address="AA:AA:aa:aa:99:09 169.254.100.9/24"'`,
        ),
        foreign("Port_Binding", "logical_port=p99 transit_switch=gone tunnel_key=900"),
        "ic.sb --id=@e create Encap type=geneve ip=10.255.0.9 gateway_name=gw9",
        foreign("Gateway", "name=gw9 encaps=@e"),
        foreignRoute("ip_prefix=10.90.0.0/16 nexthop=169.254.100.9 origin=static"),
      ],
      ["ic.sb set Port_Binding {ic.sb Port_Binding logical_port=p9} gateway=gw9 tunnel_key=901"],
      ['ic.sb set Port_Binding {ic.sb Port_Binding logical_port=p9} gateway=nowhere address=""'],
      ['ic.sb set Port_Binding {ic.sb Port_Binding logical_port=p9} gateway="" address=unknown'],
      ["ic.sb destroy Gateway gw9", "ic.sb destroy Port_Binding {ic.sb Port_Binding logical_port=p9}"],
    ],
  },
  {
    rule: "§1 zones",
    name: "say nonsense of their port's address",
    steps: [
      ...joined,
      foreignZone,
      [foreign("Port_Binding", "logical_port=p9 transit_switch=ts1 tunnel_key=900 address=nonsense")],
    ],
    differs: { "23.03.1": "port-address", "26.03.1": "port-address" },
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
  {
    rule: "§2 gateways",
    name: "are gateways of this zone though somebody calls them remote",
    steps: [gateway("az1", "gw1", "10.255.0.1"), ["az1.sb set Chassis gw1 other_config:is-remote=true"]],
  },
  {
    rule: "§2 gateways",
    name: "values that are nearly true",
    steps: [
      [
        "az1.sb chassis-add gw1 geneve 10.255.0.1",
        "az1.sb set Chassis gw1 other_config:is-interconn=TRUE",
        "az2.sb chassis-add stray geneve 10.255.0.9",
        "az2.sb set Chassis stray other_config:is-remote=TRUE",
      ],
      ["az1.sb set Chassis gw1 other_config:is-interconn=1"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "one name in both zones",
    steps: [
      [...gateway("az1", "gw1", "10.255.0.1"), ...gateway("az2", "gw2", "10.255.0.2")],
      ["az2.sb chassis-add gwx geneve 10.255.0.7"],
      gateway("az1", "gwx", "10.255.0.8"),
      ["az1.sb chassis-del gwx"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "get and lose encapsulations",
    steps: [
      ["az1.sb chassis-add gw1 geneve fd99::1", "az1.sb set Chassis gw1 other_config:is-interconn=true"],
      [
        "az1.sb --id=@e create Encap type=vxlan ip=10.255.0.1 chassis_name=gw1",
        "az1.sb add Chassis gw1 encaps @e",
        "az1.sb set Chassis gw1 transport_zones=tz1 external_ids:mine=1",
      ],
      ["az1.sb set Encap {az1.sb Encap type=vxlan} ip=10.255.0.11"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "what somebody changes in a remote chassis is put right",
    steps: [
      gateway("az1", "gw1", "10.255.0.1"),
      [
        "az2.sb set Chassis gw1 hostname=wrong",
        "az2.sb set Encap {az2.sb Encap chassis_name=gw1} options:csum=false",
      ],
      ["az2.sb set Encap {az2.sb Encap chassis_name=gw1} ip=10.255.9.9"],
    ],
  },
  {
    rule: "§2 gateways",
    name: "what somebody changes in the global rows is put right",
    steps: [
      gateway("az1", "gw1", "10.255.0.1"),
      [
        "ic.sb set Gateway gw1 hostname=wrong external_ids:mine=1",
        "ic.sb set Encap {ic.sb Encap gateway_name=gw1} options:csum=false",
      ],
      ["ic.sb set Encap {ic.sb Encap gateway_name=gw1} ip=10.255.9.9"],
    ],
  },
];
