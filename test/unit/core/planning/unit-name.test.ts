import { describe, expect, it } from "vitest";
import { joinKey } from "../../../../src/core/model/keys.ts";
import type { View } from "../../../../src/core/model/view.ts";
import { PLANNERS } from "../../../../src/core/planners/all.ts";
import { unitName } from "../../../../src/core/planning/unit-name.ts";

const ROUTER = "11111111-2222-3333-4444-555555555555";
const none = { get: () => undefined };
const view = {
  identity: { name: "az1" },
  nb: { Logical_Router: { get: (uuid: string) => (uuid === ROUTER ? { name: "lr1" } : undefined) } },
  icNb: { Transit_Router: none },
} as unknown as View;

function nameOf(planner: string, ...parts: [string, ...string[]]): string {
  const found = PLANNERS.find(({ name }) => name === planner);
  if (found === undefined) throw new Error(`no planner ${planner}`);
  return unitName({ planner: found, key: joinKey(...parts) }, view);
}

describe("units in messages", () => {
  it("have names for people", () => {
    expect(nameOf("advertised-routes", "ts1", "10.66.2.0/24")).toBe("10.66.2.0/24 on ts1");
    expect(nameOf("learned-routes", ROUTER, "10.66.2.0/24")).toBe("10.66.2.0/24 of router lr1");
    expect(nameOf("transit-routers", "router", "tr1")).toBe("tr1");
    expect(nameOf("availability-zone", "")).toBe("az1");
    expect(nameOf("transit-switches", "")).toBe("datapaths of no transit switch");
    expect(nameOf("gateways", "gw1")).toBe("gw1");
  });

  it("never have what joins the parts of a key", () => {
    for (const { name } of PLANNERS) expect(nameOf(name, "a", "b", "c", "d", "e")).not.toContain("\u0000");
  });
});
