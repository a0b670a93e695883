/** The databases of several zones, read and written directly by those who judge. */
import type { JsonValue, OvsSchema } from "ovsdb-client-ts";
import { ConnectionError, OvsdbClient } from "ovsdb-client-ts";
import { PATIENCE } from "../wait.ts";
import type { Contents } from "./comparable.ts";
import { tablesOf } from "./comparable.ts";
import type { Database } from "./names.ts";
import { serverNameOf } from "./names.ts";
import type { JsonRow } from "./transact.ts";
import { rowsOf, selectAll, transact } from "./transact.ts";

export class Databases {
  readonly #remotes: ReadonlyMap<Database, string>;
  readonly #clients = new Map<Database, OvsdbClient<OvsSchema>>();
  #number = 0;

  constructor(remotes: ReadonlyMap<Database, string>) {
    this.#remotes = remotes;
  }

  get names(): readonly Database[] {
    return [...this.#remotes.keys()];
  }

  remote(database: Database): string {
    const remote = this.#remotes.get(database);
    if (remote === undefined) throw new Error(`no database ${database}`);
    return remote;
  }

  /** The file of a database, if it is one of a sandbox. */
  file(database: Database): string {
    return fileOf(this.remote(database));
  }

  /**
   * Sends operations of RFC 7047, once there is a connection; again when it is lost. @throws Error when one
   * of them fails.
   */
  async transact(database: Database, operations: readonly JsonValue[]): Promise<JsonRow[]> {
    const client = this.#client(database);
    for (;;) {
      try {
        return await transact(client, operations);
      } catch (error) {
        if (!(error instanceof ConnectionError) || client.session.state === "closed") throw error;
      }
    }
  }

  /** All rows of a table. */
  async select(database: Database, table: string): Promise<JsonRow[]> {
    const [result] = await this.transact(database, [selectAll(table)]);
    return rowsOf(result);
  }

  /** The tables that a server has. */
  async tables(database: Database): Promise<readonly string[]> {
    const client = this.#client(database);
    await client.ready();
    return [...client.serverSchema.tables.keys()];
  }

  /** All rows that are compared, of all databases or of some. */
  async contents(names: readonly Database[] = this.names): Promise<Contents> {
    const entries = names.map(async (database) => {
      const known = new Set(await this.tables(database));
      const tables = Object.keys(tablesOf(database)).filter((table) => known.has(table));
      const results = await this.transact(database, tables.map(selectAll));
      return [database, new Map(tables.map((table, i) => [table, rowsOf(results[i])]))] as const;
    });
    return new Map(await Promise.all(entries));
  }

  /** Waits until the northd of each of these zones has done what NB asks for. */
  async northd(zones: Iterable<string>): Promise<void> {
    const number = ++this.#number;
    await Promise.all([...zones].map((zone) => this.#northdOf(`${zone}.nb`, number)));
  }

  async #northdOf(database: Database, number: number): Promise<void> {
    const common = { table: "NB_Global", where: [] };
    const rows = [{ sb_cfg: number }];
    await this.transact(database, [{ op: "update", ...common, row: { nb_cfg: number } }]);
    await this.transact(database, [
      { op: "wait", ...common, columns: ["sb_cfg"], until: "==", rows, timeout: PATIENCE },
    ]);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #client(database: Database): OvsdbClient<OvsSchema> {
    const known = this.#clients.get(database);
    if (known !== undefined) return known;
    const client = new OvsdbClient({
      remotes: this.remote(database),
      database: serverNameOf(database),
      backoff: { min: 20, max: 100 },
    });
    client.start();
    this.#clients.set(database, client);
    return client;
  }
}

/** The file of a database of a sandbox, by its remote. */
export function fileOf(remote: string): string {
  return remote.replace(/^unix:(.*)\.sock$/, "$1.db");
}
