/** Four real ovsdb-servers with the rows of a world: filled once, and copied for each run. */
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Transaction } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import type { Server } from "../../packages/ovsdb-client-ts/test/fixtures/server.ts";
import { startStandalone } from "../../packages/ovsdb-client-ts/test/fixtures/server.ts";
import type { DatabaseName } from "../../src/core/databases.ts";
import { DATABASE_NAMES, SCHEMAS } from "../../src/core/model/databases.ts";
import { SCHEMA_FILES } from "../../test/harness/databases/names.ts";
import type { World } from "./world.ts";
import { rowsOf } from "./world.ts";

const ROWS_PER_TRANSACTION = 5000;

export type Servers = Readonly<Record<DatabaseName, Server>>;
export type Clients = Readonly<Record<DatabaseName, OvsdbClient>>;

/** Database files that are filled. */
export class Template {
  readonly #directory: string;
  readonly #schemas: string;

  private constructor(directory: string, schemas: string) {
    this.#directory = directory;
    this.#schemas = schemas;
  }

  /** @param schemas the directory of the schemas, which are those of the program to be measured */
  static async make(world: World, schemas: string): Promise<Template> {
    const directory = mkdtempSync("/tmp/ov-bench-");
    const template = new Template(directory, schemas);
    const servers = await template.#start(() => undefined);
    const clients = await connectAll(servers);
    for (const name of DATABASE_NAMES) await fill(clients[name], rowsOf(world), name);
    await closeAll(clients);
    for (const name of DATABASE_NAMES) {
      await servers[name].appctl("ovsdb-server/compact");
      copyFileSync(join(servers[name].dir, "s.db"), join(directory, `${name}.db`));
    }
    await stopAll(servers);
    return template;
  }

  /** Servers of their own on copies. */
  start(): Promise<Servers> {
    return this.#start((name) => join(this.#directory, `${name}.db`));
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }

  async #start(original: (name: DatabaseName) => string | undefined): Promise<Servers> {
    const started: [DatabaseName, Server][] = [];
    for (const name of DATABASE_NAMES) {
      const schema = join(this.#schemas, `${SCHEMA_FILES[name]}.ovsschema`);
      const server = await startStandalone({ schema });
      started.push([name, server]);
      const file = original(name);
      if (file === undefined) continue;
      await server.kill("SIGTERM");
      copyFileSync(file, join(server.dir, "s.db"));
      await server.restart();
    }
    return Object.fromEntries(started) as Record<DatabaseName, Server>;
  }
}

export async function stopAll(servers: Servers): Promise<void> {
  await Promise.all(DATABASE_NAMES.map((name) => servers[name].stop()));
}

/** Clients that write what others would, and watch. */
export async function connectAll(servers: Servers): Promise<Clients> {
  const entries = DATABASE_NAMES.map(async (name): Promise<[DatabaseName, OvsdbClient]> => {
    const options = { remotes: servers[name].remote, database: SCHEMAS[name].name };
    return [name, await OvsdbClient.connect(options)];
  });
  return Object.fromEntries(await Promise.all(entries)) as Record<DatabaseName, OvsdbClient>;
}

export async function closeAll(clients: Clients): Promise<void> {
  await Promise.all(DATABASE_NAMES.map((name) => clients[name].close()));
}

/** Commits, and insists. */
export async function commit(transaction: Transaction): Promise<void> {
  const result = await transaction.commit();
  if (result.status === "error") throw result.error;
  if (result.status !== "committed") throw new Error(`a change of the benchmark was ${result.status}`);
}

async function fill(client: OvsdbClient, rows: ReturnType<typeof rowsOf>, database: DatabaseName) {
  let transaction = client.transaction();
  let count = 0;
  // References must not lead out of a transaction: rows are in the order in which they are made, so a cut may
  // only come where the row that refers has come too.
  for (const { database: where, table, uuid, row } of rows) {
    if (where !== database) continue;
    transaction.insert(table, row as never, { uuid });
    count++;
    if (count % ROWS_PER_TRANSACTION !== 0 || database === "nb") continue;
    await commit(transaction);
    transaction = client.transaction();
  }
  if (!transaction.isEmpty) await commit(transaction);
}
