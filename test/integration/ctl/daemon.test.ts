// `--detach`, and lines that run through the daemon that it leaves behind.

import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { startStandalone } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { ended, isAlive } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";
import type { Ended } from "./programs.ts";
import { bundle, nbctl } from "./programs.ts";

const program = bundle("ovn-ic-nbctl");

async function startServer(): Promise<Server> {
  const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
  onTestFinished(() => server.stop());
  return server;
}

/** A run directory of its own, as environment. */
function makeEnvironment(): { readonly directory: string; readonly env: NodeJS.ProcessEnv } {
  const directory = mkdtempSync(join(tmpdir(), "ctl-daemon-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return { directory, env: { ...process.env, OVN_RUNDIR: directory } };
}

function run(env: NodeJS.ProcessEnv, file: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child: ChildProcess = execFile(
      file,
      args,
      { env, timeout: 25_000, killSignal: "SIGKILL", maxBuffer: 1 << 28 },
      (_, stdout, stderr) => resolve({ stdout, stderr, status: child.exitCode, signal: child.signalCode }),
    );
  });
}

const ours = (env: NodeJS.ProcessEnv, ...args: string[]) => run(env, process.execPath, program, ...args);

/** The process that a pidfile names, or a control socket does. */
function pidOf(text: string): number {
  const digits = /(\d+)(\.ctl)?\s*$/.exec(text)?.[1];
  if (digits === undefined) throw new Error(`there is no process id in ${text}`);
  return Number(digits);
}

interface Daemon {
  readonly socket: string;
  readonly pid: number;
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs a line through it. */
  run(...args: string[]): Promise<Ended>;
  /** Has `ovs-appctl` speak to it. */
  appctl(...args: string[]): Promise<Ended>;
}

async function startDaemon(remote: string, ...options: string[]): Promise<Daemon> {
  const { directory, env } = makeEnvironment();
  const { stdout, stderr, status } = await ours(env, `--db=${remote}`, "--detach", "--pidfile", ...options);
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  const pid = pidOf(readFileSync(join(directory, "ovn-ic-nbctl.pid"), "utf8"));
  const socket = stdout.trimEnd();
  onTestFinished(async () => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    await ended(pid);
  });
  const withDaemon = { ...env, OVN_IC_NB_DAEMON: socket };
  return {
    socket,
    pid,
    directory,
    env,
    run: (...args) => ours(withDaemon, ...args),
    appctl: (...args) => run(env, "ovs-appctl", "-t", socket, ...args),
  };
}

const done = (stdout: string): Ended => ({ stdout, stderr: "", status: 0, signal: null });
const failed = (message: string): Ended => ({
  stdout: "",
  stderr: `ovn-ic-nbctl: ${message}\n`,
  status: 1,
  signal: null,
});

test("--detach prints the control socket, and `run` does what the program itself does", async () => {
  const { remote } = await startServer();
  const daemon = await startDaemon(remote);
  expect(daemon.socket).toBe(join(daemon.directory, `ovn-ic-nbctl.${daemon.pid}.ctl`));
  const { appctl } = daemon;
  expect(await appctl("run", "ts-add", "ts1")).toEqual(done(""));
  expect(await appctl("run", "get", "Transit_Switch", "ts1", "name")).toEqual(done("ts1\n"));
  const again = await appctl("run", "ts-add", "ts1");
  expect(again.status).toBe(2);
  expect(again.stderr).toContain("ts1: a transit switch with this name already exists\n");
  expect(await appctl("run", "--oneline", "--may-exist", "ts-add", "ts1", "--", "init")).toEqual(
    done("\n\n"),
  );
  expect((await appctl("version")).stdout).toMatch(/^ovn-ic-nbctl \d/);
  expect((await appctl("run", "--db=tcp:1.2.3.4", "ts-list")).stderr).toContain("unrecognized option '--db=");
  expect((await appctl("run")).stderr).toContain("missing command name (use --help for help)");
});

test("lines through the daemon are like direct ones, to the byte", async () => {
  const { remote } = await startServer();
  const daemon = await startDaemon(remote);
  await nbctl(remote, "ts-add", "ts1", "--", "set", "Transit_Switch", "ts1", "external_ids:a=b c");
  const lines = [
    ["ts-list"],
    ["show"],
    ["-f", "csv", "--columns=name,external_ids", "list", "Transit_Switch"],
    ["--bare", "--columns=name", "find", "Transit_Switch", "name=ts1"],
    ["--format=json", "--pretty", "list", "Transit_Switch"],
    ["--data=bare", "--no-head", "-f", "table", "list", "Transit_Switch"],
    ["--oneline", "ts-list", "--", "show"],
    ["--may-exist", "ts-add", "ts1"],
    ["--may", "ts-add", "ts1"],
    ["--dry-run", "ts-add", "ts9", "--", "ts-list"],
    ["get", "Transit_Switch", "ts1", "external_ids:nothing"],
    ["--if-exists", "get", "Transit_Switch", "ts1", "external_ids:nothing", "name"],
    ["ts-add", "ts1"],
    ["ts-del", "-1"],
    ["ts-ad"],
    ["ts-add"],
    ["--may-exist", "ts-list"],
    ["--columns=name", "--", "list", "Transit_Switch"],
    [],
    ["--nothing"],
    ["--version"],
    ["--commands"],
  ];
  for (const line of lines) {
    const direct = await nbctl(remote, ...line);
    const through = await daemon.run(...line);
    const uuids = (text: string) => text.replace(/ts9.*|[-0-9a-f]{36} \(ts9\)/g, "");
    expect({ line, ...through, stdout: uuids(through.stdout) }).toEqual({
      line,
      ...direct,
      stdout: uuids(direct.stdout),
    });
  }
}, 120_000);

test("a ctl daemon's -u SOCKET is absolute or relative to the run directory", async () => {
  const { remote } = await startServer();
  const daemon = await startDaemon(remote, "-u", "my.ctl");
  expect(daemon.socket).toBe(join(daemon.directory, "my.ctl"));
  expect(await ours(daemon.env, "-u", "my.ctl", "ts-add", "ts1")).toEqual(done(""));
  const line = ["get", "Transit_Switch", "ts1", "name"];
  expect(await ours(daemon.env, `--unixctl=${daemon.socket}`, ...line)).toEqual(done("ts1\n"));
});

test("without a daemon at the socket the line fails; --db goes past the daemon", async () => {
  const { remote } = await startServer();
  const { env } = makeEnvironment();
  const nowhere = { ...env, OVN_IC_NB_DAEMON: "/nonexistent/x.ctl" };
  const message =
    "/nonexistent/x.ctl: could not connect to ovn-ic-nbctl daemon (No such file or directory); " +
    "unset OVN_IC_NB_DAEMON to avoid using daemon";
  expect(await ours(nowhere, "ts-list")).toEqual(failed(message));
  expect(await ours(env, "-u", "/nonexistent/x.ctl", "ts-list")).toEqual(failed(message));
  const direct = await ours(nowhere, `--db=${remote}`, "ts-list");
  expect(direct).toMatchObject({ stdout: "", status: 0 });
  expect(direct.stderr).toMatch(/WARN\|not using ovn-ic-nbctl daemon because of db option\n$/);
  expect(await ours({ ...env, OVN_IC_NB_DAEMON: "", OVN_IC_NB_DB: remote }, "ts-list")).toEqual(done(""));
});

test.each(["exit", "SIGTERM", "SIGINT"] as const)("%s ends a ctl daemon, and its files go", async (how) => {
  const { remote } = await startServer();
  const { socket, pid, directory, appctl } = await startDaemon(remote);
  if (how === "exit") expect(await appctl("exit")).toEqual(done(""));
  else process.kill(pid, how);
  await ended(pid);
  expect([existsSync(socket), existsSync(join(directory, "ovn-ic-nbctl.pid"))]).toEqual([false, false]);
});

test("a ctl daemon lets go of stdin, stdout and stderr, and of the directory", async () => {
  const { remote } = await startServer();
  const { directory, env } = makeEnvironment();
  // Command substitution waits for the end of the pipe, which the daemon must not hold.
  const script =
    'cd "$OVN_RUNDIR"; sock=$("$0" "$1" --db="$2" --detach --pidfile 2>&1) && echo "<$sock>" && cat *.pid';
  const { stdout, stderr } = await run(env, "sh", "-c", script, process.execPath, program, remote);
  expect(stderr).toBe("");
  const pid = pidOf(stdout);
  onTestFinished(() => ended(pid));
  expect(stdout).toBe(`<${directory}/ovn-ic-nbctl.${pid}.ctl>\n${pid}\n`);
  expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
  expect([0, 1, 2].map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))).toEqual(Array(3).fill("/dev/null"));
  process.kill(pid, "SIGTERM");
});

test("what keeps a ctl daemon from starting is reported by the process that the user started", async () => {
  const { env } = makeEnvironment();
  const start = (...options: string[]) => ours(env, "--db=unix:/nonexistent/db", "--detach", ...options);
  expect(await start("-u", "/nonexistent/x.ctl")).toEqual(
    failed("/nonexistent/x.ctl: could not initialize control socket (No such file or directory)"),
  );
  expect(await start("--pidfile=/nonexistent/x.pid")).toEqual(
    failed("/nonexistent/x.pid.tmp: create failed (No such file or directory)"),
  );
  expect(await start("ts-list")).toEqual(
    failed("non-option arguments not supported with --detach (use --help for help)"),
  );
});

test("a second ctl daemon with the same pidfile, or at the same socket, is refused", async () => {
  const { remote } = await startServer();
  const { pid, directory, env, run } = await startDaemon(remote, "-u", "x.ctl");
  const second = (...options: string[]) => ours(env, `--db=${remote}`, "--detach", "-u", "x.ctl", ...options);
  expect(await second("--pidfile")).toEqual(
    failed(`${directory}/ovn-ic-nbctl.pid: already running as pid ${pid}, aborting`),
  );
  expect(await second()).toEqual(
    failed(`${directory}/x.ctl: could not initialize control socket (another process listens there)`),
  );
  expect(await second("--pidfile", "--overwrite-pidfile")).toMatchObject({ status: 1 });
  expect(await run("ts-list")).toEqual(done(""));
});

test("after SIGKILL a ctl daemon's socket and pidfile are stale, and the next one replaces them", async () => {
  const { remote } = await startServer();
  const first = await startDaemon(remote, "-u", "x.ctl");
  process.kill(first.pid, "SIGKILL");
  await ended(first.pid);
  expect(await first.run("ts-list")).toEqual(
    failed(
      `${first.socket}: could not connect to ovn-ic-nbctl daemon (Connection refused); ` +
        "unset OVN_IC_NB_DAEMON to avoid using daemon",
    ),
  );
  // A process that has nothing to do with it may have got the same process id.
  writeFileSync(join(first.directory, "ovn-ic-nbctl.pid"), `${process.pid}\n`);
  const { stdout, stderr } = await ours(first.env, `--db=${remote}`, "--detach", "--pidfile", "-u", "x.ctl");
  expect({ stdout, stderr }).toEqual({ stdout: `${first.socket}\n`, stderr: "" });
  const pid = pidOf(readFileSync(join(first.directory, "ovn-ic-nbctl.pid"), "utf8"));
  onTestFinished(() => ended(pid));
  expect(await first.run("ts-add", "ts1")).toEqual(done(""));
  expect(await first.appctl("exit")).toEqual(done(""));
});

test("20 callers of a ctl daemon at once: each line is done once, and what others write is seen", async () => {
  const { remote } = await startServer();
  const { run } = await startDaemon(remote);
  const callers = Array.from({ length: 20 }, async (_, i) => {
    const results: Ended[] = [];
    for (let n = 0; n < 3; n++) results.push(await run("ts-add", `c${i}-${n}`, "--", "ts-list"));
    results.push(await run("ts-add", "same"));
    return results;
  });
  const all = await Promise.all(callers);
  const adds = all.flatMap((results) => results.slice(0, 3));
  expect(adds.map(({ stderr, status }) => ({ stderr, status }))).toEqual(
    adds.map(() => ({ stderr: "", status: 0 })),
  );
  const same = all.map((results) => results.at(-1)?.status);
  expect(same.filter((status) => status === 0)).toHaveLength(1);
  await nbctl(remote, "ts-add", "other");
  const { stdout } = await run("ts-list");
  expect(stdout.split("\n")).toHaveLength(20 * 3 + 2 + 1);
}, 120_000);

test("a line that waits in a ctl daemon doesn't keep others from what it waits for", async () => {
  const { remote } = await startServer();
  const { run, appctl } = await startDaemon(remote);
  const waiting = run("wait-until", "Transit_Switch", "ts1", "--", "get", "Transit_Switch", "ts1", "name");
  await run("ts-add", "ts0");
  await run("get", "IC_NB_Global", ".", "connections");
  expect(await run("ts-add", "ts1")).toEqual(done(""));
  expect(await waiting).toEqual(done("ts1\n"));
  expect((await appctl("run", "--timeout=1", "wait-until", "Transit_Switch", "ts2")).stderr).toContain(
    "timeout expired",
  );
  const killed = await run("-t", "1", "wait-until", "Transit_Switch", "ts2");
  expect(killed).toMatchObject({ stdout: "", signal: "SIGALRM" });
  expect(killed.stderr).toMatch(/fatal_signal\|WARN\|terminating with signal 14 \(Alarm clock\)\n$/);
  expect(await run("ts-list")).toMatchObject({ status: 0 });
});

test("a ctl daemon's copy grows with what lines need, and stays current", async () => {
  const { remote } = await startServer();
  const { run } = await startDaemon(remote);
  expect(await run("ts-list")).toEqual(done(""));
  await nbctl(remote, "ts-add", "ts1", "--", "set-connection", "ptcp:0:127.0.0.1");
  const name = ["get", "Transit_Switch", "ts1", "name"];
  expect(await run(...name)).toEqual(done("ts1\n"));
  expect(await run("get-connection")).toEqual(done("ptcp:0:127.0.0.1\n"));
  await nbctl(remote, "set", "Transit_Switch", "ts1", "other_config:a=b");
  expect(await run("get", "Transit_Switch", "ts1", "other_config")).toEqual(done("{a=b}\n"));
  await nbctl(remote, "ts-del", "ts1");
  expect((await run(...name)).stderr).toContain('no row "ts1"');
});

test("while the server is away lines of a ctl daemon wait, and go on when it is back", async () => {
  const server = await startServer();
  const { run, appctl } = await startDaemon(server.remote);
  expect(await run("ts-add", "ts1")).toEqual(done(""));
  await server.kill("SIGKILL");
  const waiting = run("get", "Transit_Switch", "ts1", "name");
  expect(await run("-t", "1", "ts-list")).toMatchObject({ signal: "SIGALRM" });
  expect((await appctl("version")).status).toBe(0);
  await server.restart();
  expect(await waiting).toEqual(done("ts1\n"));
}, 120_000);

test("a ctl daemon reports a server that never was there", async () => {
  const { run } = await startDaemon("unix:/nonexistent/db");
  expect(await run("ts-list")).toEqual(
    failed("unix:/nonexistent/db: database connection failed (No such file or directory)"),
  );
});

test("`exit` ends a ctl daemon at once, also while lines wait and the server is gone", async () => {
  const server = await startServer();
  const { pid, run, appctl } = await startDaemon(server.remote);
  await run("ts-list");
  await server.kill("SIGKILL");
  const waiting = run("ts-list");
  const forever = run("wait-until", "Transit_Switch", "ts1");
  expect(await run("-t", "1", "ts-list")).toMatchObject({ signal: "SIGALRM" });
  expect(await appctl("exit")).toEqual(done(""));
  await ended(pid);
  for (const { status } of [await waiting, await forever]) expect(status).toBe(1);
  await server.restart();
});

test("what is no request does a ctl daemon no harm", async () => {
  const { remote } = await startServer();
  const { socket, run } = await startDaemon(remote);
  for (const text of ["nonsense", '{"id":0', '{"id":0,"method":"run","params":"x"}', "}{", "\0\0\0"]) {
    await new Promise<void>((resolve) => {
      const connection = connect({ path: socket }, () => connection.end(text));
      connection.once("close", () => resolve());
      connection.resume();
    });
  }
  expect(await run("ts-add", "ts1")).toEqual(done(""));
  expect((await run("ts-list")).stdout).toMatch(/\(ts1\)\n$/);
});

test("a caller of a ctl daemon that is killed takes no other with it", async () => {
  const { remote } = await startServer();
  const { socket, env, run } = await startDaemon(remote);
  const child = spawn(process.execPath, [program, "-u", socket, "wait-until", "Transit_Switch", "ts1"], {
    env,
  });
  await run("ts-add", "ts0");
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  expect(await run("ts-add", "ts1")).toEqual(done(""));
});

test("the --log-file of a ctl daemon says what it ran", async () => {
  const { remote } = await startServer();
  const { directory } = makeEnvironment();
  const log = join(directory, "x.log");
  const { run, appctl, pid } = await startDaemon(remote, `--log-file=${log}`);
  await run("ts-add", "ts1");
  await run("set-connection", "frob:1");
  await appctl("exit");
  await ended(pid);
  const text = readFileSync(log, "utf8");
  expect(text).toMatch(/^\S+\|00001\|vlog\|INFO\|opened log file \S+\n/);
  expect(text).toMatch(/\|ovn_dbctl\|INFO\|Running command run -- ts-add ts1\n/);
  expect(text).toMatch(/WARN\|target type "frob:1" is possibly erroneous\n/);
});

test("--monitor starts a ctl daemon again when it dies of a mistake, and ends with it otherwise", async () => {
  const { remote } = await startServer();
  const { pid, directory, run, appctl } = await startDaemon(remote, "--monitor", "-u", "x.ctl");
  const monitor = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  expect(monitor).toBeGreaterThan(1);
  onTestFinished(() => ended(monitor));
  expect(await run("ts-add", "ts1")).toEqual(done(""));
  process.kill(pid, "SIGSEGV");
  const pidfile = join(directory, "ovn-ic-nbctl.pid");
  await until(() => pidOf(readFileSync(pidfile, "utf8")) !== pid, "there is another");
  // The pidfile comes before the socket.
  await until(async () => (await appctl("version")).status === 0, "it answers");
  expect(await run("get", "Transit_Switch", "ts1", "name")).toEqual(done("ts1\n"));
  const second = pidOf(readFileSync(pidfile, "utf8"));
  process.kill(second, "SIGTERM");
  await ended(second);
  await ended(monitor);
  expect(existsSync(pidfile)).toBe(false);
}, 120_000);
