// The transactions that a standalone ovsdb-server has committed, in order, from its database file (ovsdb(5)).

import { readFileSync } from "node:fs";

export interface Committed {
  /** When, in milliseconds since 1970. */
  readonly date: number;
  /** The comment: for our programs and C's the program's name and the words of its line. */
  readonly comment: string;
}

/** Reads a database file: after each line that begins with `OVSDB` there is one of JSON; the first of these is the schema. */
export function readHistory(file: string): Committed[] {
  const [, ...records] = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): { _date?: number; _comment?: string } => JSON.parse(line));
  return records.map(({ _date = 0, _comment = "" }) => ({ date: _date, comment: _comment }));
}
