/** How many transactions remote ports cost: before 26.09, northd computes everything anew for each. */
import { describe, expect, it } from "vitest";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { followLog } from "../../harness/databases/log.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { addRouter, controller, settle, write, zones } from "../../harness/zones/zones.ts";

const PORTS = 300;

describe("remote ports", { timeout: 2 * PATIENCE }, () => {
  it("of one pass are written to NB in one transaction", async () => {
    const sandbox = await zones();
    const az1 = controller(sandbox, "az1");
    const az2 = controller(sandbox, "az2");
    az1.start();
    await addRouter(sandbox, "az1", 1);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await settle(sandbox, az1);
    await az1.close();
    const add = (from: number) =>
      write(icSb, sandbox.icSb, (transaction, replica) => {
        const zone = [...replica.table("Availability_Zone")].find(({ name }) => name === "az1")?._uuid;
        if (zone === undefined) throw new Error("az1 is not registered");
        for (let i = from; i < from + PORTS; i++)
          transaction.insert("Port_Binding", {
            logical_port: `port${i}`,
            transit_switch: "ts1",
            availability_zone: zone,
            tunnel_key: i + 1,
            address: `aa:aa:00:00:${(i >> 8).toString(16).padStart(2, "0")}:${(i & 255).toString(16).padStart(2, "0")}`,
            gateway: "gw1",
          });
      });
    const log = followLog(sandbox.azs.get("az2")?.nb ?? "");
    /** So many ports each transaction of the zone's NB has made. */
    const made = () =>
      log()
        .map(({ Logical_Switch_Port: ports = {} }) =>
          Object.values(ports).filter((row) => row !== null && "name" in row),
        )
        .map((ports) => ports.length)
        .filter((count) => count > 0);

    // At the start, and when they come while it runs.
    await add(0);
    az2.start();
    await settle(sandbox, az2);
    expect(made()).toEqual([PORTS]);
    await add(PORTS);
    await settle(sandbox, az2);
    expect(made()).toEqual([PORTS, PORTS]);
    // Where they are bound is one transaction of SB, too.
    const bound = az2.written.filter(({ database, parts }) => database === "sb" && parts.length > 1);
    expect(bound.map(({ parts }) => parts.length)).toEqual([PORTS, PORTS]);
  });
});
