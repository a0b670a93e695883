/**
 * A lab: availability zones with real databases and northd, that are emptied and used again, so that many short histories can be played in
 * little time; and controllers, ours (in this process) or the C ones, that are started anew for each.
 */
import { join } from "node:path";
import type { JsonValue, OvsSchema } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { DATABASE_NAMES } from "../../../src/core/model/databases.ts";
import { PLANNERS, RULES } from "../../../src/core/planners/all.ts";
import { planFullPass } from "../../../src/core/planning/full-pass.ts";
import type { PlannedTransaction } from "../../../src/core/planning/transactions.ts";
import { Controller } from "../../../src/core/sync/run/controller.ts";
import { zoneEnvironment } from "../../../src/sandbox/environment.ts";
import type { Sandbox, SandboxOptions } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { splitWords } from "../../oracle/ctl/compare.ts";
import { type Contents, comparable, type JsonRow, tablesOf } from "../databases/rows.ts";
import { describePlan } from "../zones/zones.ts";
import { type CController, startC } from "./c-controller.ts";
import { Shell } from "./shell.ts";

export type Kind = "ours" | "c";

/** For what hangs: nothing takes that long, however slow the machine is. */
const PATIENCE = 60_000;
/** Rounds in which C may change something before it is taken for one that never comes to rest. */
const RESTLESS = 20;
const PROGRAMS = {
  nb: "ovn-nbctl",
  sb: "ovn-sbctl",
  "ic.nb": "ovn-ic-nbctl",
  "ic.sb": "ovn-ic-sbctl",
} as const;
const NAMES = {
  nb: "OVN_Northbound",
  sb: "OVN_Southbound",
  "ic.nb": "OVN_IC_Northbound",
  "ic.sb": "OVN_IC_Southbound",
};
/** Tables of which a row stays for ever. */
const GLOBALS: Readonly<Record<string, string>> = {
  nb: "NB_Global",
  sb: "SB_Global",
  "ic.nb": "IC_NB_Global",
  "ic.sb": "IC_SB_Global",
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
 * Rounds without a change after which nothing can be on its way any more. Reading the databases is a fence too: what C sent before has been
 * carried out then, and is seen in the next turn. Only one thing in a row goes unseen, what northd writes to columns that aren't compared.
 */
const QUIET = 3;

type DatabaseKind = keyof typeof PROGRAMS;

export class Lab {
  readonly sandbox: Sandbox;
  readonly #zones: readonly string[];
  /** The zones that take part. */
  #active: readonly string[];
  /** Whether what only newer controllers write is compared. */
  readonly newer: boolean;
  readonly #clients: ReadonlyMap<string, OvsdbClient<OvsSchema>>;
  readonly #ours: Controller[] = [];
  #written: string[] = [];
  readonly #c: CController[] = [];
  /** The sandboxes that zones are in: the first has the global databases too. */
  readonly #sandboxes: readonly Sandbox[];
  /** What runs the programs of each sandbox. */
  readonly #shells: ReadonlyMap<Sandbox, Shell>;
  #number = 0;

  private constructor(
    sandboxes: readonly [Sandbox, ...Sandbox[]],
    clients: ReadonlyMap<string, OvsdbClient<OvsSchema>>,
    newer: boolean,
  ) {
    [this.sandbox] = sandboxes;
    this.#sandboxes = sandboxes;
    this.#shells = new Map(sandboxes.map((one) => [one, shellFor(one)]));
    this.#zones = sandboxes.flatMap(({ azs }) => [...azs.keys()]);
    this.newer = newer;
    this.#active = this.#zones;
    this.#clients = clients;
  }

  /** `others` are sandboxes with zones of another OVN; their own global databases are not used. */
  static async start(options: SandboxOptions, newer = true, others: SandboxOptions[] = []): Promise<Lab> {
    const [sandbox, ...rest] = await Promise.all([startSandbox(options), ...others.map(startSandbox)]);
    const remotes = new Map([
      ["ic.nb", sandbox.icNb],
      ["ic.sb", sandbox.icSb],
    ]);
    for (const { azs } of [sandbox, ...rest]) {
      for (const [name, zone] of azs) remotes.set(`${name}.nb`, zone.nb).set(`${name}.sb`, zone.sb);
    }
    const clients = [...remotes].map(async ([name, remote]) => {
      const client = await OvsdbClient.connect({ remotes: remote, database: NAMES[kindOf(name)] });
      return [name, client] as const;
    });
    return new Lab([sandbox, ...rest], new Map(await Promise.all(clients)), newer);
  }

  async stop(): Promise<void> {
    await this.stopControllers();
    await Promise.all([...this.#shells.values()].map((shell) => shell.stop()));
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
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
    const { icNb, icSb } = this.sandbox;
    const place = this.#home(zone).azs.get(zone);
    if (place === undefined) throw new Error(`no zone ${zone}`);
    const written = (transaction: PlannedTransaction) => this.#written.push(...describePlan([transaction]));
    const controller = new Controller({
      remotes: { nb: place.nb, sb: place.sb, icNb, icSb },
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
   * Runs commands: a database (`az1`, `az1.sb`, `ic`, `ic.sb`), and what its program is told. Those for one database that follow each other
   * are one transaction. `{az1.sb TABLE CONDITION}` stands for the uuid of a row.
   */
  async run(commands: readonly string[]): Promise<void> {
    const batches: { database: string; words: string[] }[] = [];
    for (const command of commands) {
      const [target = "", ...words] = splitWords(await this.#filledIn(command));
      const database = target.includes(".") ? target : `${target}.nb`;
      const last = batches.at(-1);
      if (last?.database === database) last.words.push("--", ...words);
      else batches.push({ database, words });
    }
    for (const { database, words } of batches) await this.#program(database, words);
  }

  async #program(database: string, words: readonly string[]): Promise<string> {
    const zone = database.startsWith("ic.") ? undefined : database.slice(0, -3);
    const sandbox = zone === undefined ? this.sandbox : this.#home(zone);
    const place = zone === undefined ? undefined : sandbox.azs.get(zone);
    const env = place === undefined ? {} : zoneEnvironment(place);
    const output = await this.#shells.get(sandbox)?.run([PROGRAMS[kindOf(database)], ...words], env);
    return output ?? "";
  }

  async #filledIn(command: string): Promise<string> {
    const found = command.match(/\{(\S+) (\S+) ([^{}]+)\}/);
    if (found === null) return command;
    const [text, database = "", table = "", condition = ""] = found;
    const uuid = await this.#program(database.includes(".") ? database : `${database}.nb`, [
      "--bare",
      "--columns=_uuid",
      "find",
      table,
      condition,
    ]);
    return this.#filledIn(command.replace(text, uuid.trim()));
  }

  /** Sends operations of RFC 7047 to a database. @throws Error when one of them fails. */
  async transact(database: string, operations: readonly JsonValue[]): Promise<JsonRow[]> {
    const client = this.#clients.get(database);
    if (client === undefined) throw new Error(`no database ${database}`);
    const reply = await client.session.request("transact", [client.database, ...operations], { wait: true });
    const results = Array.isArray(reply) ? reply : [];
    const failed = results.find((one) => typeof one === "object" && one !== null && "error" in one);
    if (failed !== undefined) throw new Error(`${database}: ${JSON.stringify(failed)}`);
    return results.flatMap((one) => (isRow(one) ? [one] : []));
  }

  /** The tables that a server has. */
  tables(database: string): ReadonlyMap<string, unknown> {
    return this.#clients.get(database)?.serverSchema.tables ?? new Map();
  }

  /** Waits until every northd has done what NB asks for. */
  async northd(): Promise<void> {
    const number = ++this.#number;
    await Promise.all(this.#active.map((zone) => this.#northdOf(zone, number)));
  }

  async #northdOf(zone: string, number: number): Promise<void> {
    const database = `${zone}.nb`;
    const common = { table: "NB_Global", where: [] };
    await this.transact(database, [{ op: "update", ...common, row: { nb_cfg: number } }]);
    const rows = [{ sb_cfg: number }];
    const done = this.transact(database, [
      { op: "wait", ...common, columns: ["sb_cfg"], until: "==", rows, timeout: PATIENCE },
    ]);
    const process = this.#home(zone).processes.get(`${zone}/northd`);
    let over = false;
    // 26.03.1 may fail an assertion when a switch is deleted and made again; it is started again then, as its option --monitor does.
    const restart = async (): Promise<void> => {
      await process?.ended;
      if (over) return;
      await process?.start();
      void restart();
    };
    restart().catch(() => {});
    await done.finally(() => {
      over = true;
    });
  }

  /**
   * Waits until nothing happens any more. Ours say when they have nothing left to write, and a full pass must find nothing then; of C it is
   * taken from the databases, that did not change while its main loop came round many times. In some states C writes for ever; then what it
   * holds after many changes is taken as it is. No clock is asked: a slow machine has slow rounds, and as many.
   */
  async settle(): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE);
    const withC = this.#c.length > 0;
    for (let quiet = 0, changes = 0, before = ""; quiet < (withC ? QUIET : 1); ) {
      signal.throwIfAborted();
      await this.northd();
      await Promise.all([
        ...this.#ours.map((one) => caughtUp(one, signal)),
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
    return this.#ours.flatMap((one) => describePlan(planFullPass(one.view, PLANNERS)));
  }

  #commits(): string {
    return this.#ours.map(({ engine: { counters } }) => `${counters.committed}/${counters.refused}`).join();
  }

  /** The databases that take part. */
  #databases(): string[] {
    const zones = new Set(this.#active);
    return [...this.#clients.keys()].filter((name) => name.startsWith("ic.") || zones.has(name.slice(0, -3)));
  }

  async contents(): Promise<Contents> {
    const entries = this.#databases().map(async (database) => {
      const known = this.tables(database);
      const tables = Object.keys(tablesOf(database)).filter((table) => known.has(table));
      const results = await this.transact(
        database,
        tables.map((table) => ({ op: "select", table, where: [] })),
      );
      const rows = tables.map((table, i) => [table, rowsOf(results[i])] as const);
      return [database, new Map(rows)] as const;
    });
    return new Map(await Promise.all(entries));
  }

  async rows(): Promise<string[]> {
    return comparable(await this.contents(), this.newer);
  }

  /**
   * Empties the databases; zones have their names and learn and advertise routes. Of those zones that don't take part nothing is emptied,
   * read or waited for.
   */
  async reset(zones: readonly string[] = this.#zones): Promise<void> {
    await this.stopControllers();
    this.#active = zones;
    for (const database of this.#databases()) {
      const kind = kindOf(database);
      const global = GLOBALS[kind] ?? "";
      const tables = [...this.tables(database).keys()].filter(
        (table) => table !== global && (kind !== "sb" || SB_TABLES.has(table)),
      );
      await this.transact(database, [
        ...tables.map((table) => ({ op: "delete", table, where: [] })),
        ...(await this.#resetGlobal(database, global)),
      ]);
    }
    await this.northd();
  }

  async #resetGlobal(database: string, table: string): Promise<JsonValue[]> {
    const [result] = await this.transact(database, [{ op: "select", table, where: [] }]);
    const [row] = rowsOf(result);
    const pairs = Array.isArray(row?.options) && Array.isArray(row.options[1]) ? row.options[1] : [];
    const ours = pairs.flatMap((pair) =>
      Array.isArray(pair) && /^(ic-|vxlan)/.test(String(pair[0])) ? [pair[0] ?? ""] : [],
    );
    const mutations: JsonValue[] = [["options", "delete", ["set", ours]]];
    const routes: JsonValue = [
      "map",
      [
        ["ic-route-adv", "true"],
        ["ic-route-learn", "true"],
      ],
    ];
    const operations: JsonValue[] = [];
    if (table === "NB_Global") {
      mutations.push(["options", "insert", routes]);
      operations.push({ op: "update", table, where: [], row: { name: database.slice(0, -3) } });
    }
    const numbers = ["nb_ic_cfg", "sb_ic_cfg"].filter((column) => row !== undefined && column in row);
    if (numbers.length > 0)
      operations.push({
        op: "update",
        table,
        where: [],
        row: Object.fromEntries(numbers.map((name) => [name, 0])),
      });
    return [...operations, { op: "mutate", table, where: [], mutations }];
  }
}

/** Another installation's programs that have namesakes in this package are not on the sandbox's PATH. */
function shellFor(sandbox: Sandbox): Shell {
  const path = `${join(sandbox.dir, "c-bin")}:${sandbox.env.PATH ?? process.env.PATH ?? ""}`;
  return new Shell({ ...process.env, ...sandbox.env, PATH: path });
}

function kindOf(database: string): DatabaseKind {
  if (database === "ic.nb" || database === "ic.sb") return database;
  return database.endsWith(".sb") ? "sb" : "nb";
}

function isRow(value: JsonValue): value is { [key: string]: JsonValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rowsOf(result: JsonRow | undefined): JsonRow[] {
  const rows = result?.rows;
  return Array.isArray(rows) ? rows.filter(isRow) : [];
}

/** What a server committed before it answers an `echo` has been told before that. */
async function caughtUp(one: Controller, signal: AbortSignal): Promise<void> {
  await Promise.all(
    DATABASE_NAMES.map((name) => one.connections[name].client.session.request("echo", [], { wait: true })),
  );
  await one.until(() => one.settled, signal);
}
