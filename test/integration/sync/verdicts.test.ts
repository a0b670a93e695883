/** What `ovn-ic sync` says, and ends with, where it does all it can and yet nothing works. */
import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { transactionCounts } from "../../harness/databases/log.ts";
import { run } from "../../harness/programs/sync-program.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { learnedRoutes, rows, twoQuietZones, zones } from "../../harness/zones/zones.ts";

function rename(sandbox: Sandbox, name: string): Promise<string> {
  return sandbox.run("ovn-nbctl", ["set", "NB_Global", ".", `name="${name}"`], "az1");
}

describe("ovn-ic sync", { timeout: 2 * PATIENCE }, () => {
  it("without a name of the zone it writes nothing and is not in sync", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    await rename(sandbox, "");
    const before = transactionCounts(sandbox);
    const stderr =
      "ovn-ic sync: NB_Global.name is empty: this availability zone takes no part; give it a name: ovn-nbctl set NB_Global . name=NAME\n";
    for (const options of [[], ["--quiet"], ["--dry-run"]])
      expect(await run(sandbox, ...options)).toEqual({ status: 1, stdout: "", stderr });
    const json = await run(sandbox, "--json");
    expect(json).toMatchObject({ status: 1, stderr });
    expect(JSON.parse(json.stdout)).toMatchObject({ zone: "", status: "error" });
    expect(transactionCounts(sandbox)).toEqual(before);
  });

  it("renamed while no controller ran, says which row holds its gateways and ports, and keeps what it learned", async () => {
    const sandbox = await twoQuietZones();
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
    await rename(sandbox, "north");
    const held =
      "this zone is called north now, and the Availability_Zone row of az1 still holds its gateway gw1 and port ts1-az1: ";
    const plan = await run(sandbox, "--dry-run");
    expect(plan).toMatchObject({ status: 1 });
    expect(plan.stderr).toContain(held);
    const done = await run(sandbox);
    expect(done.status).toBe(1);
    expect(done.stdout).toContain("OVN_IC_Southbound Availability_Zone: 1 inserted");
    expect(done.stderr.split("\n").filter((line) => line.includes(held))).toHaveLength(1);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
    const json = await run(sandbox, "--json");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: "error",
      transactions: 0,
      notes: expect.arrayContaining([
        expect.objectContaining({
          reason: "former-zone-holds-rows",
          subject: expect.objectContaining({ database: "icSb", table: "Availability_Zone", name: "az1" }),
        }),
      ]),
    });

    const [, way = ""] = /new one: ovn-ic-sbctl (.*)$/m.exec(done.stderr) ?? [];
    await sandbox.run("ovn-ic-sbctl", way.split(" "));
    const mended = await run(sandbox);
    expect(mended.status).toBe(0);
    expect(mended.stderr).not.toContain("still holds");
    expect(await rows(sandbox, "ic.sb", "Availability_Zone", "name")).toEqual([["az2"], ["north"]]);
    expect((await rows(sandbox, "ic.sb", "Gateway", "name")).flat()).toEqual(["gw1", "gw2"]);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
  });

  it("given another zone's name while no controller ran, touches nothing of that zone's", async () => {
    const sandbox = await twoQuietZones();
    const before = transactionCounts(sandbox);
    await rename(sandbox, "az2");
    for (let runs = 0; runs < 3; runs++) {
      const done = await run(sandbox);
      expect(done).toMatchObject({ status: 1, stdout: "" });
      expect(done.stderr).toContain(
        "the Availability_Zone row of az1 still holds its gateway gw1 and port ts1-az1: ",
      );
      expect(done.stderr).toMatch(/az2 is another zone's name \(Availability_Zone [0-9a-f-]{36}\)/);
    }
    // Nothing but the new name itself was written, by us or anybody.
    const after = transactionCounts(sandbox);
    const changed = Object.keys(after).filter(
      (file) => after[file] !== before[file] && !/^az1.*(nb|sb)/.test(file),
    );
    expect(changed).toEqual([]);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
    await rename(sandbox, "az1");
    const mended = await run(sandbox);
    expect(mended.status).toBe(0);
    expect(mended.stderr).not.toContain("still holds");
  });

  it("--timeout with a database away is not an error but not in sync", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const away = await run(sandbox, "--timeout=1", "--json", "--ic-nb-db=unix:/nonexistent");
    expect(away.status).toBe(4);
    expect(JSON.parse(away.stdout)).toMatchObject({ status: "not-converged", transactions: 0 });
    const plan = await run(sandbox, "--timeout=1", "--dry-run", "--ic-nb-db=unix:/nonexistent");
    expect(plan).toMatchObject({ status: 4, stdout: "" });
  });

  it("--timeout has no meaning with --watch", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const refused = await run(sandbox, "--watch", "--timeout=5");
    expect(refused).toMatchObject({ status: 1, stdout: "" });
    expect(refused.stderr).toContain("'--timeout <SECONDS>' cannot be used with option '--watch'");
  });

  it("--quiet --dry-run tells by its exit status alone", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    expect(await run(sandbox, "--quiet", "--dry-run")).toEqual({ status: 2, stdout: "", stderr: "" });
    expect((await run(sandbox, "--quiet", "--dry-run", "--json")).stdout).toContain('"status":"changes"');
    await run(sandbox);
    expect(await run(sandbox, "--quiet", "--dry-run")).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});
