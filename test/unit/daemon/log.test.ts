// What a log shows, and how its lines look.

import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Log } from "../../../src/daemon/log.ts";
import { LogLevels, LogSpecError } from "../../../src/daemon/log-levels.ts";
import type { LogRecord } from "../../../src/daemon/log-pattern.ts";
import { DEFAULT_PATTERNS, formatJsonRecord, formatRecord } from "../../../src/daemon/log-pattern.ts";
import { RateLimit } from "../../../src/daemon/rate-limit.ts";

const record: LogRecord = {
  program: "ovn-ic",
  time: new Date("2026-01-31T12:00:00.123Z"),
  number: 42,
  module: "ovn_ic",
  level: "WARN",
  text: "text",
  facility: null,
};

function fileLog(): { log: Log; path: string; read: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), "log-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "x.log");
  const log = new Log({ program: "x", levels: new LogLevels({ modules: ["ovn_ic"], console: "OFF" }) });
  expect(log.openFile(path)).toBe(true);
  const read = () =>
    readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.slice("2026-01-31T12:00:00.123Z|".length));
  return { log, path, read };
}

test("lines look as those of the C programs", () => {
  expect(formatRecord(DEFAULT_PATTERNS.file, record)).toBe("2026-01-31T12:00:00.123Z|00042|ovn_ic|WARN|text");
  expect(formatRecord(DEFAULT_PATTERNS.console, record)).toBe("2026-01-31T12:00:00Z|00042|ovn_ic|WARN|text");
  expect(formatRecord("%A %-8c|%8p|%P%% %q %B", record)).toBe(
    `ovn-ic ovn_ic  |    WARN|${process.pid}% %q 132`,
  );
  expect(formatRecord("%D{%e %b %y %T.#}", record)).toBe("31 Jan 26 12:00:00.1");
  expect(JSON.parse(formatJsonRecord(record))).toEqual({
    time: "2026-01-31T12:00:00.123Z",
    number: 42,
    module: "ovn_ic",
    level: "WARN",
    text: "text",
  });
});

test("a level for each destination and module", () => {
  const levels = new LogLevels({ modules: ["ovn_ic"], console: "WARN", quiet: ["reconnect"] });
  expect(levels.includes("file", "ovn_ic", "INFO")).toBe(true);
  expect(levels.includes("file", "reconnect", "INFO")).toBe(false);
  expect(levels.includes("console", "ovn_ic", "INFO")).toBe(false);
  levels.set("ovn_ic:console:dbg");
  expect(levels.includes("console", "ovn_ic", "DBG")).toBe(true);
  levels.set("file:off");
  expect(levels.includes("file", "ovn_ic", "EMER")).toBe(false);
  expect(() => levels.set("foo:bar")).toThrow(new LogSpecError('no destination, level, or module "foo"'));
});

test("a file is opened anew when somebody has taken it away, and only then", () => {
  const { log, path, read } = fileLog();
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(log.reopenFile()).toBeNull();
  renameSync(path, `${path}.1`);
  log.info("ovn_ic", "into the old one");
  expect(log.reopenFile()).toBeNull();
  expect(readFileSync(`${path}.1`, "utf8")).toMatch(/opened.*\n.*into the old one\n.*closing log file\n$/);
  expect(read()).toEqual([`00004|vlog|INFO|opened log file ${path}`]);
  log.closeFile();
  log.info("ovn_ic", "nobody reads this");
  log.reopenFile();
  expect(read()).toHaveLength(2);
});

test("what names of rows hold can't forge a line or reach a terminal", () => {
  const { log, read } = fileLog();
  log.warn("ovn_ic", "a\nb\u001b[31m\u009b\ud800");
  expect(read()[1]).toBe("00002|ovn_ic|WARN|a\\nb\\x1b[31m\\x9b\\ud800");
});

test("what is said about rows is cut, and what looks alike then is said once", () => {
  const { log, read } = fileLog();
  const limit = new RateLimit(20, 20, () => 0);
  const long = (n: number) => `Chassis ${"x".repeat(500_000)}${n}${"x".repeat(500_000)} is bad`;
  for (let n = 0; n < 10; n++) log.limited(limit, "WARN", "ovn_ic", long(n));
  log.limited(limit, "WARN", "ovn_ic", "the end");
  expect(
    read()
      .slice(1)
      .map((line) => line.replace(/x+/g, "x")),
  ).toEqual([
    "00002|ovn_ic|WARN|Chassis x… (999116 more characters) …x is bad",
    "00003|ovn_ic|WARN|Dropped 9 log messages in last 0 seconds (most recently, 0 seconds ago) due to excessive rate",
    "00004|ovn_ic|WARN|the end",
  ]);
});

test("the rate is limited, and what was left out is counted", () => {
  const { log, read } = fileLog();
  let now = 0;
  const limit = new RateLimit(6, 2, () => now);
  const warn = (text: string) => log.limited(limit, "WARN", "ovn_ic", text);
  for (const text of ["a", "a", "b", "c", "d"]) warn(text);
  now = 12;
  warn("e");
  warn("a");
  now = 70;
  warn("a");
  log.setLimited(false, ["ovn_ic"]);
  warn("a");
  const dropped = (count: number, seconds: number) =>
    `Dropped ${count} log messages in last ${seconds} seconds (most recently, ${seconds} seconds ago) due to excessive rate`;
  expect(
    read()
      .slice(1)
      .map((line) => line.replace(/^\d+\|ovn_ic\|WARN\|/, "")),
  ).toEqual([...["a", dropped(1, 0), "b", dropped(2, 12), "e", dropped(1, 58), "a", "a"]]);
});
