import { describe } from "vitest";
import { transitSwitches } from "../../../../src/core/planners/transit-switches.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const asked: Rows = { icNb: { Transit_Switch: [{ name: "ts1" }] } };

function datapath(more: GivenRow<"icSb", "Datapath_Binding"> = {}): Rows {
  return {
    icSb: {
      Datapath_Binding: [
        {
          _uuid: "d1",
          transit_switch: "ts1",
          type: "transit-switch",
          nb_ic_uuid: uuidOf("icNb", "Transit_Switch", "ts1"),
          tunnel_key: 16711682,
          ...more,
        },
      ],
    },
  };
}

const known: Rows = {
  nb: {
    Logical_Switch: [
      {
        name: "ts1",
        other_config: { "interconn-ts": "ts1", "requested-tnl-key": "16711682", "ic-vxlan_mode": "false" },
      },
    ],
  },
};
/** Another switch that claims to stand for it. */
const claims: Rows = {
  nb: {
    Logical_Switch: [
      { name: "ts1 again", other_config: { "interconn-ts": "ts1", "requested-tnl-key": "16711683" } },
    ],
  },
};
const vxlan: Rows = {
  icNb: { IC_NB_Global: [{ options: { vxlan_mode: "true" } }] },
  icSb: {
    Encap: [{ _uuid: "e1", type: "vxlan", ip: "10.0.0.1" }],
    Gateway: [{ name: "gw2", availability_zone: "az2", encaps: ["e1"] }],
  },
};

const made =
  "icSb + Datapath_Binding transit_switch=ts1, type=transit-switch, nb_ic_uuid=ts1, tunnel_key=16711682 (leader)";

describe("a transit switch", () => {
  itPlans(transitSwitches, [
    {
      name: "gets a datapath, which the leader makes, and a switch here",
      given: rows(zones(), asked),
      does: [
        "nb + Logical_Switch other_config={interconn-ts=ts1, ic-vxlan_mode=false}, name=ts1",
        "icSb ? Datapath_Binding tunnel_key=16711682 (leader)",
        "icSb ? Datapath_Binding transit_switch=ts1 (leader)",
        made,
      ],
    },
    {
      name: "gets only a switch from who is not the leader",
      given: rows(zones(), asked),
      leader: false,
      does: ["nb + Logical_Switch other_config={interconn-ts=ts1, ic-vxlan_mode=false}, name=ts1"],
    },
    {
      name: "gets nothing before the zone has its row",
      given: rows({ nb: { NB_Global: [{ name: "az1" }] } }, asked),
    },
    { name: "is left as it is", given: rows(zones(), asked, datapath(), known) },
    {
      name: "has its switch told the key of its datapath",
      given: rows(zones(), asked, datapath({ tunnel_key: 16711690 }), known),
      does: ["nb ~ Logical_Switch ts1: other_config:requested-tnl-key=16711690"],
    },
    {
      name: "gets a key of the fewer that VXLAN has room for",
      given: rows(zones(), asked, datapath(), known, vxlan),
      does: [
        "nb ~ Logical_Switch ts1: other_config:ic-vxlan_mode=true",
        "icSb ? Datapath_Binding tunnel_key=1025 (leader)",
        "icSb ~ Datapath_Binding d1: tunnel_key=1025 (leader)",
      ],
    },
    {
      name: "gets another key than one that another datapath has, whose uuid is lower",
      given: rows(zones(), asked, datapath({ _uuid: "ffffffff-0000-0000-0000-000000000000" }), known, {
        icNb: { Transit_Switch: [{ name: "ts2" }] },
        nb: {
          Logical_Switch: [
            {
              name: "ts2",
              other_config: {
                "interconn-ts": "ts2",
                "requested-tnl-key": "16711682",
                "ic-vxlan_mode": "false",
              },
            },
          ],
        },
        icSb: {
          Datapath_Binding: [
            {
              _uuid: "00000000-0000-0000-0000-000000000001",
              transit_switch: "ts2",
              type: "transit-switch",
              nb_ic_uuid: uuidOf("icNb", "Transit_Switch", "ts2"),
              tunnel_key: 16711682,
            },
          ],
        },
      }),
      does: [
        "icSb ? Datapath_Binding tunnel_key=16711683 (leader)",
        "icSb ~ Datapath_Binding ffffffff-0000-0000-0000-000000000000: tunnel_key=16711683 (leader)",
      ],
    },
    {
      name: "goes with its datapath and its switch",
      given: rows(zones(), datapath(), known),
      does: ["nb - Logical_Switch ts1", "icSb - Datapath_Binding d1 (leader)"],
    },
    {
      name: "keeps one datapath and one switch of several",
      given: rows(zones(), asked, datapath(), datapath({ _uuid: "d2", tunnel_key: 16711683 }), known, claims),
      does: ["nb - Logical_Switch ts1 again if ports", "icSb - Datapath_Binding d2 (leader)"],
    },
    {
      name: "leaves a switch alone that claims to be it and has ports of somebody else",
      given: rows(zones(), asked, datapath(), {
        nb: {
          Logical_Switch: [
            {
              name: "ts1",
              other_config: {
                "interconn-ts": "ts1",
                "requested-tnl-key": "16711682",
                "ic-vxlan_mode": "false",
              },
              ports: ["a"],
            },
            {
              name: "ts1 again",
              other_config: { "interconn-ts": "ts1", "requested-tnl-key": "16711683" },
              ports: ["b"],
            },
          ],
          Logical_Switch_Port: [{ name: "a" }, { name: "b" }],
        },
      }),
      says: ["warn: doubly-claimed of Logical_Switch ts1 again, by Logical_Switch ts1"],
    },
  ]);
});

describe("a datapath of no transit switch", () => {
  itPlans(transitSwitches, [
    {
      name: "goes",
      given: rows(zones(), datapath({ transit_switch: "", type: null })),
      does: ["icSb - Datapath_Binding d1 (leader)"],
    },
    { name: "is left to the leader", given: rows(zones(), datapath({ transit_switch: "" })), leader: false },
    {
      name: "is left alone if it is a transit router's",
      given: rows(zones(), datapath({ transit_switch: "", type: "transit-router" })),
    },
  ]);
});
