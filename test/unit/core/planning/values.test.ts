import { parseSchema } from "ovsdb-client-ts";
import { describe, expect, it } from "vitest";
import { placeholder } from "../../../../src/core/planning/operations.ts";
import { whyImpossible } from "../../../../src/core/planning/values.ts";

const UUID = "00000000-0000-4000-8000-000000000001";
const schema = parseSchema({
  name: "Test",
  version: "1.0.0",
  tables: {
    T: {
      columns: {
        key: { type: { key: { type: "integer", minInteger: 1, maxInteger: 32767 } } },
        origin: { type: { key: { type: "string", enum: ["set", ["static", "connected"]] } } },
        short: { type: { key: { type: "string", maxLength: 2 } } },
        many: { type: { key: "string", min: 0, max: 2 } },
        some: { type: { key: "string", min: 1, max: "unlimited" } },
        maybe: { type: { key: "boolean", min: 0, max: 1 } },
        row: { type: { key: { type: "uuid", refTable: "T" }, min: 0, max: 1 } },
        map: { type: { key: "string", value: "string", min: 0, max: "unlimited" } },
        real: { type: "real" },
        integer: { type: "integer" },
      },
    },
  },
});

function why(column: string, value: Parameters<typeof whyImpossible>[0]): string | null {
  const described = schema.tables.get("T")?.columns.get(column);
  if (described === undefined) throw new Error(`no column ${column}`);
  return whyImpossible(value, described);
}

describe("whyImpossible", () => {
  it.each([
    ["key", 1],
    ["key", 32767],
    ["origin", "static"],
    ["short", "💥💥"],
    ["many", ["a", "b", "a"]],
    ["many", new Set<string>()],
    ["maybe", null],
    ["row", UUID],
    ["row", placeholder(1)],
    ["map", { a: "b" }],
    ["map", new Map([["a", "ä"]])],
    ["real", 0.5],
    ["integer", 2n ** 62n],
  ])("lets %s be %s", (column, value) => {
    expect(why(column, value)).toBeNull();
  });

  it.each([
    ["key", 0, "0 is less than 1"],
    ["key", 70000, "70000 is more than 32767"],
    ["key", 1.5, "1.5 is no integer"],
    ["key", "1", '"1" is no integer'],
    ["key", null, "it must not be empty"],
    ["key", [1, 2], "2 elements are more than 1"],
    ["origin", "moon", '"moon" is none of static, connected'],
    ["short", "abc", 'the length of "abc" is more than 2'],
    ["short", "\0", '"\\u0000" has characters that can\'t be sent'],
    ["short", "\ud800", '"\\ud800" has characters that can\'t be sent'],
    ["many", ["a", "b", "c"], "3 elements are more than 2"],
    ["many", ["a", 1], "1 is no string"],
    ["many", { a: "b" }, '{"a":"b"} is no set'],
    ["some", [], "it must not be empty"],
    ["row", "nobody", '"nobody" is no uuid'],
    ["short", placeholder(1), "a row can't be referred to here"],
    ["map", "a", '"a" is no map'],
    ["map", ["a"], '["a"] is no map'],
    ["map", { a: 1 }, "1 is no string"],
    ["real", Number.NaN, "null is no real"],
    ["integer", 2n ** 63n, '"9223372036854775808" is no integer'],
  ])("doesn't let %s be %s", (column, value, text) => {
    expect(why(column, value)).toBe(text);
  });
});
