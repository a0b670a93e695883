import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import type { FramerOptions } from "../../src/jsonrpc/framer.ts";
import { Framer } from "../../src/jsonrpc/framer.ts";
import type { JsonValue } from "../../src/jsonrpc/json.ts";
import { parseJson, stringifyJson } from "../../src/jsonrpc/json.ts";
import { json } from "./values.ts";

function frame(chunks: Iterable<Uint8Array>, options?: FramerOptions): JsonValue[] {
  const messages: JsonValue[] = [];
  const framer = new Framer((message) => messages.push(message), options);
  for (const chunk of chunks) framer.push(chunk);
  return messages;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Iterable<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const container = fc.oneof(fc.array(json), fc.dictionary(fc.string({ unit: "binary" }), json));

/** A large message, like a monitor's reply, with everything in it that is hard to cut. */
function largeMessage(rows: number): JsonValue {
  const table: { [uuid: string]: JsonValue } = {};
  for (let i = 0; i < rows; i++) {
    const row = {
      name: `né"\\ 😀 ${i}`,
      "7": i,
      big: 2n ** 60n + BigInt(i),
      ext: ["map", [["k{[,", "v\\"], []]],
      empty: [{}, [], ""],
    };
    table[i % 3 === 0 ? `${i}` : `00000000-0000-0000-0000-${i}`] = { initial: row };
  }
  return {
    id: 1,
    error: null,
    result: [false, "", { A: {}, Table: table, "": [table, [table]] }],
    z: 9007199254740993n,
  };
}

const bytesOf = (value: JsonValue) => Buffer.from(stringifyJson(value));

describe("messages", () => {
  test("cut anywhere, a stream gives the same messages", () => {
    const property = fc.property(
      fc.array(container, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.constantFrom("", " ", "\r\n\t"),
      (messages, sizes, space) => {
        const bytes = Buffer.from(messages.map((message) => space + stringifyJson(message)).join(space));
        expect(frame(cut(bytes, sizes))).toEqual(messages);
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  test("several in one chunk, and one of 0 bytes", () => {
    expect(frame([Buffer.from('{"a":1}[]\n{"b":["]}"]}'), Buffer.alloc(0)])).toEqual([
      { a: 1 },
      [],
      { b: ["]}"] },
    ]);
  });

  test("are delivered as soon as their last byte is there", () => {
    const messages: JsonValue[] = [];
    const framer = new Framer((message) => messages.push(message));
    framer.push(Buffer.from('{"a":[1,2'));
    expect(messages).toEqual([]);
    framer.push(Buffer.from("]}{"));
    expect(messages).toEqual([{ a: [1, 2] }]);
  });

  test("chunks are not written to", () => {
    const bytes = bytesOf(largeMessage(3000));
    const before = Buffer.from(bytes);
    frame([bytes]);
    expect(bytes.equals(before)).toBe(true);
  });
});

describe("large messages, decoded in batches", () => {
  const value = largeMessage(4000);
  const bytes = bytesOf(value);
  const small = bytesOf({ id: 2, result: 9007199254740993n });

  test.each([1_000, 4_093, 65_536, 1_000_003, bytes.length])("in chunks of %i bytes", (size) => {
    expect(bytes.length).toBeGreaterThan(1_000_000);
    const [first, second, ...more] = frame(cut(Buffer.concat([bytes, small, bytes]), [size]));
    expect(first).toEqual(value);
    expect(second).toEqual({ id: 2, result: 9007199254740993n });
    expect(more).toEqual([value]);
  });

  test("with whitespace everywhere", () => {
    const spaced = JSON.stringify(JSON.parse(bytes.toString()), null, " ");
    expect(frame(cut(Buffer.from(spaced), [60_000]))).toEqual([parseJson(spaced)]);
  });

  test("of nothing but one long string, or one long key", () => {
    const long = 'x"\\é'.repeat(500_000);
    for (const message of [[long], { [long]: { [long]: [1] } }]) {
      expect(frame(cut(bytesOf(message), [65_536]))).toEqual([message]);
    }
  });

  test("a key __proto__ is an ordinary member", () => {
    const filler = `"${"x".repeat(300_000)}"`;
    const text = `{"__proto__":{"polluted":1,"f":${filler},"g":[]},"f":${filler},"__proto__":{"h":2}}`;
    const [message] = frame(cut(Buffer.from(text), [65_536]));
    expect(Object.getPrototypeOf(message)).toBe(Object.prototype);
    expect(Object.hasOwn(message as object, "__proto__")).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test.each([
    ["a missing comma", (text: string) => text.replace(/},"00000000-0000-0000-0000-3001/, '} "x')],
    ["a missing comma between containers", (text: string) => text.replace(/]],"empty"/, ']]"empty"')],
    ["a comma too many at the end", (text: string) => `${text.slice(0, -1)},}`],
    ["a comma too many in the middle", (text: string) => text.replace(',"3003":', ',,"3003":')],
    ["a bracket of the wrong kind", (text: string) => `${text.slice(0, -1)}]`],
    ["a missing colon", (text: string) => text.replace('"3003":{', '"3003"{')],
    ["a key that is no string", (text: string) => text.replace('"3003":{', "3003:{")],
    ["a value that is no value", (text: string) => text.replace('"3003":{', '"3003":nil,"3006":{')],
  ])("%s is an error", (_, spoil) => {
    const text = bytes.toString();
    const spoiled = spoil(text);
    expect(spoiled).not.toBe(text);
    expect(() => JSON.parse(spoiled)).toThrow();
    for (const size of [7_001, 65_536, spoiled.length]) {
      expect(() => frame(cut(Buffer.from(spoiled), [size]))).toThrow(ProtocolError);
    }
  });

  test("what JSON.parse accepts is accepted with the same result, what it refuses is refused", () => {
    const pad = "x".repeat(9_000);
    const text = (i: number) => `{"a":[{"k":"${pad}${i}","l":[[],{}]},{}],"b":${i}}`;
    const whole = `{"r":{${Array.from({ length: 60 }, (_, i) => `"${i}u":${text(i)}`).join(",")}}}`;
    const structure = [...whole].flatMap((c, i) => ('{}[],:"'.includes(c) ? [i] : []));
    const property = fc.property(
      fc.constantFrom(...structure),
      fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "1", " ", "{}"),
      fc.constantFrom(0, 1),
      fc.integer({ min: 3_000, max: 65_536 }),
      (at, insertion, removed, size) => {
        const mutated = whole.slice(0, at) + insertion + whole.slice(at + removed);
        let expected: unknown;
        try {
          expected = JSON.parse(mutated);
        } catch {
          let delivered: JsonValue[] = [];
          try {
            delivered = frame(cut(Buffer.from(mutated), [size]));
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
          expect(delivered).toEqual([]);
          return;
        }
        expect(frame(cut(Buffer.from(mutated), [size]))).toEqual([expected]);
      },
    );
    fc.assert(property, { numRuns: 400 });
  });
});

describe("limits", () => {
  test("nesting: 1000 levels are accepted, 1001 are not", () => {
    const nested = (depth: number) => Buffer.from("[".repeat(depth) + "]".repeat(depth));
    expect(frame(cut(nested(1000), [7]))).toHaveLength(1);
    expect(() => frame(cut(nested(1001), [7]))).toThrow(/nested deeper than the limit of 1000/);
  });

  test.each([10, 65_536])("size, in chunks of %i", (size) => {
    const message = bytesOf(["x".repeat(1000)]);
    const limit = { maxMessageSize: message.length };
    expect(frame(cut(Buffer.concat([message, message]), [size]), limit)).toHaveLength(2);
    const tooLong = bytesOf(["x".repeat(1001)]);
    expect(() => frame(cut(Buffer.concat([message, tooLong]), [size]), limit)).toThrow(
      /exceeds the limit of 1004/,
    );
  });

  test("size of a message that is decoded in batches counts what was decoded", () => {
    const bytes = bytesOf(largeMessage(4000));
    const limits = { maxNodes: bytes.length };
    expect(frame(cut(bytes, [65_536]), { ...limits, maxMessageSize: bytes.length })).toHaveLength(1);
    expect(() => frame(cut(bytes, [65_536]), { ...limits, maxMessageSize: bytes.length - 1 })).toThrow(
      /exceeds/,
    );
  });
});

describe("values that take more memory than their text", () => {
  const message = (count: number) => Buffer.from(`[[${"{},".repeat(count)}0]]`);
  /** Brackets and commas. */
  const nodes = (count: number) => 2 + 2 * count;

  test.each([7001, 65_536])(
    "are counted, in chunks of %i: with as many as allowed, and one too many",
    (size) => {
      const bytes = message(100_000);
      expect(frame(cut(bytes, [size]), { maxNodes: nodes(100_000) })).toHaveLength(1);
      expect(() => frame(cut(bytes, [size]), { maxNodes: nodes(100_000) - 1 })).toThrow(
        /^message exceeds the limit of 200001 values \(/,
      );
    },
  );

  test("are counted for each message by itself, and not in strings", () => {
    const [one, text] = [message(40_000), bytesOf(["[,{".repeat(100_000)])];
    const all = cut(Buffer.concat([one, text, one, one]), [65_536]);
    expect(frame(all, { maxNodes: nodes(40_000) })).toHaveLength(4);
  });

  test("are one for each 8 bytes that a message may have, unless that is said", () => {
    const bytes = message(100_000);
    expect(frame(cut(bytes, [65_536]), { maxMessageSize: 8 * nodes(100_000) })).toHaveLength(1);
    expect(() => frame(cut(bytes, [65_536]), { maxMessageSize: 8 * nodes(100_000) - 1 })).toThrow(/values/);
  });

  test("end a message before it is parsed whole", () => {
    // 30 MB, of which the heap has got some 5 when the limit is reached.
    const before = process.memoryUsage().heapUsed;
    expect(() => frame(cut(message(10_000_000), [65_536]), { maxNodes: 100_000 })).toThrow(/values/);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100e6);
  });
});

test.each(["100000000000000000000", "-123456789012345678901", "9".repeat(1_000_000)])(
  "an integer of more than 20 digits is refused: %.30s",
  (integer) => {
    const text = Buffer.from(`{"id":1,"result":[${integer}]}`);
    expect(() => frame(cut(text, [65_536]))).toThrow(
      new ProtocolError(
        `an integer of ${integer.replace("-", "").length} digits: more than 20 fit no 64 bits`,
      ),
    );
    expect(frame([Buffer.from(`[${integer}.5,"${integer}"]`)])).toHaveLength(1);
  },
);

describe("malformed input", () => {
  test.each([
    ["a scalar", "17"],
    ["a string", '"x"'],
    ["a stray closing bracket", "}"],
    ["a comma between messages", "{},{}"],
    ["a word", "hello"],
    ["crossed brackets", "[}"],
    ["a trailing comma", '{"a":1,}'],
    ["an unknown escape", '["\\x"]'],
    ["a control character in a string", '["\n"]'],
    ["a leading zero", "[01]"],
  ])("%s", (_, text) => {
    expect(() => frame([Buffer.from(text)])).toThrow(ProtocolError);
  });

  test("bytes that are not UTF-8", () => {
    expect(() => frame([Buffer.from([0x5b, 0x22, 0xc3, 0x22, 0x5d])])).toThrow(/not UTF-8/);
  });
});
