import { describe, expect, it } from "vitest";
import { formatPrefix } from "../../../../src/core/net/prefix.ts";
import { parseVip } from "../../../../src/core/net/vips.ts";

/** Keys of Load_Balancer.vips, and what northd makes of them: 23.03.1 and 26.03.1 agree. */
const KEYS: readonly (readonly [string, string | null])[] = [
  ["10.0.0.1", "10.0.0.1/32"],
  ["10.0.0.2:80", "10.0.0.2/32"],
  ["10.0.0.13:080", "10.0.0.13/32"],
  ["10.0.0.25:+80", "10.0.0.25/32"],
  ["10.0.0.27: 80", "10.0.0.27/32"],
  ["10.0.0.5:", "10.0.0.5/32"],
  ["[10.0.0.14]:80", "10.0.0.14/32"],
  ["[fd00::7]", "fd00::7/128"],
  ["[fd00::8]:80", "fd00::8/128"],
  ["fd00::10:80", "fd00::10:80/128"],
  ["[fd00::11]:", "fd00::11/128"],
  ["[FD00:0::028]:80", "fd00::28/128"],
  ["[::ffff:10.0.0.19]:80", "::ffff:10.0.0.19/128"],
  ["10.0.0.03:80", null],
  ["010.0.0.4", null],
  ["[::ffff:10.0.0.019]:80", null],
  ["10.0.0.12:65536", null],
  ["10.0.0.26:-1", null],
  ["10.0.0.15:80 ", null],
  [" 10.0.0.16:80", null],
  ["10.0.0.20:0x50", null],
  ["10.0.0.21:80:1", null],
  ["10.0.0.22/32", null],
  ["10.0.0", null],
  ["[fd00::17]80", null],
  ["[fd00::00032]:80", null],
  ["[]:80", null],
];

describe("parseVip", () => {
  it.each(KEYS)("reads %j as northd does", (key, expected) => {
    const vip = parseVip(key);
    expect(vip && formatPrefix(vip)).toBe(expected);
  });
});
