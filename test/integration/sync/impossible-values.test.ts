/**
 * What one server holds and another one's schema forbids: as rows of a server that is broken, or of a schema
 * that is another one.
 */
import { describe, expect, it } from "vitest";
import { PATIENCE } from "../../harness/wait.ts";
import { laxSchemas, monitoredZone } from "../../harness/zones/monitored-zone.ts";

describe("values that a server would refuse", { timeout: 2 * PATIENCE }, () => {
  it("are not sent to it, but warned about, and all else is written", async () => {
    const { az2, ask, global, monitored, settled, warnings, dropped } = await monitoredZone(laxSchemas());
    await ask("az9", { port: 70_000 }, { port: 81, logical_port: "vm3", ip: "10.0.2.6" });
    await settled();
    expect(az2.engine.problems).toEqual([]);
    expect(az2.engine.counters.refused).toBe(0);
    expect(monitored()).toEqual(["vm3:81"]);
    const [text, ...more] = [...new Set(warnings("impossible-value"))];
    expect(more).toEqual([]);
    expect(text).toBe(
      "OVN_Southbound Service_Monitor vm2 is not written (service-monitors: ISB Service_Monitor of vm2 from zone az9): " +
        "the server's schema forbids it, port: 70000 is more than 65535",
    );
    expect(dropped.counts.get("impossible-value")).toBe(1);

    await global((transaction, replica) => {
      for (const row of replica.table("Service_Monitor"))
        transaction.update("Service_Monitor", row._uuid, row.port === 81 ? { port: 82 } : { port: 83 });
    });
    await settled();
    expect(monitored()).toEqual(["vm2:83", "vm3:82"]);
    expect(dropped.counts.get("impossible-value")).toBe(0);
  });
});
