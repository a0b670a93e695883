// `--batch`: many lines on one connection, each as if it had been typed for itself.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Ended } from "./programs.ts";
import { bundle, nbctl } from "./programs.ts";

async function startServer() {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  onTestFinished(() => server.stop());
  return server;
}

function fileOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "batch-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "lines");
  writeFileSync(path, text);
  return path;
}

async function names(remote: string): Promise<string[]> {
  const { stdout } = await nbctl(remote, "ts-list");
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => /\((.*)\)$/.exec(line)?.[1] ?? line);
}

/** Runs a batch whose lines are written to stdin; `feed` decides when. */
function batchFromStdin(
  remote: string,
  feed: (write: (text: string) => void, output: () => Promise<string>) => Promise<void>,
): Promise<Ended> {
  const child = spawn(process.execPath, [bundle("ovn-ic-nbctl"), `--db=${remote}`, "--batch", "-"], {
    timeout: 25_000,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const output = () => new Promise<string>((resolve) => child.stdout.once("data", resolve));
  return new Promise((resolve, reject) => {
    child.once("close", (status, signal) => resolve({ stdout, stderr, status, signal }));
    feed((text) => child.stdin.write(text), output).then(() => child.stdin.end(), reject);
  });
}

test("the lines of a batch run in order, each sees what those before it did, and prints when it is committed", async () => {
  const { remote } = await startServer();
  const path = fileOf(
    [
      "# switches",
      "",
      "ts-add ts1",
      "   --may-exist ts-add ts1 -- --may-exist ts-add 'ts 2'   # both",
      `set Transit_Switch "ts 2" 'external_ids:a="b c"' -- set Transit_Switch ts1 external_ids:d=\\#e`,
      "get Transit_Switch ts1 external_ids:d -- get Transit_Switch 'ts 2' external_ids:a name",
      "--if-exists ts-del nothing",
      "--bare --columns=name find Transit_Switch name=ts1",
    ].join("\n"),
  );
  // --bare is a global option, and so is refused within a line.
  const { stdout, stderr, status } = await nbctl(remote, "--batch", path);
  expect(stdout).toBe('"#e"\n"b c"\n"ts 2"\n');
  expect(stderr).toBe(
    `ovn-ic-nbctl: ${path}:8: option '--bare' is for the whole batch: put it before --batch, not in a line\n`,
  );
  expect(status).toBe(1);
  expect(await names(remote)).toEqual(["ts 2", "ts1"]);
});

test("the options of the batch's own line hold for all lines", async () => {
  const { remote } = await startServer();
  const path = fileOf("ts-add ts1\nts-add ts2 -- ts-add ts3\n");
  expect(await nbctl(remote, "--batch", path, "--dry-run")).toMatchObject({ status: 0, stderr: "" });
  expect(await names(remote)).toEqual([]);
  expect((await nbctl(remote, "--oneline", `--batch=${path}`)).stdout).toBe("\n\n\n");
  const list = fileOf("--columns=name find Transit_Switch name=ts1\nlist Transit_Switch ts2\n");
  const { stdout } = await nbctl(remote, "-f", "csv", "--no-headings", "--batch", list);
  expect(stdout).toMatch(/^ts1\n[-0-9a-f]{36},.*ts2.*\n$/);
});

test("the first error ends a batch; what was committed before stays", async () => {
  const { remote } = await startServer();
  const path = fileOf("ts-add ts1\nts-add ts1\nts-add ts2\n");
  expect(await nbctl(remote, "--batch", path)).toEqual({
    stdout: "",
    stderr: `ovn-ic-nbctl: ${path}:2: ts1: a transit switch with this name already exists\n`,
    status: 1,
    signal: null,
  });
  expect(await names(remote)).toEqual(["ts1"]);
});

test("--batch --keep-going reports each line that fails, with its number, and runs the others", async () => {
  const { remote } = await startServer();
  const lines = [
    "ts-add ts1",
    "",
    "ts-add 'ts2",
    "# ' a comment needs no second quote",
    "ts-add ts1",
    "ts-ad ts3",
    "list Nothing",
    "set Transit_Switch ts1 nothing=1",
    "--db=x ts-list",
    "ts-add ts4\\",
    'get Transit_Switch "ts1"x name',
    "ts-add ts5",
  ];
  const path = fileOf(lines.join("\r\n"));
  const { stderr, status } = await nbctl(remote, "--batch", path, "--keep-going");
  expect(status).toBe(1);
  expect(stderr.split("\n")).toEqual([
    `ovn-ic-nbctl: ${path}:3: unterminated quotation: no second ' follows the one at character 8`,
    `ovn-ic-nbctl: ${path}:5: ts1: a transit switch with this name already exists`,
    `ovn-ic-nbctl: ${path}:6: unknown command 'ts-ad'; use --help for help`,
    "Did you mean 'ts-add'?",
    `ovn-ic-nbctl: ${path}:7: unknown table "Nothing"`,
    `ovn-ic-nbctl: ${path}:8: Transit_Switch does not contain a column whose name matches "nothing"`,
    `ovn-ic-nbctl: ${path}:9: option '--db' is for the whole batch: put it before --batch, not in a line`,
    `ovn-ic-nbctl: ${path}:10: nothing follows the backslash at character 11`,
    `ovn-ic-nbctl: ${path}:11: no row "ts1x" in table Transit_Switch`,
    "",
  ]);
  expect(await names(remote)).toEqual(["ts1", "ts5"]);
});

test("--batch --single-transaction: all lines or none, and the line that is to blame is named", async () => {
  const { remote } = await startServer();
  const failing = fileOf("ts-add ts1\n\nts-add ts2 -- ts-add ts3\nts-add ts4 -- ts-add ts1\nts-add ts5\n");
  expect(await nbctl(remote, "--batch", failing, "--single-transaction")).toMatchObject({
    stderr: `ovn-ic-nbctl: ${failing}:4: ts1: a transit switch with this name already exists\n`,
    status: 1,
  });
  const unknownTable = fileOf("ts-add ts1\nts-add ts2\nlist Nothing\n");
  expect((await nbctl(remote, "--batch", unknownTable, "--single-transaction")).stderr).toBe(
    `ovn-ic-nbctl: ${unknownTable}:3: unknown table "Nothing"\n`,
  );
  const unfinished = fileOf("ts-add ts1\nts-add 'ts2\n");
  expect((await nbctl(remote, "--batch", unfinished, "--single-transaction")).stderr).toContain(
    `${unfinished}:2: unterminated`,
  );
  expect(await names(remote)).toEqual([]);
  const good = fileOf("ts-add ts1\nts-add ts2\nget Transit_Switch ts2 name\n");
  expect(await nbctl(remote, "--batch", good, "--single-transaction")).toMatchObject({
    stdout: "ts2\n",
    stderr: "",
    status: 0,
  });
});

test("whoever writes the lines of a batch to stdin can wait for the output of each", async () => {
  const { remote } = await startServer();
  const { stdout, stderr, status } = await batchFromStdin(remote, async (write, output) => {
    write("ts-add ts1\nget Transit_Switch ts1 name\n");
    expect(await output()).toBe("ts1\n");
    write("ts-add ts2 -- get Transit_Sw");
    write("itch ts2 name\n");
    expect(await output()).toBe("ts2\n");
    write("ts-add ts1");
  });
  expect(stdout).toBe("ts1\nts2\n");
  expect(stderr).toBe("ovn-ic-nbctl: <stdin>:4: ts1: a transit switch with this name already exists\n");
  expect(status).toBe(1);
});

test("2,000 lines of a batch end in the same state, with the same output, as each for itself", async () => {
  const [one, other] = [await startServer(), await startServer()];
  const commands = (i: number) => [
    `ts-add t${i}`,
    `set Transit_Switch t${i} external_ids:i=${i} other_config:x='a b'`,
    `get Transit_Switch t${i} external_ids other_config:x`,
    i % 2 === 0 ? `ts-del t${i}` : `add Transit_Switch t${i} external_ids k=${i % 7}`,
  ];
  const all = Array.from({ length: 500 }, (_, i) => commands(i)).flat();
  expect(all).toHaveLength(2000);
  const batch = await nbctl(one.remote, "--batch", fileOf(all.join("\n")));
  expect(batch).toMatchObject({ stderr: "", status: 0 });
  // Each for itself: as the commands of long lines, since 2,000 processes would take minutes.
  let stdout = "";
  for (let at = 0; at < all.length; at += 200) {
    const words = all
      .slice(at, at + 200)
      .flatMap((line) => ["--", ...line.replace("'a b'", "a\0b").split(" ")]);
    const ended = await nbctl(other.remote, ...words.map((word) => word.replace("\0", " ")));
    expect(ended).toMatchObject({ stderr: "", status: 0 });
    stdout += ended.stdout;
  }
  expect(batch.stdout).toBe(stdout);
  const state = ["-f", "csv", "--columns=name,external_ids,other_config", "list", "Transit_Switch"];
  const sorted = async (remote: string) => (await nbctl(remote, ...state)).stdout.split("\n").sort();
  expect(await sorted(one.remote)).toEqual(await sorted(other.remote));
}, 120_000);

test("a batch with a line of a megabyte, and one of 5,000 commands", async () => {
  const { remote } = await startServer();
  const value = "x".repeat(1_000_000);
  const many = Array.from({ length: 5000 }, (_, i) => `ts-add t${i}`).join(" -- ");
  const path = fileOf(
    `ts-add ts1\nset Transit_Switch ts1 external_ids:a="${value}"\n${many}\nget Transit_Switch ts1 external_ids:a\n`,
  );
  const { stdout, stderr, status } = await nbctl(remote, "--batch", path);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  expect(stdout.trim()).toBe(value);
  expect(await names(remote)).toHaveLength(5001);
});

test("a batch without commands does nothing, and one that can't be read is an error", async () => {
  const remote = "unix:/nonexistent/socket";
  const empty = fileOf("\n  \n# nothing\n");
  const done = { stdout: "", stderr: "", status: 0, signal: null };
  expect(await nbctl(remote, "--batch", empty)).toEqual(done);
  expect(await nbctl(remote, "--batch", empty, "--single-transaction")).toEqual(done);
  const { stderr, status } = await nbctl(remote, "--batch", "/nonexistent/lines");
  expect(status).toBe(1);
  expect(stderr).toMatch(/^ovn-ic-nbctl: \/nonexistent\/lines: .*no such file.*\n$/);
  expect(await nbctl(remote, "--batch", fileOf("ts-list\n"))).toMatchObject({
    stderr: expect.stringMatching(
      /lines:1: unix:\/nonexistent\/socket: database connection failed \(No such file/,
    ),
    status: 1,
  });
});

test.each([
  [["--single-transaction", "ts-list"], "--single-transaction needs --batch"],
  [["--keep-going", "ts-list"], "--keep-going needs --batch"],
  [["--batch", "-", "--keep-going", "--single-transaction"], "--single-transaction and --keep-going exclude"],
  [["--batch", "-", "ts-list"], '"ts-list" is one too many'],
  [["--batch", "-", "--may-exist"], '"--may-exist" is one too many'],
  [["--batch"], "option '--batch' requires an argument"],
])("%j is refused", async (words, message) => {
  const { stderr, status } = await nbctl("unix:/nonexistent/socket", ...words);
  expect(status).toBe(1);
  expect(stderr).toContain(message);
});

test("abbreviations of the C programs' options stay what they are", async () => {
  const { remote } = await startServer();
  // --ba would be ambiguous if --batch could be abbreviated.
  const words = ["--ba", "--columns=name", "list", "Transit_Switch"];
  expect(await nbctl(remote, ...words)).toMatchObject({ stderr: "", status: 0 });
  const { stderr } = await nbctl(remote, "--p", "ts-list");
  expect(stderr).toBe("ovn-ic-nbctl: option '--p' is ambiguous; possibilities: '--private-key' '--pretty'\n");
  expect((await nbctl(remote, "--batc", "-")).stderr).toBe("ovn-ic-nbctl: unrecognized option '--batc'\n");
});

test("when the server goes away in the middle of a batch, the line says so", async () => {
  const server = await startServer();
  const { stdout, stderr, status } = await batchFromStdin(server.remote, async (write, output) => {
    write("ts-add ts1 -- get Transit_Switch ts1 name\n");
    await output();
    await server.stop();
    write("ts-add ts2\n");
  });
  expect({ stdout, status }).toEqual({ stdout: "ts1\n", status: 1 });
  expect(stderr).toMatch(/^ovn-ic-nbctl: <stdin>:2: unix:\S+: database connection failed \(.+\)\n$/);
});
