/** Transit routers and their ports, which need the newest schemas. */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import { rows, syncOnce, twoZones, write } from "../../harness/zones/zones.ts";

const MAC = "aa:aa:aa:00:00:01";

async function withTransitRouter() {
  const world = await twoZones({}, { schemas: newestSchemas() });
  const { sandbox, settled } = world;
  const inb = (fill: Parameters<typeof write<typeof icNb>>[2]) => write(icNb, sandbox.icNb, fill);
  await inb((transaction) => {
    const router = transaction.insert("Transit_Router", { name: "tr1" });
    const port = transaction.insert("Transit_Router_Port", {
      name: "trp1",
      mac: MAC,
      networks: ["10.99.0.1/24"],
      chassis: "gw1",
      tr_uuid: router,
    });
    transaction.mutate("Transit_Router", router, "ports", "insert", [port]);
  });
  await settled();
  const routers = async (zone: string) => {
    const all = await rows(sandbox, `${zone}.nb`, "Logical_Router", "name,options");
    return all.filter(([, options]) => JSON.stringify(options).includes("interconn-tr"));
  };
  const port = async (zone: string, wanted = "trp1") => {
    const all = await rows(sandbox, `${zone}.nb`, "Logical_Router_Port", "name,mac,networks,options");
    return all.find(([name]) => name === wanted);
  };
  return { ...world, inb, routers, port };
}

function bindings(zone: TestController) {
  return [...zone.view.icSb.Port_Binding]
    .filter((row) => row.type === "transit-router-port")
    .map((row) => [
      row.logical_port,
      row.transit_switch,
      row.address,
      zone.view.icSb.Availability_Zone.get(row.availability_zone)?.name,
    ]);
}

function datapaths(zone: TestController) {
  return [...zone.view.icSb.Datapath_Binding]
    .filter((row) => row.type === "transit-router")
    .map((row) => [row.transit_switch, row.nb_ic_uuid, row.tunnel_key]);
}

describe("transit routers", { timeout: 2 * PATIENCE }, () => {
  it("are routers in every zone, with the key of their datapath", async () => {
    const { sandbox, az1, az2, inb, routers, port } = await withTransitRouter();
    const [uuid] = [...az1.view.icNb.Transit_Router].map((row) => row._uuid);
    expect(datapaths(az1)).toEqual([["", uuid, 16711683]]);
    for (const zone of ["az1", "az2"]) {
      expect(await routers(zone)).toEqual([
        ["tr1", { "interconn-tr": "tr1", "requested-tnl-key": "16711683" }],
      ]);
      expect(await port(zone)).toEqual([
        "trp1",
        MAC,
        "10.99.0.1/24",
        { "interconn-tr": "trp1", "requested-chassis": "gw1", "requested-tnl-key": "1" },
      ]);
    }
    expect(bindings(az1)).toEqual([["trp1", "tr1", MAC, "az1"]]);
    await Promise.all([az1.close(), az2.close()]);
    expect([...(await syncOnce(sandbox, "az1")), ...(await syncOnce(sandbox, "az2"))]).toEqual([]);

    // What went away while nobody ran is put in order afterwards.
    await inb((transaction, replica) => {
      for (const row of replica.table("Transit_Router")) transaction.delete("Transit_Router", row._uuid);
    });
    await syncOnce(sandbox, "az1");
    await syncOnce(sandbox, "az2");
    expect(await routers("az1")).toEqual([]);
    expect(await routers("az2")).toEqual([]);
  });

  it("follow what is changed in INB, and come back when somebody deletes them", async () => {
    const { sandbox, az1, inb, routers, port, settled, nbctl } = await withTransitRouter();
    await inb((transaction, replica) => {
      for (const row of replica.table("Transit_Router_Port"))
        transaction.update("Transit_Router_Port", row._uuid, {
          mac: "aa:aa:aa:00:00:02",
          networks: ["10.98.0.1/24", "fd00::1/64"],
        });
    });
    await settled();
    expect((await port("az2"))?.slice(1, 3)).toEqual(["aa:aa:aa:00:00:02", ["10.98.0.1/24", "fd00::1/64"]]);
    expect(bindings(az1)).toEqual([["trp1", "tr1", "aa:aa:aa:00:00:02", "az1"]]);

    const before = await port("az2");
    await nbctl("az2", "lrp-del", "trp1");
    await settled();
    expect(await port("az2")).toEqual(before);
    await nbctl("az2", "lr-del", "tr1");
    await nbctl("az1", "set", "Logical_Router", "tr1", "options:mine=1");
    await settled();
    expect(await port("az2")).toEqual(before);
    expect((await routers("az1"))[0]?.[1]).toMatchObject({ mine: "1" });

    await sandbox.run("ovn-ic-sbctl", ["--all", "destroy", "Datapath_Binding"]);
    await settled();
    expect(datapaths(az1)).toHaveLength(1);

    await inb((transaction, replica) => {
      for (const row of replica.table("Transit_Router_Port"))
        for (const router of replica.table("Transit_Router"))
          transaction.mutate("Transit_Router", router._uuid, "ports", "delete", [row._uuid]);
    });
    await settled();
    expect(await port("az1")).toBeUndefined();
    expect(await port("az2")).toBeUndefined();
    expect(bindings(az1)).toEqual([]);
    expect(await routers("az1")).toHaveLength(1);

    await inb((transaction, replica) => {
      for (const row of replica.table("Transit_Router")) transaction.delete("Transit_Router", row._uuid);
    });
    await settled();
    expect(await routers("az1")).toEqual([]);
    expect(await routers("az2")).toEqual([]);
    expect(datapaths(az1)).toEqual([]);
  });

  it("have ports only where a zone has their chassis, and follow it to another zone", async () => {
    const { az1, inb, port, settled, nbctl } = await withTransitRouter();
    const move = (chassis: string) =>
      inb((transaction, replica) => {
        for (const row of replica.table("Transit_Router_Port"))
          transaction.update("Transit_Router_Port", row._uuid, { chassis });
      });
    await move("gw2");
    await settled();
    expect(bindings(az1)).toEqual([["trp1", "tr1", MAC, "az2"]]);
    expect((await port("az1"))?.[3]).toMatchObject({ "requested-chassis": "gw2" });

    // A name that the CMS of a zone has given to a port of its own stays that port's.
    await nbctl("az1", "lrp-add", "lr1", "taken", "aa:aa:aa:00:00:07", "10.97.0.1/24");
    await inb((transaction, replica) => {
      const [router] = [...replica.table("Transit_Router")];
      if (router === undefined) throw new Error("no transit router");
      for (const [name, chassis] of [
        ["nowhere", ""],
        ["unknown", "gw99"],
        ["taken", "gw1"],
      ] as const) {
        const columns = { name, chassis, mac: MAC, networks: ["10.96.0.1/24"], tr_uuid: router._uuid };
        const uuid = transaction.insert("Transit_Router_Port", columns);
        transaction.mutate("Transit_Router", router._uuid, "ports", "insert", [uuid]);
      }
    });
    await settled();
    const names = () => bindings(az1).map(([name]) => String(name));
    expect(names().sort()).toEqual(["taken", "trp1"]);
    expect((await port("az1", "taken"))?.[2]).toBe("10.97.0.1/24");
    expect((await port("az2", "taken"))?.[2]).toBe("10.96.0.1/24");
    await nbctl("az1", "lrp-del", "taken");
    await settled();
    expect((await port("az1", "taken"))?.[2]).toBe("10.96.0.1/24");
  });
});

describe("datapaths that were converted to an older schema and back", { timeout: 2 * PATIENCE }, () => {
  it("and so are of nothing, are deleted by the leader", async () => {
    const { sandbox, settled } = await twoZones({}, { schemas: newestSchemas() });
    await write(icSb, sandbox.icSb, (transaction) => {
      transaction.insert("Datapath_Binding", { transit_switch: "", tunnel_key: 16711900 });
      transaction.insert("Datapath_Binding", {
        transit_switch: "",
        tunnel_key: 16711901,
        type: "transit-switch",
      });
    });
    await settled();
    const left = await rows(sandbox, "ic.sb", "Datapath_Binding", "transit_switch,tunnel_key");
    expect(left).toEqual([["ts1", 16711682]]);
  });
});
