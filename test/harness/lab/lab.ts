/**
 * A lab: availability zones with real databases and northd, that are emptied and used again, so that many
 * short histories can be played in little time; and controllers, ours (in this process) or the C ones, that
 * are started anew for each.
 */
import { join } from "node:path";
import type { JsonValue } from "ovsdb-client-ts";
import type { DatabaseName } from "../../../src/core/model/databases.ts";
import { RULES } from "../../../src/core/planners/all.ts";
import type { PlannedTransaction } from "../../../src/core/planning/transactions.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import { zoneEnvironment } from "../../../src/sandbox/environment.ts";
import type { Sandbox, SandboxOptions } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { caughtUp, describePlan, leftToDo } from "../controllers.ts";
import type { Contents } from "../databases/comparable.ts";
import { comparable } from "../databases/comparable.ts";
import { Databases } from "../databases/databases.ts";
import type { Database } from "../databases/names.ts";
import { GLOBAL_TABLES, nameOf, remotesIn, remotesOf, zoneOf } from "../databases/names.ts";
import { map, set } from "../databases/transact.ts";
import { PATIENCE } from "../wait.ts";
import { splitWords } from "../words.ts";
import type { CController } from "./c-controller.ts";
import { startC } from "./c-controller.ts";
import { Shell } from "./shell.ts";

export type Kind = "ours" | "c";

/** Rounds in which C may change something before it is taken for one that never comes to rest. */
const RESTLESS = 20;
const PROGRAMS: Readonly<Record<DatabaseName, string>> = {
  nb: "ovn-nbctl",
  sb: "ovn-sbctl",
  icNb: "ovn-ic-nbctl",
  icSb: "ovn-ic-sbctl",
};
/** What in SB doesn't come from northd. */
const SB_TABLES = new Set([
  "Chassis",
  "Chassis_Private",
  "Encap",
  "Learned_Route",
  "Service_Monitor",
  "MAC_Binding",
]);

/** How often the main loop of C has to come round before it is looked whether something changed. */
const TURNS = 5;
/**
 * Rounds without a change after which nothing can be on its way any more. Reading the databases is a fence
 * too: what C sent before has been carried out then, and is seen in the next turn. Only one thing in a row
 * goes unseen, what northd writes to columns that aren't compared.
 */
const QUIET = 3;

export class Lab {
  readonly sandbox: Sandbox;
  readonly #zones: readonly string[];
  /** The zones that take part. */
  #active: readonly string[];
  /** Whether what only newer controllers write is compared. */
  readonly newer: boolean;
  readonly #databases: Databases;
  readonly #ours: Controller[] = [];
  #written: string[] = [];
  readonly #c: CController[] = [];
  /** The sandboxes that zones are in: the first has the global databases too. */
  readonly #sandboxes: readonly Sandbox[];
  /** What runs the programs of each sandbox. */
  readonly #shells: ReadonlyMap<Sandbox, Shell>;

  private constructor(sandboxes: readonly [Sandbox, ...Sandbox[]], newer: boolean) {
    [this.sandbox] = sandboxes;
    this.#sandboxes = sandboxes;
    this.#shells = new Map(sandboxes.map((one) => [one, shellFor(one)]));
    this.#zones = sandboxes.flatMap(({ azs }) => [...azs.keys()]);
    this.newer = newer;
    this.#active = this.#zones;
    // The first one's global databases take the place of the others'.
    this.#databases = new Databases(new Map(sandboxes.toReversed().flatMap((one) => [...remotesIn(one)])));
  }

  /** `others` are sandboxes with zones of another OVN; their own global databases are not used. */
  static async start(options: SandboxOptions, newer = true, others: SandboxOptions[] = []): Promise<Lab> {
    return new Lab(await Promise.all([startSandbox(options), ...others.map(startSandbox)]), newer);
  }

  async stop(): Promise<void> {
    await this.stopControllers();
    await Promise.all([...this.#shells.values()].map((shell) => shell.stop()));
    await this.#databases.close();
    await Promise.all(this.#sandboxes.map((one) => one.stop()));
  }

  /** Starts a controller in every zone. */
  async startControllers(kindOf: (zone: string) => Kind): Promise<void> {
    this.#written = [];
    await Promise.all(
      this.#active.map(async (zone) => {
        if (kindOf(zone) === "c") this.#c.push(await startC(zone, this.#home(zone), this.sandbox));
        else this.#ours.push(this.#startOurs(zone));
      }),
    );
  }

  #home(zone: string): Sandbox {
    const home = this.#sandboxes.find(({ azs }) => azs.has(zone));
    if (home === undefined) throw new Error(`no zone ${zone}`);
    return home;
  }

  #startOurs(zone: string): Controller {
    const written = (transaction: PlannedTransaction) => this.#written.push(...describePlan([transaction]));
    const controller = new Controller({
      remotes: remotesOf(zone, (database) => this.#databases.remote(database)),
      rules: RULES,
      committed: written,
      refused: written,
    });
    controller.start();
    return controller;
  }

  async stopControllers(): Promise<void> {
    await Promise.all([
      ...this.#ours.splice(0).map((one) => one.close()),
      ...this.#c.splice(0).map((one) => one.stop()),
    ]);
  }

  /**
   * Runs commands: a database (`az1`, `az1.sb`, `ic`, `ic.sb`), and what its program is told. Those for one
   * database that follow each other are one transaction. `{az1.sb TABLE CONDITION}` stands for the uuid of a
   * row.
   */
  async run(commands: readonly string[]): Promise<void> {
    const batches: { database: Database; words: string[] }[] = [];
    for (const command of commands) {
      const [target = "", ...words] = splitWords(await this.#filledIn(command));
      const database = databaseIn(target);
      const last = batches.at(-1);
      if (last?.database === database) last.words.push("--", ...words);
      else batches.push({ database, words });
    }
    for (const { database, words } of batches) await this.#program(database, words);
  }

  async #program(database: Database, words: readonly string[]): Promise<string> {
    const zone = zoneOf(database);
    const sandbox = zone === null ? this.sandbox : this.#home(zone);
    const place = zone === null ? undefined : sandbox.azs.get(zone);
    const env = place === undefined ? {} : zoneEnvironment(place);
    const output = await this.#shells.get(sandbox)?.run([PROGRAMS[nameOf(database)], ...words], env);
    return output ?? "";
  }

  async #filledIn(command: string): Promise<string> {
    const found = command.match(/\{(\S+) (\S+) ([^{}]+)\}/);
    if (found === null) return command;
    const [text, database = "", table = "", condition = ""] = found;
    const words = ["--bare", "--columns=_uuid", "find", table, condition];
    const uuid = await this.#program(databaseIn(database), words);
    return this.#filledIn(command.replace(text, uuid.trim()));
  }

  /** Waits until every northd has done what NB asks for. */
  async northd(): Promise<void> {
    let over = false;
    // 26.03.1 may fail an assertion when a switch is deleted and made again; it is started again then, as its
    // option --monitor does.
    const watch = async (zone: string): Promise<void> => {
      const process = this.#home(zone).processes.get(`${zone}/northd`);
      await process?.ended;
      if (over) return;
      await process?.start();
      void watch(zone);
    };
    for (const zone of this.#active) watch(zone).catch(() => {});
    await this.#databases.northd(this.#active).finally(() => {
      over = true;
    });
  }

  /**
   * Waits until nothing happens any more. Ours say when they have nothing left to write, and a full pass must
   * find nothing then; of C it is taken from the databases, that did not change while its main loop came
   * round many times. In some states C writes for ever; then what it holds after many changes is taken as it
   * is. No clock is asked: a slow machine has slow rounds, and as many.
   */
  async settle(): Promise<void> {
    const withC = this.#c.length > 0;
    const overall = AbortSignal.timeout(PATIENCE);
    for (let quiet = 0, changes = 0, before = ""; quiet < (withC ? QUIET : 1); ) {
      // Where C writes for ever it is rounds that are counted, each of which may be slow.
      const signal = withC ? AbortSignal.timeout(PATIENCE) : overall;
      signal.throwIfAborted();
      await this.northd();
      await Promise.all([
        ...this.#ours.map(async (one) => {
          await caughtUp(one);
          await one.until(() => one.settled, signal);
        }),
        ...this.#c.map((one) => one.turns(TURNS)),
      ]);
      const now = `${this.#commits()}${withC ? JSON.stringify(comparable(await this.contents())) : ""}`;
      quiet = now === before ? quiet + 1 : 0;
      if (quiet === 0 && withC && ++changes > RESTLESS) return;
      before = now;
    }
  }

  /** What our controllers wrote, or tried to, since they were started. */
  get written(): string[] {
    return this.#written;
  }

  /** What a full pass of our controllers would still do. */
  leftToDo(): string[] {
    return this.#ours.flatMap((one) => leftToDo(one));
  }

  #commits(): string {
    return this.#ours.map(({ engine: { counters } }) => `${counters.committed}/${counters.refused}`).join();
  }

  /** The databases that take part. */
  #taking(): Database[] {
    const zones = new Set<string | null>([...this.#active, null]);
    return this.#databases.names.filter((name) => zones.has(zoneOf(name)));
  }

  contents(): Promise<Contents> {
    return this.#databases.contents(this.#taking());
  }

  async rows(): Promise<string[]> {
    return comparable(await this.contents(), this.newer);
  }

  /**
   * Empties the databases; zones have their names and learn and advertise routes. Of those zones that don't
   * take part nothing is emptied, read or waited for.
   */
  async reset(zones: readonly string[] = this.#zones): Promise<void> {
    await this.stopControllers();
    this.#active = zones;
    for (const database of this.#taking()) {
      const name = nameOf(database);
      const tables = (await this.#databases.tables(database)).filter(
        (table) => table !== GLOBAL_TABLES[name] && (name !== "sb" || SB_TABLES.has(table)),
      );
      await this.#databases.transact(database, [
        ...tables.map((table) => ({ op: "delete", table, where: [] })),
        ...(await this.#resetGlobal(database, GLOBAL_TABLES[name])),
      ]);
    }
    await this.northd();
  }

  async #resetGlobal(database: Database, table: string): Promise<JsonValue[]> {
    const [row] = await this.#databases.select(database, table);
    const pairs = Array.isArray(row?.options) && Array.isArray(row.options[1]) ? row.options[1] : [];
    const ours = pairs.flatMap((pair) =>
      Array.isArray(pair) && /^(ic-|vxlan)/.test(String(pair[0])) ? [pair[0] ?? ""] : [],
    );
    const mutations: JsonValue[] = [["options", "delete", set(...ours)]];
    const operations: JsonValue[] = [];
    if (table === "NB_Global") {
      mutations.push(["options", "insert", map({ "ic-route-adv": "true", "ic-route-learn": "true" })]);
      operations.push({ op: "update", table, where: [], row: { name: zoneOf(database) ?? "" } });
    }
    const numbers = ["nb_ic_cfg", "sb_ic_cfg"].filter((column) => row !== undefined && column in row);
    if (numbers.length > 0) {
      const zeros = Object.fromEntries(numbers.map((name) => [name, 0]));
      operations.push({ op: "update", table, where: [], row: zeros });
    }
    return [...operations, { op: "mutate", table, where: [], mutations }];
  }
}

/** What a command names: a zone alone is its NB. */
function databaseIn(target: string): Database {
  return target.endsWith(".sb") ? `${target.slice(0, -3)}.sb` : `${target.replace(/\.nb$/, "")}.nb`;
}

/** Another installation's programs that have namesakes in this package are not on the sandbox's PATH. */
function shellFor(sandbox: Sandbox): Shell {
  const path = `${join(sandbox.dir, "c-bin")}:${sandbox.env.PATH ?? process.env.PATH ?? ""}`;
  return new Shell({ ...process.env, ...sandbox.env, PATH: path });
}
