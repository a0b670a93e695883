// What `ovn-ic sync` prints: for people, or one JSON object per line for programs.
//
// The JSON has a version, `"version": 1`; it changes when a member is renamed or removed, not when one is added.

import type { JsonColumn, RowCounts, RowDescription } from "../../core/sync/describe.ts";
import { countRows } from "../../core/sync/describe.ts";
import type { Note } from "../../core/sync/plan.ts";
import type { Problem } from "../../core/sync/transactions.ts";

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
  return `${JSON.stringify({
    version: 1,
    zone,
    status,
    ...(message === undefined ? {} : { message }),
    ...total(rows),
    transactions,
    tables: counts,
    ...(withRows ? { rows } : {}),
    notes,
    problems: problems.map(({ unit, text }) => ({
      planner: unit.planner.name,
      unit: printable(unit.key),
      text,
    })),
  })}\n`;
}

/** What was done, for people. */
export function formatSummary(report: SyncReport): string {
  const { zone, rows, transactions } = report;
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
export function formatPlan(report: SyncReport): string {
  if (report.rows.length === 0) return `${report.zone}: in sync, nothing to do\n`;
  const lines: string[] = [];
  let heading = "";
  for (const row of report.rows) {
    if (row.database !== heading) lines.push(row.database);
    heading = row.database;
    lines.push(`  ${{ insert: "+", update: "~", delete: "-" }[row.action]} ${row.table} ${row.name}`);
    for (const [column, { old, new: now }] of Object.entries(row.columns)) {
      const before = row.action === "update" ? `${formatValue(old)} → ` : "";
      lines.push(`      ${column}: ${before}${formatValue(now)}`);
    }
    lines.push(`      (${row.why})`);
  }
  lines.push(`${report.zone}: to do: ${formatCounts(total(report.rows))}`);
  return `${lines.join("\n")}\n`;
}

function formatValue(value: JsonColumn | undefined): string {
  if (value === null || value === undefined) return "(none)";
  if (typeof value === "string") return value === "" ? '""' : value;
  return JSON.stringify(value);
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

/** Keys of units join names with a character that no name has. */
export function printable(key: string): string {
  return key.replaceAll("\u0000", " ");
}
