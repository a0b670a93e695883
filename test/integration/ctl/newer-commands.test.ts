// The commands that need a newer schema than Debian's. What is expected of transit routers was printed by
// 26.03.1; of transit switch ports there is no C program yet.

import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { splitWords } from "../../harness/words.ts";
import { nbctl } from "./programs.ts";

let server: Server;

beforeAll(async () => {
  server = await startStandalone({ schema: icNb });
});

afterAll(() => server?.stop());

const mac = "00:00:00:00:00:01";

/** Lines in order, each with what it prints; an error stands without the program's name. */
async function expectLines(lines: readonly (readonly [string, string])[]): Promise<void> {
  for (const [line, output] of lines) {
    const { stdout, stderr, status } = await nbctl(server.remote, ...splitWords(line));
    const said = status === 0 ? `${stderr}${stdout}` : `${stderr.replace(/^ovn-ic-nbctl: /, "")}${stdout}`;
    const uuids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
    expect({ line, said: said.replace(uuids, "UUID").trimEnd() }).toEqual({ line, said: output });
  }
}

test("transit routers and their ports are made, shown and deleted", async () => {
  await expectLines([
    ["tr-add tr1", ""],
    ["tr-add tr0", ""],
    ["tr-add tr0", "tr0: a transit router with this name already exists"],
    ["--may-exist tr-add tr0", ""],
    ["tr-list", "UUID (tr0)\nUUID (tr1)"],
    [`trp-add tr0 p0 ${mac} 10.0.0.1/24 chassis=c1`, ""],
    [`trp-add tr0 p1 ${mac} 10.0.0.1/24`, "'trp-add' command requires at least 5 arguments"],
    [`trp-add tr0 p1 ${mac} 10.0.0.1/24 10.1.1.1/24`, ""],
    [`trp-add trx p0 xx foo a=b`, "trx: router name not found"],
    [`trp-add tr0 p1 xx 10.0.0.1/24 a=b`, "p1: invalid mac address xx"],
    [`trp-add tr0 p0 ${mac} foo a=b`, "p0: a port with this name already exists"],
    [`trp-add tr0 p2 ${mac} foo a=b`, "p2: invalid network address: foo"],
    [`trp-add tr0 p2 ${mac} 10.0.0.1/33 chassis=x`, "p2: invalid network address: 10.0.0.1/33"],
    [`trp-add tr0 p2 ${mac} '' chassis=x`, "p2: invalid network address:"],
    [
      `trp-add tr0 p2 ${mac} 10.0.0.1/24 foo=1`,
      'Transit_Router_Port does not contain a column whose name matches "foo"',
    ],
    [
      `trp-add tr0 p2 ${mac} 10.0.0.1/24 chassis=`,
      'chassis=: argument does not end in "=" followed by a value.',
    ],
    [`trp-add tr0 p2 ${mac} 10.0.0.1/24 chassis=c1 other_config:a=b`, ""],
    ["get Transit_Router_Port p2 mac networks chassis other_config", `"${mac}"\n["10.0.0.1/24"]\nc1\n{a=b}`],
    [`--may-exist trp-add tr0 p0 ${mac} 10.0.0.2/24 chassis=c2`, ""],
    ["get Transit_Router_Port p0 chassis networks", 'c1\n["10.0.0.1/24"]'],
    [
      "--may-exist trp-add tr0 p0 00:00:00:00:00:02 10.0.0.1/24 a=b",
      `p0: port already exists with mac ${mac}`,
    ],
    ["--may-exist trp-add tr0 p0 0:0:0:0:0:1 10.0.0.1/24 a=b", ""],
    [`--may-exist trp-add tr0 p0 ${mac} 10.5.0.1/24 a=b`, "p0: port already exists with different network"],
    [`--may-exist trp-add tr0 p0 ${mac} foo a=b`, "p0: Invalid networks configured"],
    ["set Transit_Router_Port p1 networks=foo", ""],
    [
      `--may-exist trp-add tr0 p1 ${mac} 10.0.0.1/24 a=b`,
      "p1: Existing port has invalid networks configured",
    ],
    ["trp-del p9", "p9: router port name not found"],
    ["--if-exists trp-del p9", ""],
    ["trp-del p1", ""],
    ["--bare --columns=name find Transit_Router_Port name=p1", ""],
    [`list Transit_Router_Port ${mac}`, `multiple rows in Transit_Router_Port match "${mac}"`],
    ["tr-del tr2", "tr2: router name not found"],
    ["--if-exists tr-del tr2", ""],
    ["tr-del ffffffff-0000-4000-8000-000000000000", "UUID: router UUID not found"],
    ["tr-del tr0", ""],
    ["list Transit_Router_Port", ""],
    [`tr-add tr5 -- trp-add tr5 q ${mac} 10.0.0.1/24 chassis=c -- get Transit_Router_Port q name`, "q"],
    ["show", ""],
  ]);
});

test("transit switch ports are made, shown and deleted", async () => {
  const hint =
    "Invalid address format. See ovn-ic-nb(5). " +
    "Hint: An Ethernet address must be listed before an IP address, together as a single argument.";
  await expectLines([
    ["ts-add ts1 -- ts-add other", ""],
    ["tsp-add ts2 p0", "ts2: switch name not found"],
    ["tsp-add ts1", "'tsp-add' command requires at least 2 arguments"],
    ["tsp-add ts1 p0 type=router other_config:a=b", ""],
    ["tsp-add ts1 p0", "p0: a port with this name already exists"],
    ["--may-exist tsp-add ts1 p0 peer=x", ""],
    ["get Transit_Switch_Port p0 type peer other_config", "router\nx\n{a=b}"],
    ["tsp-add ts1 p1 foo=x", 'Transit_Switch_Port does not contain a column whose name matches "foo"'],
    ["tsp-add ts1 p1 -- tsp-add other p2", ""],
    ["tsp-set-addr p9 unknown", "p9: switch port name not found"],
    ["tsp-set-addr p0 unknown dynamic router 'dynamic 10.0.0.9'", ""],
    ["tsp-set-addr p0 10.0.0.1", `10.0.0.1: ${hint}`],
    ["tsp-set-addr p0 'dynamic x'", `dynamic x: ${hint}`],
    ["tsp-set-addr p0 'aa:aa:aa:aa:aa:01 not checked'", ""],
    ["tsp-set-addr p0 'aa:aa:aa:aa:aa:01 10.0.0.1 fd00::1'", ""],
    [
      "tsp-set-addr p1 'aa:aa:aa:aa:aa:02 10.0.0.1'",
      "Error on switch ts1: duplicate IPv4 address '10.0.0.1' found on logical switch port 'p0'",
    ],
    [
      "tsp-set-addr p1 'aa:aa:aa:aa:aa:02 fd00:0::1'",
      "Error on switch ts1: duplicate IPv6 address 'fd00::1' found on logical switch port 'p0'",
    ],
    ["tsp-set-addr p2 'aa:aa:aa:aa:aa:02 10.0.0.1'", ""],
    ["tsp-set-addr p0 'aa:aa:aa:aa:aa:01 10.0.0.1'", ""],
    ["tsp-set-addr p0", ""],
    ["get Transit_Switch_Port p0 addresses", "[]"],
    ["tsp-del p9", "p9: switch port name not found"],
    ["--if-exists tsp-del p9", ""],
    ["tsp-del p0", ""],
    ["--bare --columns=name find Transit_Switch_Port name=p0", ""],
    ["ts-del ts1 -- ts-del other", ""],
    ["list Transit_Switch_Port", ""],
  ]);
});

test("on a server without these tables such commands say so and write nothing", async () => {
  const old = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  onTestFinished(() => old.stop());
  const { status, stderr } = await nbctl(old.remote, "ts-add", "x", "--", "tr-add", "tr0");
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr:
      "ovn-ic-nbctl: the database (OVN_IC_Northbound 1.0.0) lacks table Transit_Router; upgrade its schema\n",
  });
  expect(await nbctl(old.remote, "ts-list", "--", "tr-list")).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "",
  });
});
