// Changes after which units were once forgotten, found by random ones.
import { describe } from "vitest";
import { portBindings } from "../../../../src/core/planners/ports/port-bindings.ts";
import { itFeeds, rows, zones } from "./cases.ts";
import type { Rows } from "./rows.ts";

/** Router lr1 with its port on transit switch ts1. */
const joined: Rows = {
  nb: {
    Logical_Router: [{ name: "lr1", ports: ["lr1-ts1"] }],
    Logical_Router_Port: [{ name: "lr1-ts1", networks: ["169.254.1.1/24"] }],
    Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["ts1-lr1"] }],
    Logical_Switch_Port: [{ name: "ts1-lr1", type: "router", options: { "router-port": "lr1-ts1" } }],
  },
  icNb: { Transit_Switch: [{ name: "ts1" }] },
};

describe("a port on a transit switch is planned again", () => {
  itFeeds(portBindings, [
    {
      name: "when a switch that has ports becomes a transit switch's",
      given: rows(zones(), joined),
      change: (world) => {
        world.change("nb", { update: "Logical_Switch", uuid: "ts1", row: { other_config: {} } });
        return world.change("nb", {
          update: "Logical_Switch",
          uuid: "ts1",
          row: { other_config: { "interconn-ts": "ts1" } },
        });
      },
      feeds: ["ts1-lr1"],
    },
    {
      name: "when the router's port behind it goes, which northd does not know",
      given: rows(zones(), joined),
      change: (world) => world.change("nb", { update: "Logical_Router", uuid: "lr1", row: { ports: [] } }),
      feeds: ["ts1-lr1"],
    },
    {
      name: "when the router's port is bound to a chassis, before northd has said that it is behind",
      given: rows(zones(), joined, { sb: { Datapath_Binding: [{ _uuid: "lr1", tunnel_key: 1 }] } }),
      change: (world) =>
        world.change("sb", {
          insert: "Port_Binding",
          row: { logical_port: "cr-lr1-ts1", datapath: "lr1", tunnel_key: 1 },
        }),
      feeds: ["cr-lr1-ts1", "ts1-lr1"],
    },
  ]);
});
