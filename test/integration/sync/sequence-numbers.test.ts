/** The numbers behind `ovn-ic-nbctl --wait=sb`. */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import { rows, twoZones, write } from "../../harness/zones/zones.ts";

async function numberedZones() {
  const world = await twoZones({}, { schemas: newestSchemas() });
  const { sandbox, az1 } = world;
  const north = () => az1.view.icNb.IC_NB_Global.first();
  const south = () => az1.view.icSb.IC_SB_Global.first();
  const zones = () =>
    Object.fromEntries([...az1.view.icSb.Availability_Zone].map((zone) => [zone.name, zone.nb_ic_cfg]));
  /** Asks for a number, together with a new transit switch if it has a name. */
  const ask = (number: number | bigint, name?: string) =>
    write(icNb, sandbox.icNb, (transaction, replica) => {
      for (const row of replica.table("IC_NB_Global"))
        transaction.update("IC_NB_Global", row._uuid, { nb_ic_cfg: number });
      if (name !== undefined) transaction.insert("Transit_Switch", { name });
    });
  const answered = (number: number | bigint) =>
    az1.until(() => north()?.sb_ic_cfg === number, AbortSignal.timeout(PATIENCE));
  return { ...world, north, south, zones, ask, answered };
}

describe("sequence numbers", { timeout: 2 * PATIENCE }, () => {
  it("say when all zones have followed a change", async () => {
    const { sandbox, south, zones, ask, answered, settled } = await numberedZones();
    for (const [number, name] of [
      [1, "ts2"],
      [2, "ts3"],
      [2n ** 63n - 1n, "ts4"],
      [0, "ts5"],
    ] as const) {
      await ask(number, name);
      await answered(number);
      for (const zone of ["az1", "az2"]) {
        const config = await rows(sandbox, `${zone}.nb`, "Logical_Switch", "name,other_config");
        expect(config.find(([one]) => one === name)?.[1]).toHaveProperty("requested-tnl-key");
      }
      expect(zones()).toEqual({ az1: number, az2: number });
      expect(south()?.nb_ic_cfg).toBe(number);
    }
    await settled();
  });

  it("wait for a zone that is not there, but not for what is refused again and again", async () => {
    const { sandbox, az1, az2, zones, ask, answered, north, settled } = await numberedZones();
    await write(icSb, sandbox.icSb, (transaction) => {
      transaction.insert("Availability_Zone", { name: "az3" });
    });
    await ask(7);
    await az1.until(() => zones().az1 === 7 && zones().az2 === 7, AbortSignal.timeout(PATIENCE));
    await settled();
    expect(north()?.sb_ic_cfg).toBe(0);
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("Availability_Zone"))
        if (row.name === "az3") transaction.delete("Availability_Zone", row._uuid);
    });
    await answered(7);

    // The address is one of az1's gateway when a chassis of az2 that has it, too, is to be a gateway: az2
    // can't make that known.
    await sandbox.run("ovn-sbctl", ["chassis-add", "taken", "geneve", "10.255.0.99"], "az2");
    await sandbox.run(
      "ovn-sbctl",
      commands("chassis-add gw9 geneve 10.255.0.99", "set Chassis gw9 other_config:is-interconn=true"),
      "az1",
    );
    await az2.until(() => az2.view.icSbIndexes.gatewayByName.has("gw9"), AbortSignal.timeout(PATIENCE));
    await sandbox.run("ovn-sbctl", ["set", "Chassis", "taken", "other_config:is-interconn=true"], "az2");
    await az2.until(() => az2.engine.problems.length > 0, AbortSignal.timeout(PATIENCE));
    await ask(8, "ts8");
    await answered(8);
    const names = async () => (await rows(sandbox, "az2.nb", "Logical_Switch", "name")).flat();
    expect(await names()).toContain("ts8");
    expect(az2.engine.problems).toHaveLength(1);
    expect(az2.settled).toBe(false);

    // As soon as what is in the way goes, a zone speaks again only when it has done what it could not do.
    await sandbox.run("ovn-sbctl", ["chassis-del", "taken"], "az2");
    await ask(9);
    await answered(9);
    expect((await rows(sandbox, "az2.sb", "Chassis", "name")).flat()).toContain("gw9");
    await settled();
  });

  it("of a zone that is ahead are brought back, and rows that are missing are made", async () => {
    const { sandbox, zones, ask, answered, settled } = await numberedZones();
    await ask(3);
    await answered(3);
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("Availability_Zone"))
        transaction.update("Availability_Zone", row._uuid, { nb_ic_cfg: 99 });
    });
    await settled();
    expect(zones()).toEqual({ az1: 3, az2: 3 });
    await write(icNb, sandbox.icNb, (transaction, replica) => {
      for (const row of replica.table("IC_NB_Global")) transaction.delete("IC_NB_Global", row._uuid);
    });
    await write(icSb, sandbox.icSb, (transaction, replica) => {
      for (const row of replica.table("IC_SB_Global")) transaction.delete("IC_SB_Global", row._uuid);
    });
    await settled();
    await ask(4);
    await answered(4);
    expect(zones()).toEqual({ az1: 4, az2: 4 });
  });
});
