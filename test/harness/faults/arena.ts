/**
 * Where faults strike: a world with a controller in each zone, reached through gates, its operators and a
 * witness; and its twin, which the same operators keep and no fault ever strikes. After each fault both have
 * to hold the same.
 */
import type { TlsOptions } from "ovsdb-client-ts";
import { expect } from "vitest";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import type { Remotes } from "../databases/names.ts";
import { databaseOf } from "../databases/names.ts";
import { pick, random, SEED } from "../random.ts";
import { Cms } from "./cms.ts";
import { DaemonForm } from "./daemons.ts";
import type { Gates } from "./gates.ts";
import { openGates } from "./gates.ts";
import type { Instance } from "./instances.ts";
import { InProcess } from "./instances.ts";
import { Model } from "./model.ts";
import { CONTESTANT, IS_C } from "./release.ts";
import { Witness } from "./witness.ts";
import type { Database, Zone } from "./world.ts";
import { World, ZONES } from "./world.ts";

/**
 * How long the run is to be: 0, or as a share of the long run: OVSDB_TEST_FULL=1 for all of it, 0.2 for a
 * fifth.
 */
const SHARE = Number(process.env.OVSDB_TEST_FULL ?? 0);

/** Whether the long run was asked for. */
export const FULL = SHARE > 0;

/**
 * Milliseconds after which the C program won't get anywhere: up to 8000 lie between its attempts to connect.
 */
const C_PATIENCE = 25_000;

/** How often a fault strikes: a few times, and in the long run many. */
export function times(few: number, many: number): number {
  return FULL ? Math.ceil(many * SHARE) : few;
}

export interface ArenaOptions {
  /** Databases that take the place of the sandbox's own. */
  readonly foreign?: ReadonlyMap<Database, string>;
  /** What controllers connect to instead of a database, and not over a gate. */
  readonly direct?: ReadonlyMap<Database, string>;
  /** Whether they connect over TCP. */
  readonly tcp?: boolean;
  /** What they identify themselves with where they connect over TLS. */
  readonly tls?: TlsOptions;
  /** What reaches a database for the controllers. Default: as everybody else does. */
  readonly reach?: (database: Database) => string;
  /** Whether instances are daemons. Default: they are in this process, where they can be. */
  readonly daemons?: boolean;
  /** How an instance is started otherwise. */
  readonly start?: (remotes: Remotes, zone: Zone) => Instance;
}

export class Arena {
  readonly world: World;
  readonly gates: ReadonlyMap<Zone, Gates>;
  readonly model = new Model(ZONES);
  readonly random = random(SEED);
  readonly instances = new Map<Zone, Instance>();
  readonly #twin: Twin;
  readonly #cms: Cms;
  readonly #witness: Witness;
  readonly #options: ArenaOptions;

  private constructor(world: World, twin: Twin, gates: ReadonlyMap<Zone, Gates>, options: ArenaOptions) {
    this.world = world;
    this.#twin = twin;
    this.gates = gates;
    this.#options = options;
    this.#witness = new Witness((database) => world.remote(database));
    for (const one of gates.values()) this.#witness.watch(one);
    this.#cms = new Cms(this.model, (database) => world.remote(database));
    twin.follow(this.model);
    for (const zone of ZONES) this.start(zone);
  }

  /** Starts it all; everything is in order then. */
  static async open(options: ArenaOptions = {}): Promise<Arena> {
    const [world, twin] = await Promise.all([World.start(options.foreign), Twin.start()]);
    const reach = options.reach ?? ((database: Database) => world.remote(database));
    const gates = ZONES.map(async (zone) => [zone, await openGates(zone, reach, options.tcp)] as const);
    const arena = new Arena(world, twin, new Map(await Promise.all(gates)), options);
    await arena.converged();
    return arena;
  }

  async close(): Promise<void> {
    await this.#cms.close();
    await Promise.all([...this.instances.values()].map((one) => one.stop()));
    await this.#witness.close();
    await Promise.all([...this.gates.values()].map((one) => one.stop()));
    await this.#twin.stop();
    await this.world.stop();
  }

  /** Starts an instance in a zone, which takes the place of the one that was. */
  start(zone: Zone): Instance {
    const { start, daemons, tls } = this.#options;
    const remotes = this.#remotes(zone);
    const daemon = () => new DaemonForm(remotes, this.world.sandbox.dir, { tls });
    const form = () => (daemons || IS_C ? daemon() : new InProcess(remotes, tls));
    const instance = start?.(remotes, zone) ?? form();
    this.instances.set(zone, instance);
    return instance;
  }

  #remotes(zone: Zone): Remotes {
    const { remotes } = this.gate(zone);
    const of = (name: DatabaseName) => this.#options.direct?.get(databaseOf(zone, name)) ?? remotes[name];
    return { nb: of("nb"), sb: of("sb"), icNb: of("icNb"), icSb: of("icSb") };
  }

  gate(zone: Zone): Gates {
    const gates = this.gates.get(zone);
    if (gates === undefined) throw new Error(`no zone ${zone}`);
    return gates;
  }

  pick<T>(values: readonly T[]): T {
    return pick(this.random, values);
  }

  /** A random moment: that it comes at any time is the point. */
  async moment(longest: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.random() * longest));
  }

  /**
   * Lets a fault strike while changes flow, several times. After each, everything has to be as the twin is.
   *
   * @param strike resolves when the fault is over.
   */
  async endure(name: string, count: number, strike: (round: number) => Promise<void>): Promise<void> {
    const durations: number[] = [];
    const lost: string[] = [];
    for (let round = 0; round < count; round++) {
      const flow = this.#flow();
      try {
        await this.moment(150);
        await strike(round);
        await this.moment(50);
      } finally {
        flow.stop();
      }
      if (IS_C) lost.push(...(await this.#count(durations)).map((one) => `round ${round}: ${one}`));
      else durations.push(await this.converged());
      const objections = this.#witness.judge();
      if (IS_C) lost.push(...objections.map((one) => `round ${round}: ${one}`));
      else expect(objections, `${name}, round ${round}`).toEqual([]);
    }
    report(name, durations, lost);
  }

  /**
   * Returns what goes wrong while the C program's zones converge; after that everything is in order for the
   * next round.
   */
  async #count(durations: number[]): Promise<string[]> {
    const lost: string[] = [];
    const converged = async (what: string) => {
      try {
        durations.push(await this.converged(C_PATIENCE));
        return true;
      } catch (error) {
        lost.push(`${what}: ${error}`);
        return false;
      }
    };
    const anew = async (start: (zone: Zone) => Instance) => {
      await Promise.all([...this.instances.values()].map((one) => one.stop()));
      for (const zone of ZONES) this.instances.set(zone, start(zone));
    };
    if (await converged("not in order by itself")) return lost;
    await anew((zone) => this.start(zone));
    if (await converged("nor after a restart")) {
      durations.pop();
      return lost;
    }
    await anew((zone) => new InProcess(this.#remotes(zone), this.#options.tls));
    await this.converged();
    await anew((zone) => this.start(zone));
    await this.converged();
    return lost;
  }

  /** Does to both worlds what isn't a fault but their operators' will. */
  async onBoth(work: (world: World) => Promise<void>): Promise<void> {
    await work(this.world);
    await this.#twin.anew(work);
  }

  converged(patience?: number): Promise<number> {
    return this.world.converged(() => this.#twin.rows(), patience);
  }

  /** Changes by the operators, one after the other. */
  #flow(): { stop(): void } {
    const timer = setInterval(() => this.model.mutate(this.random), 8);
    return { stop: () => clearInterval(timer) };
  }
}

/** The world that no fault strikes. */
class Twin {
  readonly #world: World;
  readonly #cms: Cms[] = [];
  #instances: InProcess[] = [];

  private constructor(world: World) {
    this.#world = world;
    this.#startInstances();
  }

  static async start(): Promise<Twin> {
    return new Twin(await World.start());
  }

  follow(model: Model): void {
    this.#cms.push(new Cms(model, (database) => this.#world.remote(database)));
  }

  /** What it holds when all is done. */
  async rows(): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(20_000);
    for (let before = ""; ; ) {
      await this.#world.northd();
      for (const { controller } of this.#instances) await controller.until(() => controller.settled, signal);
      const rows = await this.#world.rows();
      if (rows.join("\n") === before) return rows;
      before = rows.join("\n");
    }
  }

  /** Changes it while no controller runs; others, that know nothing, are started after that. */
  async anew(work: (world: World) => Promise<void>): Promise<void> {
    await Promise.all(this.#instances.map((one) => one.stop()));
    await work(this.#world);
    this.#startInstances();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#cms.map((one) => one.close()), ...this.#instances.map((one) => one.stop())]);
    await this.#world.stop();
  }

  #startInstances(): void {
    this.#instances = ZONES.map((zone) => new InProcess(this.#world.remotes(zone)));
  }
}

/**
 * Says how long it took, where somebody asked for figures: in the long run, or with OVSDB_TEST_FIGURES=1.
 *
 * @param lost what went wrong: nothing, or it is the C program
 */
export function report(name: string, durations: readonly number[], lost: readonly string[] = []): void {
  const sorted = [...durations].sort((a, b) => a - b);
  const [median = 0, worst = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)];
  if (!FULL && process.env.OVSDB_TEST_FIGURES !== "1") return;
  const kinds = new Map<string, number>();
  for (const one of lost) {
    const kind = /^(?:round \d+: )?(.*?):/.exec(one)?.[1] ?? one;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const losses =
    lost.length === 0 ? "nothing" : [...kinds].map(([kind, count]) => `${kind} ${count}`).join(", ");
  const line = `${name} | ${durations.length} | ${median.toFixed(0)} ms | ${worst.toFixed(0)} ms | lost: ${losses}`;
  console.log([`FAULT | ${CONTESTANT} | ${line}`, ...lost.map((one) => one.slice(0, 500))].join("\n"));
}
