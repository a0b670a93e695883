/** Faults of the database servers: killed, stopped, rolled back. */
import { copyFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, it } from "vitest";
import { Arena, FULL, times } from "../harness/faults/arena.ts";
import type { Database } from "../harness/faults/world.ts";
import { HOUR } from "../harness/wait.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open();
});
afterAll(() => arena?.close());

describe.each<Database>(["ic.nb", "ic.sb", "az1.nb", "az1.sb"])("the server of %s", (database) => {
  it("is killed and started again", { timeout: HOUR }, async () => {
    await arena.endure(`${database} killed`, times(2, 25), async () => {
      const server = arena.world.server(database);
      server.kill("SIGKILL");
      await server.ended;
      await arena.moment(FULL ? 3000 : 300);
      await server.start();
      await arena.world.restartNorthd(database);
    });
  });

  it("is stopped for a while", { timeout: HOUR }, async () => {
    await arena.endure(`${database} stopped`, times(1, 10), async (round) => {
      const server = arena.world.server(database);
      server.kill("SIGSTOP");
      // Once for a minute in the long run.
      if (FULL && round === 0) await delay(60_000);
      else await arena.moment(FULL ? 5000 : 500);
      server.kill("SIGCONT");
    });
  });

  it("gets the file of an older time back", { timeout: HOUR }, async () => {
    const file = arena.world.file(database);
    await arena.endure(`${database} rolled back`, times(2, 25), async () => {
      copyFileSync(file, `${file}.backup`);
      await arena.moment(300);
      const server = arena.world.server(database);
      server.kill("SIGKILL");
      await server.ended;
      copyFileSync(`${file}.backup`, file);
      await server.start();
      await arena.world.restartNorthd(database);
    });
  });
});
