// Tables as text, where the comparison with the C programs doesn't reach: sizes.

import { expect, test } from "vitest";
import type { OutputStyle, OutputTable } from "../../../src/commands/ctl/datum/table.ts";
import { formatTable } from "../../../src/commands/ctl/datum/table.ts";

const key = { type: "string", enum: null, min: null, max: null, refTable: null, refType: null } as const;
const ROWS = 300_000;

const table: OutputTable = {
  columns: [{ heading: "name", type: { kind: "scalar", key, value: null } }],
  rows: Array.from({ length: ROWS }, (_, n) => [`ts${n}`]),
};

const style: OutputStyle = {
  format: "list",
  cellFormat: null,
  headings: true,
  pretty: false,
  maxColumnWidth: 0,
};

test.each([
  ["table", ROWS + 2],
  ["list", 2 * ROWS - 1],
  ["csv", ROWS + 1],
  ["html", 3 * ROWS + 5],
  ["json", 1],
] as const)("%s of hundreds of thousands of rows", (format, lines) => {
  const text = formatTable(table, { ...style, format }, true);
  expect(text.match(/\n/g)).toHaveLength(lines);
  expect(text).toContain(`ts${ROWS - 1}`);
});
