import { describe } from "vitest";
import { advertisedRoutes } from "../../../../src/core/planners/routes/advertised-routes.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const id = (router: string) => uuidOf("nb", "Logical_Router", router);

interface Given {
  readonly router?: GivenRow<"nb", "Logical_Router">;
  readonly port?: GivenRow<"nb", "Logical_Router_Port">;
  readonly route?: GivenRow<"nb", "Logical_Router_Static_Route">;
  readonly address?: string;
  readonly options?: Readonly<Record<string, string>>;
}

/** Router lr1 with a static route, and a port on transit switch ts1, in a zone that advertises. */
function router({ router, port, route, address, options }: Given = {}): Rows {
  return rows(zones({ "ic-route-adv": "true", ...options }), {
    nb: {
      Logical_Router: [{ name: "lr1", ports: ["lrp1"], static_routes: ["s1"], ...router }],
      Logical_Router_Port: [{ name: "lrp1", networks: ["169.254.1.1/24"], ...port }],
      Logical_Router_Static_Route: [{ _uuid: "s1", ip_prefix: "10.4.0.0/24", nexthop: "10.1.0.7", ...route }],
      Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["lsp1"] }],
      Logical_Switch_Port: [{ name: "lsp1", type: "router", options: { "router-port": "lrp1" } }],
    },
    icNb: { Transit_Switch: [{ name: "ts1" }] },
    icSb: {
      Port_Binding: [
        {
          logical_port: "lsp1",
          transit_switch: "ts1",
          availability_zone: "az1",
          tunnel_key: 1,
          address: address ?? "02:00:00:00:00:01 169.254.1.1/24 fd01::1/64",
          external_ids: { "router-id": id("lr1") },
        },
      ],
    },
  });
}

function added(prefix: string, source: string, more: Readonly<Record<string, string>> = {}): string {
  const { table = '""', nexthop = "169.254.1.1", origin = "static", options = "", tag = "" } = more;
  const set = options === "" ? "" : `, options={${options}}`;
  const mark = tag === "" ? "" : `, ic-route-tag=${tag}`;
  return `icSb + Route transit_switch=ts1, availability_zone=az1, route_table=${table}, ip_prefix=${prefix}, nexthop=${nexthop}, origin=${origin}${set}, external_ids={nb-id=${source}, lr-id=lr1${mark}}`;
}
const own = added("10.4.0.0/24", "s1");
/** Without a static route. */
const none = { static_routes: [] };
const bare = (given: Given = {}): Rows => {
  const { nb, ...others } = router({ ...given, router: { ...none, ...given.router } });
  return { ...others, nb: { ...nb, Logical_Router_Static_Route: [] } };
};
const dropped = (reason: string, by = "") => `explain: ${reason} of Logical_Router_Static_Route s1${by}`;
const nb = ", by NB_Global NB_Global";
const lrp = ", by Logical_Router_Port lrp1";

describe("a static route", () => {
  itPlans(advertisedRoutes, [
    { name: "is advertised", given: router(), does: [own] },
    { name: "that discards is advertised", given: router({ route: { nexthop: "discard" } }), does: [own] },
    {
      name: "is advertised with its port's tag",
      given: router({ port: { options: { "ic-route-tag": "t1" } } }),
      does: [added("10.4.0.0/24", "s1", { tag: "t1" })],
    },
    {
      name: "is advertised with its claim over connected networks",
      given: router({ route: { options: { "override-connected": "true" } } }),
      does: [added("10.4.0.0/24", "s1", { options: "override-connected=true" })],
    },
    {
      name: "is advertised without it where the server has no options",
      given: router({ route: { options: { "override-connected": "true" } } }),
      without: ["icSb.Route.options"],
      does: [own],
    },
    {
      name: "is advertised by the port's IPv6 address, if the router says so",
      given: router({ router: { options: { "ic-route-ipv4-next-hop-ipv6": "true" } } }),
      does: [added("10.4.0.0/24", "s1", { nexthop: "fd01::1" })],
    },
    {
      name: "goes when nothing advertises it",
      given: rows(bare(), {
        icSb: {
          Route: [
            {
              _uuid: "r1",
              transit_switch: "ts1",
              availability_zone: "az1",
              ip_prefix: "10.4.0.0/24",
              origin: "static",
            },
          ],
        },
      }),
      does: ["icSb - Route r1"],
    },
    {
      name: "that was learned is not advertised",
      given: router({ route: { external_ids: { "ic-learned-route": id("x") } } }),
    },
    {
      name: "is not advertised where none is",
      given: router({ options: { "ic-route-adv": "false" } }),
      says: [dropped("advertising-off", `${nb} ic-route-adv=false`)],
    },
    {
      name: "of a policy by source is not advertised",
      given: router({ route: { policy: "src-ip" } }),
      says: [dropped("source-policy")],
    },
    {
      name: "of another table than the port's is not advertised",
      given: router({ route: { route_table: "blue" } }),
      says: [dropped("other-route-table", `${lrp} route_table=`)],
    },
    {
      name: "whose next hop is none is not advertised",
      given: router({ route: { nexthop: "bad" } }),
      says: ["warn: invalid-nexthop of Logical_Router_Static_Route s1", dropped("invalid-nexthop")],
    },
    {
      name: "whose next hop is link-local is not advertised",
      given: router({ route: { nexthop: "fe80::1" } }),
      says: [dropped("link-local-nexthop")],
    },
    {
      name: "whose prefix is none is not advertised",
      given: router({ route: { ip_prefix: "bad" } }),
      says: ["warn: invalid-prefix of Logical_Router_Static_Route s1", dropped("invalid-prefix")],
    },
    {
      name: "that is a default route is not advertised, unless that is allowed",
      given: router({ route: { ip_prefix: "0.0.0.0/0" } }),
      says: [dropped("default-route-not-allowed", `${nb} ic-route-adv-default`)],
    },
    {
      name: "to link-local addresses is not advertised",
      given: router({ route: { ip_prefix: "169.254.7.0/24" } }),
      says: [dropped("link-local-prefix")],
    },
    {
      name: "that the zone's list denies is not advertised",
      given: router({ options: { "ic-route-denylist": "10.0.0.0/8" } }),
      says: [dropped("deny-list", `${nb} ic-route-denylist=10.0.0.0/8`)],
    },
    {
      name: "that the port's list denies is not advertised",
      given: router({ port: { options: { "ic-route-deny-adv": "10.0.0.0/8" } } }),
      says: [dropped("deny-list", `${lrp} ic-route-deny-adv=10.0.0.0/8`)],
    },
    {
      name: "that the router's list does not allow is not advertised",
      given: router({ router: { options: { "ic-route-filter-adv": "10.9.0.0/16" } } }),
      says: [dropped("allow-list", ", by Logical_Router lr1 ic-route-filter-adv=10.9.0.0/16")],
    },
    {
      name: "of a family of which the port has no address is not advertised",
      given: router({
        route: { ip_prefix: "fd04::/64", nexthop: "fd09::1" },
        address: "02:00:00:00:00:01 169.254.1.1/24",
      }),
      says: [dropped("no-ipv6-address-on-port", lrp)],
    },
    {
      name: "is advertised once, of two to one network",
      given: rows(router({ router: { static_routes: ["s1", "s2"] } }), {
        nb: { Logical_Router_Static_Route: [{ _uuid: "s2", ip_prefix: "10.4.0.0/24", nexthop: "10.1.0.8" }] },
      }),
      does: [
        uuidOf("nb", "Logical_Router_Static_Route", "s1") < uuidOf("nb", "Logical_Router_Static_Route", "s2")
          ? own
          : added("10.4.0.0/24", "s2"),
      ],
      says: [
        uuidOf("nb", "Logical_Router_Static_Route", "s1") < uuidOf("nb", "Logical_Router_Static_Route", "s2")
          ? "warn: duplicate-route of Logical_Router_Static_Route s2, by Logical_Router_Static_Route s1"
          : "warn: duplicate-route of Logical_Router_Static_Route s1, by Logical_Router_Static_Route s2",
      ],
    },
  ]);
});

const network: Rows = { nb: { Logical_Router_Port: [{ name: "lrp2", networks: ["10.1.0.1/24"] }] } };
const balancer: Rows = { nb: { Load_Balancer: [{ name: "lb1", vips: { "192.0.2.1:80": "10.1.0.5:80" } }] } };
const dynamic: Rows = {
  sb: {
    Datapath_Binding: [{ _uuid: "d1", tunnel_key: 1, nb_uuid: id("lr1") }],
    Port_Binding: [{ logical_port: "x", datapath: "d1", tunnel_key: 1 }],
    Learned_Route: [{ _uuid: "l1", datapath: "d1", logical_port: "x", ip_prefix: "10.8.0.0/24" }],
  },
};

describe("what is no static route", () => {
  itPlans(advertisedRoutes, [
    {
      name: "is advertised of connected networks, but not of the transit switch's",
      given: rows(bare({ router: { ports: ["lrp1", "lrp2"] } }), network),
      does: [added("10.1.0.1/24", "lrp2", { origin: "connected" })],
    },
    {
      name: "is advertised of connected networks once more in the port's own table",
      given: rows(
        bare({ router: { ports: ["lrp1", "lrp2"] }, port: { options: { route_table: "blue" } } }),
        network,
      ),
      does: [
        added("10.1.0.1/24", "lrp2", { origin: "connected" }),
        added("10.1.0.1/24", "lrp2", {
          origin: "connected",
          table: "blue",
          options: "override-connected=true",
        }),
      ],
    },
    {
      name: "is advertised of load balancers, if that is allowed",
      given: rows(
        bare({ router: { load_balancer: ["lb1"] }, options: { "ic-route-adv-lb": "true" } }),
        balancer,
      ),
      does: [added("192.0.2.1/32", "lb1", { origin: "loadbalancer" })],
    },
    {
      name: "is not advertised of load balancers else",
      given: rows(bare({ router: { load_balancer: ["lb1"] } }), balancer),
      says: [`explain: load-balancer-not-allowed of Load_Balancer lb1${nb} ic-route-adv-lb`],
    },
    {
      name: "is not advertised of load balancers to a server that doesn't know these",
      given: rows(
        bare({ router: { load_balancer: ["lb1"] }, options: { "ic-route-adv-lb": "true" } }),
        balancer,
      ),
      enums: { "icSb.Route.origin": ["static", "connected"] },
    },
    {
      name: "is advertised of load balancers in groups",
      given: rows(
        bare({ router: { load_balancer_group: ["lbg1"] }, options: { "ic-route-adv-lb": "true" } }),
        balancer,
        { nb: { Load_Balancer_Group: [{ name: "lbg1", load_balancer: ["lb1"] }] } },
      ),
      does: [added("192.0.2.1/32", "lb1", { origin: "loadbalancer" })],
    },
    {
      name: "is advertised of what northd has learned",
      given: rows(bare(), dynamic),
      does: [added("10.8.0.0/24", "lr1", { origin: "connected-dynamic" })],
    },
    {
      name: "is advertised of that as connected to a server that knows no more",
      given: rows(bare(), dynamic),
      enums: { "icSb.Route.origin": ["static", "connected"] },
      does: [added("10.8.0.0/24", "lr1", { origin: "connected" })],
    },
  ]);
});
