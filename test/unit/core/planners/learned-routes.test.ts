import { describe, expect, it } from "vitest";
import { learnedRoutes } from "../../../../src/core/planners/routes/learned-routes.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf, view } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";
import { outcomeOf, planUnit } from "./planned.ts";

const id = (router: string) => uuidOf("nb", "Logical_Router", router);

interface Given {
  readonly router?: GivenRow<"nb", "Logical_Router">;
  readonly port?: GivenRow<"nb", "Logical_Router_Port">;
  readonly binding?: GivenRow<"icSb", "Port_Binding">;
  readonly options?: Readonly<Record<string, string>>;
}

/** Router lr1, with a port on transit switch ts1, in a zone that learns. */
function router({ router, port, binding, options }: Given = {}): Rows {
  return rows(zones({ "ic-route-learn": "true", ...options }), {
    nb: {
      Logical_Router: [{ name: "lr1", ports: ["lrp1"], ...router }],
      Logical_Router_Port: [{ name: "lrp1", networks: ["169.254.1.1/24", "fd01::1/64"], ...port }],
      Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["lsp1"] }],
      Logical_Switch_Port: [{ name: "lsp1", type: "router", options: { "router-port": "lrp1" } }],
    },
    icSb: {
      Port_Binding: [
        {
          logical_port: "lsp1",
          transit_switch: "ts1",
          availability_zone: "az1",
          tunnel_key: 1,
          address: "02:00:00:00:00:01 169.254.1.1/24",
          external_ids: { "router-id": id("lr1") },
          ...binding,
        },
      ],
    },
  });
}

/** What another zone advertises. */
function route(more: GivenRow<"icSb", "Route"> = {}): Rows {
  return {
    icSb: {
      Route: [
        {
          _uuid: "r1",
          transit_switch: "ts1",
          availability_zone: "az2",
          ip_prefix: "10.2.0.0/24",
          nexthop: "169.254.1.2",
          origin: "static",
          ...more,
        },
      ],
    },
  };
}

/** The static route that was learned of it. */
const learned: GivenRow<"nb", "Logical_Router_Static_Route"> = {
  _uuid: "s1",
  ip_prefix: "10.2.0.0/24",
  nexthop: "169.254.1.2",
  options: { origin: "static" },
  external_ids: { "ic-learned-route": uuidOf("icSb", "Route", "r1") },
};

function having(more: GivenRow<"nb", "Logical_Router_Static_Route"> = {}, given: Given = {}): Rows {
  return rows(router({ ...given, router: { static_routes: ["s1"], ...given.router } }), {
    nb: { Logical_Router_Static_Route: [{ ...learned, ...more }] },
  });
}

const made =
  'nb + Logical_Router_Static_Route ip_prefix=10.2.0.0/24, nexthop=169.254.1.2, route_table="", external_ids={ic-learned-route=r1}, options={origin=static} in Logical_Router lr1';
const dropped = (reason: string, by = "") => `explain: ${reason} of Route r1${by}`;

describe("a route of another zone", () => {
  itPlans(learnedRoutes, [
    { name: "is learned", given: rows(router(), route()), does: [made] },
    { name: "is left as it was learned", given: rows(having(), route()) },
    {
      name: "goes when it is not advertised any more",
      given: having(),
      does: ["nb - Logical_Router_Static_Route s1 in Logical_Router lr1"],
    },
    {
      name: "goes when nothing is to be learned",
      given: rows(having({}, { options: { "ic-route-learn": "false" } }), route()),
      does: ["nb - Logical_Router_Static_Route s1 in Logical_Router lr1"],
      says: [dropped("learning-off", ", by NB_Global NB_Global ic-route-learn=false")],
    },
    {
      name: "is taken over under another uuid, instead of being replaced",
      given: rows(having({ external_ids: { "ic-learned-route": uuidOf("icSb", "Route", "r0") } }), route()),
      does: ["nb ~ Logical_Router_Static_Route s1: external_ids:ic-learned-route=r1"],
    },
    {
      name: "waits while routes come, rather than that what was learned goes",
      given: having(),
      incomplete: ["icSb.Route"],
      waits: ["10.2.0.0/24 of router lr1"],
    },
    {
      name: "waits while routes come where their number is limited",
      given: rows(having({}, { options: { "ic-max-routes": "5" } }), route()),
      incomplete: ["icSb.Route"],
      waits: ["10.2.0.0/24 of router lr1"],
    },
    {
      name: "is learned by the port of a former name's row",
      given: rows(router({ binding: { availability_zone: "az2" } }), route({ availability_zone: "az3" }), {
        icSb: { Availability_Zone: [{ name: "az3" }] },
      }),
      does: [made],
    },
  ]);
});

describe("a route is not learned", () => {
  const lrp = ", by Logical_Router_Port lrp1";
  const nb = ", by NB_Global NB_Global";
  itPlans(learnedRoutes, [
    {
      name: "whose prefix is none",
      given: rows(router(), route({ ip_prefix: "bad" })),
      says: ["warn: invalid-prefix of Route r1", dropped("invalid-prefix")],
    },
    {
      name: "whose next hop is none",
      given: rows(router(), route({ nexthop: "bad" })),
      says: ["warn: invalid-nexthop of Route r1", dropped("invalid-nexthop")],
    },
    {
      name: "whose next hop is link-local",
      given: rows(router(), route({ nexthop: "fe80::1" })),
      says: ["warn: link-local-nexthop of Route r1", dropped("link-local-nexthop")],
    },
    {
      name: "by a port that has no address in the global database",
      given: rows(router({ binding: { address: "" } }), route()),
      says: [dropped("no-address-on-port", lrp)],
    },
    {
      name: "that the router itself advertises",
      given: rows(router(), route({ external_ids: { "lr-id": id("lr1") } })),
      says: [dropped("own-route", ", by Logical_Router lr1")],
    },
    {
      name: "of this zone, where it doesn't say of which router",
      given: rows(router(), route({ availability_zone: "az1" })),
      says: [dropped("own-route", ", by Logical_Router lr1")],
    },
    {
      name: "whose router is no uuid",
      given: rows(router(), route({ external_ids: { "lr-id": "bad" } })),
      says: [dropped("invalid-router-id")],
    },
    {
      name: "with the tag that the port filters",
      given: rows(
        router({ port: { options: { "ic-route-filter-tag": "t1" } } }),
        route({ external_ids: { "ic-route-tag": "t1" } }),
      ),
      says: [dropped("tag", `${lrp} ic-route-filter-tag=t1`)],
    },
    {
      name: "for another table than the port's",
      given: rows(router({ port: { options: { route_table: "red" } } }), route({ route_table: "blue" })),
      says: [dropped("other-route-table", `${lrp} route_table=red`)],
    },
    {
      name: "to a load balancer, unless that is allowed",
      given: rows(router(), route({ origin: "loadbalancer" })),
      says: [dropped("load-balancer-not-allowed", `${nb} ic-route-learn-lb`)],
    },
    {
      name: "by a router that is disabled",
      given: rows(router({ router: { enabled: false } }), route()),
      says: [dropped("router-disabled", ", by Logical_Router lr1")],
    },
    {
      name: "that is a default route, unless that is allowed",
      given: rows(router(), route({ ip_prefix: "0.0.0.0/0" })),
      says: [dropped("default-route-not-allowed", `${nb} ic-route-learn-default`)],
    },
    {
      name: "to link-local addresses",
      given: rows(router(), route({ ip_prefix: "169.254.9.0/24" })),
      says: [dropped("link-local-prefix")],
    },
    {
      name: "to a loopback address",
      given: rows(router(), route({ ip_prefix: "127.0.0.0/8" })),
      says: [dropped("loopback-prefix")],
    },
    {
      name: "to a multicast group",
      given: rows(router(), route({ ip_prefix: "224.0.0.0/8" })),
      says: [dropped("multicast-prefix")],
    },
    {
      name: "that the zone's list denies in both directions",
      given: rows(router({ options: { "ic-route-denylist": "10.0.0.0/8" } }), route()),
      says: [dropped("deny-list", `${nb} ic-route-denylist=10.0.0.0/8`)],
    },
    {
      name: "that the zone's list of the former name denies",
      given: rows(router({ options: { "ic-route-blacklist": "10.0.0.0/8" } }), route()),
      says: [dropped("deny-list", `${nb} ic-route-blacklist=10.0.0.0/8`)],
    },
    {
      name: "that the zone's list denies to be learned",
      given: rows(router({ options: { "ic-route-deny-learn": "10.0.0.0/8" } }), route()),
      says: [dropped("deny-list", `${nb} ic-route-deny-learn=10.0.0.0/8`)],
    },
    {
      name: "that the router's list denies",
      given: rows(router({ router: { options: { "ic-route-deny-learn": "10.0.0.0/8" } } }), route()),
      says: [dropped("deny-list", ", by Logical_Router lr1 ic-route-deny-learn=10.0.0.0/8")],
    },
    {
      name: "that the port's list does not allow, of which a bad entry is ignored",
      given: rows(router({ port: { options: { "ic-route-filter-learn": "bad,10.9.0.0/16" } } }), route()),
      says: [
        "warn: invalid-filter-entry of Logical_Router_Port lrp1, by ic-route-filter-learn=bad",
        dropped("allow-list", `${lrp} ic-route-filter-learn=bad,10.9.0.0/16`),
      ],
    },
    {
      name: "to a network to which the router has a route of its own, however that is written",
      given: rows(having({ ip_prefix: "10.2.0.9/24", nexthop: "10.0.0.9", external_ids: {} }), route()),
      says: [dropped("own-static-route-wins", ", by Logical_Router_Static_Route s1")],
    },
    {
      name: "whose next hop is in no network of the port",
      given: rows(router(), route({ nexthop: "169.254.9.2" })),
      says: [dropped("nexthop-not-on-network", lrp), `finding: nexthop-not-on-network of Route r1${lrp}`],
    },
    {
      name: "whose next hop is the router's own address",
      given: rows(router(), route({ nexthop: "169.254.1.1" })),
      says: [dropped("nexthop-is-own-address", lrp), `finding: nexthop-is-own-address of Route r1${lrp}`],
    },
    {
      name: "whose prefix is shorter than is wanted",
      given: rows(router({ options: { "ic-route-learn-min-plen": "25" } }), route()),
      says: [dropped("prefix-too-short", `${nb} ic-route-learn-min-plen=25`)],
    },
    {
      name: "that overlaps a connected network which is protected",
      given: rows(
        router({
          router: { ports: ["lrp1", "lrp2"], options: { "ic-route-learn-protect-connected": "true" } },
        }),
        { nb: { Logical_Router_Port: [{ name: "lrp2", networks: ["10.2.0.129/25"] }] } },
        route(),
      ),
      says: [
        dropped(
          "overlaps-connected-network",
          ", by Logical_Router lr1 ic-route-learn-protect-connected=true",
        ),
      ],
    },
    {
      name: "whose next hop is no port's of its zone, where that is checked",
      given: rows(router({ port: { options: { "ic-route-learn-check-nexthop": "true" } } }), route()),
      says: [dropped("nexthop-not-of-zone", `${lrp} ic-route-learn-check-nexthop=true`)],
    },
    {
      name: "to an address of the router's own load balancer",
      given: rows(router({ router: { load_balancer: ["lb1"] } }), route(), {
        nb: { Load_Balancer: [{ name: "lb1", vips: { "10.2.0.7:80": "10.9.0.1:80" } }] },
      }),
      says: [dropped("own-load-balancer-wins", ", by Load_Balancer lb1")],
    },
    {
      name: "to a network to which northd has learned one",
      given: rows(router(), route(), {
        sb: {
          Datapath_Binding: [{ _uuid: "d1", tunnel_key: 1, nb_uuid: id("lr1") }],
          Port_Binding: [{ logical_port: "x", datapath: "d1", tunnel_key: 1 }],
          Learned_Route: [{ _uuid: "l1", datapath: "d1", logical_port: "x", ip_prefix: "10.2.0.0/24" }],
        },
      }),
      says: [dropped("dynamic-route-wins", ", by Learned_Route l1")],
    },
    {
      name: "of a zone that has more than it may have",
      given: rows(router({ options: { "ic-max-routes": "0" } }), route()),
      says: [
        `warn: too-many-routes of Availability_Zone az2${nb} ic-max-routes=0`,
        dropped("too-many-routes", `${nb} ic-max-routes=0`),
      ],
    },
  ]);
});

describe("a route is learned all the same", () => {
  itPlans(learnedRoutes, [
    {
      name: "whose next hop is a port's of its zone, where that is checked",
      given: rows(router({ options: { "ic-route-learn-check-nexthop": "true" } }), route(), {
        icSb: {
          Port_Binding: [
            {
              logical_port: "p2",
              transit_switch: "ts1",
              availability_zone: "az2",
              tunnel_key: 2,
              address: "02:00:00:00:00:02 169.254.1.2/24",
            },
          ],
        },
      }),
      does: [made],
    },
    {
      name: "whatever nonsense the least length is",
      given: rows(router({ options: { "ic-route-learn-min-plen": "x" } }), route()),
      does: [made],
      says: ["warn: invalid-option of NB_Global NB_Global, by ic-route-learn-min-plen=x"],
    },
    {
      name: "though the zone guards itself, where the router doesn't",
      given: rows(
        router({
          options: { "ic-route-learn-min-plen": "25" },
          router: { options: { "ic-route-learn-min-plen": "8" } },
        }),
        route(),
      ),
      does: [made],
    },
    {
      name: "with a claim over connected networks, if that is granted",
      given: rows(router(), route({ options: { "override-connected": "true" } })),
      does: [made.replace("origin=static", "origin=static, override-connected=true")],
    },
    {
      name: "without the claim that is not granted",
      given: rows(
        router({ options: { "ic-route-learn-ignore-override": "true" } }),
        route({ options: { "override-connected": "true" } }),
      ),
      does: [made],
    },
  ]);
});

// Whether a learned row is in order is looked at before anything is compared column by column: both must know
// the same columns.
describe("a learned row that differs is put in order", () => {
  const writes: Record<string, GivenRow<"nb", "Logical_Router_Static_Route">> = {
    ip_prefix: { ip_prefix: "10.2.0.9/24" },
    nexthop: { nexthop: "169.254.1.9" },
    route_table: { route_table: "blue" },
    "external_ids:ic-learned-route": {
      external_ids: { "ic-learned-route": uuidOf("icSb", "Route", "r0") },
    },
    "options:origin": { options: { origin: "connected" } },
    "options:override-connected": { options: { origin: "static", "override-connected": "true" } },
  };

  it.each(Object.entries(writes))("in %s", (_column, more) => {
    expect(outcomeOf(learnedRoutes, view(rows(having(more), route()))).does).not.toEqual([]);
  });

  it("in every column and key that is ever written", () => {
    const given = rows(router(), route({ options: { "override-connected": "true" } }));
    const [operation] = planOf(given);
    const columns = Object.entries(operation?.kind === "insert" ? operation.columns : {}).flatMap(
      ([column, value]) =>
        value instanceof Map ? [...value.keys()].map((key) => `${column}:${key}`) : [column],
    );
    expect(columns.sort()).toEqual(Object.keys(writes).sort());
  });
});

function planOf(given: Rows) {
  const known = view(given);
  const [key = ""] = learnedRoutes.units(known);
  return planUnit(learnedRoutes, key, known, false).plan.operations.nb;
}
