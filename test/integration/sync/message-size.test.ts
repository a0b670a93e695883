// What a server may send at once, as `ovn-ic sync` and the daemon have it.

import { expect, onTestFinished, test } from "vitest";
import { startStandalone, transact } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { OURS, runProgram } from "../../harness/programs/ic-daemon.ts";

test("a database that is larger than --max-message-size says is given up, and that is said", async () => {
  const schemas = ["ovn-ic-nb", "ovn-ic-sb", "ovn-nb", "ovn-sb"].map(
    (name) => `/usr/share/ovn/${name}.ovsschema`,
  );
  const [schema = "", ...extraSchemas] = schemas;
  const server = await startStandalone({ schema, extraSchemas });
  onTestFinished(() => server.stop());
  // A word of a command line may have 128 KiB.
  for (let i = 0; i < 20; i++) {
    const row = { name: `ts${i}`, other_config: ["map", [["k", "x".repeat(100_000)]]] };
    await transact(server.remote, "OVN_IC_Northbound", { op: "insert", table: "Transit_Switch", row });
  }
  const remotes = ["ic-nb", "ic-sb", "ovnnb", "ovnsb"].map((name) => `--${name}-db=${server.remote}`);
  const sync = (...args: string[]) =>
    runProgram([...OURS, "sync", "--dry-run", "--timeout=3", ...remotes, ...args]);
  const small = await sync("--max-message-size=1");
  expect(small.stderr).toContain("message exceeds the limit of 1048576 bytes");
  expect(small.status).not.toBe(0);
  expect((await sync("--max-message-size=3")).stderr).not.toContain("exceeds");
  expect((await sync()).stderr).not.toContain("exceeds");
});
