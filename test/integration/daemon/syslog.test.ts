// Each line of the log reaches a real receiver, whatever the way; and looks there as those of the C program
// do.

import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { receiveDatagrams } from "../../harness/programs/datagrams.ts";
import { Background, makeDirectory, OURS, runProgram } from "../../harness/programs/ic-daemon.ts";
import { until } from "../../harness/wait.ts";

/** Gives a command a /dev of its own, whose log is a socket elsewhere. */
const OWN_DEV = `
  mount -t tmpfs tmpfs /dev && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && ln -s "$0" /dev/log && exec "$@"`;

/** Where datagrams arrive, and how a daemon is led there. */
interface Receiver {
  readonly args: readonly string[];
  /** What stands before the command. */
  readonly launcher?: readonly string[];
  readonly received: () => readonly string[];
}

interface Line {
  readonly number: string;
  readonly module: string;
  readonly level: string;
  readonly text: string;
}

const SEVERITIES: Readonly<Record<string, number>> = { ERR: 3, WARN: 4, INFO: 5, DBG: 7 };
const priority = (facility: number, { level }: Line) => `<${facility * 8 + (SEVERITIES[level] ?? 0)}>`;
const whole = ({ number, module, level, text }: Line) => `ovs|${number}|${module}|${level}|${text}`;

async function overUnix(...args: string[]): Promise<Receiver> {
  const path = join(makeDirectory(), "log");
  return { args: [`--syslog-method=unix:${path}`, ...args], received: await receiveDatagrams(path) };
}

async function overUdp(args: (place: string) => string[]): Promise<Receiver> {
  const socket = createSocket("udp4");
  const messages: string[] = [];
  socket.on("message", (message) => messages.push(String(message)));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => void socket.close());
  return { args: args(`127.0.0.1:${socket.address().port}`), received: () => messages };
}

async function overLibc(): Promise<Receiver> {
  const path = join(makeDirectory(), "log");
  const received = await receiveDatagrams(path);
  return { args: [], launcher: ["unshare", "--mount", "sh", "-c", OWN_DEV, path], received };
}

const TIME = "(time)";
/** That of C's first lines is another one: it forks after them. */
const PID = "(pid)";
const WAYS: Readonly<Record<string, readonly [() => Promise<Receiver>, (line: Line) => string]>> = {
  "the C library's way, by default": [
    overLibc,
    (line) => `${priority(3, line)}${TIME} ovn-ic: ${whole(line)}`,
  ],
  "a unix socket": [overUnix, (line) => `${priority(3, line)}${whole(line)}`],
  UDP: [
    () => overUdp((place) => [`--syslog-method=udp:${place}`]),
    (line) => `${priority(3, line)}${whole(line)}`,
  ],
  "UDP besides, in the form of RFC 5424": [
    () => overUdp((place) => ["--syslog-method=null", `--syslog-target=${place}`]),
    (line) =>
      `${priority(16, line)}1 ${TIME} ${hostname()} ovn-ic ${PID} ${line.module} - \ufeff${line.text}`,
  ],
  "another facility and pattern": [
    () => overUnix("-vFACILITY:local3", "-vPATTERN:syslog:%p of %c: %m"),
    (line) => `${priority(19, line)}${line.level} of ${line.module}: ${line.text}`,
  ],
};

describe.each([
  ["ours", OURS],
  ["C", ["/usr/bin/ovn-ic"]],
] as const)("%s", (_, command) => {
  test.each(Object.entries(WAYS))("%s", async (_way, [listen, format]) => {
    const { args, launcher = [], received } = await listen();
    const words = ["-vconsole:off", ...args];
    const daemon = await Background.start([...launcher, ...command], { args: words });
    expect(daemon.started).toEqual({ stdout: "", stderr: "", status: 0 });
    expect(await daemon.appctl("vlog/set", "ANY:unixctl:dbg")).toMatchObject({ status: 0 });
    await daemon.appctl("exit");
    await daemon.end();
    const log = readFileSync(join(daemon.directory, "ovn-ic.log"), "utf8").trimEnd().split("\n");
    const lines = log.map((line): Line => {
      const [, number = "", module = "", level = "", ...text] = line.split("|");
      return { number, module, level, text: text.join("|") };
    });
    expect(lines.map(({ module }) => module)).toContain("vlog");
    await until(() => received().length >= lines.length, "all has arrived");
    const times = /(?<=^<\d+>(1 )?)([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|2\d{3}-\S+Z)/;
    const plain = received().map((message) => message.replace(times, TIME).replace(/(?<= ovn-ic )\d+/, PID));
    expect(plain).toEqual(lines.map((line) => format(line)));
  });
});

test("nothing is sent to syslog where that is asked for, and a place that is none is said", async () => {
  const { args, received } = await overUnix();
  const words = [...args, "-vsyslog:off", "-vconsole:off", "--syslog-target=nonsense:x"];
  const daemon = await Background.start(OURS, { args: words });
  expect(await daemon.appctl("status")).toMatchObject({ stdout: "Status: standby\n" });
  expect(daemon.log).toContain('socket_util|ERR|nonsense:x: bad port number "x"');
  expect(received()).toEqual([]);
  const refused = await runProgram([...OURS, "--syslog-method=pigeon"], daemon.env);
  expect(refused).toMatchObject({ status: 1, stderr: "ovn-ic: unsupported syslog method 'pigeon'\n" });
});
