// `--user`, and files in directories of that user, who may put there whatever leads elsewhere: root follows
// nothing and gives nothing away.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  Background,
  environment,
  makeDirectory,
  OURS,
  runProgram,
} from "../../harness/programs/ic-daemon.ts";
import { isAlive } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";

const NOBODY = 65_534;

/** A directory of another user, and beside it a file and a directory of root's. */
function makeDirectories() {
  const whole = makeDirectory();
  chmodSync(whole, 0o755);
  const theirs = join(whole, "theirs");
  mkdirSync(theirs);
  chownSync(theirs, NOBODY, NOBODY);
  const roots = join(whole, "roots");
  mkdirSync(roots);
  const file = join(roots, "file");
  writeFileSync(file, "root's\n", { mode: 0o600 });
  return { theirs, roots, file };
}

const wrong: readonly [
  what: string,
  make: (path: string, of: ReturnType<typeof makeDirectories>) => void,
  why: string,
][] = [
  [
    "a link",
    (path, { file }) => {
      symlinkSync(file, path);
      lchownSync(path, NOBODY, NOBODY);
    },
    "it is a link: with --user, name the file itself",
  ],
  [
    "a second name",
    (path, { file }) => linkSync(file, path),
    "with --user, it must be a regular file without other names",
  ],
  [
    "a FIFO",
    (path) => {
      execFileSync("mkfifo", [path]);
      chownSync(path, NOBODY, NOBODY);
    },
    "with --user, it must be a regular file without other names",
  ],
];

test.each(wrong)("--log-file that is %s: neither written nor given away", async (_, make, why) => {
  const of = makeDirectories();
  const log = join(of.theirs, "x.log");
  make(log, of);
  for (const form of [[], ["--detach"]]) {
    const words = [...OURS, ...form, "--user=nobody", `--log-file=${log}`];
    const { stderr, status } = await runProgram(words, environment(of.theirs));
    expect(status).toBe(1);
    expect(stderr).toContain(`vlog|WARN|failed to open ${log} for logging: ${why}\n`);
  }
  expect(readFileSync(of.file, "utf8")).toBe("root's\n");
  expect(statSync(of.file).uid).toBe(0);
});

test("--log-file below a link to a directory: only one that root made is followed", async () => {
  const { theirs, roots } = makeDirectories();
  const link = join(theirs, "logs");
  symlinkSync(roots, link);
  lchownSync(link, NOBODY, NOBODY);
  const log = join(link, "x.log");
  const words = [...OURS, "--detach", "--user=nobody", `--log-file=${log}`];
  expect(await runProgram(words, environment(theirs))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(
      `failed to open ${log} for logging: logs on the way there is a link of another user: with --user, name the directory itself`,
    ),
  });
  expect(lstatSync(join(roots, "x.log"), { throwIfNoEntry: false })).toBeUndefined();

  // As /var/log may be one.
  lchownSync(link, 0, 0);
  const under = [...OURS, "--user=nobody", `--log-file=${log}`, "--unixctl=/nix/x.ctl"];
  expect(await runProgram(under, environment(theirs))).toMatchObject({ status: 1 });
  expect(statSync(join(roots, "x.log"))).toMatchObject({ uid: NOBODY, nlink: 1 });
});

test("a monitor, which stays root, doesn't follow a link either that comes in the log's place", async () => {
  const { theirs, file } = makeDirectories();
  const args = ["-vconsole:off", "--user=nobody", "--monitor"];
  const daemon = await Background.start(OURS, { args, directory: theirs });
  const { pid } = daemon;
  const monitor = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  const log = join(theirs, "ovn-ic.log");
  execFileSync("ln", ["-sfn", file, log]);
  lchownSync(log, NOBODY, NOBODY);
  process.kill(pid, "SIGSEGV");
  // The default log file is a convenience, without which it runs.
  await until(() => daemon.pid !== pid && isAlive(daemon.pid), "there is another");
  await until(async () => (await daemon.appctl("status")).status === 0, "it answers");
  expect(readFileSync(file, "utf8")).toBe("root's\n");
  expect(statSync(file).uid).toBe(0);
  await daemon.end();
  await until(() => !isAlive(monitor), "the monitor has ended too");
});

test("a pidfile's place that holds a link or a FIFO is left as it is", async () => {
  const { theirs, file } = makeDirectories();
  const pidfile = join(theirs, "x.pid");
  for (const make of [() => symlinkSync(file, pidfile), () => execFileSync("mkfifo", [pidfile])]) {
    make();
    const { ino } = lstatSync(pidfile);
    const words = [...OURS, "--detach", `--pidfile=${pidfile}`, "-vconsole:off"];
    expect(await runProgram(words, environment(theirs))).toEqual({
      stdout: "",
      status: 1,
      stderr: `ovn-ic: ${pidfile}: what is there is no pidfile, but a link or the like: remove it, or name another\n`,
    });
    expect(lstatSync(pidfile).ino).toBe(ino);
    execFileSync("rm", [pidfile]);
  }
  expect(readFileSync(file, "utf8")).toBe("root's\n");
});

test("a control socket's place that holds something else is left as it is", async () => {
  const { theirs, file } = makeDirectories();
  const socket = join(theirs, "x.ctl");
  for (const target of [file, join(theirs, "nothing")]) {
    symlinkSync(target, socket);
    const words = [...OURS, "--detach", `--unixctl=${socket}`, "-vconsole:off"];
    expect(await runProgram(words, environment(theirs))).toEqual({
      stdout: "",
      status: 1,
      stderr: `ovn-ic: ${socket}: could not initialize control socket (what is there is no socket: remove it, or name another)\n`,
    });
    expect(lstatSync(socket).isSymbolicLink()).toBe(true);
    execFileSync("rm", [socket]);
  }
  expect(readFileSync(file, "utf8")).toBe("root's\n");
});
