/** What somebody else changes in the rows by which other zones know this one. */
import { describe, expect, it } from "vitest";
import { Dropped } from "../../../src/commands/ovn-ic/daemon/dropped.ts";
import type { Note } from "../../../src/core/model/subject.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { followLog } from "../../harness/databases/log.ts";
import { PATIENCE } from "../../harness/wait.ts";
import {
  advertisedRoutes,
  learnedRoutes,
  rows,
  syncOnce,
  twoZones,
  write,
} from "../../harness/zones/zones.ts";

async function watchedZones() {
  const warned: Note[] = [];
  const problems: string[] = [];
  const dropped = new Dropped();
  const world = await twoZones({
    warn: (note) => warned.push(note),
    problem: ({ text }) => problems.push(text),
    explain: dropped.explain,
    observers: [dropped],
  });
  const { sandbox } = world;
  const global = (fill: Parameters<typeof write<typeof icSb>>[2]) => write(icSb, sandbox.icSb, fill);
  const list = async () => ({
    zones: await rows(sandbox, "ic.sb", "Availability_Zone", "name,_uuid"),
    gateways: await rows(sandbox, "ic.sb", "Gateway", "name,_uuid,availability_zone"),
    ports: await rows(sandbox, "ic.sb", "Port_Binding", "logical_port,_uuid,availability_zone,tunnel_key"),
    routes: await advertisedRoutes(sandbox),
    learned: await Promise.all(["az1", "az2"].map((zone) => learnedRoutes(sandbox, zone))),
  });
  const warnings = (reason: string) =>
    warned.filter((note) => note.reason === reason).map(({ text }) => text);
  return { ...world, global, list, warned, warnings, problems, dropped };
}

describe("a zone's rows", { timeout: 2 * PATIENCE }, () => {
  it("get the zone's name back when somebody else has renamed it", async () => {
    const { sandbox, az1, az2, settled, nbctl, global, list, warned, warnings, problems, dropped } =
      await watchedZones();
    const before = await list();
    const rename = (from: string, to: string) =>
      global((transaction, replica) => {
        for (const row of replica.table("Availability_Zone"))
          if (row.name === from) transaction.update("Availability_Zone", row._uuid, { name: to });
      });
    await rename("az1", "az9");
    await settled();
    expect(await list()).toEqual(before);
    expect(warnings("zone-renamed")[0]).toBe(
      `somebody else has renamed this zone's row (Availability_Zone ${before.zones[0]?.[1]}) to az9: it is called az1 again, ` +
        "as NB_Global.name says, which has not changed",
    );
    expect(dropped.counts.get("zone-renamed")).toBe(0);
    expect(problems).toEqual([]);

    // A rename of our own is none, nor is the one back; and the new name is held as the first one was.
    warned.length = 0;
    await nbctl("az1", "set", "NB_Global", ".", "name=paris");
    await settled();
    await nbctl("az1", "set", "NB_Global", ".", "name=az1");
    await settled();
    expect(warned).toEqual([]);

    // Renamed, and the name given to another row: that is a name that another zone has.
    await global((transaction, replica) => {
      for (const row of replica.table("Availability_Zone"))
        if (row.name === "az1") transaction.update("Availability_Zone", row._uuid, { name: "az9" });
      transaction.insert("Availability_Zone", { name: "az1" });
    });
    await settled();
    expect(az1.view.zoneName).toBe("az9");
    expect(warnings("zone-name-taken")[0]).toMatch(
      /^somebody else has renamed this zone's row from az1 to az9, and given its name away; /,
    );
    await global((transaction, replica) => {
      for (const row of replica.table("Availability_Zone"))
        if (row.name === "az1") transaction.delete("Availability_Zone", row._uuid);
    });
    await settled();
    expect(await list()).toEqual(before);
    await Promise.all([az1.close(), az2.close()]);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
  });

  it("are the zone's again when somebody else has given them to another one", async () => {
    const { sandbox, az1, az2, settled, global, list, problems, dropped } = await watchedZones();
    const before = await list();
    await global((transaction, replica) => {
      const zones = [...replica.table("Availability_Zone")];
      const [ours, theirs] = ["az1", "az2"].map((name) => zones.find((row) => row.name === name)?._uuid);
      if (ours === undefined || theirs === undefined) throw new Error("a zone is not registered");
      for (const row of replica.table("Gateway"))
        if (row.availability_zone === ours)
          transaction.update("Gateway", row._uuid, { availability_zone: theirs, hostname: "theirs" });
      for (const row of replica.table("Port_Binding"))
        if (row.availability_zone === ours)
          transaction.update("Port_Binding", row._uuid, { availability_zone: theirs });
    });
    await settled();
    // Who was first, az2 that deletes what it has no chassis for, or az1?
    const after = await list();
    const named = ({ gateways, ports }: typeof after) => [
      gateways.map(([name, , zone]) => [name, zone]),
      ports.map(([name, , zone]) => [name, zone]),
    ];
    expect(named(after)).toEqual(named(before));
    expect(after.routes).toEqual(before.routes);
    expect(after.learned).toEqual(before.learned);
    expect(problems).toEqual([]);
    expect(dropped.counts.get("row-given-away") ?? 0).toBe(0);
    await Promise.all([az1.close(), az2.close()]);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
  });

  it("given to a zone that runs no controller are taken back in place, with growing pauses if that goes on", async () => {
    const { sandbox, az1, az2, global, list, warnings, problems, dropped } = await watchedZones();
    await az2.close();
    const before = await list();
    const log = followLog(sandbox.icSb);
    const give = () =>
      global((transaction, replica) => {
        const theirs = [...replica.table("Availability_Zone")].find((row) => row.name === "az2")?._uuid;
        if (theirs === undefined) throw new Error("az2 is not registered");
        for (const row of replica.table("Gateway"))
          if (row.name === "gw1") transaction.update("Gateway", row._uuid, { availability_zone: theirs });
        for (const row of replica.table("Port_Binding"))
          if (row.logical_port === "ts1-az1")
            transaction.update("Port_Binding", row._uuid, { availability_zone: theirs });
      });
    const isOurs = () =>
      az1.settled &&
      az1.view.icSbIndexes.gatewayByName.get("gw1")?.availability_zone === az1.view.zone &&
      az1.view.icSbIndexes.portByName.get("ts1-az1")?.availability_zone === az1.view.zone;
    const first = az1.written.length;
    await give();
    await az1.until(() => az1.written.length > first && isOurs(), AbortSignal.timeout(PATIENCE));
    expect(await list()).toEqual(before);
    expect(warnings("row-given-away").sort()).toEqual([
      "somebody else has given Gateway gw1 to zone az2: it was this zone's since its controller was started, " +
        "and Chassis gw1 is of this zone, so that it is this zone's again",
      "somebody else has given Port_Binding ts1-az1 to zone az2: it was this zone's since its controller was started, " +
        "and the port is on ts1 here, so that it is this zone's again",
    ]);
    expect(dropped.counts.get("row-given-away")).toBe(0);
    // No route, gateway or port was withdrawn.
    const changed = log().flatMap((one) =>
      ["Route", "Gateway", "Port_Binding"].flatMap((table) => Object.values(one[table] ?? {})),
    );
    expect(changed.filter((row) => row === null)).toEqual([]);
    expect(log().filter((one) => one["Route"] !== undefined)).toEqual([]);

    for (let i = 0; i < 4; i++) {
      const written = az1.written.length;
      await give();
      await az1.until(() => az1.written.length > written && isOurs(), AbortSignal.timeout(PATIENCE));
    }
    expect(problems.some((text) => text.includes("keeps changing back"))).toBe(true);
    expect(await list()).toEqual(before);
  });
});
