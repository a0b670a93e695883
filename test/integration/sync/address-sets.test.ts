/** Address sets across zones, which need the newest schemas. */
import { describe, expect, it } from "vitest";
import { Dropped } from "../../../src/commands/ovn-ic/daemon/dropped.ts";
import type { Note } from "../../../src/core/model/subject.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import type { ControllerOptions } from "../../../src/core/sync/run/controller.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { controller, rows, settle, syncOnce, twoZones, write, zones } from "../../harness/zones/zones.ts";

/** @param second of the controller of az2 */
async function withSets(second: Partial<ControllerOptions> = {}) {
  const world = await twoZones({}, { schemas: newestSchemas() }, second);
  const { sandbox, settled, nbctl, az1 } = world;
  /** Marks sets as those that are to be known elsewhere: what a newer northd does. */
  const mark = (zone: string, ...names: string[]) =>
    write(sb, sandbox.azs.get(zone)?.sb ?? "", (transaction, replica) => {
      for (const row of replica.table("Address_Set"))
        if (names.includes(row.name))
          transaction.setKey("Address_Set", row._uuid, "options", "ic-adv", "true");
    });
  const add = async (zone: string, name: string, ...addresses: string[]) => {
    await nbctl(
      zone,
      "--wait=sb",
      "create",
      "Address_Set",
      `name=${name}`,
      `addresses=${addresses.join(",")}`,
    );
    await mark(zone, name);
  };
  const learnt = async (zone: string) => {
    const sets = await rows(sandbox, `${zone}.nb`, "Address_Set", "name,addresses,external_ids");
    return sets.filter(([, , ids]) => JSON.stringify(ids).includes("ic-learnt")).map(([a, b]) => [a, b]);
  };
  const known = () =>
    [...az1.view.icSb.Address_Set].map(({ name, addresses, availability_zone: zone }) => [
      az1.view.icSb.Availability_Zone.get(zone)?.name,
      name,
      addresses,
    ]);
  await nbctl("az1", "set", "NB_Global", ".", "options:ic-as-adv=true");
  await nbctl("az2", "set", "NB_Global", ".", "options:ic-as-adv=true", "options:ic-as-learn=true");
  await settled();
  return { ...world, add, learnt, known };
}

describe("address sets", { timeout: 2 * PATIENCE }, () => {
  it("are made known and learnt, and follow their source", async () => {
    const { sandbox, az1, az2, settled, nbctl, add, learnt, known } = await withSets();
    await nbctl("az1", "create", "Address_Set", "name=private", "addresses=10.9.9.9");
    await add("az1", "as1", "10.0.1.5", "10.0.1.6");
    await settled();
    expect(known()).toEqual([["az1", "as1", ["10.0.1.5", "10.0.1.6"]]]);
    expect(await learnt("az2")).toEqual([["as1", ["10.0.1.5", "10.0.1.6"]]]);
    expect(await learnt("az1")).toEqual([]);
    await nbctl("az1", "--wait=sb", "set", "Address_Set", "as1", "addresses=10.0.1.6,10.0.1.7");
    await settled();
    expect(await learnt("az2")).toEqual([["as1", ["10.0.1.6", "10.0.1.7"]]]);
    await nbctl("az2", "destroy", "Address_Set", "as1");
    await sandbox.run("ovn-nbctl", ["--wait=sb", "sync"], "az2");
    await settled();
    expect(await learnt("az2")).toEqual([["as1", ["10.0.1.6", "10.0.1.7"]]]);
    await Promise.all([az1.close(), az2.close()]);
    expect([...(await syncOnce(sandbox, "az1")), ...(await syncOnce(sandbox, "az2"))]).toEqual([]);
  });

  it("of several zones are merged, and go with the last of them", async () => {
    const { settled, nbctl, add, learnt, az1 } = await withSets();
    await add("az1", "both", "10.0.1.5");
    await settled();
    const zone = az1.view.zone;
    expect(await learnt("az2")).toEqual([["both", "10.0.1.5"]]);
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-as-adv=false");
    await settled();
    expect(zone).not.toBeNull();
    expect(await learnt("az2")).toEqual([]);
    await nbctl("az1", "set", "NB_Global", ".", "options:ic-as-adv=true");
    await settled();
    expect(await learnt("az2")).toHaveLength(1);
    await nbctl("az1", "destroy", "Address_Set", "both");
    await settled();
    expect(await learnt("az2")).toEqual([]);
  });

  it("never overwrite a set that the zone has itself", async () => {
    const { sandbox, settled, nbctl, add, learnt } = await withSets();
    await nbctl("az2", "create", "Address_Set", "name=as1", "addresses=1.1.1.1");
    await add("az1", "as1", "10.0.1.5");
    await settled();
    expect(await rows(sandbox, "az2.nb", "Address_Set", "name,addresses,external_ids")).toEqual([
      ["as1", "1.1.1.1", {}],
    ]);
    await nbctl("az2", "destroy", "Address_Set", "as1");
    await settled();
    expect(await learnt("az2")).toEqual([["as1", "10.0.1.5"]]);
    await nbctl("az2", "remove", "NB_Global", ".", "options", "ic-as-learn");
    await settled();
    expect(await learnt("az2")).toEqual([]);
  });
});

describe("address sets of other zones", { timeout: 2 * PATIENCE }, () => {
  it("don't take the names of those that northd makes itself", async () => {
    const warned: Note[] = [];
    const dropped = new Dropped();
    const { sandbox, az1, az2, settled, nbctl, sbctl, learnt, offer } = await withOffers(warned, dropped);
    await nbctl("az2", "pg-add", "pg1");
    await nbctl("az2", "--wait=sb", "sync");
    const names = (await sbctl("az2", "--bare", "--columns=name", "list", "Address_Set")).trim().split(/\s+/);
    expect(names).toEqual(expect.arrayContaining(["pg1_ip4", "pg1_ip6", "svc_monitor_mac"]));
    names.push("_rtr_lb_5_ip4");
    for (const name of [...names, "pg2_ip4", "as1"]) await offer(name, "10.9.9.9");
    await settled();
    expect(await learnt("az2")).toEqual([
      ["as1", "10.9.9.9"],
      ["pg2_ip4", "10.9.9.9"],
    ]);
    const { reason, text } = warned.find((note) => note.text.includes("pg1_ip4")) ?? {};
    expect(reason).toBe("address-set-name-taken");
    expect(text).toBe(
      "address set pg1_ip4 of other zones is not learnt: northd makes the one of that name, of port group pg1",
    );
    expect(dropped.counts.get("address-set-name-taken")).toBe(names.length);

    // A port group comes, and takes its name back; and goes.
    const addresses = async (name: string) =>
      (await rows(sandbox, "az2.sb", "Address_Set", "name,addresses")).find(([one]) => one === name)?.[1];
    await nbctl("az2", "--wait=sb", "pg-add", "pg2");
    await settled();
    expect((await learnt("az2")).map(([name]) => name)).toEqual(["as1"]);
    expect(await addresses("pg2_ip4")).toEqual([]);
    await nbctl("az2", "--wait=sb", "pg-del", "pg2");
    await settled();
    expect((await learnt("az2")).map(([name]) => name)).toEqual(["as1", "pg2_ip4"]);
    expect(await addresses("pg2_ip4")).toBe("10.9.9.9");
    await Promise.all([az1.close(), az2.close()]);
    expect(await syncOnce(sandbox, "az2")).toEqual([]);
  });

  it("don't take the place of an SB set that comes from no set of NB, whoever made it", async () => {
    const found: Note[] = [];
    const sandbox = await zones({ azs: ["az2"], northd: false, schemas: newestSchemas() });
    const az2 = controller(sandbox, "az2", { finding: (note) => found.push(note) });
    az2.start();
    const southbound = (fill: Parameters<typeof write<typeof sb>>[2]) =>
      write(sb, sandbox.azs.get("az2")?.sb ?? "", fill);
    await southbound((transaction) =>
      transaction.insert("Address_Set", { name: "own", addresses: ["1.1.1.1"] }),
    );
    await sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", "options:ic-as-learn=true"], "az2");
    await write(icSb, sandbox.icSb, (transaction) => {
      const availability_zone = transaction.insert("Availability_Zone", { name: "az9" });
      transaction.insert("Address_Set", { name: "own", availability_zone, addresses: ["10.9.9.9"] });
    });
    await settle(sandbox, az2);
    expect([...az2.view.nb.Address_Set]).toEqual([]);
    expect(found.map(({ reason }) => reason)).toContain("address-set-name-taken");
    await southbound((transaction, replica) => {
      for (const row of replica.table("Address_Set")) transaction.delete("Address_Set", row._uuid);
    });
    await settle(sandbox, az2);
    expect([...az2.view.nb.Address_Set].map(({ name }) => name)).toEqual(["own"]);
    // What northd makes of it then is no reason to take it back.
    await southbound((transaction) =>
      transaction.insert("Address_Set", { name: "own", addresses: ["10.9.9.9"] }),
    );
    await settle(sandbox, az2);
    expect([...az2.view.nb.Address_Set].map(({ name }) => name)).toEqual(["own"]);
  });

  it("hold addresses and prefixes, and nothing else", async () => {
    const warned: Note[] = [];
    const { settled, learnt, offer } = await withOffers(warned, new Dropped());
    const good = ["10.0.0.0/8", "10.0.0.1", "aa:aa:aa:aa:aa:01", "fd00::/64", "fd00::1"];
    await offer("as1", ...good, "10.0.0", "$other", "all of it");
    await offer("as2", "nothing");
    await settled();
    expect(await learnt("az2")).toEqual([
      ["as1", good],
      ["as2", []],
    ]);
    expect(warned.find(({ text }) => text.includes("as1"))).toMatchObject({
      reason: "address-set-element",
      text: 'address set as1 of zone az1: "$other", "10.0.0", "all of it" can\'t be in an address set, and are left out',
    });
  });
});

/**
 * The same, with a zone az2 that tells what it leaves out, and rows of az1 that were not made by its
 * controller.
 */
async function withOffers(warned: Note[], dropped: Dropped) {
  const world = await withSets({
    warn: (note) => warned.push(note),
    explain: dropped.explain,
    observers: [dropped],
  });
  await world.az1.close();
  const offer = (name: string, ...addresses: string[]) =>
    write(icSb, world.sandbox.icSb, (transaction, replica) => {
      const zone = [...replica.table("Availability_Zone")].find((row) => row.name === "az1");
      if (zone === undefined) throw new Error("az1 is not registered");
      transaction.insert("Address_Set", { name, availability_zone: zone._uuid, addresses });
    });
  return { ...world, offer, settled: () => settle(world.sandbox, world.az2) };
}
