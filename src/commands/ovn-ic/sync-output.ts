// What `ovn-ic sync` prints: for people, or one JSON object per line for programs.
//
// The JSON has a version, `"version": 1`; it changes when a member is renamed or removed, not when one is
// added.

import { writeSync } from "node:fs";
import type { Note } from "../../core/model/index.ts";
import type { JsonColumn, Problem, RowCounts, RowDescription } from "../../core/planning/index.ts";
import { countRows } from "../../core/planning/index.ts";
import { printable, printableJson } from "../../core/printable.ts";
import type { Paint } from "./colours.ts";
import { PLAIN } from "./colours.ts";

/** How a run ended. */
export type SyncStatus = "in-sync" | "changes" | "standby" | "not-converged" | "error";

export interface SyncReport {
  readonly zone: string;
  readonly status: SyncStatus;
  /** Why it is not in sync, for people. */
  readonly message?: string;
  readonly transactions: number;
  readonly rows: readonly RowDescription[];
  readonly notes: readonly Note[];
  readonly problems: readonly Problem[];
}

/** One line of JSON for a whole run. `rows` are only listed for a dry run: afterwards the counts tell. */
export function formatJson(report: SyncReport, withRows: boolean): string {
  const { zone, status, message, transactions, rows, notes, problems } = report;
  const counts = Object.fromEntries(
    [...countRows(rows)].map(([database, tables]) => [database, Object.fromEntries(tables)]),
  );
  return `${printableJson({
    version: 1,
    zone,
    status,
    ...(message === undefined ? {} : { message }),
    ...total(rows),
    transactions,
    tables: counts,
    ...(withRows ? { rows } : {}),
    notes,
    problems: problems.map(({ unit, name, text }) => ({
      planner: unit.planner.name,
      unit: name,
      text,
    })),
  })}\n`;
}

/** What was done, for people. */
export function formatSummary(report: SyncReport): string {
  const { rows, transactions } = report;
  const zone = printable(report.zone);
  if (rows.length === 0 && report.status !== "in-sync") return "";
  if (rows.length === 0) return `${zone}: in sync, nothing to do\n`;
  const { inserted, updated, deleted } = total(rows);
  const lines = [
    `${zone}: ${formatCounts({ inserted, updated, deleted })} in ${plural(transactions, "transaction")}`,
  ];
  for (const [database, tables] of countRows(rows)) {
    for (const [table, counts] of tables) lines.push(`  ${database} ${table}: ${formatCounts(counts)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** What a run would do, for people: by database, table and row. */
export function formatPlan(report: SyncReport, paint: Paint = PLAIN): string {
  const zone = printable(report.zone);
  if (report.rows.length === 0) return `${zone}: in sync, nothing to do\n`;
  const lines: string[] = [];
  for (const [database, tables] of grouped(report.rows)) {
    lines.push(paint.heading(database));
    for (const row of [...tables.values()].flat()) lines.push(...formatRow(row, paint));
  }
  lines.push(`${zone}: to do: ${formatCounts(total(report.rows))}`);
  return `${lines.join("\n")}\n`;
}

function grouped(rows: readonly RowDescription[]): Map<string, Map<string, RowDescription[]>> {
  const databases = new Map<string, Map<string, RowDescription[]>>();
  for (const row of rows) {
    const tables = databases.get(row.database) ?? new Map<string, RowDescription[]>();
    databases.set(row.database, tables);
    const list = tables.get(row.table) ?? [];
    tables.set(row.table, list);
    list.push(row);
  }
  return databases;
}

const SIGNS = { insert: "+", update: "~", delete: "-" } as const;

function formatRow(row: RowDescription, paint: Paint): string[] {
  const columns = Object.entries(row.columns).map(([column, { old, new: now }]) => {
    const before = row.action === "update" ? `${formatValue(old)} → ` : "";
    return `      ${printable(column)}: ${before}${formatValue(now)}`;
  });
  const head = paint[row.action](`${SIGNS[row.action]} ${row.table} ${printable(row.name)}`);
  return [`  ${head}`, ...columns, paint.aside(`      (${printable(row.why)})`)];
}

function formatValue(value: JsonColumn | undefined): string {
  if (value === null || value === undefined) return "(none)";
  if (typeof value === "string") return value === "" ? '""' : printable(value);
  return printable(JSON.stringify(value));
}

function total(rows: readonly RowDescription[]): RowCounts {
  const counts: RowCounts = { inserted: 0, updated: 0, deleted: 0 };
  for (const tables of countRows(rows).values()) {
    for (const one of tables.values()) {
      counts.inserted += one.inserted;
      counts.updated += one.updated;
      counts.deleted += one.deleted;
    }
  }
  return counts;
}

function formatCounts({ inserted, updated, deleted }: RowCounts): string {
  const parts = [
    [inserted, "inserted"],
    [updated, "changed"],
    [deleted, "deleted"],
  ] as const;
  return parts.flatMap(([n, word]) => (n === 0 ? [] : [`${n} ${word}`])).join(", ");
}

function plural(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}

/** Says something on standard error. */
export function warn(text: string): void {
  writeSync(2, `ovn-ic sync: ${printable(text)}\n`);
}
