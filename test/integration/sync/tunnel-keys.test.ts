/** Tunnel keys when there are no more of them. */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { controller, settle, write, zones } from "../../harness/zones/zones.ts";

/** Zone az1 without northd, which would take minutes for so many switches. */
async function alone() {
  const sandbox = await zones({ azs: ["az1"], northd: false, schemas: newestSchemas() });
  const warnings = new Set<string>();
  const az1 = controller(sandbox, "az1", { warn: ({ text }) => warnings.add(text) });
  return { sandbox, az1, warnings };
}

describe("tunnel keys", { timeout: 4 * PATIENCE }, () => {
  it("of VXLAN are given to the last one; who gets none is named, and gets the first that is free again", async () => {
    const { sandbox, az1, warnings } = await alone();
    const gateway = ["chassis-add", "gw1", "vxlan", "10.255.0.1"];
    const interconn = ["set", "Chassis", "gw1", "other_config:is-interconn=true"];
    await sandbox.run("ovn-sbctl", [...gateway, "--", ...interconn], "az1");
    az1.start();
    await settle(sandbox, az1);
    const names = Array.from({ length: 3072 }, (_, i) => `ts${i}`);
    await write(icNb, sandbox.icNb, (transaction, replica) => {
      const options = { vxlan_mode: "true" };
      const [global] = replica.table("IC_NB_Global");
      if (global === undefined) transaction.insert("IC_NB_Global", { options });
      else transaction.update("IC_NB_Global", global._uuid, { options });
      for (const name of names) transaction.insert("Transit_Switch", { name });
    });
    await settle(sandbox, az1);
    const keys = () => [...az1.view.icSb.Datapath_Binding].map((row) => Number(row.tunnel_key));
    const all = Array.from({ length: 3072 }, (_, i) => 1024 + i);
    expect(keys().sort((a, b) => a - b)).toEqual(all);
    expect([...warnings]).toEqual([]);

    await sandbox.run("ovn-ic-nbctl", ["ts-add", "late"]);
    await settle(sandbox, az1);
    expect([...warnings]).toEqual(["Transit_Switch late: no free tunnel key for a datapath"]);
    expect(az1.view.icSbIndexes.datapathBySwitch.get("late")).toBeUndefined();
    const freed = az1.view.icSbIndexes.datapathBySwitch.get("ts7")?.tunnel_key;
    await sandbox.run("ovn-ic-nbctl", ["ts-del", "ts7"]);
    await settle(sandbox, az1);
    expect(az1.view.icSbIndexes.datapathBySwitch.get("late")?.tunnel_key).toBe(freed);
  });

  it("of ports, likewise", async () => {
    const { sandbox, az1, warnings } = await alone();
    await sandbox.run("ovn-sbctl", ["chassis-add", "gw1", "geneve", "10.255.0.1"], "az1");
    az1.start();
    await settle(sandbox, az1);
    await write(icNb, sandbox.icNb, (transaction) => {
      const port = { name: "trp1", chassis: "gw1", mac: "00:00:00:00:00:01", networks: ["169.254.50.1/24"] };
      const ports = [transaction.insert("Transit_Router_Port", port)];
      transaction.insert("Transit_Router", { name: "tr1", ports });
    });
    await settle(sandbox, az1);
    const binding = () => az1.view.icSbIndexes.portByName.get("trp1");
    expect(binding()?.tunnel_key).toBe(1);
    // All other keys are those of ports of another zone.
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      const [own] = replica.table("Port_Binding");
      const zone = transaction.insert("Availability_Zone", { name: "az9" });
      if (own !== undefined) transaction.delete("Port_Binding", own._uuid);
      for (let tunnel_key = 1; tunnel_key <= 32767; tunnel_key++) {
        const columns = {
          transit_switch: "tr1",
          availability_zone: zone,
          type: "transit-router-port",
        } as const;
        transaction.insert("Port_Binding", { ...columns, logical_port: `other${tunnel_key}`, tunnel_key });
      }
    });
    await settle(sandbox, az1);
    expect(binding()).toBeUndefined();
    expect([...warnings]).toEqual(["Transit_Router_Port trp1: no free tunnel key on tr1"]);
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      const other = [...replica.table("Port_Binding")].find((row) => row.logical_port === "other4711");
      if (other !== undefined) transaction.delete("Port_Binding", other._uuid);
    });
    await settle(sandbox, az1);
    expect(binding()?.tunnel_key).toBe(4711);
  });
});
