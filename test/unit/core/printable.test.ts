import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableJson } from "../../../src/core/printable.ts";

const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Texts of all that is obeyed, and of some that is not. */
const texts = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 0x2000, max: 0x2070 }),
      fc.constant(0x061c),
      fc.integer({ min: 0xd7f0, max: 0xe010 }),
    ),
  )
  .map((codes) => String.fromCharCode(...codes));

describe("text from databases", () => {
  it("has one line, and nothing that a terminal obeys", () => {
    expect(printable("a\nb\u001b[31mc\u009b2J\u202ed é 😀")).toBe("a\\nb\\x1b[31mc\\x9b2J\\u202ed é 😀");
    fc.assert(fc.property(texts, (text) => !OBEYED.test(printable(text))));
  });

  it("is short, and what was left out is said", () => {
    const long = printable(`Route ${"x".repeat(10_000_000)} is bad`);
    expect(long.length).toBeLessThan(1000);
    expect(long).toMatch(/^Route xxx.*… \(9999113 more characters\) …x+ is bad$/);
  });

  it("stays the same value in JSON", () => {
    const value = { "a\u009b": "\u001b[31m\u007f\u2028\u202e" };
    expect(JSON.parse(printableJson(value))).toEqual(value);
    fc.assert(
      fc.property(texts, (text) => {
        const json = printableJson(text);
        expect(json).not.toMatch(OBEYED);
        expect(JSON.parse(json)).toBe(JSON.parse(JSON.stringify(text)));
      }),
    );
  });
});
