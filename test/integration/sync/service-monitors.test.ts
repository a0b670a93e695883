/** Service monitors across zones, which need newer schemas than the installed ones. */
import { describe, expect, it } from "vitest";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import { controller, settle, syncOnce, write, zones } from "../../harness/zones/zones.ts";

const MONITOR = {
  type: "load-balancer",
  ip: "10.0.2.5",
  port: 80,
  protocol: "tcp",
  src_ip: "10.0.2.254",
  logical_port: "vm2",
} as const;

/**
 * Zone az1 asks for a backend that is a port of az2. There is no northd: the installed one deletes what it
 * did not make.
 */
async function withMonitor() {
  const sandbox = await zones({ northd: false, schemas: newestSchemas() });
  const [az1, az2] = [controller(sandbox, "az1"), controller(sandbox, "az2")];
  az1.start();
  az2.start();
  const southbound = (zone: string, fill: Parameters<typeof write<typeof sb>>[2]) =>
    write(sb, sandbox.azs.get(zone)?.sb ?? "", fill);
  for (const [zone, key] of [
    ["az1", 1],
    ["az2", 2],
  ] as const) {
    await southbound(zone, (transaction, replica) => {
      const options = { svc_monitor_mac: `0a:00:00:00:00:0${key}` };
      const [global] = [...replica.table("SB_Global")];
      if (global === undefined) transaction.insert("SB_Global", { options });
      else transaction.update("SB_Global", global._uuid, { options });
      transaction.insert("Datapath_Binding", { tunnel_key: 1 });
      const encaps = [transaction.insert("Encap", { type: "geneve", ip: `10.255.0.${key}` })];
      transaction.insert("Chassis", { name: `gw${key}`, encaps });
    });
  }
  const bind = (chassis: string | null) =>
    southbound("az2", (transaction, replica) => {
      const uuid = [...replica.table("Chassis")].find(({ name }) => name === chassis)?._uuid ?? null;
      const port = [...replica.table("Port_Binding")].find(({ logical_port }) => logical_port === "vm2");
      const [datapath] = [...replica.table("Datapath_Binding")];
      if (datapath === undefined) throw new Error("no datapath");
      const columns = { logical_port: "vm2", datapath: datapath._uuid, tunnel_key: 1, up: true };
      if (port === undefined) transaction.insert("Port_Binding", { ...columns, chassis: uuid });
      else transaction.update("Port_Binding", port._uuid, { chassis: uuid });
    });
  await bind(null);
  await southbound("az1", (transaction) => {
    const options = { "az-name": "az2", interval: "5" };
    transaction.insert("Service_Monitor", { ...MONITOR, remote: true, options });
  });
  const settled = () => settle(sandbox, az1, az2);
  await settled();
  const nbctl = (zone: string, ...args: string[]) => sandbox.run("ovn-nbctl", args, zone);
  return { sandbox, az1, az2, settled, southbound, nbctl, bind };
}

function global(zone: TestController) {
  return [...zone.view.icSb.Service_Monitor].map((row) => [
    `${row.source_availability_zone} → ${row.target_availability_zone}`,
    row.logical_port,
    Object.fromEntries(row.options),
    row.status,
  ]);
}

function local(zone: TestController) {
  return [...zone.view.sb.Service_Monitor].map((row) => [
    row.logical_port,
    row.ic_learned,
    row.chassis_name,
    Object.fromEntries(row.options),
    row.status,
  ]);
}

const OPTIONS = { "az-name": "az2", interval: "5" };

describe("service monitors", { timeout: 2 * PATIENCE }, () => {
  it("go to the zone of the backend, and its health comes back", async () => {
    const { sandbox, az1, az2, settled, southbound, bind } = await withMonitor();
    expect(global(az1)).toEqual([["az1 → az2", "vm2", OPTIONS, null]]);
    expect([...az1.view.icSb.Service_Monitor][0]).toMatchObject({ ...MONITOR, src_mac: "0a:00:00:00:00:01" });
    expect(local(az2)).toEqual([["vm2", true, "", OPTIONS, null]]);
    expect([...az2.view.sb.Service_Monitor][0]).toMatchObject({ ...MONITOR, src_mac: "0a:00:00:00:00:02" });

    await bind("gw2");
    await southbound("az2", (transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.update("Service_Monitor", row._uuid, { status: "offline" });
    });
    await settled();
    expect(local(az2)).toEqual([["vm2", true, "gw2", OPTIONS, "offline"]]);
    expect(global(az1)).toEqual([["az1 → az2", "vm2", OPTIONS, "offline"]]);
    expect(local(az1)).toEqual([["vm2", false, "", OPTIONS, "offline"]]);

    await southbound("az1", (transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.setKey("Service_Monitor", row._uuid, "options", "interval", "9");
    });
    await settled();
    expect(local(az2)[0]?.[3]).toEqual({ ...OPTIONS, interval: "9" });
    await Promise.all([az1.close(), az2.close()]);
    expect([...(await syncOnce(sandbox, "az1")), ...(await syncOnce(sandbox, "az2"))]).toEqual([]);
  });

  it("stay as northd began them while the other zone has found nothing out", async () => {
    const { az1, az2, settled, southbound } = await withMonitor();
    const status = (zone: string, value: "offline" | "online" | null) =>
      southbound(zone, (transaction, replica) => {
        for (const row of replica.table("Service_Monitor"))
          transaction.update("Service_Monitor", row._uuid, { status: value });
      });
    await status("az1", "offline");
    await settled();
    expect(global(az1)[0]?.[3]).toBeNull();
    expect(local(az1)[0]?.[4]).toBe("offline");
    await status("az2", "online");
    await settled();
    expect(local(az1)[0]?.[4]).toBe("online");
    // The other zone's northd has begun anew: what was found out last counts.
    await status("az2", null);
    await settled();
    expect(local(az2)[0]?.[4]).toBeNull();
    expect(local(az1)[0]?.[4]).toBe("online");
  });

  it("go away with the port, and with who asked", async () => {
    const { az1, az2, settled, southbound, bind } = await withMonitor();
    await southbound("az2", (transaction, replica) => {
      for (const row of replica.table("Port_Binding")) transaction.delete("Port_Binding", row._uuid);
    });
    await settled();
    expect(local(az2)).toEqual([]);
    expect(global(az1)).toHaveLength(1);
    await bind(null);
    await settled();
    expect(local(az2)).toHaveLength(1);
    await southbound("az1", (transaction, replica) => {
      for (const row of replica.table("Service_Monitor")) transaction.delete("Service_Monitor", row._uuid);
    });
    await settled();
    expect(global(az1)).toEqual([]);
    expect(local(az2)).toEqual([]);
  });

  it("that northd made here are only read, and come back when they are deleted behind our back", async () => {
    const { sandbox, az1, az2, settled, southbound } = await withMonitor();
    await southbound("az2", (transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.update("Service_Monitor", row._uuid, { ic_learned: false, status: "online" });
    });
    await settled();
    expect(local(az2)).toEqual([["vm2", false, "", OPTIONS, "online"]]);
    expect(local(az1)[0]?.[4]).toBe("online");
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("Service_Monitor")) transaction.delete("Service_Monitor", row._uuid);
    });
    await settled();
    expect(global(az1)).toEqual([["az1 → az2", "vm2", OPTIONS, "online"]]);
    // A name that the CMS gives to no zone: nobody will ever pull it.
    await southbound("az1", (transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.setKey("Service_Monitor", row._uuid, "options", "az-name", "az1");
    });
    await settled();
    expect(global(az1)).toEqual([]);
  });

  it("follow the zone's name", async () => {
    const { az1, az2, settled, nbctl } = await withMonitor();
    const [before] = [...az1.view.icSb.Service_Monitor];
    await nbctl("az1", "set", "NB_Global", ".", "name=paris");
    await settled();
    expect(global(az1)).toEqual([["paris → az2", "vm2", OPTIONS, null]]);
    expect(before && az1.view.icSb.Service_Monitor.get(before._uuid)).toBeDefined();
    expect(local(az2)).toHaveLength(1);
    await nbctl("az1", "set", "NB_Global", ".", 'name=""');
    await settled();
    expect(global(az1)).toEqual([]);
    expect(local(az2)).toEqual([]);
  });
});
