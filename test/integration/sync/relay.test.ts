/**
 * Servers behind a relay. It grants locks of its own, of which its source knows nothing, and forwards what
 * asserts them: so two instances of a zone could be active at once, or one be active that is refused every
 * write.
 */
import type { Lock } from "ovsdb-client-ts";
import { describe, expect, it, onTestFinished } from "vitest";
import { startRelay } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { SCHEMAS } from "../../../src/core/model/databases.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { run } from "../../harness/programs/sync-program.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { controller, rows, settle, zones } from "../../harness/zones/zones.ts";

const within = () => AbortSignal.timeout(PATIENCE);

/** The remotes of zone az1, one of them a relay of the server. */
async function relayed(sandbox: Sandbox, name: DatabaseName) {
  const zone = sandbox.azs.get("az1");
  if (zone === undefined) throw new Error("no zone az1");
  const direct = { nb: zone.nb, sb: zone.sb, icNb: sandbox.icNb, icSb: sandbox.icSb };
  const relay = await startRelay({ database: SCHEMAS[name].name, of: { remote: direct[name] } });
  onTestFinished(() => relay.stop());
  return { direct, relay, remotes: { ...direct, [name]: relay.remote } };
}

describe("a relay", { timeout: 2 * PATIENCE }, () => {
  it.each(["sb", "icSb"] as const)(
    "of %s is no server to work with: nothing is written, and it is said",
    async (name) => {
      const sandbox = await zones({ azs: ["az1"] });
      const { remotes, relay } = await relayed(sandbox, name);
      await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
      const lines: string[] = [];
      const log = (level: string, _module: string, text: string) => lines.push(`${level} ${text}`);
      const az1 = controller(sandbox, "az1", { remotes, log });
      const locks: Lock[] = [az1.connections[name].client.lock(name === "sb" ? "ovn_ic" : "ovn_ic_sb")];
      az1.start();
      const { session } = az1.connections[name].client;
      await az1.until(() => allBut(name).every((one) => az1.connections[one].replica.complete), within());
      await expect.poll(() => session.lastError?.message ?? "", { timeout: PATIENCE }).toContain("relay");
      expect(session.lastError?.message).toContain(relay.remote);
      expect(az1.state).toBe("connecting");
      expect(locks.map(({ held }) => held)).toEqual([false]);
      expect(az1.written).toEqual([]);
      // As C's programs log it.
      expect(lines.join("\n")).toMatch(/relay database server cannot be a leader/);
      expect(await rows(sandbox, "ic.sb", "Availability_Zone", "name")).toEqual([]);
    },
  );

  it.each(["--ic-sb-db", "--ovnsb-db"])("as %s of one pass is an error at once", async (option) => {
    const sandbox = await zones({ azs: ["az1"] });
    const { relay } = await relayed(sandbox, option === "--ic-sb-db" ? "icSb" : "sb");
    const { status, stdout, stderr } = await run(sandbox, `${option}=${relay.remote}`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(`${relay.remote}: relay database server cannot be a leader`);
  });

  it("beside the server itself is passed over", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const { remotes, direct } = await relayed(sandbox, "icSb");
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    const az1 = controller(sandbox, "az1", {
      remotes: { ...remotes, icSb: `${remotes.icSb},${direct.icSb}` },
    });
    az1.start();
    await settle(sandbox, az1);
    expect(await rows(sandbox, "ic.sb", "Datapath_Binding", "transit_switch")).toEqual([["ts1"]]);
  });

  it("of NB or INB, where no locks are, is refused likewise", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const { remotes } = await relayed(sandbox, "icNb");
    const az1 = controller(sandbox, "az1", { remotes });
    az1.start();
    const { session } = az1.connections.icNb.client;
    await expect.poll(() => session.lastError?.message ?? "", { timeout: PATIENCE }).toContain("relay");
    expect(az1.state).toBe("connecting");
  });
});

function allBut(name: DatabaseName): DatabaseName[] {
  return (["nb", "sb", "icNb", "icSb"] as const).filter((one) => one !== name);
}
