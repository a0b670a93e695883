/** The worlds that are measured, and what happens in each. */
import type { Step } from "./session.ts";
import { bursts, filter, gateway, oneNetwork, oneRoute, warmStart } from "./steps.ts";
import type { World } from "./world.ts";

export interface Scenario {
  readonly name: string;
  readonly world: World;
  readonly steps: readonly Step[];
  /** Only measured on demand: it takes long. */
  readonly large: boolean;
}

const ROUTES_PER_ROUTER = 100;
const EVERYTHING: readonly Step[] = [oneRoute, oneNetwork, filter, bursts, warmStart];

const PLAIN: World = {
  ...{ switches: 10, attached: 10, routes: 0, otherZones: 1, portsPerZone: 1 },
  ...{ unrelated: 0, remoteBindings: false },
};

function scenario(name: string, world: Partial<World>, steps: readonly Step[], large: boolean): Scenario {
  const all = { ...PLAIN, ...world };
  return { name, world: { ...all, attached: world.attached ?? all.switches }, steps, large };
}

/** So many routes, 100 for each router. */
export function routes(count: number): Scenario {
  const switches = Math.max(1, Math.round(count / ROUTES_PER_ROUTER));
  return scenario(`R=${count}`, { switches, routes: count }, EVERYTHING, count > 10_000);
}

export const SCENARIOS: readonly Scenario[] = [
  routes(1000),
  routes(10_000),
  scenario("many-per-router", { switches: 10, routes: 10_000 }, [oneRoute], false),
  scenario(
    "gateway",
    { switches: 10, routes: 100, portsPerZone: 1000, remoteBindings: true },
    [gateway],
    false,
  ),
  scenario("zones", { switches: 1, routes: 1000, otherZones: 50, portsPerZone: 100 }, [oneRoute], false),
  scenario("unrelated", { switches: 100, routes: 10_000, unrelated: 200_000 }, [oneRoute], true),
  scenario("ten-of-1000", { switches: 1000, attached: 10, routes: 100_000 }, [oneRoute], true),
  routes(50_000),
  routes(100_000),
  scenario("T=100", { switches: 100, routes: 100_000 }, [oneRoute], true),
];
