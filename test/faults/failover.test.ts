/**
 * Two instances of one zone. When the active one is killed, stopped or cut off, the other one takes its
 * place, and one that comes back writes nothing before it is active again.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { DATABASE_NAMES } from "../../src/core/model/databases.ts";
import { FULL, report, times } from "../harness/faults/arena.ts";
import { Cms } from "../harness/faults/cms.ts";
import { DaemonForm } from "../harness/faults/daemons.ts";
import type { Gates } from "../harness/faults/gates.ts";
import { openGates } from "../harness/faults/gates.ts";
import { Model } from "../harness/faults/model.ts";
import { IS_C } from "../harness/faults/release.ts";
import type { Database } from "../harness/faults/world.ts";
import { World, ZONES } from "../harness/faults/world.ts";
import { random, SEED } from "../harness/random.ts";
import { HOUR } from "../harness/wait.ts";
import { DEFAULT_PROBE, probingRemote, setProbe } from "./probing.ts";

/** The databases with the locks: their servers have to notice who is gone. */
const LOCKING = ["az1.sb", "ic.sb"] as const;
/** How often these servers ask; so long as they do when nothing is said to them only in the long run. */
const PROBES = FULL ? [1000, DEFAULT_PROBE] : [1000];

/** An instance, and what is seen of what it sends. */
class Contender {
  readonly gates: Gates;
  readonly #command: readonly string[] | undefined;
  process: DaemonForm;
  /** Transactions that it sent. */
  sent = 0;

  constructor(gates: Gates, command?: readonly string[]) {
    this.gates = gates;
    this.#command = command;
    this.process = new DaemonForm(gates.remotes, world.sandbox.dir, { command });
    gates.onMessage((_, { from, text }) => {
      if (from === "client" && text.includes('"transact"')) this.sent++;
    });
  }

  /** Starts another process; resolves when it stands by. */
  async restart(): Promise<void> {
    this.process = new DaemonForm(this.gates.remotes, world.sandbox.dir, { command: this.#command });
    await this.process.reaches("standby");
  }
}

let world: World;
let model: Model;
let cms: Cms;
let active: Contender;
let standby: Contender;
const chance = random(SEED);

beforeAll(async () => {
  world = await World.start();
  const probing = new Map<Database, string>();
  for (const database of LOCKING) probing.set(database, await probingRemote(world, database));
  model = new Model(ZONES);
  cms = new Cms(model, (database) => world.remote(database));
  const gates = () => openGates("az1", (database) => probing.get(database) ?? world.remote(database), true);
  active = new Contender(await gates());
  await active.process.active;
  standby = new Contender(await gates());
  await standby.process.reaches("standby");
});
afterAll(async () => {
  await cms?.close();
  for (const one of [active, standby]) {
    await one?.process.stop();
    await one?.gates.stop();
  }
  await world?.stop();
});
beforeEach(async () => {
  intruders = [];
  await served();
});

/**
 * Adds a route and a transit switch, and waits until IC-SB has what follows from them: whoever is active has
 * caught up then.
 *
 * @param leading false: only the route, for which nobody needs the global lock.
 */
async function served(leading = true): Promise<number> {
  const began = performance.now();
  const number = 10 + Math.floor(chance() * 100_000);
  const prefix = `172.${30 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}/32`;
  model.zone("az1").routes.add(prefix);
  if (leading) model.switches.add(number);
  cms.look();
  const appears = async (table: string, column: string, value: string) => {
    const rows = [{ [column]: value }];
    const where = [[column, "==", value]];
    await world.transact("ic.sb", [
      { op: "wait", table, where, columns: [column], until: "==", rows, timeout: 30_000 },
    ]);
  };
  await appears("Route", "ip_prefix", prefix);
  if (leading) await appears("Datapath_Binding", "transit_switch", `ts${number}`);
  const took = performance.now() - began;
  model.zone("az1").routes.delete(prefix);
  model.switches.delete(number);
  cms.look();
  return took;
}

/** What wrote something when it wasn't active: nobody, but the C program's are counted. */
let intruders: string[] = [];

/** The one that was active has sent nothing more. */
function silentSince(before: number): void {
  if (!IS_C) expect(active.sent).toBe(before);
  else if (active.sent > before) intruders.push(`wrote while not active: ${active.sent - before} times`);
}

/** The other one is the active one now. */
function swap(): void {
  [active, standby] = [standby, active];
}

it("of two instances the active one is killed", { timeout: HOUR }, async () => {
  const durations: number[] = [];
  for (let round = 0; round < times(2, 50); round++) {
    await active.process.kill();
    durations.push(await served());
    await active.restart();
    swap();
  }
  report("active instance killed, standby has caught up", durations, intruders);
});

it("of two instances the active one ends regularly", { timeout: HOUR }, async () => {
  const durations: number[] = [];
  for (let round = 0; round < times(1, 20); round++) {
    const ended = active.process.stop();
    durations.push(await served());
    await ended;
    await active.restart();
    swap();
  }
  report("active instance ended, standby has caught up", durations, intruders);
});

it("of two instances the active one is paused, and writes nothing until it is resumed and active", {
  timeout: HOUR,
}, async () => {
  const durations: number[] = [];
  for (let round = 0; round < times(2, 50); round++) {
    await active.process.pause();
    durations.push(await served());
    // What it sent before may have been on its way.
    const before = active.sent;
    await active.process.resume();
    await active.process.reaches("standby");
    await served();
    silentSince(before);
    swap();
  }
  report("active instance paused, standby has caught up", durations, intruders);
});

it.each(PROBES)(
  "of two instances the active one is stopped for a while, and writes nothing when it goes on (%i ms)",
  {
    timeout: HOUR,
  },
  async (probe) => {
    const durations: number[] = [];
    await setProbe(world, LOCKING, probe);
    for (let round = 0; round < times(2, 20); round++) {
      active.process.signal("SIGSTOP");
      durations.push(await served());
      const before = active.sent;
      active.process.signal("SIGCONT");
      await active.process.reaches("standby");
      await served();
      silentSince(before);
      swap();
    }
    report(
      `active instance stopped (probe interval ${probe} ms), standby has caught up`,
      durations,
      intruders,
    );
  },
);

it.each(PROBES)(
  "of two instances the active one is cut off from its lock, or from everything, and writes nothing from then on (%i ms)",
  {
    timeout: HOUR,
  },
  async (probe) => {
    const durations: number[] = [];
    await setProbe(world, LOCKING, probe);
    for (let round = 0; round < times(2, 20); round++) {
      const { proxies } = active.gates;
      const taken = standby.process.reaches("active");
      const began = performance.now();
      // Whoever is only cut off from SB has the global lock until it notices that itself.
      const everything = round % 2 === 1;
      for (const name of everything ? DATABASE_NAMES : (["sb"] as const)) proxies[name].stall();
      await taken;
      // What it sent before lies in stalled connections, and may yet arrive.
      let before = active.sent;
      await served(everything);
      durations.push(performance.now() - began);
      silentSince(before);
      for (const name of DATABASE_NAMES) proxies[name].pass();
      await active.process.reaches("standby");
      before = active.sent;
      await served();
      silentSince(before);
      swap();
    }
    report(
      `active instance cut off (probe interval ${probe} ms), standby has caught up`,
      durations,
      intruders,
    );
  },
);

it("of two instances the standby that has the global lock gives it back", { timeout: HOUR }, async () => {
  // Both ask for both locks when they start; after many changes of roles the active one has both of them.
  for (let round = 0; round < times(3, 20); round++) {
    await standby.process.stop();
    await standby.restart();
    for (const name of DATABASE_NAMES) standby.gates.proxies[name].cut();
    await standby.process.reaches("standby");
    await served();
  }
});

it.skipIf(IS_C)("the C program takes over from ours, and ours from it", { timeout: HOUR }, async () => {
  await standby.process.stop();
  const ours = active;
  const c = new Contender(standby.gates, ["ovn-ic"]);
  await c.process.reaches("standby");
  standby = c;
  const durations: number[] = [];
  for (let round = 0; round < times(2, 20); round++) {
    if (active === ours) await active.process.kill();
    else await active.process.pause();
    const took = await served();
    if (standby === ours) durations.push(took);
    if (active === ours) await active.restart();
    else await active.process.resume();
    await active.process.reaches("standby");
    swap();
  }
  report("active C program paused, ours has caught up", durations);
});
