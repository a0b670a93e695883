import { describe, expect, it } from "vitest";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { reasons, stranger, warnings } from "../../harness/zones/stranger.ts";
import { controller, learnedRoutes, rows, settle, twoZones, write } from "../../harness/zones/zones.ts";

/** What az1 has learned of az2, in all of these tests. */
const FROM_AZ2 = "10.0.2.1/24 169.254.100.2";

/**
 * A route of another zone; what the administrator of az1 has done to it, in which options; and why it is not
 * learned.
 */
const guarded: [string, { route: string[]; steps: string[][]; reason: string; undo?: string[][] }][] = [
  ["loopback", { route: ["127.0.0.0/8"], steps: [], reason: "loopback-prefix" }],
  ["a part of it", { route: ["127.5.0.0/16"], steps: [], reason: "loopback-prefix" }],
  ["groups", { route: ["224.0.0.0/4"], steps: [], reason: "multicast-prefix" }],
  ["a group", { route: ["239.1.0.0/16"], steps: [], reason: "multicast-prefix" }],
  [
    "what is sent to the router itself",
    { route: ["10.9.0.0/16", "169.254.100.1"], steps: [], reason: "nexthop-is-own-address" },
  ],
  [
    "an own route, written otherwise",
    {
      route: ["10.050.0.0/16"],
      steps: [["lr-route-add", "lr1", "10.50.0.0/16", "10.0.1.9"]],
      reason: "own-static-route-wins",
      undo: [["lr-route-del", "lr1", "10.50.0.0/16"]],
    },
  ],
  [
    "an own route, with bits of a host",
    {
      route: ["10.50.3.1/16"],
      steps: [["lr-route-add", "lr1", "10.50.0.0/16", "10.0.1.9"]],
      reason: "own-static-route-wins",
      undo: [["lr-route-del", "lr1", "10.50.0.0/16"]],
    },
  ],
  [
    "an own route, with a dotted mask",
    {
      route: ["10.50.0.0/255.255.0.0"],
      steps: [["lr-route-add", "lr1", "10.50.0.0/16", "10.0.1.9"]],
      reason: "own-static-route-wins",
      undo: [["lr-route-del", "lr1", "10.50.0.0/16"]],
    },
  ],
  [
    "what the zone denies for learning only",
    {
      route: ["10.9.0.0/16"],
      steps: [["set", "NB_Global", ".", "options:ic-route-deny-learn=10.9.0.0/16"]],
      reason: "deny-list ic-route-deny-learn",
      undo: [["remove", "NB_Global", ".", "options", "ic-route-deny-learn"]],
    },
  ],
  [
    "a part of a network that the router is connected to",
    {
      route: ["10.0.1.64/26"],
      steps: [["set", "NB_Global", ".", "options:ic-route-learn-protect-connected=true"]],
      reason: "overlaps-connected-network ic-route-learn-protect-connected",
      undo: [["remove", "NB_Global", ".", "options", "ic-route-learn-protect-connected"]],
    },
  ],
  [
    "what is over a network that the router is connected to",
    {
      route: ["10.0.0.0/23"],
      steps: [["set", "Logical_Router", "lr1", "options:ic-route-learn-protect-connected=true"]],
      reason: "overlaps-connected-network ic-route-learn-protect-connected",
      undo: [["set", "Logical_Router", "lr1", "options:ic-route-learn-protect-connected=false"]],
    },
  ],
  [
    "what is inside of a network that the router gets only then",
    {
      route: ["10.9.1.0/24"],
      steps: [
        ["set", "Logical_Router", "lr1", "options:ic-route-learn-protect-connected=true"],
        ["lrp-add", "lr1", "lr1-new", "aa:aa:aa:aa:01:77", "10.9.0.1/16"],
      ],
      reason: "overlaps-connected-network ic-route-learn-protect-connected",
      undo: [["lrp-del", "lr1-new"]],
    },
  ],
  [
    "a next hop that is no port of that zone",
    {
      route: ["10.9.0.0/16", "169.254.100.2"],
      steps: [["set", "Logical_Router_Port", "lr1-ts1", "options:ic-route-learn-check-nexthop=true"]],
      reason: "nexthop-not-of-zone ic-route-learn-check-nexthop",
      undo: [["clear", "Logical_Router_Port", "lr1-ts1", "options"]],
    },
  ],
  [
    "a prefix that is too short",
    {
      route: ["11.0.0.0/8"],
      steps: [["set", "NB_Global", ".", "options:ic-route-learn-min-plen=9"]],
      reason: "prefix-too-short ic-route-learn-min-plen",
      undo: [["set", "NB_Global", ".", "options:ic-route-learn-min-plen=8"]],
    },
  ],
];

describe("what is not learned", { timeout: 2 * PATIENCE }, () => {
  it("is said with its reason, and learned as soon as nothing forbids it", async () => {
    const { sandbox, az1, settled, nbctl } = await twoZones();
    const az9 = await stranger(sandbox);
    const perform = async (steps: readonly string[][]) => {
      for (const step of steps) await nbctl("az1", ...step);
      await settled();
    };
    for (const [name, { route, steps, reason, undo = [] }] of guarded) {
      const [prefix = "", ...nexthop] = route;
      await az9.route(prefix, ...nexthop);
      await perform(steps);
      expect(await learnedRoutes(sandbox, "az1"), name).toEqual([FROM_AZ2]);
      expect(reasons(az1), name).toEqual([reason]);
      if (undo.length > 0) {
        await perform(undo);
        expect(await learnedRoutes(sandbox, "az1"), name).toHaveLength(2);
        // And taken back, when the guard comes after the route.
        await perform(steps);
        expect(await learnedRoutes(sandbox, "az1"), name).toEqual([FROM_AZ2]);
      }
      await az9.gone("Route", "ip_prefix", prefix);
      await perform(undo);
    }
  });

  it("a next hop, until the zone has a port of that address", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-route-learn-check-nexthop=true");
    const az9 = await stranger(sandbox);
    await az9.route("10.9.0.0/16", "169.254.100.99");
    await settled();
    expect(await learnedRoutes(sandbox, "az1")).toEqual([FROM_AZ2]);
    await az9.port("ts1-az9", 99);
    await settled();
    expect(await learnedRoutes(sandbox, "az1")).toEqual([FROM_AZ2, "10.9.0.0/16 169.254.100.99"]);
    await az9.gone("Port_Binding", "logical_port", "ts1-az9");
    await settled();
    expect(await learnedRoutes(sandbox, "az1")).toEqual([FROM_AZ2]);
  });

  it("but not its options alone: override-connected is ignored if that is asked for", async () => {
    const { sandbox, settled, nbctl } = await twoZones({}, { schemas: newestSchemas() });
    const az9 = await stranger(sandbox);
    const options = async () =>
      (await rows(sandbox, "az1.nb", "Logical_Router_Static_Route", "ip_prefix,options")).find(
        ([prefix]) => prefix === "10.9.0.0/16",
      )?.[1];
    // The installed ovn-ic-sbctl does not know this column.
    await write(icSb, sandbox.icSb, (transaction) =>
      transaction.insert("Route", {
        availability_zone: az9.zone,
        transit_switch: "ts1",
        ip_prefix: "10.9.0.0/16",
        nexthop: "169.254.100.9",
        origin: "static",
        options: new Map([["override-connected", "true"]]),
      }),
    );
    await settled();
    expect(await options()).toEqual({ origin: "static", "override-connected": "true" });
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-route-learn-ignore-override=true");
    await settled();
    expect(await options()).toEqual({ origin: "static" });
  });

  it("what a number forbids that is none", async () => {
    const { sandbox, az1, settled, nbctl } = await twoZones();
    await (await stranger(sandbox)).route("11.0.0.0/8");
    await nbctl(
      "az1",
      "set",
      "NB_Global",
      ".",
      "options:ic-route-learn-min-plen=x",
      "options:ic-max-routes=-1",
    );
    await settled();
    expect(await learnedRoutes(sandbox, "az1")).toHaveLength(2);
    expect(warnings(az1)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('ic-route-learn-min-plen: "x" is no length'),
        expect.stringContaining('ic-max-routes: "-1" is no whole number'),
      ]),
    );
  });
});

describe("the most routes of a zone", { timeout: 2 * PATIENCE }, () => {
  it("are those that came first, and when one goes, the next gets its place", async () => {
    const { sandbox, az1, az2, settled, nbctl } = await twoZones();
    const az9 = await stranger(sandbox);
    const learned = async () =>
      (await learnedRoutes(sandbox, "az1"))
        .filter((route) => route !== FROM_AZ2)
        .map((one) => one.slice(0, 4));
    for (const n of [3, 1]) await az9.route(`10.${n}.0.0/16`);
    await settled();
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-max-routes=2");
    for (const n of [2, 5, 4]) await az9.route(`10.${n}.0.0/16`);
    await settled();
    expect(await learned()).toEqual(["10.1", "10.3"]);
    expect(reasons(az1)).toEqual(Array(3).fill("too-many-routes ic-max-routes"));
    // One warning for all of them.
    expect(warnings(az1)).toEqual([
      "zone az9 has more routes than NB_Global.options:ic-max-routes=2 allows: those that came first stay, the others are left out",
    ]);
    // A controller that starts keeps what is there, whatever comes first then.
    await az1.close();
    const again = controller(sandbox, "az1");
    again.start();
    await settle(sandbox, again, az2);
    expect(await learned()).toEqual(["10.1", "10.3"]);
    await az9.gone("Route", "ip_prefix", "10.1.0.0/16");
    await settle(sandbox, again, az2);
    expect(await learned()).toContain("10.3");
    expect(await learned()).toHaveLength(2);
    // One that is not learned any more, for another reason, leaves its place to the next, too.
    const other = (await learned()).find((one) => one !== "10.3") ?? "";
    await nbctl("az1", "lr-route-add", "lr1", `${other}.0.0/16`, "10.0.1.9");
    await settle(sandbox, again, az2);
    await nbctl("az1", "lr-route-del", "lr1", `${other}.0.0/16`);
    await settle(sandbox, again, az2);
    expect(await learned()).toHaveLength(2);
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-max-routes=9");
    await settle(sandbox, again, az2);
    expect(await learned()).toEqual(["10.2", "10.3", "10.4", "10.5"]);
  });
});
