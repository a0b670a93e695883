/**
 * Zones that faults strike: real databases and northd, reached directly by those who judge, and what they
 * hold.
 */
import type { JsonValue } from "ovsdb-client-ts";
import { RULES } from "../../../src/core/planners/all.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import type { Sandbox, SandboxProcess } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { leftToDo } from "../controllers.ts";
import { comparable, difference } from "../databases/comparable.ts";
import { Databases } from "../databases/databases.ts";
import { nameOf, remotesIn, remotesOf } from "../databases/names.ts";
import type { JsonRow } from "../databases/transact.ts";
import type { Northd } from "./northd.ts";
import { startNorthd } from "./northd.ts";
import { SCHEMAS } from "./release.ts";

export const ZONES = ["az1", "az2"] as const;
export const DATABASES = ["ic.nb", "ic.sb", "az1.nb", "az1.sb", "az2.nb", "az2.sb"] as const;

/** Of the global databases, or of a zone's. */
export type Database = (typeof DATABASES)[number];
export type Zone = (typeof ZONES)[number];

/** Milliseconds in which everything has to be in order again. */
const IN_ORDER_WITHIN = 40_000;
/** Milliseconds between two looks at what several servers hold. */
const PAUSE = 10;

export class World {
  readonly sandbox: Sandbox;
  readonly #databases: Databases;
  readonly #northds = new Map<string, Northd>();
  #lastMissing: string[] = [];

  private constructor(sandbox: Sandbox, foreign: ReadonlyMap<Database, string>) {
    this.sandbox = sandbox;
    this.#databases = new Databases(new Map([...remotesIn(sandbox), ...foreign]));
  }

  /** `foreign` are databases that take the place of the sandbox's own. */
  static async start(foreign: ReadonlyMap<Database, string> = new Map()): Promise<World> {
    const sandbox = await startSandbox({ azs: ZONES, routes: true, northd: false, schemas: SCHEMAS });
    const world = new World(sandbox, foreign);
    try {
      await Promise.all([...foreign].map(([database, remote]) => initialize(sandbox, database, remote)));
      for (const zone of ZONES) {
        const { nb, sb } = world.remotes(zone);
        world.#northds.set(zone, await startNorthd(zone, sandbox.dir, nb, sb));
      }
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.#databases.close();
    await Promise.all([...this.#northds.values()].map((northd) => northd.stop()));
    await this.sandbox.stop();
  }

  remote(database: Database): string {
    return this.#databases.remote(database);
  }

  /** What a zone's controller connects to where nothing stands between. */
  remotes(zone: Zone) {
    return remotesOf(zone, (database) => this.remote(database));
  }

  /** The server of a database of the sandbox. */
  server(database: Database): SandboxProcess {
    const name = database.startsWith("ic.") ? database.replace(".", "-") : database.replace(".", "/");
    const process = this.sandbox.processes.get(name);
    if (process === undefined) throw new Error(`no server of ${database}`);
    return process;
  }

  /**
   * Starts northd of a zone anew: a C program waits for up to 8 s before it connects again, and how long is
   * not what is measured here.
   */
  async restartNorthd(database: Database): Promise<void> {
    await this.#northds.get(database.slice(0, -3))?.restart();
  }

  /** The file of a database of the sandbox. */
  file(database: Database): string {
    return this.#databases.file(database);
  }

  /** Sends operations of RFC 7047, once there is a connection; again when it is lost. */
  transact(database: Database, operations: readonly JsonValue[]): Promise<JsonRow[]> {
    return this.#databases.transact(database, operations);
  }

  /** All rows of a table. */
  select(database: Database, table: string): Promise<JsonRow[]> {
    return this.#databases.select(database, table);
  }

  /** What is compared of all databases: see `comparable`. */
  async rows(): Promise<string[]> {
    return comparable(await this.#databases.contents());
  }

  /** Waits until every northd has done what NB asks for. */
  northd(): Promise<void> {
    return this.#databases.northd(ZONES);
  }

  /**
   * Waits until the databases hold what is expected, and a full pass of each zone's controller, from scratch,
   * would write nothing.
   *
   * @returns the milliseconds that it took.
   * @throws Error that says what is not as it should be.
   */
  async converged(expected: () => Promise<readonly string[]>, patience = IN_ORDER_WITHIN): Promise<number> {
    const began = performance.now();
    const observers = ZONES.map((zone) => this.#observer(zone));
    try {
      for (let missing: string[] = []; performance.now() - began < patience; ) {
        missing = await this.#leftToDo(observers);
        if (missing.length === 0) missing = await this.#unlike(expected);
        if (missing.length === 0) {
          await this.northd();
          const all = [...(await this.#leftToDo(observers)), ...(await this.#unlike(expected))];
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

  async #unlike(expected: () => Promise<readonly string[]>): Promise<string[]> {
    return difference(await this.rows(), await expected(), ["too much", "missing"]);
  }

  #observer(zone: Zone): Controller {
    const observer = new Controller({ remotes: this.remotes(zone), rules: RULES, readOnly: true });
    observer.start();
    return observer;
  }

  async #leftToDo(observers: readonly Controller[]): Promise<string[]> {
    await Promise.all(
      observers.map((one) =>
        one.until(() => one.state !== "connecting", AbortSignal.timeout(IN_ORDER_WITHIN)),
      ),
    );
    return observers.flatMap((one) => leftToDo(one, { leader: true }));
  }
}

/** What a sandbox does to databases of its own. */
async function initialize(sandbox: Sandbox, database: Database, remote: string): Promise<void> {
  const db = `--db=${remote}`;
  const routes = ["options:ic-route-adv=true", "options:ic-route-learn=true"];
  switch (nameOf(database)) {
    case "nb":
      await sandbox.run("ovn-nbctl", [
        db,
        "set",
        "NB_Global",
        ".",
        `name=${database.slice(0, -3)}`,
        ...routes,
      ]);
      break;
    case "sb":
      await sandbox.run("ovn-sbctl", [db, "init"]);
      break;
    case "icNb":
      await sandbox.run("ovn-ic-nbctl", [db, "init"]);
      break;
    case "icSb":
      await sandbox.run("ovn-ic-sbctl", [db, "init"]);
  }
}
