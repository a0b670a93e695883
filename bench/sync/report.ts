/** Samples to a table: medians, spread, ratios. */
import { readFileSync } from "node:fs";
import { cpus, release } from "node:os";
import type { Sample, SessionResult } from "./session.ts";

export interface Row {
  readonly metric: string;
  readonly unit: string;
  /** By contender, in order. */
  readonly cells: readonly (Cell | null)[];
}

export interface Cell {
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  readonly count: number;
}

/** @param results of each contender, its runs */
export function summarize(results: readonly (readonly SessionResult[])[]): Row[] {
  const samples = results.map((runs) => runs.flatMap((run) => run.samples));
  const metrics = new Map(samples.flat().map(({ metric, unit }) => [metric, unit]));
  return [...metrics].map(([metric, unit]) => ({
    metric,
    unit,
    cells: samples.map((list) => cellOf(list, metric)),
  }));
}

function cellOf(samples: readonly Sample[], metric: string): Cell | null {
  const values = samples.filter((sample) => sample.metric === metric).map(({ value }) => value);
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return {
    median: (low + high) / 2,
    least: sorted[0] ?? Number.NaN,
    greatest: sorted.at(-1) ?? Number.NaN,
    count: sorted.length,
  };
}

/** The ratio of the first contender to another one. */
export function ratio(row: Row, other: number): number | null {
  const mine = row.cells[0];
  const theirs = row.cells[other];
  return mine == null || theirs == null ? null : mine.median / theirs.median;
}

/** A table in Markdown. */
export function formatTable(names: readonly string[], rows: readonly Row[]): string {
  const others = names.slice(1);
  const head = ["", "unit", ...names, ...others.map((name) => `ours : ${name}`)];
  const body = rows.map((row) => [
    row.metric,
    row.unit,
    ...row.cells.map(formatCell),
    ...others.map((_, i) => formatRatio(ratio(row, i + 1))),
  ]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((line) => line[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), line(rule), ...body.map(line)].join("\n");
}

function formatCell(cell: Cell | null): string {
  if (cell === null) return "";
  const { median, least, greatest, count } = cell;
  return count === 1
    ? formatNumber(median)
    : `${formatNumber(median)} (${formatNumber(least)}–${formatNumber(greatest)})`;
}

function formatNumber(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value >= 100 ? value.toFixed(1) : value.toFixed(2);
}

function formatRatio(value: number | null): string {
  if (value === null) return "";
  return value < 0.05 ? `1 : ${(1 / value).toFixed(0)}` : value.toFixed(2);
}

/** What it was measured on, in a line. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = /MemTotal:\s+(\d+)/.exec(readFileSync("/proc/meminfo", "latin1"))?.[1];
  const gigabytes = Math.round(Number(memory) / 1024 / 1024);
  return `${cpus().length} × ${cpu?.model.trim()}, ${gigabytes} GiB, Linux ${release()}, Node.js ${process.version}`;
}
