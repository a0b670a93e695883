// A program whose clients are closed ends by itself, whenever they were closed, and nothing is left
// unhandled.

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { makeDirectory, runProgram, startStandalone } from "../fixtures/index.ts";
import { zoo } from "../fixtures/zoo.ts";

const program = `
import { setImmediate, setTimeout } from "node:timers/promises";
import { OvsdbClient } from "ovsdb-client-ts";
process.on("unhandledRejection", (error) => console.log("unhandled", error));
const remotes = process.argv[2];
const moment = process.argv[3];
const options = { remotes, database: "Zoo", probeInterval: 1000 };
const nowhere = { ...options, remotes: remotes + ".nowhere" };
switch (moment) {
  case "never started": {
    await new OvsdbClient(options).close();
    break;
  }
  case "while it connects": {
    const client = new OvsdbClient(options);
    client.start();
    client.replica({ Cage: {} });
    await client.close();
    break;
  }
  case "between two tries": {
    const client = new OvsdbClient(nowhere);
    client.start();
    await setTimeout(100);
    await client.close();
    break;
  }
  case "as a listener": {
    const client = new OvsdbClient({ ...options, remotes: "punix:" + remotes.slice(5) + ".listen" });
    client.start();
    await setTimeout(100);
    await client.close();
    break;
  }
  case "at every step": {
    for (let steps = 0; steps < 30; steps++) {
      const client = new OvsdbClient(options);
      client.start();
      const replica = client.replica({ Cage: {} });
      void replica.setConditions({ Cage: false });
      client.lock("a").request();
      for (let i = 0; i < steps; i++) await setImmediate();
      const txn = client.transaction();
      await client.close();
    }
    break;
  }
  case "in full use": {
    const client = await OvsdbClient.connect(options);
    const replica = await client.replica({ Cage: {} }).synced();
    client.lock("a").request();
    void replica.setConditions({ Cage: false });
    const txn = replica.transaction();
    txn.insert("Cage", { few: ["f"] });
    void txn.commit({ timeout: 60_000 });
    client.select("Cage", { timeout: 60_000 }).catch(() => {});
    replica.when(() => false, { timeout: 60_000 }).catch(() => {});
    await client.close();
    break;
  }
  case "when it has given up": {
    await OvsdbClient.connect({ ...nowhere, retry: false }).catch((error) => console.log(error.code));
    break;
  }
}
console.log("done");
`;

let server: Server;
let dir: string;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  dir = makeDirectory();
  writeFileSync(join(dir, "exit.ts"), program);
  await build({
    entryPoints: [join(dir, "exit.ts")],
    outfile: join(dir, "exit.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    alias: { "ovsdb-client-ts": fileURLToPath(new URL("../../src/index.ts", import.meta.url)) },
    logLevel: "error",
  });
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await server.stop();
});

test.each([
  "never started",
  "while it connects",
  "between two tries",
  "as a listener",
  "at every step",
  "in full use",
  "when it has given up",
])("closed %s", async (moment) => {
  const command = [process.execPath, join(dir, "exit.mjs"), server.remote, moment];
  const output = await runProgram("timeout", ["20", ...command]);
  expect(output).toBe(moment === "when it has given up" ? "connection\ndone\n" : "done\n");
});
