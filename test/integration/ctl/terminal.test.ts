// What a terminal gets to see, and what a pipe: names of rows are whatever somebody has written.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { makeDirectory, runProgram } from "../../harness/programs/ic-daemon.ts";
import { bundle } from "./programs.ts";

/**
 * A colour, a C1 control that erases the screen, and all that turns the direction of text; a tab and what
 * other scripts are written in.
 */
const NAME = "ts\u001b[31m\u009b2J\u200e\u200f\u061c\u202e\u2067\r\tä\u05d0\u{1f600}";
const SHOWN = "ts\\x1b[31m\\x9b2J\\u200e\\u200f\\u061c\\u202e\\u2067\\x0d\tä\u05d0\u{1f600}";

const OURS = [process.execPath, bundle("ovn-ic-nbctl")];
const C = ["/usr/bin/ovn-ic-nbctl"];

async function startServer(): Promise<Server> {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  onTestFinished(() => server.stop());
  expect(await runProgram([...C, `--db=${server.remote}`, "ts-add", NAME])).toMatchObject({ status: 0 });
  return server;
}

/**
 * What a program shows on a real terminal, standard error included, with its line ends as the program wrote
 * them.
 */
async function onTerminal(command: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const { stdout } = await runProgram(["script", "-qec", line, "/dev/null"], env);
  return stdout.replaceAll("\r\n", "\n");
}

const commands: readonly (readonly string[])[] = [
  ["ts-list"],
  ["show"],
  ["list", "Transit_Switch"],
  ["--format=csv", "list", "Transit_Switch"],
  ["--bare", "--columns=name", "list", "Transit_Switch"],
  // Errors, which repeat what they are about.
  ["ts-add", NAME],
  ["ts-del", `${NAME}2`],
];

test("a terminal gets nothing that it would obey, from whatever command", async () => {
  const { remote } = await startServer();
  for (const words of commands) {
    const text = await onTerminal([...OURS, `--db=${remote}`, ...words]);
    expect(text, words.join(" ")).not.toMatch(
      /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u,
    );
  }
  expect(
    await onTerminal([...OURS, `--db=${remote}`, "--bare", "--columns=name", "list", "Transit_Switch"]),
  ).toBe(`${SHOWN}\n`);
  // It is a terminal: C's gets it all.
  expect(
    await onTerminal([...C, `--db=${remote}`, "--bare", "--columns=name", "list", "Transit_Switch"]),
  ).toBe(`${NAME}\n`);
});

test("a pipe gets byte for byte what C prints", async () => {
  const { remote } = await startServer();
  for (const words of commands) {
    const [ours, c] = await Promise.all(
      [OURS, C].map((program) => runProgram([...program, `--db=${remote}`, ...words])),
    );
    expect(ours, words.join(" ")).toEqual(c);
  }
});

test("a terminal gets nothing that it would obey through a daemon either, nor of a batch's errors", async () => {
  const { remote } = await startServer();
  const directory = makeDirectory();
  const env = { ...process.env, OVN_RUNDIR: directory };
  const socket = join(directory, "x.ctl");
  const started = [...OURS, `--db=${remote}`, "--detach", "--unixctl=x.ctl", "--pidfile=x.pid"];
  expect(await runProgram(started, env)).toMatchObject({ status: 0 });
  onTestFinished(async () => {
    await runProgram(["ovs-appctl", "-t", socket, "exit"]);
  });
  const line = ["-u", socket, "--bare", "--columns=name", "list", "Transit_Switch"];
  expect(await onTerminal([...OURS, ...line], env)).toBe(`${SHOWN}\n`);
  expect((await runProgram([...OURS, ...line], env)).stdout).toBe(`${NAME}\n`);
  expect(await onTerminal([...OURS, "-u", socket, "ts-del", `${NAME}2`], env)).toContain(`${SHOWN}2`);

  const batch = join(directory, "batch");
  writeFileSync(batch, `ts-del "x\u009b2J\u200f"\n`);
  const said = await onTerminal([...OURS, `--db=${remote}`, `--batch=${batch}`], env);
  expect(said).toContain("x\\x9b2J\\u200f");
  expect(said).not.toContain("\u009b");
});
