// A sandbox's files say which processes are to be ended, what is to be removed, and what a shell evaluates:
// another user's are not believed.

import { execFileSync, spawn } from "node:child_process";
import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identify, readRunning, recordProcess, stopSandbox } from "../../src/sandbox/index.ts";
import { runProgram } from "../harness/programs/ic-daemon.ts";

const NOBODY = 65_534;
const program = join(import.meta.dirname, "../../bin/ovn-ic");
const sandbox = (...args: string[]) => runProgram([process.execPath, program, "sandbox", ...args]);

/** Files like those of a sandbox, which name a living process of ours. */
function makeFiles() {
  const dir = mkdtempSync(join(tmpdir(), "ovn-ic-owner-"));
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  onTestFinished(() => {
    child.kill("SIGKILL");
    rmSync(dir, { recursive: true, force: true });
  });
  const identity = identify(child.pid ?? 0);
  if (identity === undefined) throw new Error("the process is not there");
  const description = { made: true, azs: [{ name: "az1" }] };
  writeFileSync(join(dir, "sandbox.json"), JSON.stringify(description));
  recordProcess(dir, { name: "az1/nb", role: "server", ...identity });
  mkdirSync(join(dir, "az1"));
  return { dir, child };
}

test("the files of these tests are as a sandbox writes them: of the same user they are believed", async () => {
  const { dir, child } = makeFiles();
  expect(readRunning(dir).azs.map(({ name }) => name)).toEqual(["az1"]);
  const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
  expect((await stopSandbox(dir)).map(({ pid }) => pid)).toEqual([child.pid]);
  expect(await ended).toBe("SIGTERM");
  expect(existsSync(dir)).toBe(false);
});

const foreign: readonly (readonly [what: string, name: string, change: (path: string) => void])[] = [
  ["directory", "", (path) => chownSync(path, NOBODY, NOBODY)],
  ["sandbox.json", "sandbox.json", (path) => chownSync(path, NOBODY, NOBODY)],
  ["processes.jsonl", "processes.jsonl", (path) => chownSync(path, NOBODY, NOBODY)],
];

test.each(foreign)("--stop, --env and --dir refuse another user's %s", async (_, name, change) => {
  const { dir, child } = makeFiles();
  const path = join(dir, name);
  change(path);
  const refused = `${path}: belongs to the user with the number ${NOBODY}, and this is 0: only who has started a sandbox can use it`;
  const all = [["--stop"], ["--env"], ["--no-northd", "--dir"]];
  // A new sandbox doesn't read what an old one is.
  for (const words of name === "sandbox.json" ? all.slice(0, 2) : all) {
    const { stdout, stderr, status } = await sandbox(...words, dir);
    expect({ stdout, status }, words.join()).toEqual({ stdout: "", status: 1 });
    expect(stderr, words.join()).toContain(refused);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  }
  expect(child.exitCode ?? child.signalCode).toBe(null);
  expect(existsSync(join(dir, "az1"))).toBe(true);
});

test("an empty directory of another user is not used for a sandbox either", async () => {
  const { dir } = makeFiles();
  const theirs = join(dir, "theirs");
  mkdirSync(theirs);
  chownSync(theirs, NOBODY, NOBODY);
  expect(await sandbox("--no-northd", "--dir", theirs)).toEqual({
    stdout: "",
    status: 1,
    stderr: `ovn-ic: ${theirs}: belongs to the user with the number ${NOBODY}, and this is 0: only who has started a sandbox can use it\n`,
  });
});

test.each([
  [
    "a link",
    (path: string, target: string) => {
      symlinkSync(target, path);
      lchownSync(path, NOBODY, NOBODY);
    },
  ],
  ["a FIFO", (path: string) => void execFileSync("mkfifo", [path])],
])("what is %s instead of a sandbox's file is neither followed nor waited for", async (_, make) => {
  const { dir, child } = makeFiles();
  const other = makeFiles();
  rmSync(join(dir, "processes.jsonl"));
  make(join(dir, "processes.jsonl"), join(other.dir, "processes.jsonl"));
  for (const word of ["--stop", "--env"]) {
    const { stderr, status } = await sandbox(word, dir);
    expect(status).toBe(1);
    expect(stderr).toContain(`${dir}/processes.jsonl: not written by a sandbox`);
  }
  for (const one of [child, other.child]) expect(one.exitCode ?? one.signalCode).toBe(null);
});
