/**
 * What a change costs is counted in units planned and rows read, feeds included: it must not grow with the
 * databases.
 *
 * `OVSDB_TEST_ROUTES` says how many routes there are, as numbers with commas between; the figures are printed
 * then.
 */
import { describe, expect, it } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { sb } from "../../../src/core/schema/sb.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import type { TestController } from "../../harness/zones/zones.ts";
import { twoZones, write } from "../../harness/zones/zones.ts";

const SIZES = (process.env.OVSDB_TEST_ROUTES ?? "100,2000").split(",").map(Number);
/** For what hangs only; the largest sizes are for whoever asks for them. */
const LIMIT = Math.max(4 * PATIENCE, Math.max(...SIZES) * 50);

interface Cost {
  planned: number;
  rows: number;
}

type World = Awaited<ReturnType<typeof twoZones>>;

interface Kind {
  readonly name: string;
  readonly change: (world: World, round: number) => Promise<unknown>;
  /** Whether all routes have to be looked at. */
  readonly all?: boolean;
}

/** Writes for whoever it is that changes something. */
function remote(world: World, zone: string, database: "nb" | "sb"): string {
  return world.sandbox.azs.get(zone)?.[database] ?? "";
}

/**
 * Routes of a third zone on ts1: adds those from one number up to another, or deletes them; some thousands at
 * a time.
 */
async function foreignRoutes({ az1 }: World, from: number, to: number, add = true): Promise<void> {
  const { replica } = az1.connections.icSb;
  const routes = replica.table("Route").index(["ip_prefix"]);
  const zoneRow = () => [...replica.table("Availability_Zone")].find(({ name }) => name === "az3");
  for (let start = from; start < to; start += 5000) {
    const transaction = replica.transaction();
    const availability_zone = zoneRow()?._uuid ?? transaction.insert("Availability_Zone", { name: "az3" });
    const route = { transit_switch: "ts1", availability_zone, nexthop: "169.254.100.3" };
    for (let i = start; i < Math.min(start + 5000, to); i++) {
      const ip_prefix = `${20 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}.0/24`;
      const existing = routes.get(ip_prefix);
      if (add) transaction.insert("Route", { ...route, origin: "static", ip_prefix });
      else if (existing !== undefined) transaction.delete("Route", existing._uuid);
    }
    expect(await transaction.commit({ timeout: LIMIT })).toMatchObject({ status: "committed" });
    await az1.until(() => zoneRow() !== undefined);
  }
}

/**
 * What northd makes of a router port and its peer on ts2: it is stopped, since so many routes take it
 * minutes.
 */
function bindPort(world: World, round: number): Promise<void> {
  const { router } = names(round);
  return write(sb, remote(world, "az1", "sb"), (transaction) => {
    const datapath = transaction.insert("Datapath_Binding", { tunnel_key: 9000 + round });
    const common = { datapath, type: "patch" };
    transaction.insert("Port_Binding", {
      ...common,
      logical_port: `ts2-${router}`,
      tunnel_key: 1,
      options: { peer: `${router}-ts2` },
    });
    transaction.insert("Port_Binding", {
      ...common,
      logical_port: `${router}-ts2`,
      tunnel_key: 2,
      options: { peer: `ts2-${router}` },
      mac: ["aa:aa:aa:aa:bb:01 169.254.101.9/24"],
    });
  });
}

function names(round: number) {
  return { router: `r${round}`, network: `10.77.${round}.1/24`, static: `172.16.${round}.0/24` };
}

const KINDS: readonly Kind[] = [
  {
    name: "a route in ISB",
    change: (world, round) => foreignRoutes(world, 200_000 + round, 200_001 + round),
  },
  {
    name: "a route in ISB removed",
    change: (world, round) => foreignRoutes(world, 200_000 + round, 200_001 + round, false),
  },
  {
    name: "a static route",
    change: ({ nbctl }, round) => nbctl("az1", "lr-route-add", "lr1", names(round).static, "10.0.1.9"),
  },
  {
    name: "a static route removed",
    change: ({ nbctl }, round) => nbctl("az1", "lr-route-del", "lr1", names(round).static),
  },
  {
    name: "a learned route deleted",
    change: (world, round) =>
      write(nb, remote(world, "az2", "nb"), (transaction, replica) => {
        const learned = [...replica.table("Logical_Router_Static_Route")];
        const victim = learned.filter((row) => row.external_ids.has("ic-learned-route"))[round];
        const [router] = replica.table("Logical_Router");
        if (victim === undefined || router === undefined) throw new Error("no learned route");
        transaction.mutate("Logical_Router", router._uuid, "static_routes", "delete", [victim._uuid]);
      }),
  },
  {
    name: "a connected network",
    change: ({ nbctl }, round) =>
      nbctl("az1", "lrp-add", "lr1", `lrp${round}`, "aa:aa:aa:aa:cc:01", names(round).network),
  },
  {
    name: "a gateway down",
    change: ({ sbctl }) => sbctl("az1", "set", "Chassis", "gw1", "other_config:is-interconn=false"),
  },
  {
    name: "a gateway up",
    change: ({ sbctl }) => sbctl("az1", "set", "Chassis", "gw1", "other_config:is-interconn=true"),
  },
  {
    name: "a transit switch",
    change: ({ sandbox }, round) =>
      write(icNb, sandbox.icNb, (transaction) => {
        transaction.insert("Transit_Switch", { name: `other${round}` });
      }),
  },
  {
    name: "a port on another transit switch",
    change: async (world, round) => {
      const { router } = names(round);
      await world.nbctl(
        "az1",
        ...commands(
          `lr-add ${router}`,
          `lrp-add ${router} ${router}-ts2 aa:aa:aa:aa:bb:01 169.254.101.9/24`,
          `lsp-add ts2 ts2-${router}`,
          `lsp-set-type ts2-${router} router`,
          `lsp-set-options ts2-${router} router-port=${router}-ts2`,
        ),
      );
      await bindPort(world, round);
    },
  },
  {
    name: "a port that is on no transit switch",
    change: ({ nbctl }, round) => nbctl("az1", "lsp-add", "ls1", `vm${round}`),
  },
  {
    name: "a filter set",
    all: true,
    change: ({ nbctl }) =>
      nbctl("az2", "set", "Logical_Router_Port", "lr1-ts1", "options:ic-route-deny-learn=9.0.0.0/8"),
  },
  {
    name: "a filter removed",
    all: true,
    change: ({ nbctl }) => nbctl("az2", "clear", "Logical_Router_Port", "lr1-ts1", "options"),
  },
];

async function costOf(world: World, change: () => Promise<unknown>): Promise<Cost[]> {
  const zones = [world.az1, world.az2];
  const read = () =>
    zones.map((one) => ({ planned: one.engine.counters.planned, rows: one.view.reads.rows }));
  const before = read();
  await change();
  // The full pass that ends `settled` reads everything, so the counters are read before it.
  await settledWithoutFullPass(zones);
  return read().map(({ planned, rows }, i) => ({
    planned: planned - (before[i]?.planned ?? 0),
    rows: rows - (before[i]?.rows ?? 0),
  }));
}

async function settledWithoutFullPass(zones: readonly TestController[]): Promise<void> {
  for (let same = 0, before = ""; same < 3; ) {
    for (const zone of zones) {
      const names = ["nb", "sb", "icNb", "icSb"] as const;
      await Promise.all(
        names.map((name) => zone.connections[name].client.session.request("echo", [], { wait: true })),
      );
      await zone.until(() => zone.settled, AbortSignal.timeout(LIMIT));
    }
    const now = zones.map((zone) => `${zone.engine.counters.planned} ${zone.written.length}`).join();
    same = now === before && zones.every((zone) => zone.settled) ? same + 1 : 0;
    before = now;
  }
}

describe("the cost of a change", () => {
  it("in a controller is that of the change, whatever there is already", { timeout: LIMIT }, async () => {
    const world = await twoZones();
    await world.sandbox.run("ovn-ic-nbctl", ["ts-add", "ts2"]);
    await world.settled();
    for (const zone of ["az1", "az2"]) await world.sandbox.processes.get(`${zone}/northd`)?.stop();
    const costs = new Map<string, Cost[][]>(KINDS.map(({ name }) => [name, []]));
    for (const [round, size] of SIZES.entries()) {
      await foreignRoutes(world, SIZES[round - 1] ?? 0, size);
      await settledWithoutFullPass([world.az1, world.az2]);
      for (const { name, change } of KINDS)
        costs.get(name)?.push(await costOf(world, () => change(world, round)));
      await world.settled();
    }
    const table = KINDS.map(({ name }) => `${name}: ${JSON.stringify(costs.get(name))}`).join("\n");
    if (process.env.OVSDB_TEST_ROUTES !== undefined) console.log(table);
    for (const { name, all = false } of KINDS) {
      const [small = []] = costs.get(name) ?? [];
      for (const [round, list] of (costs.get(name) ?? []).entries()) {
        for (const [i, cost] of list.entries()) {
          // A filter is about all routes of its port, but about these once.
          const routes = all && i === 1 ? (SIZES[round] ?? 0) : 0;
          const text = `${name}, az${i + 1}, ${SIZES[round]} routes\n${table}`;
          expect(cost.planned, text).toBeLessThanOrEqual(12 + routes);
          expect(cost.rows, text).toBeLessThanOrEqual(170 + 25 * routes);
          if (!all) expect(cost.rows, text).toBeLessThanOrEqual((small[i]?.rows ?? 0) + 40);
        }
      }
    }
  });
});
