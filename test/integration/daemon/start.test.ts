// How the daemon starts: files, modes, refusals, the background, another user, and a monitor. No databases
// are needed for that.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  Background,
  environment,
  makeDirectory,
  OURS,
  runProgram,
} from "../../harness/programs/ic-daemon.ts";
import { ended, isAlive } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";

const start = (options: Parameters<typeof Background.start>[1] = {}) => Background.start(OURS, options);

test("--detach returns when the pidfile is locked and the socket listens; modes are those of C", async () => {
  const daemon = await start({ args: ["-vconsole:off"] });
  expect(daemon.started).toEqual({ stdout: "", stderr: "", status: 0 });
  expect(await daemon.appctl("status")).toEqual({ stdout: "Status: standby\n", stderr: "", status: 0 });
  const modes = ["ovn-ic.pid", "ovn-ic.log", `ovn-ic.${daemon.pid}.ctl`].map((name) => daemon.mode(name));
  expect(modes).toEqual(["644", "640", "750"]);
  expect(readFileSync(`/proc/${daemon.pid}/comm`, "utf8")).toBe("ovn-ic\n");
  for (const descriptor of [0, 1, 2]) {
    expect(readlinkSync(`/proc/${daemon.pid}/fd/${descriptor}`)).toBe("/dev/null");
  }
  expect(readlinkSync(`/proc/${daemon.pid}/cwd`)).toBe("/");
  const inode = statSync(daemon.pidfile).ino;
  const locks = readFileSync("/proc/locks", "utf8");
  expect(locks).toMatch(new RegExp(`POSIX +ADVISORY +WRITE ${daemon.pid} \\S+:${inode} 0 EOF`));
});

test("without databases `exit` ends the daemon at once", async () => {
  const daemon = await start({ args: ["-vconsole:off"] });
  const { pid, socket } = daemon;
  expect(await daemon.appctl("ic-sb-connection-status")).toMatchObject({ stdout: "not connected\n" });
  expect(await daemon.appctl("exit")).toEqual({ stdout: "", stderr: "", status: 0 });
  await ended(pid);
  expect([existsSync(daemon.pidfile), existsSync(socket)]).toEqual([false, false]);
});

test("the daemon tries to connect again and again, ever more rarely; and says so until it is as rarely as C", async () => {
  const daemon = await start({ args: ["-vconsole:off"] });
  const pauses = () =>
    daemon.log.flatMap((line) => {
      const [, seconds] = /ovnsb_db\.sock: waiting (\S+) seconds before reconnect$/.exec(line) ?? [];
      return seconds === undefined ? [] : [Number(seconds)];
    });
  const last = "ovnsb_db.sock: continuing to reconnect in the background but suppressing further logging";
  await until(() => daemon.log.some((line) => line.endsWith(last)), "it has tried several times");
  expect(pauses()).toEqual([0.25, 0.5, 1, 2, 4]);
});

test("a locked pidfile keeps other daemons from starting; what a dead one left is replaced", async () => {
  const daemon = await start({ args: ["-vconsole:off"] });
  const again = [...OURS, "--pidfile", "--detach", "-vconsole:off"];
  expect(await runProgram(again, daemon.env)).toEqual({
    stdout: "",
    status: 1,
    stderr: `ovn-ic: ${daemon.pidfile}: already running as pid ${daemon.pid}, aborting\n`,
  });
  const { pid, socket } = daemon;
  process.kill(pid, "SIGKILL");
  await ended(pid);
  expect([existsSync(daemon.pidfile), existsSync(socket)]).toEqual([true, true]);
  // The number of a living process that has no lock on the file means nothing.
  writeFileSync(daemon.pidfile, `${process.pid}\n`);
  const next = await start({ args: ["-vconsole:off"], directory: daemon.directory });
  expect(next.started).toEqual({ stdout: "", stderr: "", status: 0 });
  expect(next.pid).not.toBe(process.pid);
});

test("--overwrite-pidfile takes the file of a running daemon, which then leaves it alone", async () => {
  const first = await start({ args: ["-vconsole:off"] });
  const { pid } = first;
  const second = await start({ args: ["-vconsole:off", "--overwrite-pidfile"], directory: first.directory });
  expect(second.pid).not.toBe(pid);
  process.kill(pid, "SIGTERM");
  await until(() => !isAlive(pid), "the first has ended");
  expect(await second.appctl("is-paused")).toMatchObject({ stdout: "false\n" });
});

test.each([
  ["a control socket that can't be", ["--unixctl=/nix/x.ctl"]],
  ["metrics that can't be", ["--metrics-listen=192.0.2.1:1"]],
  ["TLS files that can't be used", ["--ovnsb-db=ssl:127.0.0.1:1", "-p", "/nix"]],
])(
  "a start with --overwrite-pidfile that fails because of %s leaves the file of a running daemon as it was",
  async (_, wrong) => {
    const first = await start({ args: ["-vconsole:off"] });
    const { pid } = first;
    const inode = () => statSync(first.pidfile).ino;
    const before = inode();
    for (const form of [[], ["--detach"]]) {
      const words = [...OURS, ...form, ...wrong, "--pidfile", "--overwrite-pidfile", "-vconsole:off"];
      expect(await runProgram(words, first.env)).toMatchObject({ status: 1 });
      expect([first.pid, inode()]).toEqual([pid, before]);
    }
    expect(await first.appctl("is-paused")).toMatchObject({ stdout: "false\n" });
  },
);

test("of ten daemons that start at once with one pidfile, one runs", async () => {
  const directory = makeDirectory();
  const env = environment(directory);
  writeFileSync(join(directory, "ovn-ic.pid"), "999999\n");
  const words = [...OURS, "--pidfile", "--detach", "-vconsole:off"];
  const ended = await Promise.all(Array.from({ length: 10 }, () => runProgram(words, env)));
  const pid = Number(readFileSync(join(directory, "ovn-ic.pid"), "utf8"));
  onTestFinished(() => void process.kill(pid, "SIGTERM"));
  expect(ended.filter(({ status }) => status === 0)).toHaveLength(1);
  for (const { stderr, status } of ended)
    if (status !== 0) expect(stderr).toMatch(/already running as pid \d+/);
});

test.each([
  [
    ["--unixctl=/nix/x.ctl"],
    "ovn-ic: /nix/x.ctl: could not initialize control socket (No such file or directory)",
  ],
  [["--pidfile=/nix/x.pid"], "ovn-ic: /nix/x.pid.tmp: create failed (No such file or directory)"],
  [["--log-file=/nix/x"], "vlog|WARN|failed to open /nix/x for logging: No such file or directory"],
  [["-vfoo"], 'ovn-ic: processing "foo": no destination, level, or module "foo"'],
  [["--ovn"], "ovn-ic: option '--ovn' is ambiguous; possibilities: '--ovnsb-db' '--ovnnb-db'"],
  [["--ovnnb-db"], "ovn-ic: option '--ovnnb-db' requires an argument"],
  [["-x"], "ovn-ic: invalid option -- 'x'"],
  [["--syslog-method=nix"], "ovn-ic: unsupported syslog method 'nix'"],
  [["--user=nix"], "ovn-ic: user nix not found, aborting."],
  [["--user=nobody:nix"], "ovn-ic: group nix not found, aborting."],
  [["--pidfile", "word"], 'ovn-ic: "word" is one word too many: the daemon takes options only'],
])("the daemon refuses %j, in the foreground and in the background", async (args, message) => {
  const env = environment(makeDirectory());
  for (const form of [[], ["--detach"]]) {
    const { stdout, stderr, status } = await runProgram([...OURS, ...form, ...args], env);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr.trimEnd().replace(/^\S+Z\|\d+\|/, "")).toBe(message);
  }
});

test("--user: files belong to that user, and the process has no more rights than that one", async () => {
  const directory = makeDirectory();
  const { status } = await runProgram(["chmod", "777", directory]);
  expect(status).toBe(0);
  const daemon = await start({ args: ["-vconsole:off", "--user=nobody"], directory });
  expect(daemon.started).toEqual({ stdout: "", stderr: "", status: 0 });
  const ids = readFileSync(`/proc/${daemon.pid}/status`, "utf8");
  const { uid, gid } = statSync(daemon.pidfile);
  expect(ids).toMatch(new RegExp(`^Uid:\\t${uid}\\t${uid}\\t${uid}\\t${uid}$`, "m"));
  expect(ids).toMatch(new RegExp(`^Gid:\\t${gid}\\t${gid}\\t${gid}\\t${gid}$`, "m"));
  expect(ids).toMatch(/^CapEff:\t0+$/m);
  expect(uid).toBeGreaterThan(0);
  for (const name of ["ovn-ic.log", `ovn-ic.${daemon.pid}.ctl`]) {
    expect(statSync(join(directory, name))).toMatchObject({ uid, gid });
  }
});

test("--monitor starts the daemon again when it dies of a mistake, with the same pidfile, and ends with it", async () => {
  const daemon = await start({ args: ["-vconsole:off", "--monitor"] });
  const { pid } = daemon;
  const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  process.kill(pid, "SIGSEGV");
  await until(() => daemon.log.some((line) => line.includes("restarting")), "the monitor has seen it");
  expect(daemon.log).toContain(
    `daemon_unix|ERR|1 crashes: pid ${pid} died, killed (Segmentation fault), restarting`,
  );
  await until(() => existsSync(daemon.pidfile) && daemon.pid !== pid, "there is another");
  await until(async () => (await daemon.appctl("status")).status === 0, "it answers");
  expect(await daemon.appctl("exit")).toMatchObject({ status: 0 });
  await until(() => !isAlive(parent), "the monitor has ended too");
});

test("in the foreground the daemon runs until a signal; what it says goes to stderr", async () => {
  const env = environment(makeDirectory());
  const child = spawn(OURS[0] ?? "", [...OURS.slice(1), "--unixctl=none"], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.includes("ovn_ic_sb_db.sock: connecting"), "it connects");
  const status = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  expect(await status).toBe(0);
  expect(said).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\|00001\|reconnect\|INFO\|unix:\S+ovnnb_db.sock: connecting\.\.\.$/m,
  );
});

test("--dump-inc-proc-graph: what feeds which planner", async () => {
  const { stdout } = await runProgram([...OURS, "--dump-inc-proc-graph=gateways"]);
  expect(stdout).toMatch(/^digraph "Incremental-Processing-Engine" \{\n\trankdir=LR;\n/);
  expect(stdout).toContain('\t"SB_chassis" -> "gateways" [label=""];\n');
  expect(stdout).not.toContain("learned-routes");
  const { stdout: none } = await runProgram([...OURS, "--dump-inc-proc-graph=nix"]);
  expect(none).toBe('digraph "Incremental-Processing-Engine" {\n\trankdir=LR;\n}\n');
});
