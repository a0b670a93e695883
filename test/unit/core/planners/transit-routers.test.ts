import { describe } from "vitest";
import { transitRouters } from "../../../../src/core/planners/transit-routers.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const asked: Rows = { icNb: { Transit_Router: [{ name: "tr1" }] } };

function datapath(more: GivenRow<"icSb", "Datapath_Binding"> = {}): Rows {
  return {
    icSb: {
      Datapath_Binding: [
        {
          _uuid: "d1",
          type: "transit-router",
          nb_ic_uuid: uuidOf("icNb", "Transit_Router", "tr1"),
          tunnel_key: 16711682,
          ...more,
        },
      ],
    },
  };
}

function router(name: string, more: GivenRow<"nb", "Logical_Router"> = {}): Rows {
  return {
    nb: {
      Logical_Router: [
        { name, options: { "interconn-tr": "tr1", "requested-tnl-key": "16711682" }, ...more },
      ],
      Logical_Router_Port: [...(more.ports ?? [])].map((port) => ({ name: port })),
    },
  };
}

describe("a transit router", () => {
  itPlans(transitRouters, [
    {
      name: "gets a datapath, which the leader makes, and a router here",
      given: rows(zones(), asked),
      does: [
        "nb + Logical_Router options={interconn-tr=tr1}, name=tr1",
        "icSb ? Datapath_Binding tunnel_key=16711682 (leader)",
        "icSb ? Datapath_Binding nb_ic_uuid=tr1 (leader)",
        'icSb + Datapath_Binding transit_switch="", type=transit-router, nb_ic_uuid=tr1, tunnel_key=16711682 (leader)',
      ],
    },
    {
      name: "gets only a router from who is not the leader",
      given: rows(zones(), asked),
      leader: false,
      does: ["nb + Logical_Router options={interconn-tr=tr1}, name=tr1"],
    },
    {
      name: "is nothing that older servers know",
      given: rows(zones(), asked),
      without: ["icSb.Datapath_Binding.nb_ic_uuid"],
    },
    { name: "is left as it is", given: rows(zones(), asked, datapath(), router("tr1")) },
    {
      name: "has its router told the key of its datapath",
      given: rows(zones(), asked, datapath({ tunnel_key: 16711690 }), router("tr1")),
      does: ["nb ~ Logical_Router tr1: options:requested-tnl-key=16711690"],
    },
    {
      name: "goes with its datapath and its router",
      given: rows(zones(), datapath(), router("tr1")),
      does: ["nb - Logical_Router tr1", "icSb - Datapath_Binding d1 (leader)"],
    },
    {
      name: "keeps one datapath and one router of several",
      given: rows(
        zones(),
        asked,
        datapath(),
        datapath({ _uuid: "d2", tunnel_key: 16711683 }),
        router("tr1"),
        router("again", { options: { "interconn-tr": "tr1", "requested-tnl-key": "16711683" } }),
      ),
      does: ["nb - Logical_Router again if ports", "icSb - Datapath_Binding d2 (leader)"],
    },
    {
      name: "leaves a router alone that claims to be it and has ports of somebody else",
      given: rows(
        zones(),
        asked,
        datapath(),
        router("tr1", { ports: ["a"] }),
        router("again", {
          ports: ["b"],
          options: { "interconn-tr": "tr1", "requested-tnl-key": "16711683" },
        }),
      ),
      says: ["warn: doubly-claimed of Logical_Router again, by Logical_Router tr1"],
    },
  ]);
});
