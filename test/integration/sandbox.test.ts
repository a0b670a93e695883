import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/index.ts";
import { identify, startSandbox } from "../../src/sandbox/index.ts";
import { processesIn, temporaryDirectory } from "./sandbox-witness.ts";

async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.stop());
  return sandbox;
}

test("two AZs with northd and the C controllers: up, and nothing stays after stop", async () => {
  const sandbox = await start({
    routes: true,
    controllers: new Map([["az1", "c"] as const, ["az2", "c"] as const]),
  });
  expect(await sandbox.run("ovn-ic-sbctl", ["show"])).toBe("availability-zone az1\navailability-zone az2\n");
  for (const az of ["az1", "az2"]) {
    const global = await sandbox.run(
      "ovn-nbctl",
      ["--bare", "--columns=name,options", "list", "NB_Global"],
      az,
    );
    expect(global.split("\n")[0]).toBe(az);
    expect(global).toContain("ic-route-adv=true");
    expect(global).toContain("ic-route-learn=true");
    expect(await sandbox.run("ovn-appctl", ["-t", "ovn-northd", "status"], az)).toBe("Status: active\n");
  }
  const pids = [...sandbox.processes.values()].map((process) => process.pid);
  expect([...sandbox.processes.keys()].sort()).toEqual([
    "az1/nb",
    "az1/northd",
    "az1/ovn-ic",
    "az1/sb",
    "az2/nb",
    "az2/northd",
    "az2/ovn-ic",
    "az2/sb",
    "ic-nb",
    "ic-sb",
  ]);
  await sandbox.stop();
  expect(pids.map(identify)).toEqual(pids.map(() => undefined));
  expect(processesIn(sandbox.dir)).toEqual([]);
  expect(() => readdirSync(sandbox.dir)).toThrow("ENOENT");
});

test("a sandbox has by default no route options, no controllers; AZs as named; without northd the SB is still initialised", async () => {
  const sandbox = await start({ azs: ["eu-west.1"], northd: false });
  expect([...sandbox.processes.keys()].sort()).toEqual(["eu-west.1/nb", "eu-west.1/sb", "ic-nb", "ic-sb"]);
  expect(await sandbox.run("ovn-nbctl", ["get", "NB_Global", ".", "options"], "eu-west.1")).toBe("{}\n");
  expect(
    await sandbox.run("ovn-sbctl", ["--bare", "--columns=_uuid", "list", "SB_Global"], "eu-west.1"),
  ).not.toBe("");
  expect(sandbox.env.OVN_NB_DB_eu_west_1).toBe(sandbox.azs.get("eu-west.1")?.nb);
  await expect(sandbox.run("ovn-nbctl", ["show"], "us")).rejects.toThrow(
    "this sandbox has no AZ us, only eu-west.1",
  );
});

test("two sandboxes at the same time know nothing of each other", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  await one.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
  expect(await two.run("ovn-ic-nbctl", ["ts-list"])).toBe("");
  await one.stop();
  expect(await two.run("ovn-nbctl", ["get", "NB_Global", ".", "name"], "az2")).toBe("az2\n");
});

test("the directory of a sandbox is used again after stop; what a user put there stays", async () => {
  const dir = temporaryDirectory();
  await (await start({ dir, azs: ["az1"], northd: false })).stop();
  expect(readdirSync(dir)).toEqual([]);
  const sandbox = await start({ dir, azs: ["az1"], northd: false });
  writeFileSync(join(dir, "notes"), "mine");
  await sandbox.stop();
  expect(readdirSync(dir)).toEqual(["notes"]);
  await expect(startSandbox({ dir })).rejects.toThrow(`--dir ${dir}: the directory isn't empty`);
});

test("the directory of a sandbox in use is refused, and its sandbox goes on", async () => {
  const sandbox = await start({ azs: ["az1"], northd: false });
  await expect(startSandbox({ dir: sandbox.dir })).rejects.toThrow(
    `--dir ${sandbox.dir}: a sandbox is running there: use another directory, or: ovn-ic sandbox --stop ${sandbox.dir}`,
  );
  await sandbox.run("ovn-nbctl", ["show"], "az1");
  // Both at the same moment: one of them wins.
  const dir = join(temporaryDirectory(), "new");
  const tries = await Promise.allSettled([1, 2].map(() => start({ dir, azs: ["az1"], northd: false })));
  expect(tries.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test.each([
  [{ azs: ["a/b"] }, '--az a/b: the name is also that of a directory: use letters, digits, "_", "." and "-"'],
  [{ azs: ["ic"] }, "--az ic: the name is also that of a directory"],
  [{ azs: [".."] }, "--az ..: the name is also that of a directory"],
  [{ azs: ["a", "a"] }, "--az a: given twice"],
  [{ azs: ["a.b", "a-b"] }, "--az a-b: shell variables end in _a_b for this AZ and for a.b: rename one"],
  [{ azs: [] }, "a sandbox needs at least one AZ"],
  [{ controllers: new Map([["az3", "c"]]) }, "--controller az3=c: there is no AZ az3"],
  [{ controllers: new Map([["az1", "ours"]]) }, "ovnIc"],
  [{ ovnRoot: "/nonexistent" }, "--ovn-root /nonexistent: there is no such directory"],
  [{ schemas: "/nonexistent" }, "--schemas /nonexistent: there is no such directory"],
  [{ dir: `/tmp/${"x".repeat(90)}` }, "too long for unix sockets by 15 bytes: use a shorter path"],
  [{ dir: "/tmp/a,b" }, "OVSDB remotes cannot hold a comma"],
  [{ dir: "/proc/nowhere" }, "--dir /proc/nowhere: ENOENT"],
] satisfies [SandboxOptions, string][])(
  "what cannot be is refused with the reason: %j",
  async (options, message) => {
    await expect(startSandbox(options)).rejects.toThrow(message);
  },
);

test("programs and schemas that a sandbox lacks are all named, with the Debian packages that bring them", async () => {
  const ovnRoot = temporaryDirectory();
  await expect(startSandbox({ ovnRoot, controllers: new Map([["az1", "c"]]) })).rejects.toThrow(
    new RegExp(
      [
        `^not found in ${ovnRoot}: ovsdb-server, ovsdb-tool, .*ovn-northd, ovn-ic, .*ovn-ic-sb.ovsschema`,
        "Debian: apt-get install .*openvswitch-common ovn-common ovn-central ovn-ic ovn-ic-db",
      ].join(".*"),
    ),
  );
});

test("a start of a sandbox that fails halfway stops what it had started and says why", async () => {
  const [dir, schemas] = [temporaryDirectory(), temporaryDirectory()];
  for (const name of ["ovn-nb", "ovn-ic-nb", "ovn-ic-sb"]) {
    symlinkSync(join(installedSchemas, `${name}.ovsschema`), join(schemas, `${name}.ovsschema`));
  }
  writeFileSync(join(schemas, "ovn-sb.ovsschema"), '{"name": "OVN_Southbound"}');
  await expect(startSandbox({ dir, schemas })).rejects.toThrow(/ovsdb-tool create .*ovnsb_db.db/);
  expect(processesIn(dir)).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});

test("a start of a sandbox can be abandoned at any moment", async () => {
  for (const milliseconds of [0, 20, 50, 80, 120]) {
    const dir = temporaryDirectory();
    const started = startSandbox({ dir, signal: AbortSignal.timeout(milliseconds) });
    await started.then(
      (sandbox) => sandbox.stop(),
      (error: unknown) => expect(error).toMatchObject({ name: "TimeoutError" }),
    );
    expect(processesIn(dir)).toEqual([]);
    expect(readdirSync(dir)).toEqual([]);
  }
});

test("many zones of a sandbox at once are started without a warning of leaks", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on("warning", onWarning);
  try {
    const sandbox = await startSandbox({ azs: ["a", "b", "c", "d", "e", "f", "g"] });
    await sandbox.stop();
  } finally {
    process.off("warning", onWarning);
  }
  expect(warnings).toEqual([]);
});

test("a server of a sandbox that ends by itself is reported; started again it has its data", async () => {
  const ended: string[] = [];
  const sandbox = await start({ azs: ["az1"], onUnexpectedEnd: (process) => ended.push(process.name) });
  await sandbox.run("ovn-nbctl", ["ls-add", "ls1"], "az1");
  const nb = sandbox.processes.get("az1/nb");
  if (nb === undefined) throw new Error("there is no az1/nb");
  process.kill(nb.pid, "SIGKILL");
  await nb.ended;
  expect(ended).toEqual(["az1/nb"]);
  await nb.start();
  await sandbox.run("ovn-nbctl", ["--timeout=20", "--wait=sb", "ls-add", "ls2"], "az1");
  expect(
    await sandbox.run("ovn-sbctl", ["--bare", "--columns=_uuid", "list", "Datapath_Binding"], "az1"),
  ).toMatch(/^\S+\n\n\S+\n$/);
});

test("controllers are started and stopped one by one; a second one of an AZ stands by", async () => {
  const sandbox = await start({ azs: ["az1"] });
  const first = await sandbox.startController("az1", "c");
  const second = await sandbox.startController("az1", "c");
  expect([first.name, second.name]).toEqual(["az1/ovn-ic", "az1/ovn-ic-2"]);
  await first.stop();
  expect([first.up, second.up]).toEqual([false, true]);
});

test("a controller that ends at once fails with its own words", async () => {
  const script = join(temporaryDirectory(), "ovn-ic.cjs");
  writeFileSync(script, 'console.error("called with", process.argv.slice(2).join(" ")); process.exit(1);');
  const sandbox = await start({ azs: ["az1"], northd: false, ovnIc: script });
  const { nb, sb } = sandbox.azs.get("az1") ?? {};
  await expect(sandbox.startController("az1", "ours")).rejects.toThrow(
    `called with sync --watch --ovnnb-db=${nb} --ovnsb-db=${sb} --ic-nb-db=${sandbox.icNb} --ic-sb-db=${sandbox.icSb}`,
  );
});

const installedSchemas = process.env.OVN_PKGDATADIR ?? "/usr/share/ovn";

test("a sandbox of another installation: a prefix, its programs first on the PATH, but not those that have namesakes here", async () => {
  const ovnRoot = temporaryDirectory();
  for (const dir of ["bin", "sbin", "share"]) mkdirSync(join(ovnRoot, dir));
  symlinkSync(installedSchemas, join(ovnRoot, "share/ovn"));
  for (const name of ["ovsdb-tool", "ovn-nbctl", "ovn-sbctl", "ovn-ic-nbctl", "ovn-ic-sbctl"]) {
    symlinkSync(join("/usr/bin", name), join(ovnRoot, "bin", name));
  }
  symlinkSync("/usr/sbin/ovsdb-server", join(ovnRoot, "sbin/ovsdb-server"));
  const sandbox = await start({ ovnRoot, azs: ["az1"], northd: false });
  const bin = join(sandbox.dir, "bin");
  expect(sandbox.env.PATH?.startsWith(`${bin}:`)).toBe(true);
  expect(readdirSync(bin).sort()).toEqual(["ovn-nbctl", "ovn-sbctl", "ovsdb-server", "ovsdb-tool"]);
  expect(await sandbox.run("ovn-ic-nbctl", ["ts-list"])).toBe("");
  await expect(sandbox.run("ovn-trace", [])).rejects.toThrow("not found in this OVN installation: ovn-trace");
});

test("a sandbox of another installation: a system's root directory, programs run by its own loader under their own names", async () => {
  const ovnRoot = temporaryDirectory();
  mkdirSync(join(ovnRoot, "etc"));
  symlinkSync("/usr", join(ovnRoot, "usr"));
  const sandbox = await start({ ovnRoot, azs: ["az1"], controllers: new Map([["az1", "c"]]) });
  const nb = sandbox.processes.get("az1/nb");
  expect(processesIn(sandbox.dir).find(({ pid }) => pid === nb?.pid)?.command).toContain("ld-linux");
  expect(await sandbox.run("ovn-nbctl", ["--version"])).toMatch(/^ovn-nbctl \d/);
  expect(await sandbox.run("ovn-ic-sbctl", ["show"])).toBe("availability-zone az1\n");
  await sandbox.stop();
  expect(processesIn(sandbox.dir)).toEqual([]);
});
