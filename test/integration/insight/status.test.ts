// `ovn-ic status` and `ovn-ic snapshot`, as somebody types them, on real servers: live and from a file.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import type { Ended } from "../../harness/programs/ic-daemon.ts";
import { makeDirectory, OURS, runProgram } from "../../harness/programs/ic-daemon.ts";
import { twoQuietZones, zones } from "../../harness/zones/zones.ts";

const ovnIc = (sandbox: Sandbox, ...args: string[]): Promise<Ended> =>
  runProgram([...OURS, ...args], { ...process.env, ...sandbox.env });

test("a new sandbox: nobody has registered, and what to do next is said", async () => {
  const sandbox = await zones();
  const { stdout, stderr, status } = await ovnIc(sandbox, "status");
  expect([stderr, status]).toEqual(["", 2]);
  expect(stdout).toContain("2 of 2 zones are not in order.\n");
  expect(stdout).toContain(
    "az1   FAILED  registered: no Availability_Zone of that name: no controller has run there\n",
  );
  expect(stdout).toContain("Next: ovn-ic-nbctl ts-add ts1\n");
});

test("live and from a file it says the same; nobody else may read the file", async () => {
  const sandbox = await twoQuietZones();
  const file = join(makeDirectory(), "a.snap");
  const saved = await ovnIc(sandbox, "snapshot", "save", file);
  expect(saved).toEqual({
    stdout: expect.stringMatching(/^.*a\.snap: 6 databases, \d+ KiB\n$/),
    stderr: "",
    status: 0,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const args of [[], ["-v"], ["az2"], ["--json"], ["--fail-on=never"], ["--fail-on=info", "az1"]]) {
    const live = await ovnIc(sandbox, "status", ...args);
    const stored = await runProgram([...OURS, "status", "--from", file, ...args], {
      PATH: process.env["PATH"],
    });
    expect(stored, args.join(" ")).toEqual(live);
  }
  const json: unknown = JSON.parse((await ovnIc(sandbox, "status", "--json")).stdout);
  expect(json).toMatchObject({
    version: 1,
    command: "status",
    zones: [
      {
        zone: "az1",
        steps: expect.arrayContaining([expect.objectContaining({ rung: "routes-in", state: "ok" })]),
      },
      { zone: "az2" },
    ],
    global: { transitSwitches: 1, routes: 2 },
    unreachable: [],
  });
});

test("a file that is there stays; one that is none is an error; tables of one can be read", async () => {
  const sandbox = await zones({ azs: ["az1"] });
  const directory = makeDirectory();
  const file = join(directory, "a.snap");
  writeFileSync(file, "mine\n");
  const again = await ovnIc(sandbox, "snapshot", "save", file);
  expect(again).toMatchObject({ status: 1, stdout: "" });
  expect(again.stderr).toBe(`ovn-ic snapshot save: ${file}: it is there already: --force writes over it\n`);
  expect(readFileSync(file, "utf8")).toBe("mine\n");
  const none = await ovnIc(sandbox, "status", "--from", file);
  expect(none).toMatchObject({ status: 1, stdout: "" });
  expect(none.stderr).toMatch(/^ovn-ic status: .*a\.snap: it is no snapshot, or cut off \(.*\)\n$/);
  expect(await ovnIc(sandbox, "snapshot", "save", "--force", file)).toMatchObject({ status: 0 });
  const shown = await ovnIc(sandbox, "snapshot", "show", file);
  expect(shown.stdout).toMatch(/^Taken 20\S+Z, SHA-256 [0-9a-f]{64}\n\nZONE +DATABASE +SCHEMA +ROWS +FROM\n/);
  const table = await ovnIc(sandbox, "snapshot", "show", file, "--table=NB_Global");
  expect(JSON.parse(table.stdout)).toMatchObject({ zone: "az1", database: "nb", row: { name: "az1" } });
  expect(await ovnIc(sandbox, "snapshot", "show", file, "--table=Nix")).toMatchObject({
    status: 1,
    stderr: "ovn-ic snapshot show: no database of it has a table Nix\n",
  });
});

test("what can't be read is said, and never a verdict on a zone", async () => {
  const sandbox = await twoQuietZones();
  await sandbox.processes.get("az2/sb")?.stop();
  const zone = await ovnIc(sandbox, "status");
  expect(zone.status).toBe(2);
  expect(zone.stdout).toMatch(/^az2 +FAILED +databases: SB: .*$/m);
  await sandbox.processes.get("ic-sb")?.stop();
  const global = await ovnIc(sandbox, "status", "--fail-on=never");
  expect(global.status).toBe(1);
  expect(global.stderr).toMatch(/^ovn-ic status: .*ovn_ic_sb_db\.sock.*\n$/);
  expect(global.stdout).not.toContain("gateways");
});

test.each<[what: string, args: string[], said: RegExp]>([
  ["a zone that there isn't", ["status", "az9"], /there is no zone az9: there are az1/],
  ["a zone without databases", ["status", "--az", "az1"], /--az az1: it names no database: it is NAME,nb=/],
  ["a remote that is none", ["status", "--az", "az1,nb=nix"], /nix/],
  [
    "a config that there isn't",
    ["status", "--config", "/nonexistent.toml"],
    /nonexistent\.toml: could not be read/,
  ],
  ["an option that there isn't", ["status", "--nix"], /unknown option '--nix'/],
  [
    "a severity that there isn't",
    ["status", "--fail-on=nix"],
    /Allowed choices are info, warning, error, never/,
  ],
])("%s: an error, status 1", async (_, args, said) => {
  const sandbox = await zones({ azs: ["az1"], northd: false });
  const result = await ovnIc(sandbox, ...args);
  expect(result).toMatchObject({ status: 1, stdout: "" });
  expect(result.stderr).toMatch(said);
});

test.each<[what: string, text: string, said: string]>([
  ["TOML that is none", "[ic\n", ":1: "],
  [
    "a word that stands for nothing",
    '[ic]\nnorth = "tcp:1"\n',
    'in [ic] "north" is nothing that is known there: nb, sb, tls',
  ],
  ["a number for a text", "[zones.az1]\nnb = 3\n", "zones.az1.nb must be a text"],
  ["a text for a table", 'zones = "az1"\n', "zones must be a table"],
])("a config with %s: the file and what is wrong", async (_, text, said) => {
  const file = join(makeDirectory(), "config.toml");
  writeFileSync(file, text);
  const result = await runProgram([...OURS, "status", "--config", file], { PATH: process.env["PATH"] });
  expect(result).toMatchObject({ status: 1, stdout: "" });
  expect(result.stderr).toMatch(/^ovn-ic status: /);
  expect(result.stderr).toContain(file);
  expect(result.stderr).toContain(said);
});
