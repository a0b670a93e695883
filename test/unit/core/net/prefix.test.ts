import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalPrefix,
  formatAddress,
  formatPrefix,
  isDefaultRoute,
  isLinkLocal,
  isLinkLocalNexthop,
  isLoopback,
  isMulticast,
  isPlainIpv4Network,
  isUnicast,
  networkOf,
  parseAddress,
  parsePrefix,
  prefixContains,
} from "../../../../src/core/net/prefix.ts";

function prefix(text: string) {
  const parsed = parsePrefix(text);
  if (parsed === null) throw new Error(`${text} is no prefix`);
  return parsed;
}

describe("isPlainIpv4Network", () => {
  it.each(["10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "255.255.255.254/31", "128.0.0.0/1"])(
    "%s is one",
    (text) => expect(isPlainIpv4Network(text)).toBe(true),
  );

  it.each([
    "10.0.1.1/24",
    "10.0.0.0",
    "010.0.0.0/8",
    "10.0.0.00/8",
    "10.0.0.0/08",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0/8",
    "10.0.0.0.0/8",
    "256.0.0.0/8",
    "10.0.0.0/255.0.0.0",
    "fd00::/8",
    "128.0.0.0/0",
    ".0.0.0/0",
    "",
  ])("%s is none", (text) => expect(isPlainIpv4Network(text)).toBe(false));
});

describe("canonicalPrefix", () => {
  it.each([
    ["10.0.1.1/24", "10.0.1.1/24"],
    ["10.5.5.5", "10.5.5.5/32"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["192.168.0.0/255.255.0.0", "192.168.0.0/16"],
    ["FD00:0:0::1", "fd00::1/128"],
    ["fd00:1:0:0:2:0:0:0/64", "fd00:1:0:0:2::/64"],
    ["::/0", "::/0"],
    ["::ffff:1.2.3.4/128", "::ffff:1.2.3.4/128"],
    ["::1.2.3.4", "::1.2.3.4/128"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7/128"],
    ["fe80::1/ffff:ffff:ffff:ffff::", "fe80::1/64"],
  ])("writes %s as %s", (text, canonical) => expect(canonicalPrefix(text)).toBe(canonical));

  it.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    " 10.0.0.0/8",
    "10.0.0.0/8 ",
    "10.0.0.0/255.0.255.0",
    "fd00::/129",
    "fd00:::1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    ":1::",
    "g::",
    "fd00::1.2.3",
    "1.2.3.4::",
    "discard",
    "1:2:3:4:5:6:7:8::",
    "10.0.0.0/ffff::",
  ])("refuses %j", (text) => expect(parsePrefix(text)).toBeNull());
});

describe("classes of prefixes", () => {
  it("knows link-local ones by address and length", () => {
    const verdicts = [
      "169.254.0.0/16",
      "169.254.1.1/32",
      "169.254.0.0/15",
      "169.0.0.0/8",
      "fe80::/10",
      "febf::/64",
      "fe80::/9",
      "fec0::/10",
    ].map((text) => isLinkLocal(prefix(text)));
    expect(verdicts).toEqual([true, true, false, false, true, true, false, false]);
  });

  it("takes only fe80::/64 for a link-local next hop", () => {
    const verdicts = ["fe80::1", "fe80:10::1", "fe80:0:0:1::1", "169.254.1.1", "fd00::1"].map((text) =>
      isLinkLocalNexthop(prefix(text)),
    );
    expect(verdicts).toEqual([true, false, false, false, false]);
  });

  it("knows default routes", () => {
    expect(["0.0.0.0/0", "::/0", "0.0.0.0/1"].map((text) => isDefaultRoute(prefix(text)))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("prefixContains", () => {
  it.each([
    ["10.0.0.0/8", "10.1.0.0/16", true],
    ["10.0.0.0/8", "10.0.0.0/8", true],
    ["10.99.0.0/8", "10.1.0.0/16", true],
    ["10.0.0.0/16", "10.0.0.0/8", false],
    ["10.0.0.0/16", "10.1.0.0/24", false],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["0.0.0.0/0", "fd00::/8", false],
    ["128.0.0.0/1", "255.0.0.0/8", true],
    ["fd00::/48", "fd00:0:0:5::/64", true],
    ["fd00::/48", "fd00:0:1::/64", false],
  ])("%s contains %s: %s", (outer, inner, expected) => {
    expect(prefixContains(prefix(outer), prefix(inner))).toBe(expected);
  });
});

const word = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.integer({ min: 0, max: 0xffffffff }));
const anyPrefix = fc.oneof(
  fc.record({
    family: fc.constant(4 as const),
    words: fc.tuple(word),
    length: fc.integer({ min: 0, max: 32 }),
  }),
  fc.record({
    family: fc.constant(6 as const),
    words: fc.tuple(word, word, word, word),
    length: fc.integer({ min: 0, max: 128 }),
  }),
);

describe("properties", () => {
  it("parses what it formats", () => {
    fc.assert(
      fc.property(anyPrefix, (value) => {
        expect(parsePrefix(formatPrefix(value))).toEqual(value);
      }),
    );
    fc.assert(
      fc.property(anyPrefix, (value) => {
        expect(parseAddress(formatAddress(value))?.words).toEqual(value.words);
      }),
    );
  });

  it("contains its network, and no shorter prefix of it", () => {
    fc.assert(
      fc.property(anyPrefix, (value) => {
        expect(prefixContains(networkOf(value), value)).toBe(true);
        expect(prefixContains(value, networkOf(value))).toBe(true);
        if (value.length > 0)
          expect(prefixContains(value, { ...value, length: value.length - 1 })).toBe(false);
      }),
    );
  });

  it("agrees with arithmetic on big integers", () => {
    const number = (words: readonly number[]) => words.reduce((sum, part) => (sum << 32n) | BigInt(part), 0n);
    fc.assert(
      fc.property(anyPrefix, anyPrefix, (a, b) => {
        const shift = BigInt((a.family === 4 ? 32 : 128) - a.length);
        const expected =
          a.family === b.family &&
          b.length >= a.length &&
          number(a.words) >> shift === number(b.words) >> shift;
        expect(prefixContains(a, b)).toBe(expected);
      }),
    );
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void parsePrefix(text)));
  });
});

describe("IPv4 addresses written as IPv6 ones", () => {
  it("are what they are in IPv4", () => {
    expect(isLoopback(prefix("::ffff:127.0.0.0/104"))).toBe(true);
    expect(isMulticast(prefix("::ffff:224.0.0.0/100"))).toBe(true);
    expect(isUnicast(prefix("::ffff:10.0.0.1"))).toBe(true);
    for (const text of ["::ffff:0.0.0.0", "::ffff:255.255.255.255", "::10.0.0.1", "::"])
      expect(isUnicast(prefix(text)), text).toBe(false);
    expect(isLoopback(prefix("::ffff:0.0.0.0/95"))).toBe(false);
  });
});
