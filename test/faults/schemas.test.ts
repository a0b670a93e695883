/** Databases are converted to the schemas of other releases while controllers run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, it } from "vitest";
import { runProgram } from "../../packages/ovsdb-client-ts/test/fixtures/programs.ts";
import { Arena, times } from "../harness/faults/arena.ts";
import type { Database } from "../harness/faults/world.ts";
import { newestSchemas } from "../harness/schemas/newest.ts";
import { HOUR } from "../harness/wait.ts";

const SCHEMAS = join(import.meta.dirname, "../harness/schemas");
const RELEASES = readdirSync(SCHEMAS).filter((file) => file.endsWith(".json"));

let arena: Arena;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "ovn-ic-schemas-"));
  for (const release of RELEASES) {
    const { icNb, icSb }: { icNb: object; icSb: object } = JSON.parse(
      readFileSync(join(SCHEMAS, release), "utf8"),
    );
    writeFileSync(join(directory, `ic.nb-${release}`), JSON.stringify(icNb));
    writeFileSync(join(directory, `ic.sb-${release}`), JSON.stringify(icSb));
  }
  arena = await Arena.open();
});
afterAll(async () => {
  await arena?.close();
  rmSync(directory, { recursive: true });
});

it("the global databases are converted to other releases and back", { timeout: HOUR }, async () => {
  await arena.endure("database converted", times(6, 60), async (round) => {
    const database = round % 2 === 0 ? "ic.sb" : "ic.nb";
    // The newest one comes often: to it features are added, and from it they are taken away.
    const release = round % 4 < 2 ? "26.09-dev.json" : arena.pick(RELEASES);
    await convert(database, join(directory, `${database}-${release}`));
  });
});

it("a zone's databases are converted to a newer release and back", { timeout: HOUR }, async () => {
  const newest = newestSchemas();
  await arena.endure("zone's database converted", times(4, 40), async (round) => {
    const database = round % 2 === 0 ? "az1.nb" : "az1.sb";
    const file = `ovn-${database.slice(-2)}.ovsschema`;
    await convert(database, join(round % 4 < 2 ? newest : "/usr/share/ovn", file));
  });
});

function convert(database: Database, schema: string): Promise<void> {
  return arena.onBoth(async (world) => {
    await runProgram("ovsdb-client", ["convert", world.remote(database), schema]);
  });
}
