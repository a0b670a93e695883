import { describe } from "vitest";
import { addressSets } from "../../../../src/core/planners/address-sets.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const both = { "ic-as-adv": "true", "ic-as-learn": "true" };

function southern(more: GivenRow<"sb", "Address_Set"> = {}): Rows {
  return {
    sb: { Address_Set: [{ name: "as1", addresses: ["10.1.0.1"], options: { "ic-adv": "true" }, ...more }] },
  };
}

function advertised(zone: string, addresses: readonly string[], name = "as1"): Rows {
  return {
    icSb: { Address_Set: [{ _uuid: `${name} of ${zone}`, name, addresses, availability_zone: zone }] },
  };
}

function northern(more: GivenRow<"nb", "Address_Set"> = {}): Rows {
  return {
    nb: {
      Address_Set: [{ name: "as1", addresses: ["10.2.0.1"], external_ids: { "ic-learnt": "true" }, ...more }],
    },
  };
}

const made = "nb + Address_Set name=as1, addresses=[10.2.0.1], external_ids={ic-learnt=true}";

describe("an address set of this zone", () => {
  itPlans(addressSets, [
    {
      name: "is made known",
      given: rows(zones(both), southern()),
      does: ["icSb + Address_Set name=as1, availability_zone=az1, addresses=[10.1.0.1]"],
    },
    { name: "is left as it is", given: rows(zones(both), southern(), advertised("az1", ["10.1.0.1"])) },
    {
      name: "gets its addresses",
      given: rows(zones(both), southern(), advertised("az1", ["10.1.0.9"])),
      does: ["icSb ~ Address_Set as1 of az1: addresses=[10.1.0.1]"],
    },
    {
      name: "is not made known, and goes, unless the zone makes any known",
      given: rows(zones({ ...both, "ic-as-adv": "false" }), southern(), advertised("az1", ["10.1.0.1"])),
      does: ["icSb - Address_Set as1 of az1"],
      says: ["explain: address-sets-not-advertised of Address_Set as1"],
    },
    {
      name: "goes when it is not to be known any more",
      given: rows(zones(both), southern({ options: {} }), advertised("az1", ["10.1.0.1"])),
      does: ["icSb - Address_Set as1 of az1"],
    },
    {
      name: "is nothing that older servers know",
      given: rows(zones(both), southern()),
      without: ["sb.Address_Set.options"],
    },
  ]);
});

describe("an address set of other zones", () => {
  itPlans(addressSets, [
    { name: "is learnt", given: rows(zones(both), advertised("az2", ["10.2.0.1"])), does: [made] },
    {
      name: "is one of all that have the name",
      given: rows(zones(both), advertised("az2", ["10.2.0.1"]), advertised("az3", ["10.3.0.1"]), {
        icSb: { Availability_Zone: [{ name: "az3" }] },
      }),
      does: [made.replace("[10.2.0.1]", "[10.2.0.1 10.3.0.1]")],
    },
    { name: "is left as it is", given: rows(zones(both), advertised("az2", ["10.2.0.1"]), northern()) },
    {
      name: "goes when no other zone has it",
      given: rows(zones(both), northern()),
      does: ["nb - Address_Set as1"],
    },
    {
      name: "goes when none is to be learnt",
      given: rows(zones(), advertised("az2", ["10.2.0.1"]), northern()),
      does: ["nb - Address_Set as1"],
    },
    {
      name: "is not learnt where there is one of the name",
      given: rows(zones(both), advertised("az2", ["10.2.0.1"]), northern({ external_ids: {} })),
      says: ["explain: own-address-set-wins of Address_Set as1 of az2, by Address_Set as1"],
    },
    {
      name: "is not learnt under a name that northd keeps for itself",
      given: rows(zones(both), advertised("az2", ["10.2.0.1"], "svc_monitor_mac")),
      says: [
        "warn: address-set-name-taken of Address_Set svc_monitor_mac of az2",
        "explain: address-set-name-taken of Address_Set svc_monitor_mac of az2",
      ],
    },
    {
      name: "is not learnt under the name of what northd makes of a port group",
      given: rows(zones(both), advertised("az2", ["10.2.0.1"], "pg1_ip4"), {
        nb: { Port_Group: [{ name: "pg1" }] },
      }),
      says: [
        "warn: address-set-name-taken of Address_Set pg1_ip4 of az2",
        "explain: address-set-name-taken of Address_Set pg1_ip4 of az2",
      ],
    },
    {
      name: "is not learnt under the name of what northd has made of something else",
      given: rows(zones(both), advertised("az2", ["10.2.0.1"]), southern({ options: {} })),
      says: [
        "explain: address-set-name-taken of Address_Set as1 of az2, by Address_Set as1",
        "finding: address-set-name-taken of Address_Set as1 of az2, by Address_Set as1",
      ],
    },
    {
      name: "is learnt without what can't be in one",
      given: rows(zones(both), advertised("az2", ["10.2.0.1", "nonsense"])),
      does: [made],
      says: [
        "warn: address-set-element of Address_Set as1 of az2",
        "explain: address-set-element of Address_Set as1 of az2",
      ],
    },
  ]);
});
