import { describe } from "vitest";
import { availabilityZone } from "../../../../src/core/planners/availability-zone.ts";
import type { Rows } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const named: Rows = { nb: { NB_Global: [{ name: "az1" }] } };
/** All that may hang on a zone's row. */
const holdings: Rows = {
  icSb: {
    Encap: [{ _uuid: "e1", type: "geneve", ip: "10.0.0.1" }],
    Gateway: [{ name: "gw1", availability_zone: "az1", encaps: ["e1"] }],
    Port_Binding: [{ logical_port: "p1", transit_switch: "ts1", availability_zone: "az1", tunnel_key: 1 }],
    Route: [{ _uuid: "r1", availability_zone: "az1", transit_switch: "ts1", origin: "static" }],
    Address_Set: [
      { name: "s1", availability_zone: "az1" },
      { name: "s2", availability_zone: "az2" },
    ],
    Service_Monitor: [
      { _uuid: "m1", logical_port: "x", source_availability_zone: "az1" },
      { _uuid: "m2", logical_port: "x", source_availability_zone: "az2" },
    ],
  },
};
/** The gateways of this zone, held by another row than the one with its name. */
const former: Rows = {
  sb: {
    Encap: [{ _uuid: "e1", type: "geneve", ip: "10.0.0.1" }],
    Chassis: [{ name: "gw1", encaps: ["e1"], other_config: { "is-interconn": "true" } }],
  },
  icSb: {
    Availability_Zone: [{ name: "north" }],
    Encap: [{ _uuid: "e1", type: "geneve", ip: "10.0.0.1" }],
    Gateway: [{ name: "gw1", availability_zone: "north", encaps: ["e1"] }],
  },
};

describe("the row of this zone", () => {
  itPlans(availabilityZone, [
    { name: "is made where there is none", given: named, does: ["icSb + Availability_Zone name=az1"] },
    { name: "is left as it is", given: zones() },
    {
      name: "is not made while the zone has no name",
      given: { nb: { NB_Global: [{}] } },
      says: ["finding: no-zone-name of NB_Global NB_Global"],
    },
    {
      name: "is renamed with NB_Global, and the monitors that name it with it",
      given: rows(zones(), holdings),
      after: (world) =>
        world.change("nb", { update: "NB_Global", uuid: "NB_Global", row: { name: "paris" } }),
      does: [
        "icSb ~ Availability_Zone az1: name=paris",
        "icSb ~ Service_Monitor m1: source_availability_zone=paris",
      ],
    },
    {
      name: "stays what it is while another zone has the new name",
      given: zones(),
      after: (world) => world.change("nb", { update: "NB_Global", uuid: "NB_Global", row: { name: "az2" } }),
      says: ["warn: zone-name-taken of Availability_Zone az1, by Availability_Zone az2"],
    },
    {
      name: "gets its name back that somebody else has changed",
      given: rows(zones(), holdings),
      after: (world) =>
        world.change("icSb", { update: "Availability_Zone", uuid: "az1", row: { name: "rome" } }),
      does: ["icSb ~ Availability_Zone az1: name=az1"],
      says: ["warn: zone-renamed of Availability_Zone az1", "explain: zone-renamed of Availability_Zone az1"],
    },
    {
      name: "doesn't get its name back while another zone has it",
      given: zones(),
      after: (world) =>
        world.change(
          "icSb",
          { update: "Availability_Zone", uuid: "az1", row: { name: "rome" } },
          { update: "Availability_Zone", uuid: "az2", row: { name: "az1" } },
        ),
      says: ["warn: zone-name-taken of Availability_Zone az1, by Availability_Zone az2"],
    },
    {
      name: "goes with all that hangs on it when the name is taken away",
      given: rows(zones(), holdings),
      after: (world) => world.change("nb", { update: "NB_Global", uuid: "NB_Global", row: { name: "" } }),
      does: [
        "icSb - Route r1",
        "icSb - Port_Binding p1",
        "icSb - Gateway gw1",
        "icSb - Address_Set s1",
        "icSb - Service_Monitor m1",
        "icSb - Availability_Zone az1",
      ],
    },
    {
      name: "is made beside that of a former name, which holds the gateways",
      given: rows(named, former),
      does: ["icSb + Availability_Zone name=az1"],
      says: ["warn: former-zone-holds-rows of Availability_Zone north"],
    },
    {
      name: "is not that of another zone with the same name, while a former one holds the gateways",
      given: rows(named, former, {
        icSb: {
          Availability_Zone: [{ name: "az1" }],
          Port_Binding: [
            { logical_port: "q1", transit_switch: "ts1", availability_zone: "az1", tunnel_key: 1 },
          ],
        },
      }),
      says: ["warn: former-zone-holds-rows of Availability_Zone north"],
    },
  ]);
});
