/**
 * One controller on fresh copies of a world's databases: started, exposed to changes, and looked at. Every
 * change is made, waited for, and followed by a pause until the controller is quiet, so that no change pays
 * for the one before it.
 */
import { Questions } from "./answers.ts";
import type { Contender } from "./contender.ts";
import { cpuOf, Running } from "./contender.ts";
import type { Clients, Servers, Template } from "./databases.ts";
import { closeAll, connectAll, stopAll } from "./databases.ts";
import { digest } from "./digest.ts";
import type { Watches } from "./watch.ts";
import { LimitError, watchAll } from "./watch.ts";
import type { World } from "./world.ts";
import { learnable } from "./world.ts";

/** One measured value. */
export interface Sample {
  readonly metric: string;
  readonly unit: "ms" | "MiB";
  readonly value: number;
}

/** What a step is given. */
export interface Session {
  readonly world: World;
  readonly clients: Clients;
  readonly watches: Watches;
  /** The controller that runs now. */
  running: Running;
  /** Milliseconds that a step may take. */
  readonly limit: number;
  sample(metric: string, value: number, unit?: Sample["unit"]): void;
  /** Starts the controller anew: the one before was stopped. */
  start(): void;
}

export type Step = (session: Session) => Promise<void>;

export interface SessionResult {
  readonly samples: readonly Sample[];
  /** What the databases hold in the end, the same for controllers that do the same. */
  readonly digest: string;
  /** Why it ended early; null if it did not. */
  readonly failure: string | null;
}

/** Runs a controller through some steps; the first one is its cold start. */
export async function runSession(
  contender: Contender,
  template: Template,
  world: World,
  steps: Readonly<Record<string, Step>>,
  limit: number,
): Promise<SessionResult> {
  const servers = await template.start();
  const clients = await connectAll(servers);
  const samples: Sample[] = [];
  let running: Running | null = null;
  try {
    const watches = await watchAll(clients);
    const sample = (metric: string, value: number, unit: Sample["unit"] = "ms") =>
      samples.push({ metric, unit, value });
    running = await coldStart(contender, servers, world, watches, limit, sample);
    const session: Session = {
      world,
      clients,
      watches,
      running,
      limit,
      sample,
      start() {
        session.running = running = new Running(contender, servers);
      },
    };
    for (const [name, step] of Object.entries(steps)) {
      await step(session);
      sample(`memory after ${name}`, session.running.memory.now, "MiB");
    }
    sample("peak memory, all steps", session.running.memory.peak, "MiB");
    return { samples, digest: await digest(clients), failure: null };
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    return { samples, digest: "", failure: error.message };
  } finally {
    await running?.stop();
    await closeAll(clients);
    await stopAll(servers);
  }
}

function cpuOfServers(servers: Servers): number {
  return Object.values(servers).reduce((sum, { pid }) => sum + cpuOf(pid), 0);
}

async function coldStart(
  contender: Contender,
  servers: Servers,
  world: World,
  watches: Watches,
  limit: number,
  sample: Session["sample"],
): Promise<Running> {
  const { attached, switches, otherZones, portsPerZone } = world;
  const begin = performance.now();
  const serversBefore = cpuOfServers(servers);
  const running = new Running(contender, servers);
  const questions = new Questions(running.control);
  try {
    const reached = Promise.all([
      watches.learned.reaches(learnable(world), limit),
      watches.advertised.reaches(attached, limit),
      watches.remotePorts.reaches(switches * otherZones * portsPerZone, limit),
      ...(world.remoteBindings
        ? [watches.bound.reaches(attached + switches * otherZones * portsPerZone, limit)]
        : []),
    ]);
    const ends = await Promise.race([reached, running.ended]);
    sample("cold start, longest wait for a status", await questions.end());
    sample("cold start", Math.max(...ends) - begin);
    await running.quiet();
  } catch (error) {
    await running.stop();
    throw error;
  } finally {
    await questions.end();
  }
  sample("cold start, CPU", running.cpu);
  sample("cold start, CPU of the servers", cpuOfServers(servers) - serversBefore);
  sample("cold start, peak memory", running.memory.peak, "MiB");
  sample("cold start, memory then", running.memory.now, "MiB");
  const report = await running.probe?.report();
  if (report !== undefined) sample("cold start, longest turn", report.longestTurn);
  return running;
}
