import { writeFileSync } from "node:fs";
import { connect as connectNet, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError, TimeoutError } from "../../src/errors.ts";
import type { Connection } from "../../src/jsonrpc/connection.ts";
import { Session } from "../../src/session/session.ts";
import { makeCertificates, ovsdbClient, startProxy } from "../fixtures/index.ts";
import {
  directory,
  newSchema,
  schema,
  standalone,
  startSession,
  state,
  WITHIN,
  witness,
} from "./sessions.ts";

describe("up", () => {
  test("over unix, tcp and ssl", async () => {
    const pki = await makeCertificates(directory());
    const server = await standalone({ tcp: true, tls: pki });
    const tls = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    for (const remote of [server.remotes.unix, server.remotes.tcp, server.remotes.ssl]) {
      const session = startSession({ remotes: remote ?? "", tls });
      const names = await session.request("list_dbs", [], { wait: true });
      expect(names).toEqual(["Test", "_Server"]);
      expect(session.connected).toBe(true);
      expect(session.remote).toBe(remote);
      expect(session.lastError).toBeNull();
    }
  });

  test("participants are told, those that come later at once, those that left no more", async () => {
    const server = await standalone();
    const session = startSession({ remotes: server.remote });
    const early = witness(session);
    const gone = witness(session);
    session.attach(gone)();
    const connection = await session.whenUp();
    const late = witness(session);
    expect(late.connections).toEqual([connection]);
    expect(early.connections).toEqual([connection]);
    await session.close();
    for (const it of [early, late]) expect(it.events).toEqual(["up", "down"]);
    expect(gone.events).toEqual([]);
    expect(early.errors[0]?.message).toBe("session is closed");
  });

  test("a server too old for _Server is taken if it has the database", async () => {
    const server = await standalone();
    const remotes = await withoutServerDatabase(server.remote);
    const session = startSession({ remotes });
    await session.whenUp({ timeout: WITHIN });
    const other = startSession({ remotes, database: "Other", retry: false });
    await other.closed;
    expect(other.lastError?.message).toContain("server has no database Other (it has Test)");
  });

  test("notifications reach participants", async () => {
    const server = await standalone();
    const session = startSession({ remotes: server.remote });
    const it = witness(session);
    await session.request("monitor", ["Test", "m", { T: {} }], { wait: true });
    await session.request("transact", ["Test", { op: "insert", table: "T", row: { n: 1 } }]);
    expect(it.events).toEqual(["up", 'update "m"']);
  });
});

/** A real server seen through a filter that spoils what servers before OVS 2.9 do not know. */
async function withoutServerDatabase(remote: string): Promise<string> {
  const path = join(directory(), "old");
  const sockets: Socket[] = [];
  const filter = createServer((client) => {
    const server = connectNet(remote.slice("unix:".length));
    sockets.push(client, server);
    client.on("data", (bytes) =>
      server.write(
        String(bytes).replaceAll("set_db_change_aware", "unheard_of").replaceAll('"_Server"', '"_None"'),
      ),
    );
    server.pipe(client);
    for (const socket of [client, server]) socket.on("error", () => {}).on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => filter.listen(path, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    filter.close();
  });
  return `unix:${path}`;
}

describe("waiting", () => {
  test("request without wait fails at once while it is not up", async () => {
    const session = new Session({ remotes: "unix:/none", database: "Test" });
    await expect(session.request("echo", [])).rejects.toThrow("Test: cannot send echo: session is void");
  });

  test("whenUp times out, saying what is wrong, and is cancelled by a signal", async () => {
    const session = startSession({ remotes: "unix:/none/none" });
    const waiting = session.whenUp({ timeout: 100 });
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError);
    await expect(waiting).rejects.toThrow(
      "Test: not up within 100 ms: unix:/none/none: No such file or directory",
    );
    const abort = new AbortController();
    const cancelled = expect(session.whenUp({ signal: abort.signal })).rejects.toThrow("enough");
    abort.abort(new Error("enough"));
    await cancelled;
  });

  test("closing rejects who waits, and is final", async () => {
    const session = startSession({ remotes: "unix:/none/none" });
    const waiting = expect(session.whenUp()).rejects.toThrow(ConnectionError);
    await session.close();
    await waiting;
    await session.closed;
    expect(session.state).toBe("closed");
    session.start();
    expect(session.state).toBe("closed");
  });

  test("a request in flight when the connection ends is rejected, and not repeated", async () => {
    const server = await standalone();
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const session = startSession({ remotes: proxy.remote });
    await session.whenUp();
    const cut = proxy.cutWhen((message) => message.from === "client" && message.text.includes("transact"));
    await expect(
      session.request("transact", ["Test", { op: "insert", table: "T", row: {} }]),
    ).rejects.toThrow(ConnectionError);
    await cut;
    await session.whenUp({ timeout: WITHIN });
    await expect
      .poll(() =>
        session.request("transact", ["Test", { op: "select", table: "T", where: [], columns: ["n"] }]),
      )
      .toEqual([{ rows: [{ n: 0 }] }]);
  });
});

describe("reconnecting", () => {
  test("when the server restarts", async () => {
    const server = await standalone();
    const session = startSession({ remotes: server.remote });
    const it = witness(session);
    await session.whenUp();
    await server.kill("SIGKILL");
    await state(session, "backoff", "connecting");
    expect(session.connected).toBe(false);
    expect(session.lastError).toBeInstanceOf(ConnectionError);
    await server.restart();
    await state(session, "up");
    expect(it.events).toEqual(["up", "down", "up"]);
    expect(it.connections[0]).not.toBe(it.connections[1]);
  });

  test("on demand, to the next remote, with the reason", async () => {
    const [a, b] = [await standalone(), await standalone()];
    const session = startSession({ remotes: `${a.remote},${b.remote}`, shuffle: false });
    const it = witness(session);
    await session.whenUp();
    expect(session.remote).toBe(a.remote);
    session.forceReconnect("changed my mind");
    expect(it.errors[0]).toMatchObject({ reason: "changed my mind" });
    await state(session, "up");
    expect(session.remote).toBe(b.remote);
  });

  test("unless retry is false: each remote is tried once, and the error names them", async () => {
    const server = await standalone();
    const session = startSession({
      remotes: `unix:/none/none,tcp:127.0.0.1:1,${server.remote}`,
      database: "Other",
      shuffle: false,
      retry: false,
    });
    const waiting = expect(session.whenUp()).rejects.toThrow(
      `unix:/none/none: No such file or directory; tcp:127.0.0.1:1: Connection refused; ${server.remote}: server has no database Other (it has Test)`,
    );
    await session.closed;
    await waiting;
    expect(session.lastError).toBeInstanceOf(ConnectionError);

    const single = startSession({ remotes: "unix:/none/none", retry: false });
    await single.closed;
    expect(single.lastError).toMatchObject({
      remote: "unix:/none/none",
      reason: "No such file or directory",
    });
  });

  test("a working remote behind a dead one is found without a pause", async () => {
    const server = await standalone();
    const session = startSession({
      remotes: `unix:/none/none,tcp:127.0.0.1:1,${server.remote}`,
      shuffle: false,
      backoff: { min: 600_000, max: 600_000 },
    });
    await session.whenUp({ timeout: WITHIN });
  });

  test("remotes are shuffled unless told not to", () => {
    const remotes = Array.from({ length: 40 }, (_, i) => `unix:/none/${i}`).join(",");
    const first = (shuffle?: boolean) => {
      const session = startSession({ remotes, shuffle });
      return session.remote;
    };
    const firsts = Array.from({ length: 20 }, () => first());
    expect(new Set(firsts).size).toBeGreaterThan(1);
    expect(first(false)).toBe("unix:/none/0");
  });

  test("a server that stops answering is given up after a probe", async () => {
    const server = await standalone({ tcp: true });
    const lines: string[] = [];
    const session = startSession({
      remotes: server.remotes.tcp ?? "",
      probeInterval: 1000,
      log: (level, module, text) => void lines.push(`${level} ${module} ${text}`),
    });
    const it = witness(session);
    await session.whenUp();
    await server.kill("SIGSTOP");
    await vi.waitFor(() => expect(it.events).toEqual(["up", "down"]), WITHIN);
    expect(it.errors[0]?.message).toContain("no response to inactivity probe after 1 seconds");
    await server.kill("SIGCONT");
    await state(session, "up");
    expect(lines.join("\n")).toMatch(/debug reconnect tcp:[0-9.:]+: idle, sending inactivity probe/);
  });

  test("a server that answers probes is not given up", async () => {
    const server = await standalone();
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const session = startSession({ remotes: proxy.remote, probeInterval: 1000 });
    const it = witness(session);
    await session.whenUp();
    const echoes: string[] = [];
    proxy.onMessage((message) => {
      if (message.text.includes('"echo"') && message.from === "client") echoes.push(message.text);
    });
    await vi.waitFor(() => expect(echoes.length).toBeGreaterThanOrEqual(2), WITHIN);
    expect(it.events).toEqual(["up"]);
  });

  test("a database that vanishes, and comes back", async () => {
    const server = await standalone({ extraSchemas: [{ ...schema, name: "Other" }] });
    const session = startSession({ remotes: server.remote });
    const it = witness(session);
    await session.whenUp();
    await server.appctl("ovsdb-server/remove-db", "Test");
    await state(session, "backoff", "connecting");
    expect(session.lastError?.message).toContain("server has no database Test (it has Other)");
    await server.appctl("ovsdb-server/add-db", join(server.dir, "s.db"));
    await state(session, "up");
    expect(it.events).toEqual(["up", "down", "up"]);
  });
});

test("a schema that is converted leads to one clean re-learn on the same connection; locks stay", async () => {
  const server = await standalone();
  const session = startSession({ remotes: server.remote });
  const it = witness(session);
  const lock = session.lock("mine");
  lock.request();
  await session.request("monitor", ["Test", "m1", { T: {} }], { wait: true });
  await session.request("monitor", ["Test", "m2", { T: {} }]);
  expect(lock.held).toBe(true);
  const file = join(directory(), "new.ovsschema");
  writeFileSync(file, JSON.stringify(newSchema));
  await ovsdbClient("convert", server.remote, file);
  await vi.waitFor(() => expect(it.events.length).toBeGreaterThan(2), WITHIN);
  expect(it.events).toEqual(["up", "down", "up"]);
  expect(it.connections[0]).toBe(it.connections[1]);
  expect(it.errors[0]?.code).toBe("relearn");
  expect(lock.held).toBe(true);
  expect(await session.request("get_schema", ["Test"])).toMatchObject({ version: "2.0.0" });
  // Nothing of the old monitors is left to be told of.
  await session.request("transact", ["Test", { op: "insert", table: "T", row: { m: 1 } }]);
  expect(it.events).toEqual(["up", "down", "up"]);
});

test("TLS: a wrong certificate keeps the session down with a clear error, until the files are replaced", async () => {
  const pki = await makeCertificates(directory());
  const server = await standalone({ tls: pki });
  const tls = { privateKey: pki.otherClientKey, certificate: pki.otherClientCert, caCert: pki.ca };
  const session = startSession({ remotes: server.remotes.ssl ?? "", tls });
  await vi.waitFor(
    () => expect(session.lastError?.message).toContain("server refused our certificate"),
    WITHIN,
  );
  const single = startSession({
    remotes: server.remotes.ssl ?? "",
    tls: { ...tls, caCert: pki.otherCa },
    retry: false,
  });
  await single.closed;
  expect(single.lastError?.message).toContain("the server's certificate is not trusted");
});

test("a participant that throws ends the connection, not the process", async () => {
  const server = await standalone();
  const session = startSession({ remotes: server.remote });
  let connections = 0;
  session.attach({
    up(_connection: Connection) {
      if (++connections === 1) throw new Error("cannot start");
    },
    down() {},
    notification() {},
  });
  await vi.waitFor(() => expect(connections).toBe(2), WITHIN);
});
