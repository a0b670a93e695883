/**
 * Tables of column values in the formats of `--format` and `--data` (ovs-vsctl(8), "Table Formatting
 * Options").
 */
import type { Datum } from "ovsdb-client-ts";
import type { ValueType } from "./format.ts";
import { formatBareDatum, formatDatum, formatJsonDatum } from "./format.ts";

/** What `--format` and its relatives say. `cellFormat` null: what suits the format. */
export interface OutputStyle {
  format: "table" | "list" | "html" | "csv" | "json";
  cellFormat: "string" | "bare" | "json" | null;
  headings: boolean;
  pretty: boolean;
  /** Longest column of a "table", in bytes; 0: no limit. */
  maxColumnWidth: number;
}

/** A column of a table, or a row's `_uuid`. */
export interface OutputColumn {
  readonly heading: string;
  readonly type: ValueType;
}

/** A table to be printed. */
export interface OutputTable {
  readonly columns: readonly OutputColumn[];
  readonly rows: readonly (readonly Datum[])[];
}

/**
 * A table as text. Its form is what the C programs print, to the byte.
 *
 * @param first whether no table precedes it in the output: some formats put an empty line between two.
 * @example formatTable({ columns, rows }, style, true); // "name                : ts1\n"
 */
export function formatTable(table: OutputTable, style: OutputStyle, first: boolean): string {
  const separator = first ? "" : "\n";
  switch (style.format) {
    case "table":
      return separator + formatColumns(table, style);
    case "list":
      return separator + formatList(table, style);
    case "csv":
      return separator + formatCsv(table, style);
    case "html":
      return formatHtml(table, style);
    case "json":
      return formatJson(table, style);
  }
}

type Cell = (datum: Datum, type: ValueType) => string;

function cellOf(style: OutputStyle): Cell {
  switch (style.cellFormat ?? "string") {
    case "bare":
      return formatBareDatum;
    case "json":
      return formatJsonDatum;
    default:
      return formatDatum;
  }
}

/** The texts of each row, made when it is written: a table may be large. */
function* cells({ columns, rows }: OutputTable, style: OutputStyle): Generator<string[]> {
  const cell = cellOf(style);
  for (const row of rows) yield columns.map(({ type }, index) => cell(row[index] ?? null, type));
}

/** Widths count bytes, as in C; so what isn't ASCII stands a bit to the left. */
function formatColumns(table: OutputTable, style: OutputStyle): string {
  const headings = table.columns.map(({ heading }) => heading);
  const body = [...cells(table, style)];
  const lines = style.headings ? [headings, ...body] : body;
  const limit = style.maxColumnWidth === 0 ? Number.POSITIVE_INFINITY : style.maxColumnWidth;
  const widths = headings.map((heading, column) => {
    const widest = body.reduce((most, line) => Math.max(most, Buffer.byteLength(line[column] ?? "")), 0);
    return Math.max(style.headings ? heading.length : 0, Math.min(widest, limit));
  });
  const dashes = widths.map((width) => "-".repeat(width));
  if (style.headings) lines.splice(1, 0, dashes);
  return lines.map((line) => formatLine(line, widths)).join("");
}

function formatLine(line: readonly string[], widths: readonly number[]): string {
  const texts = line.map((text, column) => {
    const width = widths[column] ?? 0;
    const length = Buffer.byteLength(text);
    if (length <= width) return text + " ".repeat(width - length);
    const cut = Buffer.from(text).subarray(0, width);
    return cut.toString();
  });
  return `${withoutTrailingSpaces(texts.join(" "))}\n`;
}

/** A regular expression would try each run of spaces, to its end. */
function withoutTrailingSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end -= 1;
  return text.slice(0, end);
}

function formatList(table: OutputTable, style: OutputStyle): string {
  const heads = table.columns.map(({ heading }) => (style.headings ? `${heading.padEnd(20)}: ` : ""));
  let result = "";
  for (const texts of cells(table, style)) {
    const lines = texts.map((text, index) => `${heads[index]}${text}\n`).join("");
    result += result === "" ? lines : `\n${lines}`;
  }
  return result;
}

function formatCsv(table: OutputTable, style: OutputStyle): string {
  const line = (texts: readonly string[]) => `${texts.map(quoteCsv).join(",")}\n`;
  let result = style.headings ? line(table.columns.map(({ heading }) => heading)) : "";
  for (const texts of cells(table, style)) result += line(texts);
  return result;
}

function quoteCsv(text: string): string {
  return /[,\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function formatHtml(table: OutputTable, style: OutputStyle): string {
  const line = (element: string, texts: readonly string[]) =>
    `  <tr>\n${texts.map((text) => `    <${element}>${text}</${element}>\n`).join("")}  </tr>\n`;
  const headings = table.columns.map(({ heading }) => heading);
  const head = style.headings ? line("th", headings.map(escapeHtml)) : "";
  let body = "";
  for (const texts of cells(table, style)) {
    const linked = texts.map((text, column) =>
      headings[column] === "_uuid" ? linkTarget(text) : linkUuids(text),
    );
    body += line("td", linked);
  }
  return `<table border=1>\n${head}${body}</table>\n`;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => HTML_ENTITIES[character] ?? character);
}

/** A row's own uuid is what links lead to, shown by its beginning. */
function linkTarget(text: string): string {
  return `<a name="${escapeHtml(text)}">${escapeHtml(text.slice(0, 8))}</a>`;
}

/** Elsewhere, whatever looks like a uuid is a link. */
function linkUuids(text: string): string {
  return text
    .split(/([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})/)
    .map((part, index) => (index % 2 === 0 ? escapeHtml(part) : `<a href="#${part}">${part.slice(0, 8)}</a>`))
    .join("");
}

/** `--pretty` indents as OVS does: a closing bracket stays on the line of what it closes. */
function formatJson(table: OutputTable, style: OutputStyle): string {
  const rows = table.rows.map(
    (row) =>
      `[${table.columns.map(({ type }, index) => formatJsonDatum(row[index] ?? null, type)).join(",")}]`,
  );
  const headings = table.columns.map(({ heading }) => JSON.stringify(heading));
  const text = `{"data":[${rows.join(",")}],"headings":[${headings.join(",")}]}`;
  return `${style.pretty ? indentJson(text) : text}\n`;
}

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^"[\]{},:]+/g;

function indentJson(text: string): string {
  let depth = 0;
  let result = "";
  let previous = "";
  for (const token of text.match(JSON_TOKEN) ?? []) {
    const newLine = () => `\n${"  ".repeat(depth)}`;
    if (token === "]" || token === "}") depth -= 1;
    else if (previous === "[" || previous === "{") result += newLine();
    result += token;
    if (token === "[" || token === "{") depth += 1;
    else if (token === ",") result += newLine();
    else if (token === ":") result += " ";
    previous = token;
  }
  return result;
}
