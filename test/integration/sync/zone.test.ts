import { describe, expect, it } from "vitest";
import type { Note } from "../../../src/core/model/subject.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import {
  advertisedRoutes,
  controller,
  learnedRoutes,
  rows,
  settle,
  twoZones,
  zones,
} from "../../harness/zones/zones.ts";

/** What all zones have in the global database. */
async function globalRows(sandbox: Sandbox) {
  const list = (table: string, columns: string) => rows(sandbox, "ic.sb", table, columns);
  return {
    zones: await list("Availability_Zone", "name,_uuid"),
    gateways: await list("Gateway", "name,_uuid,availability_zone"),
    ports: await list("Port_Binding", "logical_port,_uuid,availability_zone,tunnel_key"),
    routes: await list("Route", "ip_prefix,_uuid,availability_zone"),
  };
}

describe("the availability zone", { timeout: 2 * PATIENCE }, () => {
  it("keeps its row, and all that hangs on it, when it is renamed", async () => {
    const { sandbox, settled, nbctl, az1 } = await twoZones();
    const [before] = await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid");
    const ports = await rows(sandbox, "ic.sb", "Port_Binding", "_uuid,logical_port,availability_zone");
    const written = az1.written.length;
    await nbctl("az1", "set", "NB_Global", ".", "name=paris");
    await settled();
    const zonesNow = await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid");
    expect(zonesNow.find(([name]) => name === "paris")?.[1]).toBe(before?.[1]);
    expect(await rows(sandbox, "ic.sb", "Port_Binding", "_uuid,logical_port,availability_zone")).toEqual(
      ports,
    );
    expect(az1.written.length - written).toBe(1);
  });

  it("goes away with all that is its own when its name becomes empty, and comes back", async () => {
    const { sandbox, settled, nbctl } = await twoZones();
    await nbctl("az1", "set", "NB_Global", ".", 'name=""');
    await settled();
    expect((await rows(sandbox, "ic.sb", "Availability_Zone", "name")).flat()).toEqual(["az2"]);
    expect((await rows(sandbox, "ic.sb", "Gateway", "name")).flat()).toEqual(["gw2"]);
    expect((await rows(sandbox, "ic.sb", "Port_Binding", "logical_port")).flat()).toEqual(["ts1-az2"]);
    expect(await advertisedRoutes(sandbox)).toEqual(["10.0.2.1/24 169.254.100.2 connected"]);
    expect(await learnedRoutes(sandbox, "az2")).toEqual([]);
    await nbctl("az1", "set", "NB_Global", ".", "name=az1");
    await settled();
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.1"]);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
  });

  it("never takes another zone's row: it goes on under its own until the new name is free", async () => {
    const warned: string[] = [];
    const warn = ({ reason, text }: Note) => warned.push(`${reason}: ${text}`);
    const { sandbox, settled, nbctl } = await twoZones({ warn });
    const before = await globalRows(sandbox);
    const learned = await Promise.all(["az1", "az2"].map((zone) => learnedRoutes(sandbox, zone)));
    await nbctl("az1", "set", "NB_Global", ".", "name=az2");
    await settled();
    // Something else to write, after the refusal.
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts2"]);
    await settled();
    await sandbox.run("ovn-ic-nbctl", ["ts-del", "ts2"]);
    await settled();
    expect(await globalRows(sandbox)).toEqual(before);
    expect(await Promise.all(["az1", "az2"].map((zone) => learnedRoutes(sandbox, zone)))).toEqual(learned);
    const [ours, other] = before.zones;
    expect(warned.join("\n")).toMatch(
      new RegExp(
        `zone-name-taken: .*another zone .*${other?.[1]}.*stays az1 \\(Availability_Zone ${ours?.[1]}`,
      ),
    );

    // The other one gives the name up.
    await nbctl("az2", "set", "NB_Global", ".", "name=oslo");
    await settled();
    const renamed = [
      ["az2", ours?.[1]],
      ["oslo", other?.[1]],
    ];
    expect(await globalRows(sandbox)).toEqual({ ...before, zones: renamed });

    // And back again, through a name that is taken meanwhile.
    await nbctl("az1", "set", "NB_Global", ".", "name=oslo");
    await settled();
    await nbctl("az1", "set", "NB_Global", ".", "name=az1");
    await nbctl("az2", "set", "NB_Global", ".", "name=az2");
    await settled();
    expect(await globalRows(sandbox)).toEqual(before);
    expect(await Promise.all(["az1", "az2"].map((zone) => learnedRoutes(sandbox, zone)))).toEqual(learned);
  });

  it("given another zone's name while no controller ran, keeps off its row, whatever that one has left", async () => {
    const { sandbox, az1, az2, nbctl, sbctl } = await twoZones();
    await az1.close();
    await nbctl("az1", "set", "NB_Global", ".", "name=az2");
    const again = controller(sandbox, "az1");
    again.start();
    await settle(sandbox, again, az2);
    expect(again.view.zone).toBeNull();
    await sbctl("az2", "chassis-del", "gw2");
    await settle(sandbox, again, az2);
    const before = await globalRows(sandbox);
    await nbctl("az1", "set", "NB_Global", ".", "options:any=thing");
    await settle(sandbox, again, az2);
    expect(again.view.zone).toBeNull();
    expect(await globalRows(sandbox)).toEqual(before);
    expect(again.written).toEqual([]);
    await nbctl("az1", "set", "NB_Global", ".", "name=az1");
    await settle(sandbox, again, az2);
    expect(again.view.zoneName).toBe("az1");
  });

  it("renamed while no controller ran, is itself again when the name is put back", async () => {
    const { sandbox, az1, az2, nbctl } = await twoZones();
    const before = await globalRows(sandbox);
    await az1.close();
    await nbctl("az1", "set", "NB_Global", ".", "name=oslo");
    const again = controller(sandbox, "az1");
    again.start();
    await settle(sandbox, again, az2);
    await nbctl("az1", "set", "NB_Global", ".", "name=az1");
    await settle(sandbox, again, az2);
    expect(again.view.zoneName).toBe("az1");
    const { zones: _, ...after } = await globalRows(sandbox);
    expect(after).toEqual({ gateways: before.gateways, ports: before.ports, routes: before.routes });
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
  });

  it("renamed while no controller ran, follows what others withdraw", async () => {
    const { sandbox, az1, az2, nbctl } = await twoZones();
    await nbctl("az2", "lr-route-add", "lr1", "172.16.0.0/16", "10.0.2.9");
    await settle(sandbox, az1, az2);
    await az1.close();
    await nbctl("az1", "set", "NB_Global", ".", "name=oslo");
    const again = controller(sandbox, "az1");
    again.start();
    await settle(sandbox, again, az2);
    expect(await learnedRoutes(sandbox, "az1")).toContain("172.16.0.0/16 169.254.100.2");
    await nbctl("az2", "lr-route-del", "lr1", "172.16.0.0/16");
    await nbctl("az2", "lr-route-add", "lr1", "172.17.0.0/16", "10.0.2.9");
    await settle(sandbox, again, az2);
    expect(await learnedRoutes(sandbox, "az1")).toEqual([
      "10.0.2.1/24 169.254.100.2",
      "172.17.0.0/16 169.254.100.2",
    ]);
  });

  it("without a name does nothing", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", 'name=""'], "az1");
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    const az1 = controller(sandbox, "az1");
    az1.start();
    await settle(sandbox, az1);
    expect(az1.written).toEqual([]);
  });
});

describe("servers of different releases", { timeout: 2 * PATIENCE }, () => {
  it("are asked only for what they have, and what is off for that is said once", async () => {
    const said: string[] = [];
    const { sandbox, az1, settled } = await twoZones({ featuresOff: (features) => said.push(...features) });
    expect(said[0]).toMatch(/^transit routers are off: OVN_IC_Northbound \S+ has no Transit_Router$/);
    expect(said).toHaveLength(new Set(said).size);
    const before = said.length;
    const server = sandbox.processes.get("ic-sb");
    await server?.stop();
    await server?.start();
    await az1.until(() => az1.state === "active", AbortSignal.timeout(PATIENCE));
    await settled();
    expect(said).toHaveLength(before);

    said.length = 0;
    await twoZones({ featuresOff: (features) => said.push(...features) }, { schemas: newestSchemas() });
    expect(said).toEqual([]);
  });
});

describe("two instances for one zone", { timeout: 2 * PATIENCE }, () => {
  it("one writes, the other takes over when it is gone", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const first = controller(sandbox, "az1");
    first.start();
    await settle(sandbox, first);
    const second = controller(sandbox, "az1");
    second.start();
    await second.until(() => second.state === "standby", AbortSignal.timeout(PATIENCE));
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await settle(sandbox, first);
    expect(second.written).toEqual([]);
    await first.close();
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts2"]);
    await second.until(() => second.state === "active", AbortSignal.timeout(PATIENCE));
    await settle(sandbox, second);
    const keys = await rows(sandbox, "ic.sb", "Datapath_Binding", "transit_switch,tunnel_key");
    expect(keys).toEqual([
      ["ts1", 16711682],
      ["ts2", 16711683],
    ]);
  });

  it.each(["nb", "sb", "icNb"] as const)(
    "who has no %s leaves the global lock to other zones",
    async (name) => {
      const sandbox = await zones();
      const place = sandbox.azs.get("az1");
      if (place === undefined) throw new Error("no zone az1");
      const remotes = { nb: place.nb, sb: place.sb, icNb: sandbox.icNb, icSb: sandbox.icSb };
      const crippled = controller(sandbox, "az1", { remotes: { ...remotes, [name]: "unix:/nonexistent" } });
      crippled.start();
      const lock = crippled.connections.icSb.client.lock("ovn_ic_sb");
      await expect.poll(() => lock.held, { timeout: PATIENCE }).toBe(true);
      const az2 = controller(sandbox, "az2");
      az2.start();
      await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
      await az2.until(() => az2.view.icSbIndexes.datapathBySwitch.has("ts1"), AbortSignal.timeout(PATIENCE));
      expect(lock.held).toBe(false);
    },
  );

  it("a standby leaves the global lock to others", async () => {
    const sandbox = await zones();
    const first = controller(sandbox, "az1");
    first.start();
    await settle(sandbox, first);
    const standby = controller(sandbox, "az1");
    const az2 = controller(sandbox, "az2");
    standby.start();
    await standby.until(() => standby.state === "standby", AbortSignal.timeout(PATIENCE));
    az2.start();
    await settle(sandbox, first, az2);
    // The first leader goes; were the standby before az2 in the line, it would keep the lock and write
    // nothing.
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", 'name=""'], "az1");
    await settle(sandbox, first, az2);
    await first.close();
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await az2.until(
      () => az2.view.icSbIndexes.datapathBySwitch.has("ts1") || az2.view.leader,
      AbortSignal.timeout(PATIENCE),
    );
    await settle(sandbox, az2);
    expect(await rows(sandbox, "ic.sb", "Datapath_Binding", "transit_switch")).toHaveLength(1);
  });
});
