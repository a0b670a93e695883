/** The worlds that are measured, and what happens in each. */
import type { StepName } from "./steps.ts";
import type { World } from "./world.ts";

export interface Scenario {
  readonly name: string;
  readonly world: World;
  /** After the cold start, in this order. */
  readonly steps: readonly StepName[];
  /** Only measured on demand: it takes long. */
  readonly large: boolean;
  /** Whether a bar is measured by it: then all C programs are, and otherwise the first one. */
  readonly bar: boolean;
}

const BARS = ["R=1000", "R=100000", "ten-of-1000"];
const ROUTES_PER_ROUTER = 100;
const EVERYTHING: readonly StepName[] = ["route", "network", "filter", "bursts", "warm"];

const PLAIN: World = {
  switches: 10,
  attached: 10,
  routes: 0,
  otherZones: 1,
  portsPerZone: 1,
  unrelated: 0,
  remoteBindings: false,
};

function scenario(name: string, world: Partial<World>, steps: readonly StepName[], large: boolean): Scenario {
  const all = { ...PLAIN, ...world };
  const bar = BARS.includes(name);
  return { name, world: { ...all, attached: world.attached ?? all.switches }, steps, large, bar };
}

/** So many routes, 100 for each router. */
export function routes(count: number): Scenario {
  const switches = Math.max(1, Math.round(count / ROUTES_PER_ROUTER));
  return scenario(`R=${count}`, { switches, routes: count }, EVERYTHING, count > 10_000);
}

export const SCENARIOS: readonly Scenario[] = [
  routes(1000),
  routes(10_000),
  scenario("many-per-router", { switches: 10, routes: 10_000 }, ["route"], false),
  scenario(
    "gateway",
    { switches: 10, routes: 100, portsPerZone: 1000, remoteBindings: true },
    ["gateway"],
    false,
  ),
  scenario("zones", { switches: 1, routes: 1000, otherZones: 50, portsPerZone: 100 }, ["route"], false),
  scenario("unrelated", { switches: 100, routes: 10_000, unrelated: 200_000 }, ["route"], true),
  scenario("ten-of-1000", { switches: 1000, attached: 10, routes: 100_000 }, ["route"], true),
  { ...routes(50_000), steps: ["route", "warm"] },
  routes(100_000),
  scenario("T=100", { switches: 100, routes: 100_000 }, ["route"], true),
];
