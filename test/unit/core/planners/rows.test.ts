// The fixtures themselves: rows as they are in production, and nothing that a server would not have.
import { describe, expect, it } from "vitest";
import { Refused } from "../../../harness/memory/database.ts";
import { uuidOf, view, World } from "../../../harness/memory/rows.ts";

describe("rows as fixtures", () => {
  it("have the defaults of their types where nothing is said", () => {
    const { nb } = view({ nb: { Logical_Router: [{ name: "lr1", options: { b: "2", a: "1" } }] } });
    expect(nb.Logical_Router.first()).toEqual({
      _uuid: uuidOf("nb", "Logical_Router", "lr1"),
      name: "lr1",
      ports: [],
      static_routes: [],
      enabled: null,
      load_balancer: [],
      load_balancer_group: [],
      options: new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    });
  });

  it("refer to each other by name, and are found by indexes", () => {
    const { nbIndexes } = view({
      nb: {
        Logical_Router: [{ name: "lr1", ports: ["lrp1"] }],
        Logical_Router_Port: [{ name: "lrp1", networks: ["10.0.0.1/24"] }],
      },
    });
    const port = nbIndexes.routerPortByName.get("lrp1");
    expect(nbIndexes.routerByPort.get(port?._uuid ?? "")?.name).toBe("lr1");
  });

  it("can't name a table or a column that isn't there", () => {
    // @ts-expect-error
    expect(() => view({ nb: { Logical_Ruter: [], Logical_Router: [{}] } })).not.toThrow();
    // @ts-expect-error
    expect(() => view({ nb: { Logical_Router: [{ nam: "lr1" }] } })).toThrow(Refused);
    // @ts-expect-error
    expect(() => view({ nb: { Logical_Router: [{ enabled: "yes" }] } })).toThrow();
    // @ts-expect-error
    expect(view({}, { without: ["nb.Logical_Router.nam"] }).zone).toBeNull();
  });

  it("can't be what a server would refuse", () => {
    const dangling = { nb: { Logical_Router: [{ name: "lr1", ports: ["lrp1"] }] } };
    expect(() => view(dangling)).toThrow("Logical_Router lr1: ports names no row: lrp1");
    expect(() => view({ nb: { Logical_Router_Port: [{ name: "lrp1" }] } })).toThrow("lrp1 is held by no row");
    expect(() =>
      view({
        icSb: {
          Availability_Zone: [
            { _uuid: "a", name: "az1" },
            { _uuid: "b", name: "az1" },
          ],
        },
      }),
    ).toThrow("there are two rows");
  });

  it("lack what an older server lacks", () => {
    const { schemas, icNb, icSb, can } = view(
      { icSb: { Availability_Zone: [{ name: "az1" }] } },
      { without: ["icNb.Transit_Router", "icSb.Route.options"] },
    );
    expect([icNb.Transit_Router.exists, icSb.Route.has("options"), icSb.Route.has("origin")]).toEqual([
      false,
      false,
      true,
    ]);
    expect(schemas.has("icSb", "Route", "options")).toBe(false);
    expect(can).toBeTypeOf("function");
  });

  it("change together with what a server changes for it", () => {
    const world = new World({
      nb: {
        Logical_Router: [{ name: "lr1", ports: ["lrp1"], load_balancer: ["lb1"] }],
        Logical_Router_Port: [{ name: "lrp1" }],
        Load_Balancer: [{ name: "lb1" }],
      },
    });
    const weak = world.change("nb", { delete: "Load_Balancer", uuid: "lb1" });
    expect(weak.changes.map(({ table, old, new: now }) => [table, old !== null, now !== null])).toEqual([
      ["Load_Balancer", true, false],
      ["Logical_Router", true, true],
    ]);
    const strong = world.change("nb", { update: "Logical_Router", uuid: "lr1", row: { ports: [] } });
    expect(strong.changes.map(({ table }) => table)).toEqual(["Logical_Router", "Logical_Router_Port"]);
    expect(world.view.nb.Logical_Router_Port.size).toBe(0);
    expect(
      world.change("nb", { update: "Logical_Router", uuid: "lr1", row: { name: "lr1" } }).changes,
    ).toHaveLength(0);
  });
});
