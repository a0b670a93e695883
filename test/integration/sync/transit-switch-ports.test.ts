/** Ports of transit switches that INB asks for, which need the newest schemas. */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { rows, syncOnce, twoZones, write } from "../../harness/zones/zones.ts";

type Asked = { name: string; type?: string; chassis?: string; peer?: string; addresses?: string[] };

async function withPorts(...asked: Asked[]) {
  const world = await twoZones({}, { schemas: newestSchemas() });
  const { sandbox, settled, az1 } = world;
  const inb = (fill: Parameters<typeof write<typeof icNb>>[2]) => write(icNb, sandbox.icNb, fill);
  const add = (...ports: Asked[]) =>
    inb((transaction, replica) => {
      const [ts1] = [...replica.table("Transit_Switch")];
      if (ts1 === undefined) throw new Error("no transit switch");
      for (const port of ports) {
        const uuid = transaction.insert("Transit_Switch_Port", port);
        transaction.mutate("Transit_Switch", ts1._uuid, "ports", "insert", [uuid]);
      }
    });
  const set = (columns: Omit<Asked, "name">) =>
    inb((transaction, replica) => {
      for (const row of replica.table("Transit_Switch_Port"))
        transaction.update("Transit_Switch_Port", row._uuid, columns);
    });
  await add(...asked);
  await settled();
  /** A port of the global database. */
  const binding = (name: string) => {
    const row = az1.view.icSbIndexes.portByName.get(name);
    const zone = row && az1.view.icSb.Availability_Zone.get(row.availability_zone)?.name;
    return row && [row.transit_switch, row.address, row.gateway, zone, row.type];
  };
  /**
   * A switch port of a zone: type, addresses, peer, options. The installed ovn-nbctl does not know the column
   * `peer`.
   */
  const port = (zone: "az1" | "az2", name: string) => {
    const row = world[zone].view.nbIndexes.switchPortByName.get(name);
    return row && [row.type, row.addresses, row.peer, Object.fromEntries(row.options)];
  };
  return { ...world, inb, add, set, binding, port };
}

const ADDRESS = "aa:aa:aa:00:00:09 169.254.100.9";

describe("ports of transit switches in INB", { timeout: 2 * PATIENCE }, () => {
  it("without a chassis are local to every zone", async () => {
    const { sandbox, az1, az2, binding, port } = await withPorts({ name: "p1", addresses: [ADDRESS] });
    expect(binding("p1")?.slice(0, 3)).toEqual(["ts1", ADDRESS, ""]);
    for (const zone of ["az1", "az2"] as const) {
      expect(port(zone, "p1")).toEqual([
        "",
        [ADDRESS],
        null,
        { "interconn-tsp": "p1", "requested-tnl-key": "3" },
      ]);
    }
    await Promise.all([az1.close(), az2.close()]);
    expect([...(await syncOnce(sandbox, "az1")), ...(await syncOnce(sandbox, "az2"))]).toEqual([]);
  });

  it("are of the zone that has their chassis, and remote to all others", async () => {
    const { binding, port, set, settled } = await withPorts({
      name: "p1",
      chassis: "gw2",
      addresses: [ADDRESS, "unknown"],
    });
    const options = { "interconn-tsp": "p1", "requested-tnl-key": "3", "requested-chassis": "gw2" };
    expect(binding("p1")).toEqual(["ts1", ADDRESS, "gw2", "az2", "transit-switch-port"]);
    expect(port("az2", "p1")).toEqual(["", [ADDRESS, "unknown"].sort(), null, options]);
    expect(port("az1", "p1")).toEqual(["remote", [ADDRESS, "unknown"].sort(), null, options]);

    await set({ chassis: "gw1" });
    await settled();
    expect(binding("p1")?.slice(2, 4)).toEqual(["gw1", "az1"]);
    expect(port("az1", "p1")?.[0]).toBe("");
    expect(port("az2", "p1")?.[0]).toBe("remote");

    await set({ chassis: "" });
    await settled();
    expect(binding("p1")?.slice(2, 3)).toEqual([""]);
    expect(port("az2", "p1")?.[0]).toBe("");
    expect(port("az2", "p1")?.[3]).not.toHaveProperty("requested-chassis");
  });

  it("wait for the zone that has their chassis", async () => {
    const { sandbox, binding, port, settled } = await withPorts({ name: "p1", chassis: "gw9" });
    expect(binding("p1")).toBeUndefined();
    expect(port("az1", "p1")).toBeUndefined();
    const add = ["chassis-add", "gw9", "geneve", "10.255.0.9"];
    await sandbox.run("ovn-sbctl", add, "az2");
    await settled();
    expect(binding("p1")?.[3]).toBe("az2");
    expect(port("az1", "p1")?.[0]).toBe("remote");
  });

  it("of type router name their router port, others their peer", async () => {
    const { port, set, settled, binding, inb } = await withPorts({
      name: "p1",
      type: "router",
      peer: "lrp9",
    });
    expect(port("az1", "p1")).toEqual([
      "router",
      [],
      null,
      { "interconn-tsp": "p1", "requested-tnl-key": "3", "router-port": "lrp9" },
    ]);
    await set({ type: "switch", peer: "other" });
    await settled();
    expect(port("az1", "p1")).toEqual([
      "switch",
      [],
      "other",
      { "interconn-tsp": "p1", "requested-tnl-key": "3" },
    ]);
    await inb((transaction, replica) => {
      for (const row of replica.table("Transit_Switch"))
        transaction.update("Transit_Switch", row._uuid, { ports: [] });
    });
    await settled();
    expect(binding("p1")).toBeUndefined();
    expect(port("az1", "p1")).toBeUndefined();
    expect(port("az2", "p1")).toBeUndefined();
  });

  it("leave other ports of the switch alone, and come back when somebody deletes or changes them", async () => {
    const { sandbox, port, settled, nbctl, add, binding } = await withPorts({ name: "p1" });
    const before = port("az2", "p1");
    await nbctl("az2", "lsp-del", "p1");
    await nbctl("az1", "lsp-set-type", "p1", "localnet");
    await settled();
    expect(port("az1", "p1")).toEqual(before);
    expect(port("az2", "p1")).toEqual(before);
    await sandbox.run("ovn-ic-sbctl", ["--all", "destroy", "Port_Binding"]);
    await settled();
    expect(binding("p1")).toBeDefined();
    // The name of a port that the CMS of one zone made stays that port's.
    await nbctl("az1", "lsp-add", "ls1", "mine");
    await add({ name: "mine" });
    await settled();
    expect(port("az1", "mine")?.[3]).toEqual({});
    expect(port("az2", "mine")?.[3]).toMatchObject({ "interconn-tsp": "mine" });
    expect((await rows(sandbox, "ic.sb", "Port_Binding", "logical_port")).flat()).toEqual([
      "mine",
      "p1",
      "ts1-az1",
      "ts1-az2",
    ]);
  });
});
