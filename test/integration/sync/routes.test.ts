import { describe, expect, it } from "vitest";
import type { Note } from "../../../src/core/model/subject.ts";
import { PLANNERS } from "../../../src/core/planners/all.ts";
import { planFullPass } from "../../../src/core/planning/full-pass.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { advertisedRoutes, learnedRoutes, rows, twoZones } from "../../harness/zones/zones.ts";

type Zones = Awaited<ReturnType<typeof twoZones>>;

/** Why a zone's planners drop routes: reason and the option that decided. */
function reasons(zone: Zones["az1"]): string[] {
  const notes: Note[] = [];
  planFullPass(zone.view, PLANNERS, { explain: (note) => notes.push(note) });
  const routes = notes.filter(({ subject }) => /Route|Port/.test(subject.table));
  for (const note of routes) expect(note.decidedBy?.uuid ?? "", JSON.stringify(note)).toMatch(/-/);
  return routes.map(({ reason, decidedBy }) => [reason, decidedBy?.option].filter(Boolean).join(" ")).sort();
}

const CONNECTED = "10.0.1.1/24 169.254.100.1 connected";

/** What is done in az1, what az1 advertises then, and why what is missing is missing. */
const advertising: [string, string[][], string[], string[]][] = [
  ["nothing more", [], [CONNECTED], []],
  [
    "a static route",
    [["lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.9"]],
    [CONNECTED, "172.16.0.0/16 169.254.100.1 static"],
    [],
  ],
  [
    "a host route",
    [["lr-route-add", "lr1", "172.16.0.7", "10.0.1.9"]],
    [CONNECTED, "172.16.0.7/32 169.254.100.1 static"],
    [],
  ],
  [
    "a default route",
    [["lr-route-add", "lr1", "0.0.0.0/0", "10.0.1.9"]],
    [CONNECTED],
    ["default-route-not-allowed ic-route-adv-default"],
  ],
  [
    "a default route that is allowed",
    [
      ["lr-route-add", "lr1", "0.0.0.0/0", "10.0.1.9"],
      ["set", "NB_Global", ".", "options:ic-route-adv-default=TRUE"],
    ],
    ["0.0.0.0/0 169.254.100.1 static", CONNECTED],
    [],
  ],
  [
    "a source route",
    [["--policy=src-ip", "lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.9"]],
    [CONNECTED],
    ["source-policy"],
  ],
  [
    "a route of another table",
    [["--route-table=t1", "lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.9"]],
    [CONNECTED],
    ["other-route-table route_table"],
  ],
  [
    "an IPv6 route without an IPv6 address",
    [["lr-route-add", "lr1", "fd01::/64", "fd00::9"]],
    [CONNECTED],
    ["no-ipv6-address-on-port"],
  ],
  [
    "a link-local prefix",
    [["lr-route-add", "lr1", "169.254.7.0/24", "10.0.1.9"]],
    [CONNECTED],
    ["link-local-prefix"],
  ],
  [
    "a link-local next hop",
    [["lr-route-add", "lr1", "fd01::/64", "fe80::9"]],
    [CONNECTED],
    ["link-local-nexthop"],
  ],
  [
    "the global deny list",
    [["set", "NB_Global", ".", 'options:ic-route-blacklist="10.0.0.0/8"']],
    [],
    ["deny-list ic-route-blacklist", "deny-list ic-route-blacklist"],
  ],
  [
    "the new name of the deny list, which wins",
    [
      [
        "set",
        "NB_Global",
        ".",
        'options:ic-route-blacklist="10.0.0.0/8"',
        'options:ic-route-denylist="11.0.0.0/8, bad"',
      ],
    ],
    [CONNECTED],
    [],
  ],
  [
    "a deny list of the port",
    [["set", "Logical_Router_Port", "lr1-ts1", "options:ic-route-deny-adv=10.0.1.0/24"]],
    [],
    ["deny-list ic-route-deny-adv"],
  ],
  [
    "an allow list of the router",
    [
      ["set", "Logical_Router", "lr1", "options:ic-route-filter-adv=172.16.0.0/12"],
      ["lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.9"],
    ],
    ["172.16.0.0/16 169.254.100.1 static"],
    ["allow-list ic-route-filter-adv"],
  ],
  [
    "an allow list of nothing but nonsense",
    [["set", "Logical_Router", "lr1", "options:ic-route-filter-adv=x"]],
    [],
    ["allow-list ic-route-filter-adv"],
  ],
  [
    "no route with a prefix that is none",
    [
      [
        "--id=@bad",
        "create",
        "Logical_Router_Static_Route",
        "ip_prefix=some",
        "nexthop=10.0.1.9",
        "--",
        "add",
        "Logical_Router",
        "lr1",
        "static_routes",
        "@bad",
      ],
    ],
    [CONNECTED],
    ["invalid-prefix"],
  ],
  [
    "advertising off",
    [["set", "NB_Global", ".", "options:ic-route-adv=false"]],
    [],
    ["advertising-off ic-route-adv"],
  ],
];

describe("advertised routes", { timeout: 2 * PATIENCE }, () => {
  it.each(advertising)("%s", async (_name, steps, expected, dropped) => {
    const zones = await twoZones();
    for (const step of steps) await zones.nbctl("az1", ...step);
    await zones.settled();
    expect(await advertisedRoutes(zones.sandbox, "az1")).toEqual(expected);
    expect(reasons(zones.az1).filter((reason) => reason !== "own-route")).toEqual(dropped);
  });

  it("say where they come from, and carry the port's tag", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl("az1", "set", "Logical_Router_Port", "lr1-ts1", "options:ic-route-tag=blue");
    await settled();
    const ports = await rows(sandbox, "az1.nb", "Logical_Router_Port", "name,_uuid");
    const [router] = await rows(sandbox, "az1.nb", "Logical_Router", "_uuid");
    const routes = await rows(sandbox, "ic.sb", "Route", "ip_prefix,external_ids");
    expect(routes[0]?.[1]).toEqual({
      "ic-route-tag": "blue",
      "lr-id": router?.[0],
      "nb-id": ports.find(([name]) => name === "lr1-ls1")?.[1],
    });
    await nbctl("az1", "remove", "Logical_Router_Port", "lr1-ts1", "options", "ic-route-tag");
    await settled();
    expect((await rows(sandbox, "ic.sb", "Route", "ip_prefix,external_ids"))[0]?.[1]).not.toHaveProperty(
      "ic-route-tag",
    );
  });

  it("that are unparsable, or of nobody, are deleted; those of others are not", async () => {
    const { sandbox, settled } = await twoZones();
    const zones = await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid");
    const uuid = String(zones.find(([name]) => name === "az1")?.[1]);
    // The last two: a route that is advertised by another address than its port has, and one on a switch that
    // is gone.
    for (const [prefix, nexthop, transitSwitch] of [
      ["nonsense", "1.2.3.4", "ts1"],
      ["10.77.0.0/16", "1.2.3.4", "ts1"],
      ["10.0.1.1/24", "169.254.100.9", "ts1"],
      ["10.0.1.1/24", "169.254.100.1", "ts9"],
    ]) {
      await sandbox.run("ovn-ic-sbctl", [
        "create",
        "Route",
        `availability_zone=${uuid}`,
        `transit_switch=${transitSwitch}`,
        `ip_prefix=${prefix}`,
        `nexthop=${nexthop}`,
        "origin=static",
      ]);
    }
    await sandbox.run("ovn-ic-sbctl", [
      "--id=@z",
      "create",
      "Availability_Zone",
      "name=az3",
      "--",
      "create",
      "Route",
      "availability_zone=@z",
      "transit_switch=ts1",
      "ip_prefix=nonsense",
      "nexthop=1.2.3.4",
      "origin=static",
    ]);
    await settled();
    expect(await advertisedRoutes(sandbox)).toEqual([
      CONNECTED,
      "10.0.2.1/24 169.254.100.2 connected",
      "nonsense 1.2.3.4 static",
    ]);
  });

  it("follow the address of the port", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl(
      "az1",
      "set",
      "Logical_Router_Port",
      "lr1-ts1",
      'networks=["169.254.100.11/24","fd99::11/64"]',
    );
    await nbctl("az1", "lr-route-add", "lr1", "fd01::/64", "fd00::9");
    await settled();
    expect(await advertisedRoutes(sandbox, "az1")).toEqual([
      "10.0.1.1/24 169.254.100.11 connected",
      "fd01::/64 fd99::11 static",
    ]);
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.11"]);
  });
});

/**
 * What is done (in az2 unless said otherwise), and what az2 has learned then of 10.0.1.1/24 and
 * 172.16.0.0/16.
 */
const BOTH = ["10.0.1.1/24 169.254.100.1", "172.16.0.0/16 169.254.100.1"];
const learning: [string, string[][], string[], string[]][] = [
  ["everything", [], BOTH, []],
  [
    "nothing when off",
    [["remove", "NB_Global", ".", "options", "ic-route-learn"]],
    [],
    // Its own route among them: what is not asked for is not looked at closer.
    ["learning-off ic-route-learn", "learning-off ic-route-learn", "learning-off ic-route-learn"],
  ],
  [
    "nothing that the port denies",
    [["set", "Logical_Router_Port", "lr1-ts1", "options:ic-route-deny-learn=172.16.0.0/12"]],
    BOTH.slice(0, 1),
    ["deny-list ic-route-deny-learn"],
  ],
  [
    "only what the router allows",
    [["set", "Logical_Router", "lr1", "options:ic-route-filter-learn=172.16.0.0/12"]],
    BOTH.slice(1),
    ["allow-list ic-route-filter-learn"],
  ],
  [
    "nothing that it has itself",
    [["lr-route-add", "lr1", "172.16.0.0/16", "10.0.2.9"]],
    BOTH.slice(0, 1),
    ["own-static-route-wins"],
  ],
  [
    "nothing on a disabled router",
    [["set", "Logical_Router", "lr1", "enabled=false"]],
    [],
    ["no-address-on-port", "no-address-on-port", "no-ipv4-address-on-port"],
  ],
  [
    "nothing via another network",
    [["set", "Logical_Router_Port", "lr1-ts1", "networks=169.254.200.2/24"]],
    [],
    ["nexthop-not-on-network", "nexthop-not-on-network"],
  ],
];

describe("learned routes", { timeout: 2 * PATIENCE }, () => {
  it.each(learning)("%s", async (_name, steps, expected, dropped) => {
    const zones = await twoZones();
    await zones.nbctl("az1", "lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.9");
    for (const step of steps) await zones.nbctl("az2", ...step);
    await zones.settled();
    expect(await learnedRoutes(zones.sandbox, "az2")).toEqual(expected);
    expect(reasons(zones.az2).filter((reason) => reason !== "own-route")).toEqual(dropped);
    for (const step of steps) {
      const [verb, , , option] = step;
      if (verb === "lr-route-add")
        await zones.nbctl("az2", "lr-route-del", "lr1", "172.16.0.0/16", "10.0.2.9");
      else if (option?.startsWith("options:"))
        await zones.nbctl("az2", "clear", ...step.slice(1, 3), "options");
      else if (option?.startsWith("enabled"))
        await zones.nbctl("az2", "clear", ...step.slice(1, 3), "enabled");
      else if (option === "options")
        await zones.nbctl("az2", "set", "NB_Global", ".", "options:ic-route-learn=true");
      else await zones.nbctl("az2", "set", ...step.slice(1, 3), "networks=169.254.100.2/24");
    }
    await zones.settled();
    expect(await learnedRoutes(zones.sandbox, "az2")).toEqual(BOTH);
  });

  it("point back to the route that they come from, in place when that is made anew", async () => {
    const { sandbox, settled, az1, az2 } = await twoZones();
    const learned = async () => {
      const all = await rows(sandbox, "az2.nb", "Logical_Router_Static_Route", "_uuid,external_ids,options");
      return all[0] ?? [];
    };
    const source = async () => (await rows(sandbox, "ic.sb", "Route", "ip_prefix,_uuid"))[0]?.[1];
    const before = await learned();
    expect(before.slice(1)).toEqual([{ "ic-learned-route": await source() }, { origin: "connected" }]);
    const zone = String((await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid"))[0]?.[1]);
    await sandbox.run("ovn-ic-sbctl", [
      "destroy",
      "Route",
      String(await source()),
      "--",
      "create",
      "Route",
      `availability_zone=${zone}`,
      "transit_switch=ts1",
      "ip_prefix=10.0.1.1/24",
      "nexthop=169.254.100.1",
      "origin=connected",
    ]);
    await settled();
    expect(az1.engine.problems).toEqual([]);
    const after = await learned();
    expect(after[0]).toBe(before[0]);
    expect(after[1]).toEqual({ "ic-learned-route": await source() });
    expect(az2.engine.problems).toEqual([]);
  });

  it("that somebody changes or deletes come back; foreign keys in them stay", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl("az2", "lr-route-del", "lr1", "10.0.1.1/24");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toEqual(BOTH.slice(0, 1));
    const [uuid] = (await rows(sandbox, "az2.nb", "Logical_Router_Static_Route", "_uuid")).flat();
    await nbctl(
      "az2",
      "set",
      "Logical_Router_Static_Route",
      String(uuid),
      "external_ids:mine=1",
      "ip_prefix=10.99.0.0/16",
    );
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toEqual(BOTH.slice(0, 1));
  });
});
