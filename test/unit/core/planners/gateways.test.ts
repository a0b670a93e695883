import { describe } from "vitest";
import { gateways } from "../../../../src/core/planners/gateways.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

function chassis(more: GivenRow<"sb", "Chassis"> = {}, ip = "10.0.0.1"): Rows {
  return {
    sb: {
      Encap: [{ _uuid: "e1", type: "geneve", ip, chassis_name: "gw1" }],
      Chassis: [
        { name: "gw1", hostname: "h1", encaps: ["e1"], other_config: { "is-interconn": "true" }, ...more },
      ],
    },
  };
}

function gateway(
  zone: string,
  more: GivenRow<"icSb", "Gateway"> = {},
  ip = "10.0.0.2",
  type: "geneve" | "vxlan" = "geneve",
): Rows {
  return {
    icSb: {
      Encap: [{ _uuid: `e of ${ip}`, type, ip, gateway_name: more.name ?? "gw2" }],
      Gateway: [{ name: "gw2", hostname: "h2", availability_zone: zone, encaps: [`e of ${ip}`], ...more }],
    },
  };
}

/** The chassis that stands for gateway gw2. */
const remote: Rows = {
  sb: {
    Encap: [{ _uuid: "f2", type: "geneve", ip: "10.0.0.2", chassis_name: "gw2" }],
    Chassis: [{ name: "gw2", hostname: "h2", encaps: ["f2"], other_config: { "is-remote": "true" } }],
  },
};

const made = "sb + Chassis name=gw2, hostname=h2, encaps=[(new)], other_config={is-remote=true}";
const tunnel = "sb + Encap type=geneve, ip=10.0.0.2, options={}, chassis_name=gw2";
const twoMore = rows(
  gateway("az2", { name: "gw2" }, "10.0.0.2"),
  gateway("az2", { name: "gw3" }, "10.0.0.3"),
);

describe("a gateway of this zone", () => {
  itPlans(gateways, [
    {
      name: "is made known of a chassis with is-interconn",
      given: rows(zones(), chassis()),
      does: [
        "icSb + Encap type=geneve, ip=10.0.0.1, options={}, gateway_name=gw1",
        "icSb + Gateway name=gw1, hostname=h1, availability_zone=az1, encaps=[(new)]",
      ],
    },
    {
      name: "is not made known before the zone has its row",
      given: rows({ nb: { NB_Global: [{ name: "az1" }] } }, chassis()),
    },
    {
      name: "is not made known of another chassis",
      given: rows(zones(), chassis({ other_config: {} })),
    },
    {
      name: "is left as it is",
      given: rows(zones(), chassis(), gateway("az1", { name: "gw1", hostname: "h1" }, "10.0.0.1")),
    },
    {
      name: "gets the chassis' host name and tunnel address",
      given: rows(zones(), chassis({}, "10.0.0.9"), gateway("az1", { name: "gw1" }, "10.0.0.1")),
      does: [
        "icSb + Encap type=geneve, ip=10.0.0.9, options={}, gateway_name=gw1",
        "icSb ~ Gateway gw1: hostname=h1, encaps=[(new)]",
      ],
    },
    {
      name: "goes with its chassis",
      given: rows(zones(), gateway("az1", { name: "gw1" }, "10.0.0.1")),
      does: ["icSb - Gateway gw1"],
    },
    {
      name: "goes when its chassis is no gateway any more",
      given: rows(
        zones(),
        chassis({ other_config: { "is-interconn": "false" } }),
        gateway("az1", { name: "gw1" }, "10.0.0.1"),
      ),
      does: ["icSb - Gateway gw1"],
    },
    {
      name: "is left out without a tunnel address",
      given: rows(zones(), {
        sb: { Chassis: [{ name: "gw1", encaps: [], other_config: { "is-interconn": "true" } }] },
      }),
      says: ["warn: no-encap of Chassis gw1"],
    },
    {
      name: "is left out with a type of tunnel only that the server doesn't know",
      given: rows(zones(), chassis()),
      enums: { "icSb.Encap.type": ["vxlan"] },
      says: ["warn: encap-type-unknown of Chassis gw1"],
    },
    {
      name: "is not made known under a name that another zone has",
      given: rows(zones(), chassis(), gateway("az2", { name: "gw1" })),
      says: ["warn: gateway-name-taken of Chassis gw1, by Gateway gw1"],
    },
    {
      name: "is not warned about when a former name's row holds it",
      given: rows(zones(), chassis(), gateway("az2", { name: "gw1" }, "10.0.0.1")),
    },
    {
      name: "is taken back from the zone that somebody has given it to",
      given: rows(zones(), chassis(), gateway("az1", { name: "gw1", hostname: "h1" }, "10.0.0.1")),
      after: (world) =>
        world.change("icSb", { update: "Gateway", uuid: "gw1", row: { availability_zone: "az2" } }),
      does: ["icSb ~ Gateway gw1: availability_zone=az1"],
      says: ["warn: row-given-away of Gateway gw1", "explain: row-given-away of Gateway gw1"],
    },
  ]);
});

describe("a gateway of another zone", () => {
  itPlans(gateways, [
    {
      name: "becomes a remote chassis",
      given: rows(zones(), gateway("az2")),
      does: [tunnel, made],
    },
    { name: "is left as it is", given: rows(zones(), gateway("az2"), remote) },
    {
      name: "gets its host name and tunnel address, and the mark of a remote chassis",
      given: rows(zones(), gateway("az2", { hostname: "h9" }, "10.0.0.9"), remote),
      does: [
        "sb + Encap type=geneve, ip=10.0.0.9, options={}, chassis_name=gw2",
        "sb ~ Chassis gw2: hostname=h9, encaps=[(new)]",
      ],
    },
    {
      name: "gets the options of its tunnel",
      given: rows(zones(), gateway("az2"), remote),
      after: (world) =>
        world.change("icSb", { update: "Encap", uuid: "e of 10.0.0.2", row: { options: { csum: "true" } } }),
      does: ["sb ~ Encap f2: options={csum=true}"],
    },
    { name: "goes with its row", given: rows(zones(), remote), does: ["sb - Chassis gw2"] },
    {
      name: "is left out without a tunnel address",
      given: rows(zones(), { icSb: { Gateway: [{ name: "gw2", availability_zone: "az2", encaps: [] }] } }),
      says: ["warn: no-encap of Gateway gw2"],
    },
    {
      name: "is left out with a type of tunnel only that the server doesn't know",
      given: rows(zones(), gateway("az2", {}, "10.0.0.2", "vxlan")),
      enums: { "sb.Encap.type": ["geneve"] },
      says: ["warn: encap-type-unknown of Gateway gw2"],
    },
    {
      name: "is left out, and goes, where its tunnel would lead to no host",
      given: rows(zones(), gateway("az2", {}, "127.0.0.1"), remote),
      does: ["sb - Chassis gw2"],
      says: ["warn: encap-ip-invalid of Gateway gw2", "explain: encap-ip-invalid of Gateway gw2"],
    },
    {
      name: "is left out where its tunnel address is none",
      given: rows(zones(), gateway("az2", {}, "nonsense")),
      says: ["warn: encap-ip-invalid of Gateway gw2", "explain: encap-ip-invalid of Gateway gw2"],
    },
    {
      name: "is left out where its tunnel address is that of a chassis here",
      given: rows(zones(), chassis({ other_config: {} }, "10.0.0.2"), gateway("az2")),
      says: [
        "warn: encap-ip-taken of Gateway gw2, by Chassis gw1",
        "explain: encap-ip-taken of Gateway gw2, by Chassis gw1",
      ],
    },
    {
      name: "is left out where its tunnel address is not in the filter",
      given: rows(zones({ "ic-encap-filter": "10.9.0.0/16" }), gateway("az2")),
      says: [
        "warn: encap-filter of Gateway gw2, by NB_Global NB_Global ic-encap-filter=10.9.0.0/16",
        "explain: encap-filter of Gateway gw2, by NB_Global NB_Global ic-encap-filter=10.9.0.0/16",
      ],
    },
    {
      name: "is made where the filter has its address, whatever else is in it",
      given: rows(zones({ "ic-encap-filter": "bad,10.0.0.0/16" }), gateway("az2")),
      does: [tunnel, made],
      says: ["warn: invalid-filter-entry of NB_Global NB_Global, by ic-encap-filter=bad"],
    },
    {
      name: "is left out of more than its zone may have: what is here stays",
      given: rows(
        zones({ "ic-max-gateways": "1" }),
        gateway("az2", { name: "gw3" }, "10.0.0.3"),
        gateway("az2"),
        remote,
      ),
      says: [
        "warn: too-many-gateways of Availability_Zone az2, by NB_Global NB_Global ic-max-gateways=1",
        "explain: too-many-gateways of Gateway gw3, by NB_Global NB_Global ic-max-gateways=1",
      ],
    },
    {
      name: "is left out of more than its zone may have: what came first is made",
      given: rows(zones({ "ic-max-gateways": "1" }), twoMore),
      does: [tunnel, made],
      says: [
        "warn: too-many-gateways of Availability_Zone az2, by NB_Global NB_Global ic-max-gateways=1",
        "explain: too-many-gateways of Gateway gw3, by NB_Global NB_Global ic-max-gateways=1",
      ],
    },
    {
      name: "is made whatever nonsense the limit is",
      given: rows(zones({ "ic-max-gateways": "few" }), gateway("az2")),
      does: [tunnel, made],
      says: ["warn: invalid-option of NB_Global NB_Global, by ic-max-gateways=few"],
    },
  ]);
});
