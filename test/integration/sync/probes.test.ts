import { describe, expect, it } from "vitest";
import { parseProbeInterval } from "../../../src/core/sync/run/probes.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { twoZones } from "../../harness/zones/zones.ts";

describe("a controller's probes", { timeout: 2 * PATIENCE }, () => {
  it.each([
    [undefined, null],
    ["", null],
    ["soon", null],
    ["-1", null],
    ["0", 0],
    ["1", 1000],
    ["20000", 20_000],
  ])("asked for as %j are sent every %j ms", (text, interval) => {
    expect(parseProbeInterval(text)).toBe(interval);
  });

  it("find out that a server is silent", async () => {
    const { sandbox, az1, nbctl } = await twoZones();
    await nbctl("az1", "set", "NB_Global", ".", "options:ic_probe_interval=1000");
    const known = () => az1.view.options.get("ic_probe_interval") === "1000";
    await az1.until(known, AbortSignal.timeout(PATIENCE));
    const server = sandbox.processes.get("az1/nb");
    if (server === undefined || server.pid === 0) throw new Error("no server of NB");
    process.kill(server.pid, "SIGSTOP");
    try {
      await az1.until(() => az1.state === "connecting", AbortSignal.timeout(PATIENCE));
    } finally {
      process.kill(server.pid, "SIGCONT");
    }
    // On a slow machine probes so frequent may be missed again and again, but there is always a time between.
    await az1.until(() => az1.settled, AbortSignal.timeout(PATIENCE));
  });
});
