/** Address sets across zones, which need the newest schemas. */
import { describe, expect, it } from "vitest";
import { sb } from "../../../src/core/schema/sb.ts";
import { newestSchemas, PATIENCE, rows, syncOnce, twoZones, write } from "./zones.ts";

async function withSets() {
  const world = await twoZones({}, { schemas: newestSchemas() });
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
    const sets = await rows(sandbox, "ovn-nbctl", "Address_Set", "name,addresses,external_ids", zone);
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
    expect(await rows(sandbox, "ovn-nbctl", "Address_Set", "name,addresses,external_ids", "az2")).toEqual([
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
