import { describe } from "vitest";
import { portBindings } from "../../../../src/core/planners/ports/port-bindings.ts";
import type { GivenRow, Rows } from "../../../harness/memory/rows.ts";
import { uuidOf } from "../../../harness/memory/rows.ts";
import { itPlans, rows, zones } from "./cases.ts";

const id = uuidOf("nb", "Logical_Router", "lr1");

/** A port of router lr1 on transit switch ts1. */
function port(more: GivenRow<"nb", "Logical_Switch_Port"> = {}): Rows {
  return {
    nb: {
      Logical_Router: [{ name: "lr1", ports: ["lrp1"] }],
      Logical_Router_Port: [{ name: "lrp1", networks: ["169.254.1.1/24"] }],
      Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["lsp1"] }],
      Logical_Switch_Port: [{ name: "lsp1", type: "router", options: { "router-port": "lrp1" }, ...more }],
    },
    icNb: { Transit_Switch: [{ name: "ts1" }] },
  };
}

/** The same as northd and ovn-controller say it, bound to chassis gw1. */
const bound: Rows = {
  sb: {
    Encap: [{ _uuid: "e1", type: "geneve", ip: "172.16.0.1", chassis_name: "gw1" }],
    Chassis: [{ name: "gw1", encaps: ["e1"], other_config: { "is-interconn": "true" } }],
    Datapath_Binding: [
      { _uuid: "lr1", tunnel_key: 1, nb_uuid: id },
      { _uuid: "ts1", tunnel_key: 2 },
    ],
    Port_Binding: [
      { logical_port: "lsp1", type: "patch", datapath: "ts1", tunnel_key: 1, options: { peer: "lrp1" } },
      {
        logical_port: "lrp1",
        type: "patch",
        datapath: "lr1",
        tunnel_key: 1,
        options: { peer: "lsp1" },
        mac: ["02:00:00:00:00:01 169.254.1.1/24"],
      },
      { logical_port: "cr-lrp1", type: "chassisredirect", datapath: "lr1", tunnel_key: 2, chassis: "gw1" },
    ],
  },
};

function known(more: GivenRow<"icSb", "Port_Binding"> = {}): Rows {
  return {
    icSb: {
      Port_Binding: [
        {
          logical_port: "lsp1",
          transit_switch: "ts1",
          availability_zone: "az1",
          tunnel_key: 1,
          address: "02:00:00:00:00:01 169.254.1.1/24",
          gateway: "gw1",
          type: "transit-switch-port",
          nb_ic_uuid: uuidOf("icNb", "Transit_Switch", "ts1"),
          external_ids: { "router-id": id },
          ...more,
        },
      ],
    },
  };
}

const told = port({ options: { "router-port": "lrp1", "requested-tnl-key": "1" } });
const made =
  "icSb + Port_Binding logical_port=lsp1, transit_switch=ts1, availability_zone=az1, address=02:00:00:00:00:01 169.254.1.1/24, gateway=gw1, encap=-, type=transit-switch-port, nb_ic_uuid=ts1, external_ids={router-id=lr1}, tunnel_key=1";

describe("a port of this zone on a transit switch", () => {
  itPlans(portBindings, [
    { name: "is made known", given: rows(zones(), port(), bound), does: [made] },
    { name: "is left as it is", given: rows(zones(), told, bound, known()) },
    {
      name: "is told the key that it has",
      given: rows(zones(), port(), bound, known({ tunnel_key: 7 })),
      does: ["nb ~ Logical_Switch_Port lsp1: options:requested-tnl-key=7"],
    },
    {
      name: "gets the address, gateway and router that it has",
      given: rows(zones(), told, bound, known({ address: "x", gateway: "gw9", external_ids: {} })),
      does: [
        "icSb ~ Port_Binding lsp1: address=02:00:00:00:00:01 169.254.1.1/24, gateway=gw1, external_ids:router-id=lr1",
      ],
    },
    {
      name: "is known without the columns that a server lacks",
      given: rows(zones(), port(), bound),
      without: ["icSb.Port_Binding.type", "icSb.Port_Binding.nb_ic_uuid", "icSb.Port_Binding.encap"],
      does: [made.replace("encap=-, type=transit-switch-port, nb_ic_uuid=ts1, ", "")],
    },
    {
      name: "moves to another transit switch",
      given: rows(zones(), told, bound, known({ transit_switch: "ts9" })),
      does: ["icSb - Port_Binding lsp1", made],
    },
    {
      name: "goes with its switch port",
      given: rows(zones(), { icNb: { Transit_Switch: [{ name: "ts1" }] } }, known()),
      does: ["icSb - Port_Binding lsp1"],
    },
    {
      name: "is not known, and goes, while northd has not made it",
      given: rows(zones(), told, known()),
      does: ["icSb - Port_Binding lsp1"],
      says: [
        "finding: no-southbound-port-binding of Logical_Switch_Port lsp1",
        "explain: no-southbound-port-binding of Logical_Switch_Port lsp1",
      ],
    },
    {
      name: "is not known to an old server without a router's port behind it",
      given: rows(zones(), port({ options: {} }), bound),
      without: ["icSb.Port_Binding.type"],
      says: [
        "finding: no-router-port of Logical_Switch_Port lsp1",
        "explain: no-router-port of Logical_Switch_Port lsp1",
      ],
    },
    {
      name: "is not known while another zone has one of the name",
      given: rows(zones(), told, bound, known({ availability_zone: "az2", external_ids: {} })),
      says: [
        "warn: port-name-taken of Logical_Switch_Port lsp1",
        "explain: port-name-taken of Logical_Switch_Port lsp1",
      ],
    },
    {
      name: "is left to the zone's former name, whose row holds it",
      given: rows(zones(), told, bound, known({ availability_zone: "az2" })),
    },
    {
      name: "is taken back from the zone that somebody has given it to",
      given: rows(zones(), told, bound, known()),
      after: (world) =>
        world.change("icSb", { update: "Port_Binding", uuid: "lsp1", row: { availability_zone: "az2" } }),
      does: ["icSb ~ Port_Binding lsp1: availability_zone=az1"],
      says: ["warn: row-given-away of Port_Binding lsp1", "explain: row-given-away of Port_Binding lsp1"],
    },
    {
      name: "is left to INB, which asks for one of the name",
      given: rows(zones(), port(), bound, {
        icNb: { Transit_Switch: [{ name: "ts2", ports: ["lsp1"] }], Transit_Switch_Port: [{ name: "lsp1" }] },
      }),
    },
    {
      name: "is warned of where no router has the port that it names",
      given: rows(
        zones(),
        port({ options: { "router-port": "gone", "requested-tnl-key": "1" } }),
        bound,
        known(),
      ),
      says: ["finding: router-port-missing of Logical_Switch_Port lsp1"],
    },
    {
      name: "is warned of without a gateway",
      given: rows(zones(), told, bound, known({ gateway: "" })),
      after: (world) => world.change("sb", { delete: "Port_Binding", uuid: "cr-lrp1" }),
      says: ["finding: no-gateway-chassis of Logical_Switch_Port lsp1"],
    },
    {
      name: "is warned of while no gateway has taken it",
      given: rows(zones(), told, bound, known({ gateway: "" })),
      after: (world) =>
        world.change("sb", { update: "Port_Binding", uuid: "cr-lrp1", row: { chassis: null } }),
      says: ["finding: gateway-not-bound of Logical_Switch_Port lsp1"],
    },
    {
      name: "is warned of where its gateway is none for other zones",
      given: rows(zones(), told, bound, known()),
      after: (world) => world.change("sb", { update: "Chassis", uuid: "gw1", row: { other_config: {} } }),
      says: ["finding: gateway-not-interconn of Logical_Switch_Port lsp1"],
    },
  ]);
});

const home: Rows = {
  nb: { Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" } }] },
  icNb: { Transit_Switch: [{ name: "ts1" }] },
};

function theirs(more: GivenRow<"icSb", "Port_Binding"> = {}): Rows {
  return {
    icSb: {
      Port_Binding: [
        {
          logical_port: "p2",
          transit_switch: "ts1",
          availability_zone: "az2",
          tunnel_key: 2,
          address: "02:00:00:00:00:02 169.254.1.2/24",
          ...more,
        },
      ],
    },
  };
}

/** The port here that stands for p2. */
function remote(more: GivenRow<"nb", "Logical_Switch_Port"> = {}): Rows {
  return {
    nb: {
      Logical_Switch: [{ name: "ts1", other_config: { "interconn-ts": "ts1" }, ports: ["p2"] }],
      Logical_Switch_Port: [
        {
          name: "p2",
          type: "remote",
          addresses: ["02:00:00:00:00:02 169.254.1.2/24"],
          options: { "requested-tnl-key": "2" },
          up: true,
          ...more,
        },
      ],
    },
    icNb: { Transit_Switch: [{ name: "ts1" }] },
  };
}

/** What northd makes of it, and its gateway. */
const bindable: Rows = {
  sb: {
    Encap: [{ _uuid: "f2", type: "geneve", ip: "172.16.0.2" }],
    Chassis: [{ name: "gw2", encaps: ["f2"], other_config: { "is-remote": "true" } }],
    Datapath_Binding: [{ _uuid: "ts1", tunnel_key: 2 }],
    Port_Binding: [{ logical_port: "p2", type: "remote", datapath: "ts1", tunnel_key: 2 }],
  },
};
function gateway(zone: string): Rows {
  return {
    icSb: {
      Encap: [{ _uuid: "e2", type: "geneve", ip: "172.16.0.2" }],
      Gateway: [{ name: "gw2", availability_zone: zone, encaps: ["e2"] }],
    },
  };
}

const asked =
  "nb + Logical_Switch_Port addresses=[02:00:00:00:00:02 169.254.1.2/24], options={requested-tnl-key=2}, name=p2, type=remote, up=true in Logical_Switch ts1";
const refused = (reason: string, of: string) => [`warn: ${reason} of ${of}`, `explain: ${reason} of ${of}`];

describe("a port of another zone on a transit switch", () => {
  itPlans(portBindings, [
    { name: "is made here", given: rows(zones(), home, theirs()), does: [asked] },
    { name: "is left as it is", given: rows(zones(), remote(), theirs()) },
    {
      name: "goes",
      given: rows(zones(), remote()),
      does: ["nb - Logical_Switch_Port p2 in Logical_Switch ts1"],
    },
    {
      name: "gets its address and key",
      given: rows(zones(), remote({ addresses: [], options: { "requested-tnl-key": "9" } }), theirs()),
      does: [
        "nb ~ Logical_Switch_Port p2: addresses=[02:00:00:00:00:02 169.254.1.2/24], options:requested-tnl-key=2",
      ],
    },
    {
      name: "is bound to the chassis that stands for its gateway",
      given: rows(zones(), remote(), theirs({ gateway: "gw2" }), bindable, gateway("az2")),
      does: ["sb ~ Port_Binding p2: chassis=gw2"],
    },
    {
      name: "is not bound where the CMS says to what it is",
      given: rows(
        zones(),
        remote({ options: { "requested-tnl-key": "2", "requested-chassis": "x" } }),
        theirs({ gateway: "gw2" }),
        bindable,
        gateway("az2"),
      ),
    },
    {
      name: "is not bound before its gateway is known",
      given: rows(zones(), remote(), theirs({ gateway: "gw9" }), bindable, gateway("az2")),
      says: ["explain: gateway-unknown of Port_Binding p2"],
    },
    {
      name: "is not bound to a gateway of this zone",
      given: rows(zones(), remote(), theirs({ gateway: "gw2" }), bindable, gateway("az1")),
      says: refused("gateway-not-of-zone", "Port_Binding p2"),
    },
    {
      name: "is reached by the tunnel address that it asks for",
      given: rows(zones(), remote(), theirs({ encap: "e2" }), gateway("az2")),
      does: [
        "nb ~ Logical_Switch_Port p2: options:requested-encap-ip=172.16.0.2, external_ids:ic-encap-ip=172.16.0.2",
      ],
    },
    {
      name: "is reached by the one that the CMS has chosen",
      given: rows(
        zones(),
        remote({ options: { "requested-tnl-key": "2", "requested-encap-ip": "10.0.0.1" } }),
        theirs({ encap: "e2" }),
        gateway("az2"),
      ),
    },
    {
      name: "is not made where there is a port of the name",
      given: rows(zones(), home, theirs(), {
        nb: { Logical_Switch: [{ name: "ls1", ports: ["p2"] }], Logical_Switch_Port: [{ name: "p2" }] },
      }),
      says: refused("port-name-taken", "Logical_Switch_Port p2"),
    },
    {
      name: "is not made under the name of a router's port",
      given: rows(zones(), home, theirs(), {
        nb: { Logical_Router: [{ name: "lr1", ports: ["p2"] }], Logical_Router_Port: [{ name: "p2" }] },
      }),
      says: refused("port-name-taken", "Logical_Router_Port p2"),
    },
    {
      name: "is not made under a name that northd uses",
      given: rows(zones(), home, theirs({ logical_port: "cr-p2" })),
      says: refused("port-name-taken", "Logical_Switch_Port cr-p2"),
    },
    {
      name: "is not made under a name that SB has for something else",
      given: rows(zones(), home, theirs(), bindable),
      after: (world) => world.change("sb", { update: "Port_Binding", uuid: "p2", row: { type: "patch" } }),
      says: refused("port-name-taken", "Port_Binding p2"),
    },
    {
      name: "is made with an unknown address, where its address is none",
      given: rows(zones(), home, theirs({ address: "02:00:00:00:00:02 nonsense" })),
      does: [asked.replace("02:00:00:00:00:02 169.254.1.2/24", "unknown")],
      says: refused("port-address-invalid", "Port_Binding p2"),
    },
    {
      name: "is made, with a warning, though a port here has its address",
      given: rows(zones(), port(), bound, theirs({ address: "02:00:00:00:00:02 169.254.1.1" })),
      does: [asked.replace("169.254.1.2/24", "169.254.1.1"), made],
      says: ["warn: port-address-taken of Port_Binding p2, by Logical_Switch_Port lsp1"],
    },
    {
      name: "is not made where a port here has its address and that is checked",
      given: rows(
        zones({ "ic-port-address-check": "true" }),
        port(),
        bound,
        theirs({ address: "02:00:00:00:00:02 169.254.1.1" }),
      ),
      does: [made],
      says: refused("port-address-taken", "Port_Binding p2").map(
        (line) => `${line}, by Logical_Switch_Port lsp1`,
      ),
    },
    {
      name: "is left out of more than its zone may have",
      given: rows(zones({ "ic-max-ports": "0" }), home, theirs()),
      says: [
        "warn: too-many-ports of Availability_Zone az2, by NB_Global NB_Global ic-max-ports=0",
        "explain: too-many-ports of Port_Binding p2, by NB_Global NB_Global ic-max-ports=0",
      ],
    },
  ]);
});
