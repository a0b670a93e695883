// How far a zone has come, from rows alone.
import { describe, expect, test } from "vitest";
import type { Readings, Step } from "../../../../src/core/insight/index.ts";
import { statusOf, World } from "../../../../src/core/insight/index.ts";
import type { Rows } from "./readings.ts";
import { unreachable, world } from "./readings.ts";

function steps(readings: Readings, zone = "az1"): Readonly<Record<string, Pick<Step, "state" | "text">>> {
  const found = statusOf(new World(readings)).zones.find((one) => one.zone === zone);
  return Object.fromEntries((found?.steps ?? []).map(({ rung, state, text }) => [rung, { state, text }]));
}

const states = (readings: Readings, zone = "az1") =>
  Object.values(steps(readings, zone)).map(({ state }) => state);

test("a zone in order: each step says what there is", () => {
  expect(steps(world())).toEqual({
    registered: { state: "ok", text: "registered" },
    databases: { state: "ok", text: "NB and SB read" },
    controller: { state: "ok", text: "acknowledged 4" },
    gateways: { state: "ok", text: "1 gateway" },
    ports: { state: "ok", text: "1 port bound" },
    "routes-out": { state: "ok", text: "1 route advertised" },
    "routes-in": { state: "ok", text: "1 route learned" },
  });
  expect(statusOf(new World(world())).zones[0]?.state).toBe("ok");
});

test("of a zone whose databases nobody named, what the global ones have is told, and the rest is undetermined", () => {
  expect(states(world(), "az2")).toEqual([
    "ok",
    "undetermined",
    "ok",
    "failed",
    "failed",
    "ok",
    "undetermined",
  ]);
  expect(steps(world(), "az2")["databases"]?.text).toBe("nobody said where its databases are");
});

const option = (...pairs: readonly (readonly [string, string])[]): Rows => ({
  NB_Global: [{ name: "az1", options: ["map", pairs.map(([key, value]) => [key, value])] }],
});

describe("what is missing is named", () => {
  test.each<[rung: string, state: string, text: string, change: Parameters<typeof world>[0]]>([
    [
      "gateways",
      "failed",
      "no gateway: no chassis of it is an interconnection gateway",
      { icSb: { Gateway: [] } },
    ],
    ["ports", "failed", "no port on a transit switch or router", { icSb: { Port_Binding: [] } }],
    ["routes-out", "failed", "it advertises no route", { icSb: { Route: [] } }],
    [
      "routes-out",
      "off",
      "ic-route-adv is not true",
      { icSb: { Route: [] }, nb: option(["ic-route-learn", "true"]) },
    ],
    [
      "routes-in",
      "off",
      "ic-route-learn is not true",
      { nb: { ...option(["ic-route-adv", "true"]), Logical_Router_Static_Route: [] } },
    ],
    [
      "routes-in",
      "failed",
      "it has learned none of the 1 route of other zones",
      { nb: { Logical_Router_Static_Route: [] } },
    ],
    [
      "routes-in",
      "failed",
      "no other zone advertises a route",
      { icSb: { Route: [] }, nb: { Logical_Router_Static_Route: [] } },
    ],
    [
      "controller",
      "failed",
      "3 behind: asked for 7, it has acknowledged 4",
      { icNb: { IC_NB_Global: [{ nb_ic_cfg: 7 }] } },
    ],
  ])("%s is %s: %s", (rung, state, text, change) => {
    expect(steps(world(change))[rung]).toEqual({ state, text });
  });

  test("a port that no gateway has, and how many more there are", () => {
    const [zone] = new World(world()).global.icSb.Availability_Zone;
    const port = (name: string, key: number) => ({
      logical_port: name,
      transit_switch: "ts1",
      availability_zone: ["uuid", zone?._uuid ?? ""],
      tunnel_key: key,
    });
    const readings = world();
    const icSb = { ...readings.icSb };
    if (!("tables" in icSb)) throw new Error("not captured");
    const row = icSb.tables["Availability_Zone"]?.[0];
    const own = typeof row === "object" && row !== null && "_uuid" in row ? row["_uuid"] : null;
    const bindings = [port("a", 2), port("b", 3)].map((one, i) => ({
      ...one,
      _uuid: ["uuid", `00000000-0000-4000-9000-00000000000${i}`],
      availability_zone: own ?? null,
    }));
    const changed = { ...readings, icSb: { ...icSb, tables: { ...icSb.tables, Port_Binding: bindings } } };
    expect(steps(changed)["ports"]).toEqual({
      state: "failed",
      text: "port a on ts1 is bound to no gateway, and 1 more",
    });
  });

  test("a zone that has not registered, with a name or without", () => {
    const alone = { icSb: { Availability_Zone: [], Gateway: [], Port_Binding: [], Route: [] } };
    expect(steps(world(alone))["registered"]).toEqual({
      state: "failed",
      text: "no Availability_Zone of that name: no controller has run there",
    });
    const nameless = world({ ...alone, nb: { NB_Global: [{ name: "" }] } });
    expect(steps(nameless)["registered"]).toEqual({ state: "failed", text: "NB_Global has no name" });
  });
});

describe("what could not be read is never a verdict", () => {
  test("the global southbound database", () => {
    const readings = { ...world(), icSb: unreachable("icSb", "Connection refused") };
    expect(new Set(states(readings))).toEqual(new Set(["undetermined", "ok"]));
    expect(statusOf(new World(readings)).unreachable).toEqual([unreachable("icSb", "Connection refused")]);
  });

  test("the global northbound database", () => {
    const readings = { ...world(), icNb: unreachable("icNb") };
    expect(steps(readings)["controller"]?.state).toBe("undetermined");
    expect(steps(readings)["gateways"]?.state).toBe("ok");
  });

  test("a zone's own", () => {
    const { zones, ...global } = world();
    const readings = {
      ...global,
      zones: zones.map((zone) => ({ ...zone, sb: unreachable("sb", "no answer") })),
    };
    expect(steps(readings)["databases"]).toEqual({
      state: "failed",
      text: "SB: unix:sb.sock: no answer",
    });
    expect(steps(readings)["routes-in"]?.state).toBe("undetermined");
  });
});
