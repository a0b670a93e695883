// Every example of the README is run as it stands, one after the other on one database, and prints what the
// README says.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { runProgram, startStandalone, transact } from "../fixtures/index.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(here("../../README.md"), "utf8");
const examples = [...readme.matchAll(/^```ts\n(.*?)^```\n\n```text\n(.*?)^```/gms)].map(
  ([, code = "", output = ""]) => ({
    heading:
      readme
        .slice(0, readme.indexOf(code))
        .match(/^## (.*)$/gm)
        ?.at(-1) ?? "",
    code,
    output,
  }),
);

let server: Server;
let dir: string;
beforeAll(async () => {
  server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  await transact(server.remote, "OVN_IC_Northbound", {
    op: "insert",
    table: "Transit_Switch",
    row: { name: "ts1" },
  });
  dir = mkdtempSync(join(tmpdir(), "readme-"));
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await server.stop();
});

test("each example shows its output", () => {
  expect(examples.length).toBe(readme.match(/^```ts$/gm)?.length);
});

test.each(examples)("$heading", async ({ code, output }) => {
  const [source, program] = [join(dir, "example.ts"), join(dir, "example.mjs")];
  writeFileSync(source, code);
  await build({
    entryPoints: [source],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    alias: { "ovsdb-client-ts": here("../../src/index.ts") },
    logLevel: "error",
  });
  expect(await runProgram("env", [`OVN_IC_NB_DB=${server.remote}`, process.execPath, program])).toBe(output);
});
