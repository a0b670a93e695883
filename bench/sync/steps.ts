/** What happens to a controller that is in order. */
import type { Transaction } from "ovsdb-client-ts";
import { commit } from "./databases.ts";
import type { Session, Step } from "./session.ts";
import type { World } from "./world.ts";
import { learnable, routeRow, TENTH, uuidOf } from "./world.ts";

/** How many times a change is made: where one takes a C program seconds, fewer. */
const repeats = ({ routes }: World) => (routes > 20_000 ? 5 : 10);
const BURST = 1000;

/** Makes a change, and waits for its effect: the time between the request to commit it and the effect. */
async function timed(session: Session, change: () => Promise<unknown>, effect: () => Promise<number>) {
  const reached = effect();
  // A failure is reported where it is awaited.
  reached.catch(() => {});
  const begin = performance.now();
  await change();
  const value = (await Promise.race([reached, session.running.ended])) - begin;
  await session.running.quiet();
  return value;
}

/** The same, with what it costs in CPU time. */
async function once(
  session: Session,
  metric: string,
  change: () => Promise<unknown>,
  effect: () => Promise<number>,
): Promise<void> {
  const before = session.running.cpu;
  session.sample(metric, await timed(session, change, effect));
  session.sample(`${metric}, CPU`, session.running.cpu - before);
}

/** The same several times, with what it costs in CPU time. */
async function repeated(
  session: Session,
  metric: string,
  once: (n: number) => Promise<number>,
): Promise<void> {
  const before = session.running.cpu;
  const count = repeats(session.world);
  for (let n = 0; n < count; n++) session.sample(metric, await once(n));
  session.sample(`${metric}, CPU`, (session.running.cpu - before) / count);
}

/** The n-th route that comes to those of a world, on a switch where it is learned. */
function addedRoute(world: World, n: number): { uuid: string; row: Record<string, unknown> } {
  const number = world.routes + Math.floor(n / world.attached) * world.switches + (n % world.attached);
  return { uuid: uuidOf("route", number), row: routeRow(world, number) };
}

function insertRoutes(transaction: Transaction, world: World, from: number, count: number): Transaction {
  for (let n = from; n < from + count; n++) {
    const { uuid, row } = addedRoute(world, n);
    transaction.insert("Route", row as never, { uuid });
  }
  return transaction;
}

function deleteRoute(transaction: Transaction, world: World, n: number): Transaction {
  transaction.delete("Route", addedRoute(world, n).uuid);
  return transaction;
}

const oneRoute: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  const learned = learnable(world);
  const { icSb } = clients;
  await session.running.probe?.report();
  await repeated(session, "add a route", (n) =>
    timed(
      session,
      () => commit(insertRoutes(icSb.transaction(), world, n, 1)),
      () => watches.learned.reaches(learned + n + 1, limit),
    ),
  );
  const report = await session.running.probe?.report();
  for (const reaction of report?.reactions ?? []) session.sample("add a route, within ours", reaction);
  await repeated(session, "delete a route", (n) =>
    timed(
      session,
      () => commit(deleteRoute(icSb.transaction(), world, n)),
      () => watches.learned.reaches(learned + repeats(world) - n - 1, limit),
    ),
  );
};

const oneNetwork: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  await repeated(session, "advertise a network", (n) =>
    timed(
      session,
      () => {
        const transaction = clients.nb.transaction();
        const port = uuidOf("addedPort", n);
        const row = { name: `added${n}`, mac: "0a:00:00:00:00:01", networks: [`192.168.255.${n}/32`] };
        transaction.insert("Logical_Router_Port", row as never, { uuid: port });
        const router = uuidOf("lr", n % world.attached);
        transaction.mutate("Logical_Router", router, "ports", "insert", [port]);
        return commit(transaction);
      },
      () => watches.advertised.reaches(world.attached + n + 1, limit),
    ),
  );
};

/** A deny list that keeps every tenth route out comes, and goes. */
const filter: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  const learned = learnable(world);
  const tenth = Array.from({ length: world.routes }, (_, n) => n).filter(
    (n) => n % 10 === 0 && n % world.switches < world.attached,
  ).length;
  const set = (list: string) => {
    const transaction = clients.nb.transaction();
    const global = uuidOf("global", 0);
    transaction.setKey("NB_Global", global, "options", "ic-route-denylist", list);
    // Its name before 24.09.
    transaction.setKey("NB_Global", global, "options", "ic-route-blacklist", list);
    return commit(transaction);
  };
  await once(
    session,
    "filter out a tenth",
    () => set(TENTH),
    () => watches.learned.reaches(learned - tenth, limit),
  );
  await once(
    session,
    "let a tenth in again",
    () => set(""),
    () => watches.learned.reaches(learned, limit),
  );
};

const bursts: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  const learned = learnable(world);
  const { icSb } = clients;
  await once(
    session,
    `${BURST} routes in one transaction`,
    () => commit(insertRoutes(icSb.transaction(), world, 0, BURST)),
    () => watches.learned.reaches(learned + BURST, limit),
  );
  await once(
    session,
    `${BURST} routes deleted in ${BURST} transactions`,
    () =>
      Promise.all(Array.from({ length: BURST }, (_, n) => commit(deleteRoute(icSb.transaction(), world, n)))),
    () => watches.learned.reaches(learned, limit),
  );
};

/** The gateway of other zones' ports goes, and comes back. */
const gateway: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  const { icSb } = clients;
  const remote = world.switches * world.otherZones * world.portsPerZone;
  await once(
    session,
    "gateway down",
    () => {
      const transaction = icSb.transaction();
      transaction.delete("Gateway", uuidOf("gateway", 0));
      return commit(transaction);
    },
    () => watches.remoteChassis.reaches(world.otherZones - 1, limit),
  );
  await once(
    session,
    "gateway up",
    () => {
      const transaction = icSb.transaction();
      const name = "gateway-other0";
      const encap = { gateway_name: name, type: "geneve", ip: "10.255.0.0" };
      const encaps = [transaction.insert("Encap", encap as never)];
      const row = { name, availability_zone: uuidOf("zone", 0), hostname: name, encaps };
      transaction.insert("Gateway", row as never, { uuid: uuidOf("gateway", 0) });
      return commit(transaction);
    },
    () => watches.bound.reaches(world.attached + remote, limit),
  );
};

/**
 * Everything is in place already; a route that has come meanwhile tells when the new process has found that
 * out.
 */
const warmStart: Step = async (session) => {
  const { world, clients, watches, limit } = session;
  const learned = learnable(world);
  const mark = world.attached * 1000;
  await session.running.stop();
  await commit(insertRoutes(clients.icSb.transaction(), world, mark, 1));
  const begin = performance.now();
  session.start();
  const reached = Promise.race([watches.learned.reaches(learned + 1, limit), session.running.ended]);
  session.sample("warm restart", (await reached) - begin);
  await session.running.quiet();
  session.sample("warm restart, CPU", session.running.cpu);
  session.sample("warm restart, peak memory", session.running.memory.peak, "MiB");
  await timed(
    session,
    () => commit(deleteRoute(clients.icSb.transaction(), world, mark)),
    () => watches.learned.reaches(learned, limit),
  );
};

/** By the names that the command line knows. */
export const STEPS = {
  route: oneRoute,
  network: oneNetwork,
  filter,
  bursts,
  gateway,
  warm: warmStart,
} as const satisfies Record<string, Step>;

export type StepName = keyof typeof STEPS;
