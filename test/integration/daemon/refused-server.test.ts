// A server that never will do: a relay in the place of the IC-SB, as a follower's local socket would be.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startProxy, startRelay } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { Background, OURS } from "../../harness/programs/ic-daemon.ts";
import { until } from "../../harness/wait.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ azs: ["az1"] });
});
afterAll(() => sandbox?.stop());

test("at a relay the daemon does nothing, says why in C's words, tries ever more rarely, and then is silent", async () => {
  const zone = sandbox.azs.get("az1");
  const source = { remote: sandbox.env.OVN_IC_SB_DB ?? "" };
  const relay = await startRelay({ of: source, database: "OVN_IC_Southbound" });
  onTestFinished(() => relay.stop());
  const proxy = await startProxy({ target: relay.remote });
  onTestFinished(() => proxy.stop());
  const databases = {
    ...sandbox.env,
    OVN_NB_DB: zone?.nb,
    OVN_SB_DB: zone?.sb,
    OVN_IC_SB_DB: proxy.remote,
  };
  const daemon = await Background.start(OURS, { databases });
  const suppressed = `reconnect|INFO|${proxy.remote}: continuing to reconnect in the background but suppressing further logging`;
  await until(() => daemon.log.includes(suppressed), `${suppressed}:\n${daemon.log.join("\n")}`);
  const said = daemon.log.filter((line) => line.includes(proxy.remote));
  expect(said).toContain(
    `ovsdb_cs|INFO|${proxy.remote}: relay database server cannot be a leader; trying another server`,
  );
  expect(said.length).toBeLessThan(30);
  const { connections } = proxy;
  await until(() => proxy.connections > connections, "it tries again");
  await until(() => proxy.connections > connections + 1, "and again");
  expect(daemon.log.filter((line) => line.includes(proxy.remote))).toEqual(said);
  const { stdout } = await daemon.appctl("ic-sb-connection-status");
  expect(stdout).toBe("not connected\n");
});
