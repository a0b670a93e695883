/** The controller is killed at any point of what it does, as by a power cut, and started again. */
import { afterAll, beforeAll, it } from "vitest";
import { DATABASE_NAMES } from "../../src/core/model/databases.ts";
import { Arena, times } from "../harness/faults/arena.ts";
import { DaemonForm } from "../harness/faults/daemons.ts";
import { ZONES } from "../harness/faults/world.ts";
import { HOUR } from "../harness/wait.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await Arena.open({ daemons: true });
});
afterAll(() => arena?.close());

it("a controller is killed after any message, and started again", { timeout: HOUR }, async () => {
  await arena.endure("controller killed", times(8, 500), async () => {
    const zone = arena.pick(ZONES);
    const { proxies } = arena.gate(zone);
    const victim = arena.instances.get(zone);
    if (!(victim instanceof DaemonForm)) throw new Error("not a process");
    let left = Math.floor(arena.random() * 40);
    const kill = () => void victim.kill();
    for (const name of DATABASE_NAMES)
      void proxies[name].cutWhen(() => {
        if (--left === 0) kill();
        return left <= 0;
      });
    await Promise.race([victim.ended, arena.moment(500)]);
    await victim.kill();
    const next = arena.start(zone);
    // Sometimes the next one is killed before it has begun.
    if (arena.random() < 0.3) await Promise.race([next.active, arena.moment(300)]);
    else await next.active;
  });
});
