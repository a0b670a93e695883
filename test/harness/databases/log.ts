/**
 * What servers have written to their files (ovsdb(5)): one record for each transaction that changed
 * something. Each is a line that begins with `OVSDB`, and one of JSON; the first is the schema.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { fileOf } from "./databases.ts";

/** What became of rows, null where one was deleted. */
export type LoggedTransaction = { readonly [table: string]: { readonly [uuid: string]: object | null } };

export interface Logged {
  /** When, in milliseconds since 1970. */
  readonly date: number;
  /** Of our programs and C's: the program's name and the words of its line. */
  readonly comment: string;
  readonly tables: LoggedTransaction;
}

/** The transactions of a standalone server, by its file. */
export function readLog(file: string): Logged[] {
  const lines = readFileSync(file, "utf8").split("\n");
  const [, ...records] = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return records.map(({ _date = 0, _comment = "", ...tables }) => ({
    date: _date,
    comment: _comment,
    tables,
  }));
}

/** What a standalone server of a sandbox writes from now on. */
export function followLog(remote: string): () => LoggedTransaction[] {
  const file = fileOf(remote);
  const before = readLog(file).length;
  return () =>
    readLog(file)
      .slice(before)
      .map(({ tables }) => tables);
}

/** How many transactions each database of a sandbox has. */
export function transactionCounts({ dir }: Sandbox): Record<string, number> {
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".db"),
  );
  return Object.fromEntries(
    names.sort().map((name) => {
      const records = readFileSync(join(dir, name), "utf8").match(/^OVSDB (JSON|CLUSTER) /gm) ?? [];
      return [name, records.length];
    }),
  );
}
