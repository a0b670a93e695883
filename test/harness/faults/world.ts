/** Zones that faults strike: real databases and northd, reached directly by those who judge, and what they hold. */
import type { JsonValue, OvsSchema } from "ovsdb-client-ts";
import { ConnectionError, OvsdbClient } from "ovsdb-client-ts";
import { PLANNERS, RULES } from "../../../src/core/planners/all.ts";
import { planFullPass } from "../../../src/core/planning/full-pass.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import type { Sandbox, SandboxProcess } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { type Contents, comparable, type JsonRow, tablesOf } from "../databases/rows.ts";
import { describePlan } from "../zones/zones.ts";
import { type Northd, startNorthd } from "./northd.ts";
import { SCHEMAS } from "./release.ts";

export const ZONES = ["az1", "az2"] as const;
export const DATABASES = ["ic.nb", "ic.sb", "az1.nb", "az1.sb", "az2.nb", "az2.sb"] as const;

/** `ic.nb`, `ic.sb`, or of a zone `az1.nb`, `az1.sb`. */
export type Database = (typeof DATABASES)[number];

/** Milliseconds in which everything has to be in order again. */
const PATIENCE = 40_000;
/** Milliseconds between two looks at what several servers hold. */
const PAUSE = 10;

const NAMES: Readonly<Record<string, string>> = {
  "ic.nb": "OVN_IC_Northbound",
  "ic.sb": "OVN_IC_Southbound",
};

export function databaseName(database: Database): string {
  return NAMES[database] ?? (database.endsWith(".nb") ? "OVN_Northbound" : "OVN_Southbound");
}

export class World {
  readonly sandbox: Sandbox;
  readonly #remotes: ReadonlyMap<string, string>;
  readonly #clients = new Map<Database, OvsdbClient<OvsSchema>>();
  readonly #northds = new Map<string, Northd>();
  #number = 0;

  private constructor(sandbox: Sandbox, foreign: ReadonlyMap<Database, string>) {
    this.sandbox = sandbox;
    const own = new Map([
      ["ic.nb", sandbox.icNb],
      ["ic.sb", sandbox.icSb],
    ]);
    for (const [name, zone] of sandbox.azs) own.set(`${name}.nb`, zone.nb).set(`${name}.sb`, zone.sb);
    this.#remotes = new Map([...own, ...foreign]);
    for (const database of DATABASES) {
      const client = new OvsdbClient({
        remotes: this.remote(database),
        database: databaseName(database),
        backoff: { min: 20, max: 100 },
      });
      client.start();
      this.#clients.set(database, client);
    }
  }

  /** `foreign` are databases that take the place of the sandbox's own. */
  static async start(foreign: ReadonlyMap<Database, string> = new Map()): Promise<World> {
    const sandbox = await startSandbox({ azs: ZONES, routes: true, northd: false, schemas: SCHEMAS });
    const world = new World(sandbox, foreign);
    try {
      await Promise.all([...foreign].map(([database, remote]) => initialize(sandbox, database, remote)));
      for (const zone of ZONES) {
        const northd = await startNorthd(
          zone,
          sandbox.dir,
          world.remote(`${zone}.nb`),
          world.remote(`${zone}.sb`),
        );
        world.#northds.set(zone, northd);
      }
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
    await Promise.all([...this.#northds.values()].map((northd) => northd.stop()));
    await this.sandbox.stop();
  }

  remote(database: Database): string {
    const remote = this.#remotes.get(database);
    if (remote === undefined) throw new Error(`no database ${database}`);
    return remote;
  }

  /** The server of a database of the sandbox. */
  server(database: Database): SandboxProcess {
    const name = database.startsWith("ic.") ? database.replace(".", "-") : database.replace(".", "/");
    const process = this.sandbox.processes.get(name);
    if (process === undefined) throw new Error(`no server of ${database}`);
    return process;
  }

  /** Starts northd of a zone anew: a C program waits for up to 8 s before it connects again, and how long is not what is measured here. */
  async restartNorthd(database: Database): Promise<void> {
    await this.#northds.get(database.slice(0, -3))?.restart();
  }

  /** The file of a database of the sandbox. */
  file(database: Database): string {
    return this.remote(database).replace(/^unix:(.*)\.sock$/, "$1.db");
  }

  /** Sends operations of RFC 7047, once there is a connection; again when it is lost. */
  async transact(database: Database, operations: readonly JsonValue[]): Promise<JsonRow[]> {
    const client = this.#clients.get(database);
    if (client === undefined) throw new Error(`no database ${database}`);
    for (;;) {
      try {
        const params = [client.database, ...operations];
        const reply = await client.session.request("transact", params, { wait: true });
        const results = Array.isArray(reply) ? reply : [];
        const failed = results.find((one) => typeof one === "object" && one !== null && "error" in one);
        if (failed !== undefined) throw new Error(`${database}: ${JSON.stringify(failed)}`);
        return results.filter(isRow);
      } catch (error) {
        if (!(error instanceof ConnectionError) || client.session.state === "closed") throw error;
      }
    }
  }

  /** What is compared of all databases: see `comparable`. */
  async rows(): Promise<string[]> {
    const entries = DATABASES.map(async (database) => {
      const known = await this.#tables(database);
      const tables = Object.keys(tablesOf(database)).filter((table) => known.has(table));
      const select = tables.map((table) => ({ op: "select", table, where: [] }));
      const results = await this.transact(database, select);
      return [database, new Map(tables.map((table, i) => [table, rowsOf(results[i])]))] as const;
    });
    const contents: Contents = new Map(await Promise.all(entries));
    return comparable(contents);
  }

  async #tables(database: Database): Promise<ReadonlyMap<string, unknown>> {
    const client = this.#clients.get(database);
    await client?.ready();
    return client?.serverSchema.tables ?? new Map();
  }

  /** Waits until every northd has done what NB asks for. */
  async northd(): Promise<void> {
    const number = ++this.#number;
    await Promise.all(ZONES.map((zone) => this.#northdOf(`${zone}.nb`, number)));
  }

  async #northdOf(database: Database, number: number): Promise<void> {
    const common = { table: "NB_Global", where: [] };
    const rows = [{ sb_cfg: number }];
    await this.transact(database, [{ op: "update", ...common, row: { nb_cfg: number } }]);
    await this.transact(database, [
      { op: "wait", ...common, columns: ["sb_cfg"], until: "==", rows, timeout: PATIENCE },
    ]);
  }

  /**
   * Waits until the databases hold what is expected, and a full pass of each zone's controller, from scratch, would write nothing.
   *
   * @returns the milliseconds that it took.
   * @throws Error that says what is not as it should be.
   */
  async converged(expected: () => Promise<readonly string[]>, patience = PATIENCE): Promise<number> {
    const began = performance.now();
    const observers = ZONES.map((zone) => this.#observer(zone));
    try {
      for (let missing: string[] = []; performance.now() - began < patience; ) {
        missing = await this.#leftToDo(observers);
        if (missing.length === 0) missing = difference(await this.rows(), await expected());
        if (missing.length === 0) {
          await this.northd();
          const all = [
            ...(await this.#leftToDo(observers)),
            ...difference(await this.rows(), await expected()),
          ];
          if (all.length === 0) return performance.now() - began;
        }
        this.#lastMissing = missing;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
      }
      throw new Error(`not in order after ${patience} ms:\n${this.#lastMissing.slice(0, 20).join("\n")}`);
    } finally {
      await Promise.all(observers.map((one) => one.close()));
    }
  }

  #lastMissing: string[] = [];

  #observer(zone: (typeof ZONES)[number]): Controller {
    const remotes = {
      nb: this.remote(`${zone}.nb`),
      sb: this.remote(`${zone}.sb`),
      icNb: this.remote("ic.nb"),
      icSb: this.remote("ic.sb"),
    };
    const observer = new Controller({ remotes, rules: RULES, readOnly: true });
    observer.start();
    return observer;
  }

  async #leftToDo(observers: readonly Controller[]): Promise<string[]> {
    await Promise.all(
      observers.map((one) => one.until(() => one.state !== "connecting", AbortSignal.timeout(PATIENCE))),
    );
    return observers.flatMap((one) => describePlan(planFullPass(one.view, PLANNERS, { leader: true })));
  }
}

/** What a sandbox does to databases of its own. */
async function initialize(sandbox: Sandbox, database: Database, remote: string): Promise<void> {
  const db = `--db=${remote}`;
  const routes = ["options:ic-route-adv=true", "options:ic-route-learn=true"];
  if (database.endsWith(".nb") && database !== "ic.nb")
    await sandbox.run("ovn-nbctl", [db, "set", "NB_Global", ".", `name=${database.slice(0, -3)}`, ...routes]);
  else if (database === "ic.nb") await sandbox.run("ovn-ic-nbctl", [db, "init"]);
  else if (database === "ic.sb") await sandbox.run("ovn-ic-sbctl", [db, "init"]);
  else await sandbox.run("ovn-sbctl", [db, "init"]);
}

function difference(found: readonly string[], expected: readonly string[]): string[] {
  const [is, should] = [new Set(found), new Set(expected)];
  return [
    ...found.filter((row) => !should.has(row)).map((row) => `too much: ${row}`),
    ...expected.filter((row) => !is.has(row)).map((row) => `missing: ${row}`),
  ];
}

function isRow(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rowsOf(result: JsonRow | undefined): JsonRow[] {
  const rows = result?.rows;
  return Array.isArray(rows) ? rows.filter(isRow) : [];
}
