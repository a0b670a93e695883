import { describe, expect, it } from "vitest";
import {
  hostKey,
  hostKeys,
  isMacKey,
  isSetElement,
  parseWholePortAddresses,
} from "../../../../src/core/net/addresses.ts";

describe("addresses of ports", () => {
  it.each([
    ["aa:aa:aa:aa:aa:01", true],
    ["aa:aa:aa:aa:aa:01 169.254.100.1/24 fd00::1/64", true],
    ["aa:aa:aa:aa:aa:01  10.0.0.1", true],
    ["aa:aa:aa:aa:aa:01 10.0.0.1 and more", false],
    ["aa:aa:aa:aa:aa:01 dynamic", false],
    ["aa:aa:aa:aa:aa", false],
    ["unknown", false],
    ["", false],
  ])("%j are whole: %s", (text, whole) => {
    expect(parseWholePortAddresses(text) !== null).toBe(whole);
  });

  it.each([
    ["A:aa:aa:aa:aa:01", "0a:aa:aa:aa:aa:01"],
    ["10.0.0.1/24", "10.0.0.1"],
    ["FD00:0::1/64", "fd00::1"],
    ["ten", null],
  ])("%s have the key %s", (text, key) => {
    expect(hostKey(text)).toBe(key);
  });

  it("are found up to the first word that is none", () => {
    expect(hostKeys(["aa:aa:aa:aa:aa:01 10.0.0.1/24 x 10.0.0.2", "router", "10.0.0.1"])).toEqual([
      "aa:aa:aa:aa:aa:01",
      "10.0.0.1",
    ]);
    expect(["aa:aa:aa:aa:aa:01", "fd00:1:222::33:44"].map(isMacKey)).toEqual([true, false]);
  });

  it.each([
    ["10.0.0.1", true],
    ["10.0.0.1/24", true],
    ["10.0.0.0/255.0.0.255", true],
    ["fd00::1", true],
    ["fd00::/64", true],
    ["fd00::1/ffff::1", true],
    ["aa:aa:aa:aa:aa:01", true],
    ["aa:aa:aa:00:00:00/ff:ff:ff:00:00:00", true],
    ["10.0.0.1/33", false],
    ["10.0.0.0/fd00::", false],
    ["aa:aa:aa:aa:aa:01/24", false],
    ["10.0.0", false],
    ["10.0.0.1 10.0.0.2", false],
    ["$other", false],
    ["", false],
  ])("%j is an element of a set: %s", (text, is) => {
    expect(isSetElement(text)).toBe(is);
  });
});
