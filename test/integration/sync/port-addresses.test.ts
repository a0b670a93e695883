/** What other zones say of the addresses of their ports. */
import { describe, expect, it } from "vitest";
import { Dropped } from "../../../src/commands/ovn-ic/daemon/dropped.ts";
import type { Note } from "../../../src/core/model/subject.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { controller, rows, settle, syncOnce, twoQuietZones, write } from "../../harness/zones/zones.ts";

const ADDRESS = "aa:aa:aa:aa:aa:02 169.254.100.2/24";

/** Zone az1 runs a controller; az2 has router port ts1-az2 on ts1, and none. */
async function oneZone() {
  const sandbox = await twoQuietZones();
  const warned: Note[] = [];
  const dropped = new Dropped();
  const told = { warn: (note: Note) => warned.push(note), explain: dropped.explain };
  const az1 = controller(sandbox, "az1", { ...told, observers: [dropped] });
  az1.start();
  const settled = () => settle(sandbox, az1);
  await settled();
  /** The port of az2 has another address. */
  const say = (address: string) =>
    write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("Port_Binding"))
        if (row.logical_port === "ts1-az2") transaction.update("Port_Binding", row._uuid, { address });
    });
  /** What its port in az1 has; null if there is none. */
  const remote = async () => {
    const ports = await rows(sandbox, "az1.nb", "Logical_Switch_Port", "name,addresses");
    return ports.find(([name]) => name === "ts1-az2")?.[1] ?? null;
  };
  const nbctl = (...args: string[]) => sandbox.run("ovn-nbctl", ["--wait=sb", ...args], "az1");
  const warnings = (reason: string) =>
    warned.filter((note) => note.reason === reason).map(({ text }) => text);
  return { sandbox, az1, settled, say, remote, nbctl, warned, warnings, dropped };
}

describe("addresses of ports of other zones", { timeout: 2 * PATIENCE }, () => {
  it("are taken as they are, or for unknown", async () => {
    const { settled, say, remote, warned, warnings, dropped } = await oneZone();
    expect(await remote()).toBe(ADDRESS);
    for (const address of [
      "unknown",
      "AA:aa:aa:aa:aa:2",
      "aa:aa:aa:aa:aa:02  169.254.100.2/24 FD00::0:2/64",
      "aa:aa:aa:aa:aa:02 10.0.0.9",
    ]) {
      await say(address);
      await settled();
      expect(await remote()).toBe(address);
    }
    await say("");
    await settled();
    expect(await remote()).toEqual([]);
    expect(warned).toEqual([]);
    const long = `aa:aa:aa:aa:aa:02${" 169.254.100.2/24".repeat(300)}`;
    for (const address of [
      "router",
      "dynamic",
      "aa:aa:aa:aa:aa:02 dynamic",
      "aa:aa:aa:aa:aa:02 169.254.100",
      "x",
      long,
    ]) {
      await say(ADDRESS);
      await settled();
      expect(dropped.counts.get("port-address-invalid") ?? 0).toBe(0);
      await say(address);
      await settled();
      expect(await remote()).toBe("unknown");
      expect(dropped.counts.get("port-address-invalid")).toBe(1);
    }
    expect(warnings("port-address-invalid")[0]).toBe(
      'port ts1-az2 of another zone on ts1: its address "router" is not understood, and taken for unknown',
    );
    expect(Math.max(...warnings("port-address-invalid").map((text) => text.length))).toBeLessThan(300);
  });

  it("that a port of the switch here has are warned about, and refused if the zone wants that", async () => {
    const { sandbox, az1, settled, say, remote, nbctl, warnings, dropped } = await oneZone();
    const taken = () => dropped.counts.get("port-address-taken") ?? 0;
    const both = "aa:aa:aa:aa:aa:09 169.254.100.2/24 169.254.100.1/24";
    await say(both);
    await settled();
    expect(await remote()).toBe(both);
    expect(warnings("port-address-taken").at(-1)).toBe(
      "port ts1-az2 of another zone on ts1 has the address 169.254.100.1 of ts1-az1 here: " +
        "one of them must change (NB_Global.options:ic-port-address-check=true leaves such ports out)",
    );
    await nbctl("set", "NB_Global", ".", "options:ic-port-address-check=true");
    await settled();
    expect(await remote()).toBeNull();
    expect(taken()).toBe(1);
    // The router's port gets another address, and the one that the other port has.
    const network = (prefix: string) => nbctl("set", "Logical_Router_Port", "lr1-ts1", `networks=${prefix}`);
    await network("169.254.100.7/24");
    await settled();
    expect(await remote()).toBe(both);
    expect(taken()).toBe(0);
    await nbctl("set", "Logical_Router_Port", "lr1-ts1", 'mac="AA:aa:aa:aa:aa:9"');
    await settled();
    expect(await remote()).toBeNull();
    await nbctl("set", "Logical_Router_Port", "lr1-ts1", 'mac="aa:aa:aa:aa:aa:01"');
    await settled();
    expect(await remote()).toBe(both);
    // So does a machine on the transit switch; on another switch it may have any.
    await nbctl("lsp-add", "ts1", "vm1");
    const addresses = 'addresses="aa:aa:aa:00:00:01 169.254.100.2"';
    // ovn-nbctl lsp-set-addresses would refuse to do that.
    await nbctl("set", "Logical_Switch_Port", "vm1", addresses);
    await settled();
    expect(await remote()).toBeNull();
    await nbctl("lsp-del", "vm1");
    await settled();
    expect(await remote()).toBe(both);
    await nbctl("lsp-add", "ls1", "vm1", "--", "lsp-set-addresses", "vm1", "aa:aa:aa:00:00:01 169.254.100.2");
    await settled();
    expect(await remote()).toBe(both);
    await nbctl("lsp-add", "ts1", "vm2", "--", "lsp-set-addresses", "vm2", "aa:aa:aa:aa:aa:09");
    await settled();
    expect(await remote()).toBeNull();
    await az1.close();
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
    await nbctl("remove", "NB_Global", ".", "options", "ic-port-address-check");
    expect(await syncOnce(sandbox, "az1")).not.toEqual([]);
    expect(await remote()).toBe(both);
  });
});
