import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identify } from "../../src/sandbox/index.ts";
import { processesIn, temporaryDirectory } from "./sandbox-witness.ts";

const program = join(import.meta.dirname, "../../bin/ovn-ic");

interface Outcome {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `ovn-ic sandbox …` to its end. */
function sandbox(...args: string[]): Promise<Outcome> {
  return sandboxIn(process.env, ...args);
}

/** The same, with another environment. */
function sandboxIn(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, "sandbox", ...args], { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
  });
}

/** A directory with programs of ours, and what PATH is with it in front. */
function withPrograms(dir: string, programs: Readonly<Record<string, string>>): string {
  mkdirSync(dir, { recursive: true });
  for (const [name, script] of Object.entries(programs))
    writeFileSync(join(dir, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return `${dir}:${process.env.PATH}`;
}

interface Foreground {
  readonly child: ChildProcess;
  readonly lines: string;
  readonly ended: Promise<Outcome>;
}

/** Starts `ovn-ic sandbox …` in the foreground, and waits until it says that it is up. */
async function foreground(...args: string[]): Promise<Foreground> {
  const child = spawn(process.execPath, [program, "sandbox", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [stdout, stderr] = ["", ""];
  const ended = new Promise<Outcome>((resolve) => {
    child.once("close", (code, signal) => resolve({ status: code ?? signal, stdout, stderr }));
  });
  const up = new Promise<void>((resolve) => {
    const check = () => {
      if (stdout.endsWith("}\n") && stderr.includes("Ctrl-C stops it")) resolve();
    };
    child.stdout.on("data", (chunk) => {
      stdout += chunk;
      check();
    });
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      check();
    });
  });
  await Promise.race([
    up,
    ended.then((outcome) => {
      throw new Error(`ovn-ic sandbox has ended: ${outcome.stderr}`);
    }),
  ]);
  return { child, lines: stdout, ended };
}

/** What a POSIX shell prints that has read the sandbox's lines. */
function inShell(lines: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile("sh", ["-euc", `${lines}\n${command}`], (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
  });
}

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "a sandbox in the foreground lasts until %s; then nothing is left",
  async (signal) => {
    const dir = join(temporaryDirectory(), "lab");
    const { child, lines, ended } = await foreground("--dir", dir, "--controller", "c");
    expect(
      lines
        .split("\n")
        .filter((line) => !/^(export \w+='[^']*'(:"\$PATH")?|in_\w+\(\) \{ .* "\$@"; \}|)$/.test(line)),
    ).toEqual([]);
    expect(
      await inShell(
        lines,
        "in_az2 ovn-nbctl get NB_Global . name; ovn-ic-sbctl show; in_az1 sh -c \"echo $0\" 'a b'",
      ),
    ).toBe("az2\navailability-zone az1\navailability-zone az2\nsh\n");
    expect(processesIn(dir)).toHaveLength(10); // 6 databases, 2 northd, 2 ovn-ic
    child.kill(signal);
    expect(await ended).toMatchObject({ status: 0, stdout: lines });
    expect(processesIn(dir)).toEqual([]);
    expect(existsSync(dir)).toBe(false);
  },
);

test("a sandbox killed by SIGKILL takes its servers with it; --stop removes the rest", async () => {
  const dir = temporaryDirectory();
  const { child, ended } = await foreground("--dir", dir);
  child.kill("SIGKILL");
  await ended;
  await expect.poll(() => processesIn(dir), { timeout: 20_000 }).toEqual([]);
  expect(await sandbox("--env", dir)).toMatchObject({
    status: 1,
    stderr: `ovn-ic: ${dir}: this sandbox has ended; to clean up: ovn-ic sandbox --stop ${dir}\n`,
  });
  expect((await sandbox("--dir", dir)).stderr).toContain("an earlier sandbox has left things there");
  expect((await sandbox("--stop", dir)).status).toBe(0);
  expect(readdirSync(dir)).toEqual([]);
});

test("sandbox --keep returns, --env tells how to reach it, --stop ends it", async () => {
  const kept = await sandbox(
    "--keep",
    "--az",
    "north",
    "--az",
    "south",
    "--controller",
    "south=c",
    "--routes",
  );
  const dir = await inShell(kept.stdout, 'printf %s "$OVN_IC_SANDBOX"');
  onTestFinished(async () => {
    if (existsSync(dir)) await sandbox("--stop", dir);
  });
  expect(kept.status).toBe(0);
  expect(processesIn(dir)).toHaveLength(9);
  expect(
    await inShell(kept.stdout, "ovn-ic-sbctl show; in_north ovn-nbctl get NB_Global . options:ic-route-adv"),
  ).toBe('availability-zone south\n"true"\n');
  expect(await sandbox("--env", dir)).toMatchObject({ status: 0, stdout: kept.stdout });
  const { azs, env }: { azs: unknown; env: Record<string, string> } = JSON.parse(
    (await sandbox("--env", dir, "--json")).stdout,
  );
  expect(azs).toEqual([
    expect.objectContaining({ name: "north", nb: env.OVN_NB_DB_north }),
    expect.objectContaining({ name: "south", sb: env.OVN_SB_DB_south }),
  ]);
  expect((await sandbox("--stop", dir)).stderr).toBe("ovn-ic sandbox: stopped 9 processes\n");
  expect(processesIn(dir)).toEqual([]);
  expect(existsSync(dir)).toBe(false);
  expect(await sandbox("--stop", dir)).toEqual({
    status: 1,
    stdout: "",
    stderr: `ovn-ic: ${dir}: there is no sandbox here (no sandbox.json)\n`,
  });
});

test("sandbox --stop ends one that is in the foreground elsewhere, and one whose processes are stopped", async () => {
  const one = temporaryDirectory();
  const { ended } = await foreground("--dir", one, "--az", "az1");
  expect((await sandbox("--stop", one)).status).toBe(0);
  expect((await ended).status).toBe(0);
  expect(readdirSync(one)).toEqual([]);

  const two = temporaryDirectory();
  await sandbox("--keep", "--dir", two, "--az", "az1", "--no-northd");
  for (const { pid } of processesIn(two)) process.kill(pid, "SIGSTOP");
  expect((await sandbox("--stop", two)).status).toBe(0);
  expect(processesIn(two)).toEqual([]);
});

test("sandbox --stop leaves alone a process that has got an old one's id", async () => {
  const dir = temporaryDirectory();
  const bystander = spawn("sleep", ["600"], { stdio: "ignore" });
  onTestFinished(() => void bystander.kill());
  const pid = bystander.pid ?? 0;
  mkdirSync(join(dir, "az1"));
  writeFileSync(
    join(dir, "sandbox.json"),
    JSON.stringify({ made: false, azs: [{ name: "az1" }, { name: "../x" }] }),
  );
  const line = JSON.stringify({ name: "az1/nb", role: "server", pid, startTime: "1" });
  writeFileSync(join(dir, "processes.jsonl"), `${line}\n{"name": "cut of`);
  expect(await sandbox("--stop", dir)).toMatchObject({ status: 0 });
  expect(identify(pid)).toBeDefined();
  expect(readdirSync(dir)).toEqual([]);
});

test("a command runs in the sandbox, which lasts as long as the command", async () => {
  const dir = temporaryDirectory();
  const command =
    'echo "$OVN_IC_NB_DB"; ovn-ic-nbctl ts-add ts1; OVN_NB_DB=$OVN_NB_DB_b ovn-nbctl get NB_Global . name; exit 5';
  const outcome = await sandbox("--dir", dir, "--az", "a", "--az", "b", "--", "sh", "-c", command);
  expect(outcome).toMatchObject({ status: 5, stdout: `unix:${dir}/ic/ovn_ic_nb_db.sock\nb\n` });
  expect(readdirSync(dir)).toEqual([]);
  expect(await sandbox("--dir", dir, "--az", "a", "--", "/no/such/program")).toMatchObject({ status: 127 });
  expect(await sandbox("--dir", dir, "--az", "a", "--", "sh", "-c", "kill -9 $$")).toMatchObject({
    status: 137,
  });
  expect(readdirSync(dir)).toEqual([]);
});

test("in_AZ is a program in every form: for a command, its children, a shell, and with --env", async () => {
  const name = "get NB_Global . name";
  const command = `in_eu_west_1 ovn-nbctl ${name}; env in_b ovn-nbctl ${name}; in_b sh -c 'echo "$OVN_RUNDIR"'`;
  const dir = temporaryDirectory();
  const zones = ["--dir", dir, "--az", "eu-west.1", "--az", "b", "--no-northd"];
  const expected = `eu-west.1\nb\n${dir}/b\n`;
  expect(await sandbox(...zones, "--", "sh", "-c", command)).toMatchObject({ status: 0, stdout: expected });
  expect(await sandbox(...zones, "--", "in_b", "sh", "-c", "exit 7")).toMatchObject({ status: 7 });
  expect(await sandbox(...zones, "--", "in_b")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("in_b: say which command: in_b COMMAND [ARG...]\n"),
  });
  const kept = await sandbox(...zones, "--keep");
  onTestFinished(async () => {
    if (readdirSync(dir).length > 0) await sandbox("--stop", dir);
  });
  for (const { stdout } of [kept, await sandbox("--env", dir)]) {
    expect(await inShell(stdout, command)).toBe(expected);
    expect(await inShell(stdout, `sh <<'END'\n${command}\nEND`)).toBe(expected);
  }
  const { env }: { env: { PATH: string } } = JSON.parse((await sandbox("--env", dir, "--json")).stdout);
  expect(env.PATH.split(":")[0]).toBe(join(dir, "az-bin"));
  await sandbox("--stop", dir);
  expect(readdirSync(dir)).toEqual([]);
});

test("a sandbox that is started from the environment of another one does not take that one's programs", async () => {
  const other = temporaryDirectory();
  writeFileSync(join(other, "sandbox.json"), "{}");
  const PATH = withPrograms(join(other, "bin"), { "ovn-nbctl": "exit 1", "ovsdb-server": "exit 1" });
  const env = { ...process.env, PATH, OVN_IC_SANDBOX: other, OVN_NB_DB: "unix:/nix", OVN_RUNDIR: other };
  const inside = 'echo "$PATH" | cut -d: -f1';
  const dir = temporaryDirectory();
  expect(await sandboxIn(env, "--dir", dir, "--az", "a", "--", "sh", "-c", inside)).toMatchObject({
    status: 0,
    stdout: `${join(dir, "az-bin")}\n`,
  });
});

test("commands in a sandbox ask no daemon of somebody else's databases", async () => {
  const nowhere = Object.fromEntries(
    ["OVN_IC_NB_DAEMON", "OVN_IC_SB_DAEMON", "OVN_NB_DAEMON", "OVN_SB_DAEMON"].map((name) => [
      name,
      "/nonexistent.ctl",
    ]),
  );
  const inside =
    "ovn-ic-nbctl ts-add ts1; ovn-ic-nbctl --bare --columns=name list Transit_Switch; in_a ovn-nbctl get NB_Global . name";
  expect(
    await sandboxIn(
      { ...process.env, ...nowhere },
      "--az",
      "a",
      "--",
      "sh",
      "-c",
      `${inside}; OVN_NB_DAEMON=/nix in_a ovn-nbctl ls-list`,
    ),
  ).toMatchObject({ status: 0, stdout: "ts1\na\n" });
});

test("what a program of a sandbox that fails has said is shown, and the log of what it waited for", async () => {
  const run = (script: string) => {
    const PATH = withPrograms(temporaryDirectory(), { "ovn-nbctl": script });
    return sandboxIn({ ...process.env, PATH }, "--az", "a", "--", "true");
  };
  const loud = await run("echo of no use here >&2; exit 3");
  expect(loud).toMatchObject({ status: 1, stdout: "" });
  expect(loud.stderr).toMatch(/^ovn-ic: \S+ovn-nbctl .* set NB_Global .*: exit status 3: of no use here\n$/);
  const silent = await run("exit 3");
  expect(silent.stderr).toMatch(
    /^ovn-ic: \S+ovn-nbctl .* set NB_Global .*: exit status 3, and it said nothing\n$/,
  );
  const northdSays = `log=$(echo "$1" | sed "s/^--db=unix://; s/ovnnb_db.sock$/ovn-northd.log/"); until [ -s "$log" ]; do sleep 0.05; done`;
  const waiting = await run(
    `case "$*" in *--wait=sb*) ${northdSays}; echo no answer >&2; kill -9 $$;; *) exec /usr/bin/ovn-nbctl "$@";; esac`,
  );
  expect(waiting.stderr).toMatch(
    /^ovn-ic: \S+ovn-nbctl .* --wait=sb sync: killed \(SIGKILL\): no answer\na\/northd is up. The end of its log:\n/,
  );
  expect(waiting.stderr).toContain("|INFO|");
});

test("a signal during the start of a sandbox stops what has been started", async () => {
  const dir = temporaryDirectory();
  const child = spawn(process.execPath, [program, "sandbox", "--dir", dir], { stdio: "ignore" });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  await expect
    .poll(() => existsSync(join(dir, "processes.jsonl")), { interval: 1, timeout: 20_000 })
    .toBe(true);
  child.kill("SIGTERM");
  // 143: in the middle of the start; 0: the start was over already.
  expect([143, 0]).toContain(await ended);
  expect(processesIn(dir)).toEqual([]);
  expect(readdirSync(dir)).toEqual([]);
});

test("wrong options of a sandbox are errors with a status of 1, without a stack trace", async () => {
  const file = join(temporaryDirectory(), "sandbox.json");
  writeFileSync(file, "[]");
  const wrong: [string[], string][] = [
    [["--controller", "maybe"], '"maybe" is none of none, c, ours.'],
    [["--controller", "az9=c"], "ovn-ic: --controller az9=c: there is no AZ az9"],
    [["--stop", join(file, "..")], "not written by this program"],
    [["--stop", "/a", "--env", "/b"], "cannot be used with"],
    [["--keep", "--", "true"], "--keep and a COMMAND exclude each other"],
    [["--no-such-option"], "unknown option '--no-such-option'"],
    [["--dir", "/proc/x"], "ovn-ic: --dir /proc/x: ENOENT"],
  ];
  for (const [args, message] of wrong) {
    const outcome = await sandbox(...args);
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  }
  expect(readFileSync(file, "utf8")).toBe("[]");
});
