import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConnectionError } from "../../src/errors.ts";
import type { Remote } from "../../src/transport/remote.ts";
import { formatRemote, isPassive, parseRemote, parseRemotes } from "../../src/transport/remote.ts";

describe("parseRemote", () => {
  test.each<[string, Remote]>([
    ["unix:/run/ovn/nb.sock", { method: "unix", path: "/run/ovn/nb.sock" }],
    ["unix:a:b", { method: "unix", path: "a:b" }],
    ["tcp:10.0.0.1:6641", { method: "tcp", host: "10.0.0.1", port: 6641 }],
    ["tcp:10.0.0.1", { method: "tcp", host: "10.0.0.1", port: 6640 }],
    ["ssl:db-1.example.org:6641", { method: "ssl", host: "db-1.example.org", port: 6641 }],
    ["ssl:localhost", { method: "ssl", host: "localhost", port: 6640 }],
    ["tcp:[::1]:6641", { method: "tcp", host: "::1", port: 6641 }],
    ["tcp:[fe80::1%eth0]:6641", { method: "tcp", host: "fe80::1%eth0", port: 6641 }],
    ["tcp:[::1]", { method: "tcp", host: "::1", port: 6640 }],
    ["tcp:fe80::1:2", { method: "tcp", host: "fe80::1:2", port: 6640 }],
    ["punix:/tmp/s", { method: "punix", path: "/tmp/s" }],
    ["ptcp:", { method: "ptcp", port: 6640, host: null }],
    ["ptcp:0:127.0.0.1", { method: "ptcp", port: 0, host: "127.0.0.1" }],
    ["ptcp::127.0.0.1", { method: "ptcp", port: 6640, host: "127.0.0.1" }],
    ["pssl:6641:[::1]", { method: "pssl", port: 6641, host: "::1" }],
    ["pssl:6641:[fe80::1%eth0]", { method: "pssl", port: 6641, host: "fe80::1%eth0" }],
  ])("%s", (text, remote) => {
    expect(parseRemote(text)).toEqual(remote);
    expect(parseRemote(formatRemote(remote))).toEqual(remote);
  });

  test.each([
    ["", "no connection method"],
    ["/run/nb.sock", "no connection method"],
    ["udp:10.0.0.1", 'unknown method "udp"'],
    ["unix:", "the path is missing"],
    ["tcp:", "the host is missing"],
    ["tcp::6640", "the host is missing"],
    ["tcp:[]:1", "the host is missing"],
    ["tcp:a b:1", '"a b" is neither'],
    ["tcp:[::1", '"[::1" is neither'],
    ["tcp:a:", '"" is not a port'],
    ["tcp:a:0", '"0" is not a port'],
    ["tcp:a:65536", '"65536" is not a port'],
    ["tcp:a:1x", '"1x" is not a port'],
    ["ptcp:x", '"x" is not a port'],
    ["ptcp:1:", "the host is missing"],
  ])("refuses %j", (text, problem) => {
    expect(() => parseRemote(text)).toThrow(ConnectionError);
    expect(() => parseRemote(text)).toThrow(problem);
  });

  test("never fails otherwise, and reads what it writes", () => {
    const method = fc.constantFrom("unix:", "tcp:", "ssl:", "punix:", "ptcp:", "pssl:", "");
    const rest = fc.string({ unit: fc.constantFrom(..."[]:%.0169afé /-") });
    fc.assert(
      fc.property(method, rest, (a, b) => {
        let remote: Remote;
        try {
          remote = parseRemote(a + b);
        } catch (error) {
          expect(error).toBeInstanceOf(ConnectionError);
          return;
        }
        expect(parseRemote(formatRemote(remote))).toEqual(remote);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("parseRemotes", () => {
  test("lists, and lists of lists", () => {
    const remotes = parseRemotes(["tcp:a:1, tcp:[::1]:2", "unix:/s,"]);
    expect(remotes.map(formatRemote)).toEqual(["tcp:a:1", "tcp:[::1]:2", "unix:/s"]);
  });

  test("one bad remote spoils the list, and is named", () => {
    expect(() => parseRemotes("tcp:a:1,foo:b")).toThrow('remote "foo:b": unknown method "foo"');
  });

  test("an empty list is an error", () => {
    expect(() => parseRemotes(" , ")).toThrow("there is no remote in it");
  });
});

test("isPassive", () => {
  expect(parseRemotes("unix:a,tcp:a,ssl:a").map(isPassive)).toEqual([false, false, false]);
  expect(parseRemotes("punix:a,ptcp:1,pssl:1").map(isPassive)).toEqual([true, true, true]);
});
