import { describe, it } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { eventually, PATIENCE } from "../../harness/wait.ts";
import { addRouter, controller, joinSwitch, learnedRoutes, zones } from "../../harness/zones/zones.ts";

async function transitSwitchIsThere(sandbox: Sandbox): Promise<void> {
  const names = async (zone: string) => {
    const output = await sandbox.run(
      "ovn-nbctl",
      ["--bare", "--columns=name", "find", "Logical_Switch", "name=ts1"],
      zone,
    );
    return output.trim();
  };
  await eventually(() => Promise.all(["az1", "az2"].map(names)), ["ts1", "ts1"]);
}

describe.each([
  ["az1", "az2"],
  ["az2", "az1"],
])("%s run by the C controller, %s by ours", (theirs, ours) => {
  it("both learn both routes", { timeout: 3 * PATIENCE }, async () => {
    const sandbox = await zones({ controllers: new Map([[theirs, "c"]]) });
    controller(sandbox, ours).start();
    await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
    await sandbox.run("ovn-nbctl", ["lr-route-add", "lr1", "172.16.0.0/16", "10.0.1.77"], "az1");
    await sandbox.run("ovn-nbctl", ["lr-route-add", "lr1", "172.17.0.0/16", "10.0.2.77"], "az2");
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await transitSwitchIsThere(sandbox);
    await Promise.all([joinSwitch(sandbox, "az1", 1), joinSwitch(sandbox, "az2", 2)]);
    await eventually(
      () => learnedRoutes(sandbox, "az1"),
      ["10.0.2.1/24 169.254.100.2", "172.17.0.0/16 169.254.100.2"],
    );
    await eventually(
      () => learnedRoutes(sandbox, "az2"),
      ["10.0.1.1/24 169.254.100.1", "172.16.0.0/16 169.254.100.1"],
    );

    await sandbox.run("ovn-nbctl", ["lr-route-del", "lr1", "172.16.0.0/16"], "az1");
    await sandbox.run("ovn-nbctl", ["lr-route-del", "lr1", "172.17.0.0/16"], "az2");
    await eventually(() => learnedRoutes(sandbox, "az1"), ["10.0.2.1/24 169.254.100.2"]);
    await eventually(() => learnedRoutes(sandbox, "az2"), ["10.0.1.1/24 169.254.100.1"]);
  });
});
