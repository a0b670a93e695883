import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExact } from "../../src/jsonrpc/exact.ts";
import { parseJson, stringifyJson } from "../../src/jsonrpc/json.ts";
import { json } from "./values.ts";

test("what was written is read back as it was, types of numbers included", () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(parseJson(stringifyJson(value))).toStrictEqual(value);
      expect(parseExact(stringifyJson(value))).toStrictEqual(value);
    }),
    { numRuns: 2000 },
  );
});

test("the exact parser agrees with JSON.parse on every text without long integers", () => {
  const mutated = fc
    .tuple(json, fc.nat(), fc.constantFrom("", ...'{}[],:"\\0-.eE+ tn\u0001x'.split("")), fc.nat(2))
    .map(([value, at, insertion, removed]) => {
      const text = stringifyJson(value).replaceAll(/[0-9]{16,}/g, "7");
      const i = at % (text.length + 1);
      return text.slice(0, i) + insertion + text.slice(i + removed);
    });
  const outcome = (parse: (text: string) => unknown, text: string) => {
    try {
      return { value: parse(text) };
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
      return "refused";
    }
  };
  fc.assert(
    fc.property(mutated, (text) => {
      expect(outcome(parseExact, text)).toStrictEqual(outcome(JSON.parse, text));
    }),
    { numRuns: 5000 },
  );
});

describe("numbers", () => {
  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740991", -9007199254740991],
    ["-9007199254740993", -9007199254740993n],
    ["18446744073709551615", 18446744073709551615n],
    ["-9223372036854775808", -9223372036854775808n],
    ["0.12345678901234567890", 0.12345678901234568],
    ["18446744073709551616.5", 2 ** 64],
    ["18446744073709551616e1", 2 ** 64 * 10],
    ["1e20", 1e20],
    ["-0", -0],
    ["99999999999999999999", 99999999999999999999n],
    ["-99999999999999999999", -99999999999999999999n],
    ['"9007199254740993"', "9007199254740993"],
  ])("%s", (text, value) => {
    expect(parseJson(text)).toStrictEqual(value);
    expect(parseJson(`[${text}, ${text}]`)).toStrictEqual([value, value]);
    expect(parseJson(`{"a":${text}}`)).toStrictEqual({ a: value });
  });

  test("integral doubles beyond 2^53−1 stay doubles", () => {
    expect(stringifyJson([2 ** 53, -1e20, 1e300])).toBe("[9.007199254740992e+15,-1e+20,1e+300]");
  });

  test.each(["100000000000000000000", "-100000000000000000000"])("%s is refused", (text) => {
    expect(() => parseJson(`[${text}]`)).toThrow(
      new RangeError("an integer of 21 digits: more than 20 fit no 64 bits"),
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("%s cannot be written", (value) => {
    expect(() => stringifyJson([value])).toThrow(TypeError);
  });
});

test("members that are undefined are left out", () => {
  const value: { a?: number; b: number } = { a: undefined, b: 1 };
  expect(stringifyJson({ ...value } as { b: number })).toBe('{"b":1}');
});

test("a key __proto__ does not change a prototype", () => {
  for (const text of ['{"__proto__":{"x":1}}', '{"__proto__":{"x":1},"n":12345678901234567890}']) {
    const value = parseJson(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(stringifyJson(value)).toBe(text);
  }
});

test("a string of megabytes next to a long integer", () => {
  const text = JSON.stringify(['\\"é'.repeat(1_000_000)]);
  expect(parseJson(`[12345678901234567890,${text.slice(1)}`)).toEqual([
    12345678901234567890n,
    '\\"é'.repeat(1_000_000),
  ]);
});
