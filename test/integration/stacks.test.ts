// The stack of an error in a built program names the sources, wherever it is printed or logged.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { environment, makeDirectory, OURS, ROOT, runProgram } from "../harness/programs/ic-daemon.ts";
import { until } from "../harness/wait.ts";

/** A module that spoils a function of `node:fs`: at once, or when a signal comes. */
function spoil(directory: string, code: string): NodeJS.ProcessEnv {
  const file = join(directory, "spoil.cjs");
  writeFileSync(file, `const fs = require("node:fs");\n${code}\n`);
  return { NODE_OPTIONS: `--require=${file}` };
}

/**
 * The first function of a program that was called with the spoilt one, and what its source has in the line
 * that the stack names.
 */
function culprit(stack: string): { name: string; line: string } {
  const [, name = "", path = "", line = ""] = / at (\S+) \((src\/[^:)]+\.ts):(\d+):\d+\)/.exec(stack) ?? [];
  const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
  return { name, line: lines[Number(line) - 1] ?? "" };
}

const PRINT = `
  fs.writeSync = () => {
    process._rawDebug(new Error("on purpose").stack);
    process.exit(3);
  };
`;

test.each([
  { program: "ovn-ic-nbctl", also: "src/commands/ctl/main.ts" },
  { program: "ovn-ic-sbctl", also: "src/commands/ctl/main.ts" },
  // It is in the file of what only some runs need.
  { program: "ovn-ic", also: "src/commands/ovn-ic/daemon/main.ts" },
])("the stack of $program names the sources", async ({ program, also }) => {
  const env = { ...process.env, ...spoil(makeDirectory(), PRINT) };
  const { stderr, status } = await runProgram(
    [process.execPath, join(ROOT, `dist/${program}.cjs`), "--version"],
    env,
  );
  expect(status).toBe(3);
  expect(stderr).toMatch(/^Error: on purpose\n/);
  expect(culprit(stderr)).toEqual({ name: "write", line: expect.stringContaining("writeSync(descriptor") });
  expect(stderr).toContain(`(${also}:`);
  expect(stderr).not.toMatch(/-(start|rest)-[0-9a-f]+\.js/);
});

test("the stack in the daemon's last words names the sources", async () => {
  const directory = makeDirectory();
  const env = spoil(
    directory,
    `process.on("SIGHUP", () => {
      fs.statSync = () => {
        throw new Error("on purpose");
      };
    });`,
  );
  const [file = "", ...args] = [...OURS, "-vconsole:off", "--pidfile", "--log-file"];
  const child = spawn(file, args, { env: { ...environment(directory), ...env }, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await until(() => readdirSync(directory).some((name) => name.endsWith(".ctl")), "it has started");
  child.kill("SIGHUP");
  await ended;
  const log = readFileSync(join(directory, "ovn-ic.log"), "utf8");
  expect(log).toContain("mistake in this program: Error: on purpose");
  expect(culprit(log)).toEqual({ name: "isOpen", line: expect.stringContaining("statSync(path") });
});

test("in a stack a bundle without its source map is named itself", async () => {
  const directory = makeDirectory();
  const dist = join(directory, "dist");
  mkdirSync(dist);
  const files = readdirSync(join(ROOT, "dist")).filter((name) => /^ovn-ic-nbctl.*\.c?js$/.test(name));
  for (const name of files) copyFileSync(join(ROOT, "dist", name), join(dist, name));
  const env = { ...process.env, ...spoil(directory, PRINT) };
  const { stderr } = await runProgram([process.execPath, join(dist, "ovn-ic-nbctl.cjs"), "--version"], env);
  expect(stderr).toMatch(/^Error: on purpose\n/);
  expect(stderr).toMatch(/\n {4}at write \(.*ovn-ic-nbctl-start-[0-9a-f]+\.js:\d+:\d+\)\n/);
});
