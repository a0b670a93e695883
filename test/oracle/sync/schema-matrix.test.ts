/**
 * The four databases, each with the schema of any of seven releases: no error, and each feature works exactly
 * if its tables and columns are there. Of all combinations of four, so many are run that each combination of
 * two releases occurs for each two databases.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { OvsSchema } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterEach, describe, expect, it } from "vitest";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { DATABASE_NAMES, SCHEMAS } from "../../../src/core/model/databases.ts";
import { RULES } from "../../../src/core/planners/all.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import { caughtUp, leftToDo } from "../../harness/controllers.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { fillGlobal, fillZone, World } from "./schema-world.ts";

const DIRECTORY = join(import.meta.dirname, "../../harness/schemas");
const releases = readdirSync(DIRECTORY).filter((name) => name.endsWith(".json"));
const schemas: Record<DatabaseName, OvsSchema>[] = releases.map((name) =>
  JSON.parse(readFileSync(join(DIRECTORY, name), "utf8")),
);
const count = releases.length;
/** Rows of two orthogonal Latin squares: with a prime number of releases every pair of two columns occurs. */
const matrix = Array.from({ length: count * count }, (_, n) => {
  const [i, j] = [Math.floor(n / count), n % count];
  return { nb: i, sb: j, icNb: (i + j) % count, icSb: (i + 2 * j) % count };
});

type Combination = (typeof matrix)[number];
async function startWorld(combination: Combination): Promise<World> {
  const chosen = DATABASE_NAMES.map((name) => schemas[combination[name]]?.[name] ?? SCHEMAS[name]);
  const [first = SCHEMAS.nb, ...rest] = chosen;
  const server = await startStandalone({ schema: first, extraSchemas: rest });
  const clients = DATABASE_NAMES.map(
    async (name) =>
      [name, await OvsdbClient.connect({ remotes: server.remote, database: SCHEMAS[name].name })] as const,
  );
  const [nb, sb, icNb, icSb] = (await Promise.all(clients)).map(([, client]) => client);
  if (nb === undefined || sb === undefined || icNb === undefined || icSb === undefined)
    throw new Error("no client");
  return new World(server, { nb, sb, icNb, icSb });
}

interface Expectation {
  readonly on: (world: World) => boolean;
  readonly seen: (world: World) => Promise<boolean>;
}

const always = () => true;
const monitors = (world: World) =>
  world.has("icSb", "Service_Monitor") && world.has("sb", "Service_Monitor", "ic_learned");
const addressSets = (world: World) =>
  world.has("icSb", "Address_Set") && world.has("sb", "Address_Set", "options");
const transitRouters = (world: World) =>
  world.has("icNb", "Transit_Router") && world.has("icSb", "Datapath_Binding", "nb_ic_uuid");
const dynamicOrigin = (world: World) => world.allows("icSb", "Route", "origin", "connected-dynamic");

/** What a feature needs, and how one sees that it works. */
const FEATURES: Readonly<Record<string, Expectation>> = {
  zones: { on: always, seen: (world) => world.found("icSb", "Availability_Zone", '"az1"') },
  "gateways of ours": { on: always, seen: (world) => world.found("icSb", "Gateway", '"gw1"') },
  "gateways of others": { on: always, seen: (world) => world.found("sb", "Chassis", '"gw2"', "is-remote") },
  "transit switches": {
    on: always,
    seen: (world) => world.found("nb", "Logical_Switch", "requested-tnl-key", "16711682"),
  },
  "ports of ours": {
    on: always,
    seen: (world) => world.found("icSb", "Port_Binding", "ts1-lr1", "169.254.100.1/24"),
  },
  "ports of others": {
    on: always,
    seen: (world) => world.found("nb", "Logical_Switch_Port", "ts1-lr2", '"77"'),
  },
  "chassis of ports": {
    on: always,
    seen: async (world) =>
      world.found("sb", "Port_Binding", "ts1-lr2", await world.uuid("sb", "Chassis", "gw2")),
  },
  "static routes": { on: always, seen: (world) => world.found("icSb", "Route", "172.16.0.0/16", '"t1"') },
  "connected routes": { on: always, seen: (world) => world.found("icSb", "Route", "10.0.1.1/24") },
  "learned routes": {
    on: always,
    seen: (world) => world.found("nb", "Logical_Router_Static_Route", "10.0.2.0/24", "ic-learned-route"),
  },
  "types of datapaths": {
    on: (world) => world.has("icSb", "Datapath_Binding", "type"),
    seen: (world) => world.found("icSb", "Datapath_Binding", '"ts1"', '"transit-switch"'),
  },
  "types of ports": {
    on: (world) => world.has("icSb", "Port_Binding", "type"),
    seen: (world) => world.found("icSb", "Port_Binding", '"ts1-lr1"', '"transit-switch-port"'),
  },
  "routes of load balancers": {
    on: (world) => world.allows("icSb", "Route", "origin", "loadbalancer"),
    seen: (world) => world.found("icSb", "Route", "172.30.0.1/32", '"loadbalancer"'),
  },
  "dynamic routes": {
    on: (world) => world.has("sb", "Learned_Route"),
    seen: (world) => world.found("icSb", "Route", "10.77.0.0/16"),
  },
  "dynamic routes' own origin": {
    on: (world) => world.has("sb", "Learned_Route") && dynamicOrigin(world),
    seen: (world) => world.found("icSb", "Route", "10.77.0.0/16", '"connected-dynamic"'),
  },
  "transit routers": {
    on: transitRouters,
    seen: (world) => world.found("nb", "Logical_Router", "interconn-tr"),
  },
  "transit router ports": {
    on: transitRouters,
    seen: (world) => world.found("nb", "Logical_Router_Port", '"trp1"', "interconn-tr"),
  },
  "transit switch ports": {
    on: (world) => world.has("icNb", "Transit_Switch_Port"),
    seen: (world) => world.found("nb", "Logical_Switch_Port", '"tsp1"', "interconn-tsp"),
  },
  "service monitors for others": {
    on: monitors,
    seen: (world) => world.found("icSb", "Service_Monitor", '"vm2"', '"az2"'),
  },
  "service monitors of others": {
    on: monitors,
    seen: (world) => world.found("sb", "Service_Monitor", '"10.0.2.1"', '"ic_learned":true'),
  },
  "address sets of ours": { on: addressSets, seen: (world) => world.found("icSb", "Address_Set", '"as1"') },
  "address sets of others": { on: addressSets, seen: (world) => world.found("nb", "Address_Set", '"as2"') },
  "sequence numbers": {
    on: (world) =>
      world.has("icNb", "IC_NB_Global", "nb_ic_cfg") &&
      world.has("icSb", "IC_SB_Global", "nb_ic_cfg") &&
      world.has("icSb", "Availability_Zone", "nb_ic_cfg"),
    seen: (world) => world.found("icSb", "Availability_Zone", '"az1"', '"nb_ic_cfg":7'),
  },
};

const titles = matrix.map((combination) => {
  const parts = DATABASE_NAMES.map((name) => `${name} ${releases[combination[name]]?.replace(".json", "")}`);
  return [parts.join(", "), combination] as const;
});

describe("schemas of different releases", { timeout: PATIENCE }, () => {
  let world: World | undefined;
  let controller: Controller | undefined;

  afterEach(async () => {
    await controller?.close();
    await Promise.all(Object.values(world?.clients ?? {}).map((client) => client.close()));
    await world?.server.stop();
  }, PATIENCE);

  it.each(titles)("%s", async (_title, combination) => {
    world = await startWorld(combination);
    await fillGlobal(world);
    await fillZone(world);
    const { remote } = world.server;
    const refused: string[] = [];
    controller = new Controller({
      remotes: { nb: remote, sb: remote, icNb: remote, icSb: remote },
      rules: RULES,
      refused: (transaction, outcome) => refused.push(`${transaction.database}: ${outcome.text}`),
    });
    controller.start();
    const { engine } = controller;
    await controller.until(() => engine.settled || engine.problems.length > 0, AbortSignal.timeout(PATIENCE));
    await settled(controller);
    expect(refused).toEqual([]);
    expect(leftToDo(controller)).toEqual([]);
    const seen: Record<string, boolean> = {};
    const expected: Record<string, boolean> = {};
    for (const [name, feature] of Object.entries(FEATURES)) {
      expected[name] = feature.on(world);
      seen[name] = await feature.seen(world);
    }
    expect(seen).toEqual(expected);
  });
});

/** Waits until it knows all that it wrote, and has nothing left to write. */
async function settled(controller: Controller): Promise<void> {
  for (let before = -1; before !== controller.engine.counters.committed; ) {
    before = controller.engine.counters.committed;
    await caughtUp(controller);
    await controller.until(() => controller.settled, AbortSignal.timeout(PATIENCE));
  }
}
