import { describe, expect, it } from "vitest";
import { parsePortAddresses } from "../../../../src/core/net/addresses.ts";
import { parsePrefixList, prefixListMatches } from "../../../../src/core/net/filters.ts";
import { formatPrefix, parsePrefix } from "../../../../src/core/net/prefix.ts";
import { vipPrefixes } from "../../../../src/core/net/vips.ts";

describe("parsePortAddresses", () => {
  it("reads addresses in order, by family", () => {
    const addresses = parsePortAddresses("aa:bb:cc:00:00:01 fd00::1/64 169.254.100.1/24 10.0.0.1");
    expect(addresses?.mac).toBe("aa:bb:cc:00:00:01");
    expect(addresses?.ipv4.map(formatPrefix)).toEqual(["169.254.100.1/24", "10.0.0.1/32"]);
    expect(addresses?.ipv6.map(formatPrefix)).toEqual(["fd00::1/64"]);
  });

  it("stops at the first word that is no address", () => {
    expect(parsePortAddresses("aa:bb:cc:00:00:01 10.0.0.1 junk 10.0.0.2")?.ipv4).toHaveLength(1);
  });

  it.each(["", "unknown", "router", "dynamic", "10.0.0.1", "aa:bb:cc:00:00 10.0.0.1"])(
    "has none in %j",
    (text) => {
      expect(parsePortAddresses(text)).toBeNull();
    },
  );
});

describe("parsePrefixList", () => {
  it("skips white space before entries and empty entries, and keeps bad ones apart", () => {
    const list = parsePrefixList(" 10.0.0.0/8,,\tfd00::/8, bad ,10.1.0.0/16 ");
    expect(list.prefixes.map(formatPrefix)).toEqual(["10.0.0.0/8", "fd00::/8"]);
    expect(list.invalid).toEqual(["bad ", "10.1.0.0/16 "]);
    expect(list.exists).toBe(true);
  });

  it("exists as soon as there is any entry, even a bad one", () => {
    const exists = (text: string | undefined) => parsePrefixList(text).exists;
    expect([undefined, "", ",", ",,"].map(exists)).toEqual([false, false, false, false]);
    expect([" ", " ,", ", ,", "x"].map(exists)).toEqual([true, true, true, true]);
  });

  it("matches equal and more specific prefixes of the same family", () => {
    const list = parsePrefixList("10.0.0.0/16,fd00::/32");
    const verdict = (text: string) => {
      const prefix = parsePrefix(text);
      return prefix !== null && prefixListMatches(list, prefix);
    };
    expect(
      ["10.0.0.0/16", "10.0.3.1/24", "10.0.0.0/8", "10.1.0.0/16", "fd00::1", "fe00::/32"].map(verdict),
    ).toEqual([true, true, false, false, true, false]);
  });
});

describe("vipPrefixes", () => {
  it("reads the address of every form of key, once", () => {
    const keys = [
      "10.0.0.1",
      "10.0.0.1:80",
      "[fd00::1]:443",
      "[fd00::2]",
      "fd00::3",
      "name:80",
      "10.0.0.300:1",
      "[10.0.0.1",
      "10.0.0.2:",
      "[fd00::4]:",
      "10.0.0.3:65535",
      "10.0.0.4:65536",
      "[fd00::5]:65536",
      "10.0.0.5:http",
      "10.0.0.6/32",
      "",
    ];
    const vips = new Map(keys.map((key) => [key, ""]));
    expect(vipPrefixes({ vips })).toEqual([
      "10.0.0.1/32",
      "fd00::1/128",
      "fd00::2/128",
      "fd00::3/128",
      "10.0.0.2/32",
      "fd00::4/128",
      "10.0.0.3/32",
    ]);
  });
});
