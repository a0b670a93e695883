// What whoever reaches the address of `--metrics-listen` can't do: have it work for them alone, hold it up,
// or read it by way of a browser.

import type { Socket } from "node:net";
import { connect } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { Background, OURS, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";
import { newestSchemas } from "../../harness/schemas/newest.ts";
import { until } from "../../harness/wait.ts";

/** Without databases: it can be asked all the same. */
async function start(...args: string[]): Promise<{ daemon: Background; port: number }> {
  return await startWith({}, ...args);
}

async function startWith(databases: NodeJS.ProcessEnv, ...args: string[]) {
  const words = ["-vconsole:off", "--metrics-listen=0", ...args];
  const daemon = await Background.start(OURS, { args: words, databases });
  const said = daemon.log.find((line) => line.includes("metrics at http://127.0.0.1:")) ?? "";
  return { daemon, port: Number(/:(\d+)\/metrics$/.exec(said)?.[1]) };
}

/** One connection, and all that comes over it. */
class Peer {
  readonly socket: Socket;
  readonly connected: Promise<void>;
  readonly closed: Promise<void>;
  received = "";

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1" });
    this.connected = new Promise((resolve) => this.socket.once("connect", () => resolve()));
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString();
    });
    // To be turned out is what is expected.
    this.socket.on("error", () => this.socket.destroy());
    onTestFinished(() => void this.socket.destroy());
  }

  get statuses(): number[] {
    return [...this.received.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
  }
}

/** What is answered to a text, until the connection is closed. */
async function ask(port: number, text: string): Promise<Peer> {
  const peer = new Peer(port);
  peer.socket.write(text);
  await peer.closed;
  return peer;
}

const request = (path: string, host = "127.0.0.1") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const isAlive = async (port: number) =>
  (await ask(port, request("/healthz"))).received.endsWith("\r\n\r\nok\n");

test("the metrics' port takes one request a connection: the second is not answered, be it in one piece or later", async () => {
  const { port } = await start();
  const inOne = await ask(port, request("/healthz").repeat(3));
  expect(inOne.statuses).toEqual([200]);
  expect(inOne.received).toMatch(/^connection: close\r$/im);

  const later = new Peer(port);
  later.socket.write(request("/healthz"));
  await until(() => later.received.endsWith("ok\n"), "it is answered");
  later.socket.write(request("/healthz"));
  await later.closed;
  expect(later.statuses).toEqual([200]);
});

test("at the metrics' port who asks and asks and reads nothing is closed, and a probe beside it is answered", async () => {
  const { port } = await start();
  const deaf = new Peer(port);
  deaf.socket.pause();
  const many = request("/metrics").repeat(2000);
  const askOn = () => {
    while (!deaf.socket.destroyed && deaf.socket.write(many));
  };
  deaf.socket.on("drain", askOn);
  await deaf.connected;
  askOn();
  expect(await isAlive(port)).toBe(true);
  // What was received is not read before the end, so that the end can be seen.
  const ended = new Promise((resolve) => deaf.socket.once("error", resolve));
  await Promise.race([ended, deaf.closed]);
  deaf.socket.destroy();
  expect(await isAlive(port)).toBe(true);
});

test("at the metrics' port who says nothing, or half of a head, is closed", async () => {
  const { port } = await start();
  const silent = new Peer(port);
  const half = new Peer(port);
  half.socket.write("GET /metrics HTT");
  await Promise.all([silent.closed, half.closed]);
  expect([silent.received, half.received]).toEqual(["", ""]);
});

test("when the metrics' port has too many connections, the oldest goes, and the newest is answered", async () => {
  const { port } = await start();
  const first = new Peer(port);
  await first.connected;
  const others = Array.from({ length: 1100 }, () => new Peer(port));
  expect(await isAlive(port)).toBe(true);
  await first.closed;
  for (const { socket } of others) socket.destroy();
});

test("at the metrics' port what is no request, or too long, is refused", async () => {
  const { port } = await start();
  const statuses = async (text: string) => (await ask(port, text)).statuses;
  expect(await statuses("x\r\n\r\n")).toEqual([400]);
  expect(await statuses("GET /healthz HTTP/1.1\r\n\r\n")).toEqual([400]);
  expect(await statuses("GET /healthz HTTP/1.0\r\n\r\n")).toEqual([200]);
  expect(await statuses("GET http://127.0.0.1/healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")).toEqual([400]);
  expect(await statuses(request("/healthz").replace("\r\n\r\n", "\r\nHost: 127.0.0.1\r\n\r\n"))).toEqual([
    400,
  ]);
  expect(
    await statuses(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(9000)}\r\n\r\n`),
  ).toEqual([431]);
  const head = await ask(port, "HEAD /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  expect(head.received).toMatch(/^HTTP\/1\.1 200 OK\r\n.*content-length: 3\r\n.*\r\n\r\n$/is);
});

test("a web page that has a name of its own lead to the metrics' port is not answered; names that are ours are", async () => {
  const { port } = await start("--metrics-host=zone1.example");
  const statusFor = async (host: string) => (await ask(port, request("/metrics", host))).statuses;
  for (const host of [
    "127.0.0.1",
    "[::1]",
    "localhost",
    "10.1.2.3",
    hostname(),
    "zone1.example",
    "ZONE1.example.",
  ]) {
    expect(await statusFor(`${host}:${port}`), host).toEqual([200]);
  }
  for (const host of ["rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example"])
    expect(await statusFor(`${host}:${port}`), host).toEqual([421]);
  expect((await ask(port, request("/metrics", "rebound.example"))).received).toContain(
    '"rebound.example" is no name of this server: ask for its address, or start it with --metrics-host=rebound.example\n',
  );
  expect(await statusFor("a b")).toEqual([400]);
});

test("one text of metrics serves many", async () => {
  const { port } = await start();
  const bodies = await Promise.all(
    Array.from(
      { length: 20 },
      async () => (await ask(port, request("/metrics"))).received.split("\r\n\r\n")[1],
    ),
  );
  // Each text that is made has another CPU time.
  expect(new Set(bodies).size).toBeLessThan(bodies.length);
  expect(bodies[0]).toContain("process_cpu_seconds_total");
});

test("however many zones there are, and whatever they are called: a metric has 1000 series, and the rest is counted", async () => {
  const sandbox = await startSandbox({ azs: ["az1"], northd: false, schemas: newestSchemas() });
  onTestFinished(() => sandbox.stop());
  const az1 = sandbox.azs.get("az1");
  const { port } = await startWith({ ...sandbox.env, OVN_NB_DB: az1?.nb, OVN_SB_DB: az1?.sb });
  await sandbox.run("ovn-ic-sbctl", ["--timeout=60", "wait-until", "Availability_Zone", "az1"]);
  const zones = Array.from({ length: 1004 }, (_, n) => `z${n}`);
  const words = [...zones, `z${"x".repeat(4000)}`].flatMap((name) => [
    "--",
    "create",
    "Availability_Zone",
    `name=${name}`,
  ]);
  await sandbox.run("ovn-ic-sbctl", words.slice(1));
  // The system's program doesn't know the column.
  const nbctl = [process.execPath, join(ROOT, "dist/ovn-ic-nbctl.cjs"), `--db=${sandbox.icNb}`];
  expect(await runProgram([...nbctl, "set", "IC_NB_Global", ".", "nb_ic_cfg=7"])).toMatchObject({
    status: 0,
  });
  const text = async () => (await ask(port, request("/metrics"))).received;
  const leftOut = /^ovn_ic_series_left_out\{metric="ovn_ic_az_config_lag"\} 6$/m;
  await until(async () => leftOut.test(await text()), "six are left out");
  // Those that lag are shown.
  await until(
    async () => ((await text()).match(/^ovn_ic_az_config_lag\{.*\} 7$/gm) ?? []).length === 1000,
    "lags",
  );
  expect(await text()).toMatch(/^ovn_ic_series_left_out\{metric="ovn_ic_routes"\} 0$/m);
  for (const line of (await text()).split("\n")) expect(line.length).toBeLessThan(400);
});
