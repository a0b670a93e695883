import fc from "fast-check";
import type { BaseType, Datum } from "ovsdb-client-ts";
import { makeMap, makeSet } from "ovsdb-client-ts";
import { describe, expect, test } from "vitest";
import { formatAtom, formatDatum, formatJsonDatum } from "../../../src/commands/ctl/datum/format.ts";
import type { ParseType } from "../../../src/commands/ctl/datum/parse.ts";
import { parseDatum } from "../../../src/commands/ctl/datum/parse.ts";
import { formatTable } from "../../../src/commands/ctl/datum/table.ts";

const base = (type: BaseType["type"]): BaseType => ({
  type,
  enum: null,
  min: null,
  max: null,
  refTable: null,
  refType: null,
});

const string = base("string");
const stringMap: ParseType = {
  kind: "map",
  key: string,
  value: string,
  min: 0,
  max: Number.POSITIVE_INFINITY,
};
const stringSet: ParseType = { kind: "set", key: string, value: null, min: 0, max: Number.POSITIVE_INFINITY };
const integerSet: ParseType = { ...stringSet, key: base("integer") };
const noSymbols = () => {
  throw new Error("no symbol was expected");
};

/** Texts as databases can hold them. */
const text = fc.string({ unit: "grapheme" }).filter((one) => !one.includes("\0"));

describe("what is printed can be read back", () => {
  const roundTrip = (value: Datum, type: ParseType) => {
    expect(parseDatum(formatDatum(value, type), type, noSymbols)).toEqual(value);
  };

  test("maps of strings", () => {
    fc.assert(fc.property(fc.array(fc.tuple(text, text)), (pairs) => roundTrip(makeMap(pairs), stringMap)));
  });

  test("sets of strings", () => {
    fc.assert(fc.property(fc.array(text), (atoms) => roundTrip(makeSet(atoms), stringSet)));
  });

  test("sets of 64-bit integers", () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const normal = integer.map((n) => (n > 2n ** 53n || n < -(2n ** 53n) ? n : Number(n)));
    fc.assert(fc.property(fc.array(normal), (atoms) => roundTrip(makeSet(atoms), integerSet)));
  });
});

test("an integer beyond 2^53 keeps all digits in JSON", () => {
  expect(formatJsonDatum([1, 9223372036854775807n], integerSet)).toBe('["set",[1,9223372036854775807]]');
});

test.each([
  ["plain-word_1.x", "plain-word_1.x"],
  ["", '""'],
  ["1a", '"1a"'],
  ["true", '"true"'],
  ["a b", '"a b"'],
  ["é", '"é"'],
  ["00000000-0000-4000-8000-000000000000", '"00000000-0000-4000-8000-000000000000"'],
])("the string %j is shown as %s", (value, shown) => {
  expect(formatAtom(value)).toBe(shown);
});

test("widths of columns count bytes", () => {
  const style = {
    format: "table",
    cellFormat: null,
    headings: true,
    pretty: false,
    maxColumnWidth: 0,
  } as const;
  const type = { kind: "scalar", key: string, value: null } as const;
  const table = {
    columns: [
      { heading: "a", type },
      { heading: "b", type },
    ],
    rows: [
      ["é", "x"],
      ["abcd", "y"],
    ],
  };
  expect(formatTable(table, style, true)).toBe('a    b\n---- -\n"é" x\nabcd y\n');
});
