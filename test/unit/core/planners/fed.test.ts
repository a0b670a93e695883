// Changes after which units were once forgotten, found by random ones.
import { describe } from "vitest";
import { gateways } from "../../../../src/core/planners/gateways.ts";
import { portBindings } from "../../../../src/core/planners/ports/port-bindings.ts";
import { transitRouterPorts } from "../../../../src/core/planners/ports/transit-router-ports.ts";
import { transitSwitchPorts } from "../../../../src/core/planners/ports/transit-switch-ports.ts";
import { advertisedRoutes } from "../../../../src/core/planners/routes/advertised-routes.ts";
import { learnedRoutes } from "../../../../src/core/planners/routes/learned-routes.ts";
import { serviceMonitors } from "../../../../src/core/planners/service-monitors.ts";
import type { Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itFeeds, rows, zones } from "./cases.ts";

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
/** The same as the global database knows it, and what another zone advertises there. */
const known: Rows = {
  icSb: {
    Port_Binding: [
      {
        logical_port: "ts1-lr1",
        transit_switch: "ts1",
        availability_zone: "az1",
        tunnel_key: 1,
        gateway: "gw1",
        external_ids: { "router-id": uuidOf("nb", "Logical_Router", "lr1") },
      },
    ],
    Route: [
      {
        _uuid: "r1",
        transit_switch: "ts1",
        availability_zone: "az1",
        ip_prefix: "10.1.0.1/24",
        origin: "connected",
      },
      {
        _uuid: "r2",
        transit_switch: "ts1",
        availability_zone: "az2",
        ip_prefix: "10.2.0.0/24",
        origin: "static",
      },
    ],
  },
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
    {
      name: "when the router goes that the global database knows behind it",
      given: rows(zones(), known, { nb: { Logical_Router: [{ name: "lr1" }] } }),
      change: (world) => world.change("nb", { delete: "Logical_Router", uuid: "lr1" }),
      feeds: ["ts1-lr1"],
    },
    {
      name: "when its gateway has another tunnel address",
      given: rows(zones(), joined, known, {
        icSb: {
          Encap: [
            { _uuid: "e1", type: "geneve", ip: "172.16.0.1" },
            { _uuid: "e2", type: "geneve", ip: "172.16.0.2" },
          ],
          Gateway: [
            { name: "gw1", availability_zone: "az1", encaps: ["e1", "e2"] },
            { name: "gw2", availability_zone: "az2", encaps: ["e1"] },
          ],
        },
      }),
      change: (world) => world.change("icSb", { update: "Gateway", uuid: "gw1", row: { encaps: ["e2"] } }),
      feeds: ["ts1-lr1"],
    },
    {
      name: "when the tunnel address changes by which its router's port is bound, whatever chassis that is said to be of",
      given: rows(zones(), joined, {
        sb: {
          Encap: [{ _uuid: "e1", type: "geneve", ip: "172.16.0.1", chassis_name: "gw9" }],
          Chassis: [{ name: "gw1", encaps: ["e1"] }],
          Datapath_Binding: [{ _uuid: "lr1", tunnel_key: 1 }],
          Port_Binding: [{ logical_port: "cr-lr1-ts1", datapath: "lr1", tunnel_key: 1, encap: "e1" }],
        },
      }),
      change: (world) => world.change("sb", { update: "Encap", uuid: "e1", row: { ip: "172.16.0.5" } }),
      feeds: ["cr-lr1-ts1", "ts1-lr1"],
    },
    {
      name: "when what it is reached by changes, whatever gateway that is said to be of",
      given: rows(zones(), {
        icSb: {
          Encap: [{ _uuid: "e2", type: "geneve", ip: "172.16.0.2", gateway_name: "gw9" }],
          Gateway: [{ name: "gw2", availability_zone: "az2", encaps: ["e2"] }],
          Port_Binding: [
            {
              logical_port: "p2",
              transit_switch: "ts1",
              availability_zone: "az2",
              tunnel_key: 2,
              encap: "e2",
            },
          ],
        },
      }),
      change: (world) => world.change("icSb", { update: "Encap", uuid: "e2", row: { ip: "172.16.0.3" } }),
      feeds: ["p2"],
    },
  ]);
});

describe("a port of INB is planned again", () => {
  itFeeds(transitSwitchPorts, [
    {
      name: "when somebody moves its switch port to another switch",
      given: rows(zones(), joined, {
        nb: {
          Logical_Switch: [
            { name: "ts2", other_config: { "interconn-ts": "ts2" }, ports: ["tsp1"] },
            { name: "other" },
          ],
          Logical_Switch_Port: [{ name: "tsp1", options: { "interconn-tsp": "tsp1" } }],
        },
      }),
      change: (world) =>
        world.change(
          "nb",
          { update: "Logical_Switch", uuid: "ts2", row: { ports: [] } },
          { update: "Logical_Switch", uuid: "other", row: { ports: ["tsp1"] } },
        ),
      feeds: ["tsp1"],
    },
  ]);
  itFeeds(transitRouterPorts, [
    {
      name: "when somebody moves its router port to another router",
      given: rows(zones(), {
        nb: {
          Logical_Router: [
            { name: "tr1", options: { "interconn-tr": "tr1" }, ports: ["trp1"] },
            { name: "other" },
          ],
          Logical_Router_Port: [{ name: "trp1", options: { "interconn-tr": "trp1" } }],
        },
      }),
      change: (world) =>
        world.change(
          "nb",
          { update: "Logical_Router", uuid: "tr1", row: { ports: [] } },
          { update: "Logical_Router", uuid: "other", row: { ports: ["trp1"] } },
        ),
      feeds: ["trp1"],
    },
  ]);
});

/** A datapath for which northd has learned a route. */
const dynamic: Rows = {
  sb: {
    Datapath_Binding: [{ _uuid: "d1", tunnel_key: 1 }],
    Port_Binding: [{ logical_port: "x", datapath: "d1", tunnel_key: 1 }],
    Learned_Route: [{ _uuid: "l1", datapath: "d1", logical_port: "x", ip_prefix: "10.9.0.0/24" }],
  },
};

/** Another router has taken the port, of which the global database has not heard yet. */
const taken: Rows = rows(zones(), joined, known, { nb: { Logical_Router: [{ name: "lr2" }] } });
const learnt = (network: string) => `${network} of router lr1`;

describe("a route is planned again", () => {
  itFeeds(advertisedRoutes, [
    {
      name: "advertised: when a port goes which another router has taken",
      given: taken,
      change: (world) => {
        world.change(
          "nb",
          { update: "Logical_Router", uuid: "lr1", row: { ports: [] } },
          { update: "Logical_Router", uuid: "lr2", row: { ports: ["lr1-ts1"] } },
        );
        return world.change("nb", { update: "Logical_Router", uuid: "lr2", row: { ports: [] } });
      },
      feeds: ["10.1.0.1/24 on ts1"],
    },
    {
      name: "advertised: when a port changes that somebody has given to another zone",
      given: rows(zones(), joined, known),
      change: (world) => {
        world.change("icSb", { update: "Port_Binding", uuid: "ts1-lr1", row: { availability_zone: "az2" } });
        return world.change("icSb", { update: "Port_Binding", uuid: "ts1-lr1", row: { external_ids: {} } });
      },
      feeds: ["10.1.0.1/24 on ts1"],
    },
    {
      name: "advertised: when northd moves what it has learned from a datapath that is no router's any more",
      given: rows(zones(), joined, known, dynamic, {
        sb: { Datapath_Binding: [{ _uuid: "d2", tunnel_key: 2 }] },
      }),
      change: (world) => {
        const router = uuidOf("nb", "Logical_Router", "lr1");
        world.change("sb", { update: "Datapath_Binding", uuid: "d1", row: { nb_uuid: router } });
        return world.change(
          "sb",
          { update: "Datapath_Binding", uuid: "d1", row: { nb_uuid: null } },
          { update: "Learned_Route", uuid: "l1", row: { datapath: "d2" } },
        );
      },
      feeds: ["10.9.0.0/24 on ts1"],
    },
    {
      name: "advertised: when a datapath for which northd has learned routes becomes a router's",
      given: rows(zones(), joined, known, dynamic),
      change: (world) =>
        world.change("sb", {
          update: "Datapath_Binding",
          uuid: "d1",
          row: { nb_uuid: uuidOf("nb", "Logical_Router", "lr1") },
        }),
      feeds: ["10.9.0.0/24 on ts1"],
    },
  ]);
  itFeeds(learnedRoutes, [
    {
      name: "learned: when a port goes which another router has taken",
      given: taken,
      change: (world) => {
        world.change(
          "nb",
          { update: "Logical_Router", uuid: "lr1", row: { ports: [] } },
          { update: "Logical_Router", uuid: "lr2", row: { ports: ["lr1-ts1"] } },
        );
        return world.change("nb", { update: "Logical_Router", uuid: "lr2", row: { ports: [] } });
      },
      feeds: [learnt("10.1.0.0/24"), learnt("10.2.0.0/24")],
    },
    {
      name: "learned: when northd moves what it has learned from a datapath that is no router's any more",
      given: rows(zones(), joined, known, dynamic, {
        sb: { Datapath_Binding: [{ _uuid: "d2", tunnel_key: 2 }] },
      }),
      change: (world) => {
        const router = uuidOf("nb", "Logical_Router", "lr1");
        world.change("sb", { update: "Datapath_Binding", uuid: "d1", row: { nb_uuid: router } });
        return world.change(
          "sb",
          { update: "Datapath_Binding", uuid: "d1", row: { nb_uuid: null } },
          { update: "Learned_Route", uuid: "l1", row: { datapath: "d2" } },
        );
      },
      feeds: [learnt("10.9.0.0/24")],
    },
    {
      name: "learned: when a datapath for which northd has learned routes becomes a router's",
      given: rows(zones(), joined, known, dynamic),
      change: (world) =>
        world.change("sb", {
          update: "Datapath_Binding",
          uuid: "d1",
          row: { nb_uuid: uuidOf("nb", "Logical_Router", "lr1") },
        }),
      feeds: [learnt("10.9.0.0/24")],
    },
    {
      name: "learned: when a port of this zone, too, has another address, and next hops are checked",
      given: rows(zones({ "ic-route-learn-check-nexthop": "true" }), joined, known, {
        icSb: {
          Port_Binding: [
            { logical_port: "q1", transit_switch: "ts1", availability_zone: "az1", tunnel_key: 5 },
          ],
        },
      }),
      change: (world) =>
        world.change("icSb", {
          update: "Port_Binding",
          uuid: "q1",
          row: { address: "02:00:00:00:00:01 169.254.1.9" },
        }),
      feeds: [learnt("10.1.0.0/24"), learnt("10.2.0.0/24")],
    },
  ]);
});

describe("a service monitor is planned again", () => {
  itFeeds(serviceMonitors, [
    {
      name: "when another zone gets the name that somebody has taken from this one",
      given: zones(),
      change: (world) => {
        world.change("icSb", { update: "Availability_Zone", uuid: "az1", row: { name: "rome" } });
        return world.change("icSb", { update: "Availability_Zone", uuid: "az2", row: { name: "az1" } });
      },
      feeds: ["(all)"],
    },
  ]);
});

describe("what waits for a place is planned again when one is free", () => {
  const limited = zones({ "ic-max-gateways": "1", "ic-max-ports": "1", "ic-max-routes": "1" });
  itFeeds(gateways, [
    {
      name: "a gateway, when one that is here already comes to its zone",
      given: rows(limited, {
        sb: {
          Encap: [{ _uuid: "f3", type: "geneve", ip: "172.16.0.3" }],
          Chassis: [{ name: "gw3", encaps: ["f3"], other_config: { "is-remote": "true" } }],
        },
        icSb: {
          Encap: [
            { _uuid: "e2", type: "geneve", ip: "172.16.0.2" },
            { _uuid: "e3", type: "geneve", ip: "172.16.0.3" },
          ],
          Gateway: [
            { name: "gw2", availability_zone: "az2", encaps: ["e2"] },
            { name: "gw3", availability_zone: "az1", encaps: ["e3"] },
          ],
        },
      }),
      change: (world) =>
        world.change("icSb", { update: "Gateway", uuid: "gw3", row: { availability_zone: "az2" } }),
      feeds: ["gw2", "gw3"],
    },
    {
      name: "a gateway, when the chassis of another one is gone",
      given: rows(limited, {
        sb: {
          Encap: [{ _uuid: "f3", type: "geneve", ip: "172.16.0.3" }],
          Chassis: [{ name: "gw3", encaps: ["f3"], other_config: { "is-remote": "true" } }],
        },
        icSb: {
          Encap: [
            { _uuid: "e2", type: "geneve", ip: "172.16.0.2" },
            { _uuid: "e3", type: "geneve", ip: "172.16.0.3" },
          ],
          Gateway: [
            { name: "gw2", availability_zone: "az2", encaps: ["e2"] },
            { name: "gw3", availability_zone: "az2", encaps: ["e3"] },
          ],
        },
      }),
      change: (world) => world.change("sb", { delete: "Chassis", uuid: "gw3" }),
      feeds: ["gw2", "gw3"],
    },
  ]);
  itFeeds(portBindings, [
    {
      name: "a port, when INB asks for the one that had it",
      given: rows(limited, joined, {
        icSb: {
          Port_Binding: [
            { logical_port: "p2", transit_switch: "ts1", availability_zone: "az2", tunnel_key: 2 },
            { logical_port: "p3", transit_switch: "ts1", availability_zone: "az2", tunnel_key: 3 },
          ],
        },
      }),
      change: (world) =>
        world.change(
          "icNb",
          { insert: "Transit_Switch_Port", row: { name: "p2" } },
          { update: "Transit_Switch", uuid: "ts1", row: { ports: ["p2"] } },
        ),
      feeds: ["p2", "p3"],
    },
    {
      name: "a port, when somebody has removed the one that had it",
      given: rows(limited, joined, {
        nb: {
          Logical_Switch: [{ name: "ts2", other_config: { "interconn-ts": "ts2" }, ports: ["p3"] }],
          Logical_Switch_Port: [{ name: "p3", type: "remote" }],
        },
        icSb: {
          Port_Binding: [
            { logical_port: "p2", transit_switch: "ts1", availability_zone: "az2", tunnel_key: 2 },
            { logical_port: "p3", transit_switch: "ts1", availability_zone: "az2", tunnel_key: 3 },
          ],
        },
      }),
      change: (world) => world.change("nb", { update: "Logical_Switch", uuid: "ts2", row: { ports: [] } }),
      feeds: ["p2", "p3"],
    },
  ]);
  itFeeds(learnedRoutes, [
    {
      name: "a route, when somebody has removed the one that had it",
      given: rows(limited, joined, known, {
        nb: {
          Logical_Router: [{ name: "lr2", static_routes: ["s3"] }],
          Logical_Router_Static_Route: [
            {
              _uuid: "s3",
              ip_prefix: "10.3.0.0/24",
              external_ids: { "ic-learned-route": uuidOf("icSb", "Route", "r3") },
            },
          ],
        },
        icSb: {
          Route: [
            {
              _uuid: "r3",
              transit_switch: "ts1",
              availability_zone: "az2",
              ip_prefix: "10.3.0.0/24",
              origin: "static",
            },
          ],
        },
      }),
      change: (world) =>
        world.change("nb", { update: "Logical_Router", uuid: "lr2", row: { static_routes: [] } }),
      feeds: ["10.2.0.0/24 of router lr1", "10.3.0.0/24 of router lr2"],
    },
  ]);
});
