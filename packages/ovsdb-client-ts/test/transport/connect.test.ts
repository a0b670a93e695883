import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import type { Server as NetServer } from "node:net";
import { connect as connectNet, createServer } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectionError } from "../../src/errors.ts";
import { connect } from "../../src/transport/connect.ts";
import type { Listener } from "../../src/transport/listen.ts";
import { listen } from "../../src/transport/listen.ts";
import { isPassive, parseRemote } from "../../src/transport/remote.ts";
import { makeCertificates, makeDirectory, startStandalone } from "../fixtures/index.ts";

function directory(): string {
  const dir = makeDirectory();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function active(text: string) {
  const remote = parseRemote(text);
  if (isPassive(remote)) throw new Error(`${text} is passive`);
  return remote;
}

function passive(text: string) {
  const remote = parseRemote(text);
  if (!isPassive(remote)) throw new Error(`${text} is not passive`);
  return remote;
}

async function echoServer(where: { path: string } | { port: number; host: string }): Promise<NetServer> {
  const server = createServer((socket) => socket.pipe(socket).on("error", () => {}));
  await once(server.listen(where), "listening");
  onTestFinished(() => void server.close());
  return server;
}

async function exchanges(stream: Duplex): Promise<void> {
  stream.write("ping");
  const [bytes] = await once(stream, "data");
  expect(String(bytes)).toBe("ping");
  stream.destroy();
}

describe("connect", () => {
  test("unix", async () => {
    const path = join(directory(), "s");
    await echoServer({ path });
    await exchanges(await connect({ method: "unix", path }));
  });

  test("unix, with a path longer than a socket address", async () => {
    const dir = join(directory(), "d".repeat(100), "e".repeat(100));
    mkdirSync(dir, { recursive: true });
    const server = await runInDirectory(dir, "s");
    onTestFinished(server);
    await exchanges(await connect({ method: "unix", path: join(dir, "s") }));
    await expect(connect({ method: "unix", path: join(dir, "none") })).rejects.toThrow(
      /none: No such file or directory$/,
    );
    await expect(connect({ method: "unix", path: join(dir, "none", "none") })).rejects.toThrow(
      "No such file or directory",
    );
  });

  test("tcp, by IPv4, IPv6 and name", async () => {
    const server = await echoServer({ port: 0, host: "127.0.0.1" });
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await exchanges(await connect(active(`tcp:127.0.0.1:${port}`)));
    await exchanges(await connect(active(`tcp:localhost:${port}`)));
  });

  test.each([
    ["unix:/none/none.sock", "No such file or directory"],
    ["tcp:127.0.0.1:1", "Connection refused"],
    ["tcp:name.invalid:1", "host name is unknown"],
  ])("%s fails with what C says, and names the remote", async (text, reason) => {
    const attempt = connect(active(text));
    await expect(attempt).rejects.toBeInstanceOf(ConnectionError);
    // Resolvers without a network cannot tell that the name is unknown.
    const known = reason === "host name is unknown" ? /host name (is unknown|cannot be resolved)/ : reason;
    await expect(attempt).rejects.toMatchObject({ remote: text, reason: expect.stringMatching(known) });
  });

  test("a file that is no socket", async () => {
    const path = join(directory(), "file");
    writeFileSync(path, "");
    await expect(connect({ method: "unix", path })).rejects.toMatchObject({ reason: "Connection refused" });
  });

  test("is cancelled by a signal", async () => {
    const abort = new AbortController();
    const attempt = expect(connect(active("tcp:127.0.0.1:1"), { signal: abort.signal })).rejects.toThrow(
      "enough",
    );
    abort.abort(new Error("enough"));
    await attempt;
    await expect(connect(active("tcp:127.0.0.1:1"), { signal: abort.signal })).rejects.toThrow("enough");
  });
});

/** Listens on a socket by a short name, from inside its directory; returns what stops it. */
async function runInDirectory(dir: string, name: string): Promise<() => void> {
  const before = process.cwd();
  process.chdir(dir);
  try {
    const server = createServer((socket) => socket.pipe(socket).on("error", () => {}));
    await once(server.listen({ path: name }), "listening");
    return () => void server.close();
  } finally {
    process.chdir(before);
  }
}

describe("listen", () => {
  async function listening(text: string, tls = {}) {
    const accepted: { stream: Duplex; peer: string }[] = [];
    const refused: ConnectionError[] = [];
    const handlers = {
      accepted: (stream: Duplex, peer: string) => void accepted.push({ stream, peer }),
      refused: (error: ConnectionError) => void refused.push(error),
    };
    const listener: Listener = await listen(passive(text), { tls }, handlers);
    onTestFinished(async () => {
      for (const { stream } of accepted) stream.destroy();
      await listener.close();
    });
    return { listener, accepted, refused };
  }

  test("ptcp: an ovsdb-server that is told to connects to us", async () => {
    const { listener, accepted } = await listening("ptcp:0:127.0.0.1");
    const port = listener.remote.method === "ptcp" ? listener.remote.port : 0;
    expect(port).toBeGreaterThan(0);
    const schema = { name: "Test", version: "1.0.0", tables: {} };
    const server = await startStandalone({ schema, extraArgs: [`--remote=tcp:127.0.0.1:${port}`] });
    onTestFinished(() => server.stop());
    await expect.poll(() => accepted.length, { timeout: 20_000 }).toBe(1);
    expect(accepted[0]?.peer).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
  });

  test("punix: a socket that was left over is replaced, a file is not", async () => {
    const path = join(directory(), "s");
    const leave = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", leave]);
    expect(existsSync(path)).toBe(true);
    const { accepted } = await listening(`punix:${path}`);
    const client = connectNet(path);
    onTestFinished(() => void client.destroy());
    await expect.poll(() => accepted.length).toBe(1);
    expect(accepted[0]?.peer).toBe(`unix:${path}`);
    const file = join(directory(), "file");
    writeFileSync(file, "");
    await expect(listening(`punix:${file}`)).rejects.toMatchObject({ reason: "Address already in use" });
  });

  test("pssl: takes a peer with our CA's certificate, refuses others and goes on listening", async () => {
    const pki = await makeCertificates(directory());
    const tls = { privateKey: pki.serverKey, certificate: pki.serverCert, caCert: pki.ca };
    const { listener, accepted, refused } = await listening("pssl:0:127.0.0.1", tls);
    const port = listener.remote.method === "pssl" ? listener.remote.port : 0;
    const remote = active(`ssl:127.0.0.1:${port}`);
    const client = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    const other = { ...client, privateKey: pki.otherClientKey, certificate: pki.otherClientCert };
    (await connect(remote, { tls: other }).catch(() => null))?.on("error", () => {});
    await expect.poll(() => refused.length).toBe(1);
    expect(refused[0]).toBeInstanceOf(ConnectionError);
    const stream = await connect(remote, { tls: client });
    await expect.poll(() => accepted.length).toBe(1);
    stream.destroy();
  });

  test("pssl: refuses everybody until the CA certificate to bootstrap is there, and learns it from nobody", async () => {
    const dir = directory();
    const pki = await makeCertificates(dir);
    const bootstrapCaCert = join(dir, "later.pem");
    const tls = { privateKey: pki.serverKey, certificate: pki.serverCert, bootstrapCaCert };
    const { listener, accepted, refused } = await listening("pssl:0:127.0.0.1", tls);
    const remote = active(`ssl:127.0.0.1:${listener.remote.method === "pssl" ? listener.remote.port : 0}`);
    const client = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    await expect(connect(remote, { tls: client })).rejects.toThrow(ConnectionError);
    await expect
      .poll(() => refused.map(({ reason }) => reason))
      .toEqual([`no peer is accepted before there is a CA certificate in ${bootstrapCaCert}`]);
    expect(existsSync(bootstrapCaCert)).toBe(false);
    copyFileSync(pki.ca, bootstrapCaCert);
    const stream = await connect(remote, { tls: client });
    await expect.poll(() => accepted.length).toBe(1);
    stream.destroy();
  });

  test("pssl: a check of the name is of one that is given, and refuses others' certificates", async () => {
    const pki = await makeCertificates(directory());
    const files = { privateKey: pki.serverKey, certificate: pki.serverCert, caCert: pki.ca };
    const tls = { ...files, checkName: true };
    await expect(listening("pssl:0:127.0.0.1", tls)).rejects.toThrow(/must be given$/);
    const client = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    for (const [serverName, count] of [
      ["localhost", 1],
      ["db.example.org", 0],
    ] as const) {
      const { listener, accepted, refused } = await listening("pssl:0:127.0.0.1", { ...tls, serverName });
      const remote = active(`ssl:127.0.0.1:${listener.remote.method === "pssl" ? listener.remote.port : 0}`);
      (await connect(remote, { tls: client }).catch(() => null))?.on("error", () => {});
      await expect.poll(() => [accepted.length, refused.length]).toEqual([count, 1 - count]);
      if (count === 0)
        expect(refused[0]?.reason).toMatch(/the certificate is not for db\.example\.org, but for /);
    }
  });

  test("a port that is taken, and TLS that is not configured, are errors", async () => {
    const { listener } = await listening("ptcp:0:127.0.0.1");
    const port = listener.remote.method === "ptcp" ? listener.remote.port : 0;
    await expect(listening(`ptcp:${port}:127.0.0.1`)).rejects.toMatchObject({
      reason: "Address already in use",
    });
    await expect(listening("pssl:0:127.0.0.1")).rejects.toThrow(
      "a private key must be configured to use TLS",
    );
  });
});
