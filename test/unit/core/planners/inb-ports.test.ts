// Ports that INB asks for, on transit switches and on transit routers.
import { describe } from "vitest";
import { transitRouterPorts } from "../../../../src/core/planners/ports/transit-router-ports.ts";
import { transitSwitchPorts } from "../../../../src/core/planners/ports/transit-switch-ports.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const chassis: Rows = {
  sb: {
    Encap: [{ _uuid: "e1", type: "geneve", ip: "172.16.0.1" }],
    Chassis: [{ name: "gw1", encaps: ["e1"] }],
  },
};
const refused = (reason: string, of: string) => [`warn: ${reason} of ${of}`, `explain: ${reason} of ${of}`];

function onSwitch(more: GivenRow<"icNb", "Transit_Switch_Port"> = {}): Rows {
  return {
    nb: { Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" } }] },
    icNb: {
      Transit_Switch: [{ name: "ts1", ports: ["tsp1"] }],
      Transit_Switch_Port: [{ name: "tsp1", addresses: ["02:00:00:00:00:01"], ...more }],
    },
  };
}

function switchBinding(more: GivenRow<"icSb", "Port_Binding"> = {}): Rows {
  return {
    icSb: {
      Port_Binding: [
        {
          logical_port: "tsp1",
          transit_switch: "ts1",
          availability_zone: "az1",
          tunnel_key: 5,
          address: "02:00:00:00:00:01",
          type: "transit-switch-port",
          nb_ic_uuid: uuidOf("icNb", "Transit_Switch", "ts1"),
          ...more,
        },
      ],
    },
  };
}

const madeSwitchBinding = (gateway: string) =>
  `icSb + Port_Binding logical_port=tsp1, transit_switch=ts1, address=02:00:00:00:00:01, gateway=${gateway}, type=transit-switch-port, nb_ic_uuid=ts1`;
const madeSwitchPort = (type: string, options: string) =>
  `nb + Logical_Switch_Port type=${type}, addresses=[02:00:00:00:00:01], peer=-, options={interconn-tsp=tsp1, ${options}requested-tnl-key=5}, name=tsp1 in Logical_Switch ts1`;

describe("a port that INB asks for on a transit switch", () => {
  itPlans(transitSwitchPorts, [
    {
      name: "is made known by the leader, if it has no chassis",
      given: rows(zones(), onSwitch()),
      does: [`${madeSwitchBinding('""')}, availability_zone=az1, tunnel_key=1 (leader)`],
    },
    { name: "is made known by nobody else then", given: rows(zones(), onSwitch()), leader: false },
    {
      name: "is made known by the zone that has its chassis",
      given: rows(zones(), onSwitch({ chassis: "gw1" }), chassis),
      leader: false,
      does: [`${madeSwitchBinding("gw1")}, availability_zone=az1, tunnel_key=1`],
    },
    {
      name: "becomes a switch port once it is known",
      given: rows(zones(), onSwitch(), switchBinding()),
      does: [madeSwitchPort('""', "")],
    },
    {
      name: "becomes a remote port where another zone has its chassis",
      given: rows(
        zones(),
        onSwitch({ chassis: "gw2" }),
        switchBinding({ availability_zone: "az2", gateway: "gw2" }),
      ),
      does: [madeSwitchPort("remote", "requested-chassis=gw2, ")],
    },
    {
      name: "takes the place of what it was taken for by who did not know INB's ports",
      given: rows(zones(), onSwitch(), switchBinding()),
      after: (world) =>
        world.change(
          "nb",
          {
            insert: "Logical_Switch_Port",
            row: { name: "tsp1", type: "remote", addresses: ["02:00:00:00:00:01"] },
          },
          { update: "Logical_Switch", uuid: "ts1", row: { ports: ["tsp1"] } },
        ),
      does: [
        'nb ~ Logical_Switch_Port tsp1: type="", options:interconn-tsp=tsp1, options:requested-tnl-key=5',
      ],
    },
    {
      name: "is not made where there is a port of the name",
      given: rows(zones(), onSwitch(), switchBinding(), {
        nb: { Logical_Switch: [{ name: "other", ports: ["tsp1"] }], Logical_Switch_Port: [{ name: "tsp1" }] },
      }),
      says: refused("port-name-taken", "Logical_Switch_Port tsp1"),
    },
    {
      name: "is not made known where a transit router's port has the name",
      given: rows(zones(), onSwitch(), switchBinding({ transit_switch: "tr1", type: "transit-router-port" })),
      says: ["warn: port-name-taken of Transit_Switch_Port tsp1, by Port_Binding tsp1"],
    },
    {
      name: "goes when INB asks for it no more",
      given: rows(zones(), {
        nb: {
          Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["tsp1"] }],
          Logical_Switch_Port: [{ name: "tsp1", options: { "interconn-tsp": "tsp1" } }],
        },
      }),
      does: ["nb - Logical_Switch_Port tsp1 in Logical_Switch ts1"],
    },
    {
      name: "is nothing that older servers know",
      given: rows(zones(), onSwitch()),
      without: ["icNb.Transit_Switch_Port"],
    },
  ]);
});

function onRouter(more: GivenRow<"icNb", "Transit_Router_Port"> = {}): Rows {
  return {
    nb: { Logical_Router: [{ name: "tr1", options: { "interconn-tr": "tr1" } }] },
    icNb: {
      Transit_Router: [{ name: "tr1", ports: ["trp1"] }],
      Transit_Router_Port: [
        { name: "trp1", mac: "02:00:00:00:00:01", networks: ["10.5.0.1/24"], chassis: "gw1", ...more },
      ],
    },
  };
}

function routerBinding(more: GivenRow<"icSb", "Port_Binding"> = {}): Rows {
  return {
    icSb: {
      Port_Binding: [
        {
          logical_port: "trp1",
          transit_switch: "tr1",
          availability_zone: "az1",
          tunnel_key: 5,
          address: "02:00:00:00:00:01",
          type: "transit-router-port",
          nb_ic_uuid: uuidOf("icNb", "Transit_Router", "tr1"),
          ...more,
        },
      ],
    },
  };
}

const madeRouterPort =
  "nb + Logical_Router_Port mac=02:00:00:00:00:01, networks=[10.5.0.1/24], options={interconn-tr=trp1, requested-chassis=gw1, requested-tnl-key=5}, name=trp1 in Logical_Router tr1";

describe("a port that INB asks for on a transit router", () => {
  itPlans(transitRouterPorts, [
    {
      name: "is made known by the zone that has its chassis",
      given: rows(zones(), onRouter(), chassis),
      does: [
        "icSb + Port_Binding logical_port=trp1, transit_switch=tr1, address=02:00:00:00:00:01, type=transit-router-port, nb_ic_uuid=tr1, availability_zone=az1, tunnel_key=1",
      ],
    },
    { name: "is made known by nobody else", given: rows(zones(), onRouter({ chassis: "gw2" }), chassis) },
    {
      name: "becomes a router port once it is known",
      given: rows(zones(), onRouter(), chassis, routerBinding()),
      does: [madeRouterPort],
    },
    {
      name: "becomes one in every zone",
      given: rows(zones(), onRouter(), routerBinding({ availability_zone: "az2" })),
      does: [madeRouterPort],
    },
    {
      name: "is not made where a switch port has the name",
      given: rows(zones(), onRouter(), routerBinding({ availability_zone: "az2" }), {
        nb: { Logical_Switch: [{ name: "ls1", ports: ["trp1"] }], Logical_Switch_Port: [{ name: "trp1" }] },
      }),
      says: refused("port-name-taken", "Logical_Switch_Port trp1"),
    },
    {
      name: "is not made where a router port has the name",
      given: rows(zones(), onRouter(), routerBinding({ availability_zone: "az2" }), {
        nb: { Logical_Router: [{ name: "lr1", ports: ["trp1"] }], Logical_Router_Port: [{ name: "trp1" }] },
      }),
      says: refused("port-name-taken", "Logical_Router_Port trp1"),
    },
    {
      name: "goes when INB asks for it no more",
      given: rows(zones(), routerBinding(), {
        nb: {
          Logical_Router: [{ name: "tr1", options: { "interconn-tr": "tr1" }, ports: ["trp1"] }],
          Logical_Router_Port: [{ name: "trp1", options: { "interconn-tr": "trp1" } }],
        },
      }),
      does: ["nb - Logical_Router_Port trp1 in Logical_Router tr1", "icSb - Port_Binding trp1"],
    },
    {
      name: "is nothing that older servers know",
      given: rows(zones(), onRouter(), chassis),
      without: ["icSb.Datapath_Binding.nb_ic_uuid"],
    },
  ]);
});
