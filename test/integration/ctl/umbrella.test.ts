// `ovn-ic nbctl` and `ovn-ic sbctl` are `ovn-ic-nbctl` and `ovn-ic-sbctl`, to the byte.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";

const bin = join(import.meta.dirname, "../../../bin");
let nb: Server;
let sb: Server;

beforeAll(async () => {
  [nb, sb] = await Promise.all([startStandalone({ schema: icNb }), startStandalone({ schema: icSb })]);
});

afterAll(() => Promise.all([nb?.stop(), sb?.stop()]));

/** What a program did, with uuids and times left out. */
function run(program: string, args: readonly string[]): Promise<object> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(bin, program), ...args], {
      env: { ...process.env, OVN_IC_NB_DB: nb.remote, OVN_IC_SB_DB: sb.remote },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        said[stream] += text.replace(/^\d{4}-\S+Z\|/gm, "TIME|");
      });
    }
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ ...said, status, signal }));
  });
}

const lines: readonly (readonly ["nbctl" | "sbctl", ...string[]])[] = [
  ["nbctl", "--version"],
  ["nbctl", "-V"],
  ["nbctl", "--help"],
  ["nbctl", "-h"],
  ["nbctl", "--commands"],
  ["nbctl", "--options"],
  ["nbctl"],
  ["nbctl", "--"],
  ["nbctl", "--no-such-option"],
  ["nbctl", "no-such-command"],
  ["nbctl", "help"],
  ["nbctl", "--may-exist", "ts-add", "ts1", "--", "--if-exists", "ts-del", "ts0", "--", "ts-list"],
  ["nbctl", "-fcsv", "--no-head", "--columns=name", "find", "Transit_Switch", "name=ts1"],
  ["nbctl", "-f", "json", "--data", "bare", "--columns=name", "list", "Transit_Switch"],
  ["nbctl", "set", "Transit_Switch", "ts1", "other_config:h=-h", "external_ids:v=--version"],
  ["nbctl", "get", "Transit_Switch", "ts1", "other_config", "external_ids"],
  ["nbctl", "ts-add", "ts1"],
  ["nbctl", "ts-add", "a", "--help"],
  ["nbctl", "--db=unix:/nowhere", "ts-list"],
  ["nbctl", "-t", "1", "wait-until", "Transit_Switch", "never"],
  ["sbctl", "--version"],
  ["sbctl", "--help"],
  ["sbctl", "--commands"],
  ["sbctl", "show"],
  ["sbctl", "create", "Availability_Zone", "name=az1", "--", "show", "az1"],
  ["sbctl", "--oneline", "get", "Availability_Zone", "az1", "name", "nb_ic_cfg", "--", "show"],
  ["sbctl", "list", "nothing"],
];

test.each(lines.map((line) => [line.join(" "), line] as const))("ovn-ic %s", async (_, line) => {
  const [subcommand, ...args] = line;
  const same = args.includes("create") ? args.map((word) => word.replace("az1", "az2")) : args;
  const [umbrella, program] = [
    await run("ovn-ic", [subcommand, ...args]),
    await run(`ovn-ic-${subcommand}`, same),
  ];
  const text = (answer: object) =>
    JSON.stringify(answer).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "UUID");
  expect(text(umbrella)).toBe(same === args ? text(program) : text(program).replaceAll("az2", "az1"));
});

describe("ovn-ic itself", () => {
  test("--help lists nbctl and sbctl", async () => {
    const { stdout } = { stdout: "", ...(await run("ovn-ic", ["--help"])) };
    expect(stdout).toMatch(/^ {2}nbctl {2,}\S/m);
    expect(stdout).toMatch(/^ {2}sbctl {2,}\S/m);
  });

  test("help nbctl is nbctl --help", async () => {
    expect(await run("ovn-ic", ["help", "nbctl"])).toEqual(await run("ovn-ic-nbctl", ["--help"]));
  });

  test("refuses an unknown subcommand, or an unknown option of the daemon", async () => {
    expect(await run("ovn-ic", ["nbct", "ts-list"])).toEqual({
      stdout: "",
      stderr: "ovn-ic: unknown command 'nbct'\n(Did you mean nbctl?)\n`ovn-ic --help` lists the commands.\n",
      status: 1,
      signal: null,
    });
    expect(await run("ovn-ic", ["--nix"])).toEqual({
      stdout: "",
      stderr: "ovn-ic: unrecognized option '--nix'\n",
      status: 1,
      signal: null,
    });
  });
});

test.each([
  [["help"], ["--help"]],
  [["help", "help"], ["--help"]],
  [
    ["help", "sync"],
    ["sync", "--help"],
  ],
  [
    ["help", "nbctl"],
    ["nbctl", "--help"],
  ],
  [["help", "nix"], ["nix"]],
  [["help", "--nix"], ["--nix"]],
])("ovn-ic %j says what ovn-ic %j says", async (words, others) => {
  expect(await run("ovn-ic", words)).toEqual(await run("ovn-ic", others));
});
