import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError, TimeoutError } from "../../src/errors.ts";
import type { Connection } from "../../src/jsonrpc/connection.ts";
import { Session } from "../../src/session/session.ts";
import type { Log } from "../../src/session/types.ts";
import {
  deafPort,
  makeCertificates,
  ovsdbClient,
  silentPort,
  startFilter,
  startProxy,
} from "../fixtures/index.ts";
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

  test("a server that has _Server and lacks monitor_cond is watched with monitor", async () => {
    const server = await standalone({ extraSchemas: [{ ...schema, name: "Other" }] });
    await server.appctl("ovsdb-server/disable-monitor-cond");
    const session = startSession({ remotes: server.remote });
    const it = witness(session);
    await session.whenUp({ timeout: WITHIN });
    // It is told of changes like any other: of the database that goes, and of the one that comes back.
    await server.appctl("ovsdb-server/remove-db", "Test");
    await state(session, "backoff", "connecting");
    expect(session.lastError?.message).toContain("server has no database Test (it has Other)");
    await server.appctl("ovsdb-server/add-db", join(server.dir, "s.db"));
    await state(session, "up");
    expect(it.events).toEqual(["up", "down", "up"]);
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
async function withoutServerDatabase(target: string): Promise<string> {
  const spoil = (text: string) =>
    text.replaceAll("set_db_change_aware", "unheard_of").replaceAll('"_Server"', '"_None"');
  const filter = await startFilter({ target, toServer: spoil });
  onTestFinished(() => filter.stop());
  return filter.remote;
}

/** Nobody waits through such a pause. */
const LONG = { min: 600_000, max: 600_000 };

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

  test("two remotes that swallow the connection leave a caller time for the third: tcp, and a TLS handshake", async () => {
    const server = await standalone();
    const pki = await makeCertificates(directory());
    const tls = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
    const session = startSession({
      remotes: `tcp:127.0.0.1:${await deafPort()},ssl:127.0.0.1:${await silentPort()},${server.remote}`,
      shuffle: false,
      tls,
      connectTimeout: undefined,
    });
    const failures: string[] = [];
    session.onStateChange(() => session.state === "backoff" && failures.push(String(session.lastError)));
    // What `ovn-ic-nbctl -t 5` allows.
    await session.whenUp({ timeout: 5000 });
    expect(failures).toEqual([
      expect.stringMatching(/tcp:.*: Connection timed out$/),
      expect.stringMatching(/ssl:.*: Connection timed out$/),
    ]);
  });

  test("a session in use that is given up on demand is up again without a pause", async () => {
    const server = await standalone();
    const session = startSession({ remotes: server.remote, backoff: LONG });
    await session.request("echo", [], { wait: true });
    session.forceReconnect("changed my mind");
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

describe("what is tried in vain is logged until pauses are longest, and then no more", () => {
  const backoff = { min: 10, max: 40 };

  /** A session's log at level info or above, and how often it has tried. */
  function logged(remotes: string) {
    const lines: string[] = [];
    let tries = 0;
    const log: Log = (level, module, text) => {
      if (level !== "debug") lines.push(`${module} ${text}`);
    };
    const session = startSession({ remotes, shuffle: false, backoff, log });
    session.onStateChange((state) => state === "connecting" && tries++);
    return {
      lines,
      session,
      tried: (times: number) => vi.waitFor(() => expect(tries).toBeGreaterThanOrEqual(times), WITHIN),
    };
  }

  test("a server that isn't there, and comes at last", async () => {
    const server = await standalone();
    await server.kill("SIGTERM");
    const { remote } = server;
    const { lines, session, tried } = logged(remote);
    await tried(10);
    const failed = [
      `reconnect ${remote}: connecting...`,
      expect.stringMatching(
        /^reconnect unix:.*: connection attempt failed \((No such file|Connection refused)/,
      ),
    ];
    const expected = [
      ...failed,
      `reconnect ${remote}: waiting 0.01 seconds before reconnect`,
      ...failed,
      `reconnect ${remote}: waiting 0.02 seconds before reconnect`,
      ...failed,
      `reconnect ${remote}: continuing to reconnect in the background but suppressing further logging`,
    ];
    expect(lines).toEqual(expected);
    await server.restart();
    await session.whenUp({ timeout: WITHIN });
    expect(lines.slice(expected.length)).toEqual([`reconnect ${remote}: connected`]);
    // What happens to a connection that was good is news again.
    await server.kill("SIGKILL");
    await state(session, "backoff", "connecting");
    expect(lines[expected.length + 1]).toMatch(/^reconnect unix:.*: connection (closed by peer|dropped)/);
  });

  test("a server that is there and won't do", async () => {
    const server = await standalone({ schema: { ...schema, name: "Other" } });
    const { lines, tried } = logged(server.remote);
    await tried(10);
    const about = lines.filter((line) => line.includes("server has no database Test"));
    expect(about).toHaveLength(6);
    expect(lines.at(-1)).toMatch(
      /: continuing to reconnect in the background but suppressing further logging$/,
    );
    await tried(15);
    expect(lines.filter((line) => line.includes("suppressing"))).toHaveLength(1);
    expect(lines).toHaveLength(4 * 3 + 3);
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

test("why a server hangs up is told right each time, whether or not something is being written", async () => {
  const pki = await makeCertificates(directory());
  const server = await standalone({ tls: pki });
  const remote = server.remotes.ssl ?? "";
  const tls = { privateKey: pki.otherClientKey, certificate: pki.otherClientCert, caCert: pki.ca };
  const reasons = new Set<string>();
  for (const remotes of [remote, remote.replace("ssl:", "tcp:")]) {
    for (let i = 0; i < 40; i++) {
      const session = startSession({ remotes, tls, retry: false });
      await session.closed;
      const { lastError } = session;
      reasons.add(`${remotes.slice(0, 3)} ${lastError instanceof ConnectionError && lastError.reason}`);
    }
  }
  expect([...reasons]).toEqual([
    "ssl the server refused our certificate: unknown ca",
    // As C has it.
    "tcp End of file",
  ]);
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
