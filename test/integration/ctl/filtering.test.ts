// What a line asks the server for: only what it needs. Seen from between the two.

import { expect, onTestFinished, test } from "vitest";
import type { PassedMessage } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import {
  startProxy,
  startStandalone,
  transact,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { start } from "./programs.ts";

const SWITCHES = 400;

/** A server with many rows, and what passes between it and the program. */
async function observe(program: "ovn-ic-nbctl" | "ovn-ic-sbctl") {
  const nb = program === "ovn-ic-nbctl";
  const server = await startStandalone({ schema: nb ? icNb : icSb });
  onTestFinished(() => server.stop());
  const [database, ...operations] = nb
    ? ["OVN_IC_Northbound", ...Array.from({ length: SWITCHES }, (_, i) => transitSwitch(i))]
    : ["OVN_IC_Southbound", ...southbound()];
  await transact(server.remote, String(database), ...operations.filter((one) => typeof one === "object"));
  const proxy = await startProxy({ target: server.remote });
  onTestFinished(() => proxy.stop());
  const messages: PassedMessage[] = [];
  proxy.onMessage((message) => messages.push(message));
  return async (...args: string[]) => {
    messages.length = 0;
    const { stdout, stderr, status } = await start(program, proxy.remote, ...args).ended;
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    const received = messages.filter(({ from }) => from === "server").map(({ text }) => text);
    return { stdout, received: received.join("\n"), sent: messages.filter(({ from }) => from === "client") };
  };
}

const transitSwitch = (i: number) => ({
  op: "insert",
  table: "Transit_Switch",
  row: { name: `ts-number-${i}`, external_ids: ["map", [["subnet", `net-${i}`]]] },
});

function southbound(): object[] {
  const insert = (table: string, row: object, name?: string) => ({
    op: "insert",
    table,
    row,
    ...(name === undefined ? {} : { "uuid-name": name }),
  });
  const zone = ["named-uuid", "az"];
  const route = (i: number) => ({
    transit_switch: "ts1",
    availability_zone: zone,
    origin: "static",
    ip_prefix: `10.0.${i}.0/24`,
    nexthop: "169.254.0.1",
  });
  return [
    insert("Availability_Zone", { name: "az1" }, "az"),
    ...Array.from({ length: 200 }, (_, i) => insert("Route", route(i))),
  ];
}

test.each([
  ["find by a column", ["--bare", "--columns=name", "find", "Transit_Switch", "name=ts-number-7"]],
  ["find by a key", ["--bare", "--columns=name", "find", "Transit_Switch", "external_ids:subnet=net-7"]],
  [
    "find by two columns",
    ["--bare", "--columns=name", "find", "Transit_Switch", "name=ts-number-7", "external_ids:subnet=net-7"],
  ],
  ["get by name", ["get", "Transit_Switch", "ts-number-7", "external_ids", "name"]],
  ["list by name", ["--bare", "--columns=name", "list", "Transit_Switch", "ts-number-7"]],
  [
    "wait-until",
    ["wait-until", "Transit_Switch", "ts-number-7", "--", "get", "Transit_Switch", "ts-number-7", "name"],
  ],
])("%s: the server sends the rows that fit only", async (_, words) => {
  const run = await observe("ovn-ic-nbctl");
  const { stdout, received } = await run(...words);
  expect(stdout).toContain("ts-number-7");
  expect(received.match(/ts-number-\d+/g)?.filter((name) => name !== "ts-number-7")).toEqual([]);
});

test("a uuid asks for one row; a part of one, `.` and several conditions get what they need", async () => {
  const run = await observe("ovn-ic-nbctl");
  const uuid = (await run("get", "Transit_Switch", "ts-number-9", "_uuid")).stdout.trim();
  const { stdout, received } = await run("get", "Transit_Switch", uuid, "name");
  expect(stdout).toBe("ts-number-9\n");
  expect(received).not.toContain("ts-number-8");
  expect((await run("get", "Transit_Switch", uuid.slice(0, 18), "name")).stdout).toBe("ts-number-9\n");
  const both = [
    "find",
    "Transit_Switch",
    "name=ts-number-1",
    "--",
    "get",
    "Transit_Switch",
    "ts-number-2",
    "name",
  ];
  expect((await run("--bare", "--columns=name", ...both)).stdout).toBe("ts-number-1\nts-number-2\n");
  const written = [
    "set",
    "Transit_Switch",
    "ts-number-1",
    "name=new",
    "--",
    "get",
    "Transit_Switch",
    "new",
    "name",
  ];
  expect((await run(...written)).stdout).toBe("new\n");
});

test("show of the southbound database downloads no routes", async () => {
  const run = await observe("ovn-ic-sbctl");
  const { stdout, received, sent } = await run("show");
  expect(stdout).toBe("availability-zone az1\n");
  expect(received).not.toContain("10.0.7.0/24");
  expect(
    sent
      .filter(({ text }) => text.includes('"monitor'))
      .map(({ text }) => text)
      .join(),
  ).not.toContain('"Route"');
});
