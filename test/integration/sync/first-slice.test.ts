import { describe, expect, it } from "vitest";
import { transactionCounts } from "../../harness/databases/log.ts";
import { PATIENCE } from "../../harness/wait.ts";
import {
  addRouter,
  controller,
  joinSwitch,
  learnedRoutes,
  settle,
  syncOnce,
  zones,
} from "../../harness/zones/zones.ts";

describe("two availability zones", { timeout: 2 * PATIENCE }, () => {
  it("learn each other's routes over a transit switch, one pass after the other", async () => {
    const sandbox = await zones();
    await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await syncOnce(sandbox, "az1");
    await syncOnce(sandbox, "az2");
    await Promise.all([joinSwitch(sandbox, "az1", 1), joinSwitch(sandbox, "az2", 2)]);
    await syncOnce(sandbox, "az1");
    await syncOnce(sandbox, "az2");
    await syncOnce(sandbox, "az1");
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.1"]);
    await sandbox.run("ovn-nbctl", ["--wait=sb", "sync"], "az1");
    const before = transactionCounts(sandbox);
    expect(Object.keys(before)).toHaveLength(6);
    expect(await syncOnce(sandbox, "az1")).toEqual([]);
    expect(await syncOnce(sandbox, "az2")).toEqual([]);
    expect(transactionCounts(sandbox)).toEqual(before);
  });

  it("follow changes while running", async () => {
    const sandbox = await zones();
    const az1 = controller(sandbox, "az1");
    const az2 = controller(sandbox, "az2");
    az1.start();
    az2.start();
    await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await settle(sandbox, az1, az2);
    await Promise.all([joinSwitch(sandbox, "az1", 1), joinSwitch(sandbox, "az2", 2)]);
    await settle(sandbox, az1, az2);
    expect(await learnedRoutes(sandbox, "az1")).toEqual(["10.0.2.1/24 169.254.100.2"]);
    expect(await learnedRoutes(sandbox, "az2")).toEqual(["10.0.1.1/24 169.254.100.1"]);

    await sandbox.run("ovn-nbctl", ["lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.77"], "az1");
    await settle(sandbox, az1, az2);
    expect(await learnedRoutes(sandbox, "az2")).toEqual([
      "10.0.1.1/24 169.254.100.1",
      "172.16.0.0/16 169.254.100.1",
    ]);

    await sandbox.run("ovn-ic-nbctl", ["ts-del", "ts1"]);
    await settle(sandbox, az1, az2);
    expect(await learnedRoutes(sandbox, "az1")).toEqual([]);
    expect(await learnedRoutes(sandbox, "az2")).toEqual([]);
  });
});
