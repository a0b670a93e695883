/**
 * Availability zones for tests: a sandbox with real databases and northd, and the topology of a first
 * tutorial in each zone.
 *
 *     ls1 (10.0.N.0/24) -- lr1 -- ts1 (169.254.100.N/24)
 */
import type { OvsSchema, Replica, TableRequests, Transaction } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { expect, onTestFinished } from "vitest";
import { RULES } from "../../../src/core/planners/all.ts";
import type { PlannedTransaction } from "../../../src/core/planning/transactions.ts";
import type { Controller, ControllerOptions } from "../../../src/core/sync/run/controller.ts";
import { Controller as SyncController } from "../../../src/core/sync/run/controller.ts";
import type { Sandbox, SandboxOptions } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { caughtUp, leftToDo } from "../controllers.ts";
import type { Cell } from "../databases/cells.ts";
import { cellsOf } from "../databases/cells.ts";
import { Databases } from "../databases/databases.ts";
import type { Database } from "../databases/names.ts";
import { remotesIn, remotesOf } from "../databases/names.ts";
import { PATIENCE } from "../wait.ts";
import { commands } from "../words.ts";

/** A sandbox that ends with the test. */
export async function zones(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ azs: ["az1", "az2"], routes: true, ...options });
  onTestFinished(() => sandbox.stop(), PATIENCE);
  return sandbox;
}

/** Writes to a database as somebody else would: over a connection of its own, knowing all its rows. */
export async function write<S extends OvsSchema>(
  schema: S,
  remotes: string,
  fill: (transaction: Transaction<S>, replica: Replica<S>) => void,
): Promise<void> {
  const client = await OvsdbClient.connect({ remotes, schema });
  try {
    const tables = Object.fromEntries(Object.keys(schema.tables).map((name) => [name, {}]));
    const replica = await client.replica(tables as TableRequests<S>).synced();
    const transaction = replica.transaction();
    fill(transaction, replica);
    expect(await transaction.commit({ timeout: PATIENCE })).toMatchObject({ status: "committed" });
  } finally {
    await client.close();
  }
}

/** Gives a zone a gateway, and a router between a network of its own and transit switches. */
export async function addRouter(sandbox: Sandbox, zone: string, n: number): Promise<void> {
  await sandbox.run(
    "ovn-sbctl",
    commands(`chassis-add gw${n} geneve 10.255.0.${n}`, `set Chassis gw${n} other_config:is-interconn=true`),
    zone,
  );
  await sandbox.run(
    "ovn-nbctl",
    commands(
      "lr-add lr1",
      `lrp-add lr1 lr1-ls1 aa:aa:aa:aa:0${n}:01 10.0.${n}.1/24`,
      "ls-add ls1",
      "lsp-add ls1 ls1-lr1",
      "lsp-set-type ls1-lr1 router",
      "lsp-set-addresses ls1-lr1 router",
      "lsp-set-options ls1-lr1 router-port=lr1-ls1",
    ),
    zone,
  );
}

/** Connects a zone's router to a transit switch, which must be there. */
export async function joinSwitch(sandbox: Sandbox, zone: string, n: number, name = "ts1"): Promise<void> {
  const routerPort = `lr1-${name}`;
  const switchPort = `${name}-${zone}`;
  const address = `169.254.${100 + Number(name.replace(/\D/g, "")) - 1}.${n}/24`;
  await sandbox.run(
    "ovn-nbctl",
    commands(
      `--wait=sb lrp-add lr1 ${routerPort} aa:aa:aa:aa:aa:0${n} ${address}`,
      `lsp-add ${name} ${switchPort}`,
      `lsp-set-type ${switchPort} router`,
      `lsp-set-addresses ${switchPort} router`,
      `lsp-set-options ${switchPort} router-port=${routerPort}`,
    ),
    zone,
  );
}

export interface TestController extends Controller {
  readonly written: PlannedTransaction[];
}

/** Our controller in a zone, running in this process until the test ends. */
export function controller(
  sandbox: Sandbox,
  zone: string,
  options: Partial<ControllerOptions> = {},
): TestController {
  const databases = remotesIn(sandbox);
  const remotes = remotesOf(zone, (database) => {
    const remote = databases.get(database);
    if (remote === undefined) throw new Error(`no database ${database}`);
    return remote;
  });
  const written: PlannedTransaction[] = [];
  const made = new SyncController({
    remotes,
    rules: RULES,
    ...options,
    committed: (transaction) => written.push(transaction),
  });
  onTestFinished(() => made.close(), PATIENCE);
  return Object.assign(made, { written });
}

/** Runs a pass to its end, as `ovn-ic sync --once` does. Returns what was written. */
export async function syncOnce(sandbox: Sandbox, zone: string): Promise<PlannedTransaction[]> {
  const once = controller(sandbox, zone);
  once.start();
  await once.until(() => once.settled, AbortSignal.timeout(PATIENCE));
  await once.close();
  return once.written;
}

/**
 * Waits until all is quiet: northd has answered, every controller knows all that was committed, and has
 * nothing left to write. A full pass must find nothing then.
 */
export async function settle(sandbox: Sandbox, ...controllers: TestController[]): Promise<void> {
  const signal = AbortSignal.timeout(PATIENCE);
  const writes = () => controllers.reduce((sum, one) => sum + one.written.length, 0);
  for (;;) {
    const before = writes();
    const answering = [...sandbox.azs.keys()].filter((zone) => sandbox.processes.get(`${zone}/northd`)?.up);
    await Promise.all(answering.map((zone) => sandbox.run("ovn-nbctl", ["--wait=sb", "sync"], zone)));
    await Promise.all(controllers.map(caughtUp));
    for (const one of controllers) await one.until(() => one.settled, signal);
    if (writes() === before && controllers.every((one) => one.settled)) break;
  }
  for (const one of controllers) expect(leftToDo(one)).toEqual([]);
}

const known = new WeakMap<Sandbox, Databases>();

/** The databases of a sandbox, to be read directly until the test ends. */
function databasesOf(sandbox: Sandbox): Databases {
  const databases = known.get(sandbox) ?? new Databases(remotesIn(sandbox));
  if (!known.has(sandbox)) {
    known.set(sandbox, databases);
    onTestFinished(() => databases.close());
  }
  return databases;
}

/** Some columns, with commas between them, of all rows of a table, in an order that is always the same. */
export async function rows(
  sandbox: Sandbox,
  database: Database,
  table: string,
  columns: string,
): Promise<Cell[][]> {
  return cellsOf(await databasesOf(sandbox).select(database, table), columns.split(","));
}

/** The learned routes of a zone's routers: prefix, next hop. */
export async function learnedRoutes(sandbox: Sandbox, zone: string): Promise<string[]> {
  const routes = await rows(
    sandbox,
    `${zone}.nb`,
    "Logical_Router_Static_Route",
    "ip_prefix,nexthop,external_ids",
  );
  return routes
    .filter(([, , ids]) => JSON.stringify(ids).includes("ic-learned-route"))
    .map(([prefix, nexthop]) => `${prefix} ${nexthop}`);
}

/** What a zone has advertised, or all zones: prefix, next hop, origin. */
export async function advertisedRoutes(sandbox: Sandbox, zone?: string): Promise<string[]> {
  const zones = await rows(sandbox, "ic.sb", "Availability_Zone", "_uuid,name");
  const names = new Map(zones.map(([uuid, name]) => [uuid, name]));
  const routes = await rows(sandbox, "ic.sb", "Route", "ip_prefix,nexthop,origin,availability_zone");
  return routes
    .filter(([, , , uuid]) => zone === undefined || names.get(uuid ?? null) === zone)
    .map(([prefix, nexthop, origin]) => `${prefix} ${nexthop} ${origin}`);
}

/** Two zones with routers on transit switch ts1, run by controllers in this process, and settled. */
export async function twoZones(
  options: Partial<ControllerOptions> = {},
  sandboxOptions: SandboxOptions = {},
  second: Partial<ControllerOptions> = {},
) {
  const sandbox = await zones(sandboxOptions);
  const az1 = controller(sandbox, "az1", options);
  const az2 = controller(sandbox, "az2", second);
  az1.start();
  az2.start();
  await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
  await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  await settle(sandbox, az1, az2);
  await Promise.all([joinSwitch(sandbox, "az1", 1), joinSwitch(sandbox, "az2", 2)]);
  await settle(sandbox, az1, az2);
  const settled = () => settle(sandbox, az1, az2);
  const nbctl = (zone: string, ...args: string[]) => sandbox.run("ovn-nbctl", args, zone);
  const sbctl = (zone: string, ...args: string[]) => sandbox.run("ovn-sbctl", args, zone);
  return { sandbox, az1, az2, settled, nbctl, sbctl };
}

/** Two zones that have learned from each other, and run no controller. */
export async function twoQuietZones(): Promise<Sandbox> {
  const sandbox = await zones();
  await Promise.all([addRouter(sandbox, "az1", 1), addRouter(sandbox, "az2", 2)]);
  await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  for (const zone of ["az1", "az2"]) await syncOnce(sandbox, zone);
  await Promise.all([joinSwitch(sandbox, "az1", 1), joinSwitch(sandbox, "az2", 2)]);
  for (const zone of ["az1", "az2", "az1"]) await syncOnce(sandbox, zone);
  return sandbox;
}
