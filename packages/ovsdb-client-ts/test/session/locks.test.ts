import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError, OvsdbError } from "../../src/errors.ts";
import type { Lock } from "../../src/session/locks.ts";
import { startProxy, startStandalone } from "../fixtures/index.ts";
import { schema, startSession, WITHIN, witness } from "./sessions.ts";

async function twoSessions() {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  const [a, b] = [startSession({ remotes: server.remote }), startSession({ remotes: server.remote })];
  await a.whenUp();
  await b.whenUp();
  return { server, a, b };
}

function changes(lock: Lock): boolean[] {
  const seen: boolean[] = [];
  lock.onChange((held) => seen.push(held));
  return seen;
}

const held = (lock: Lock, value = true) => vi.waitFor(() => expect(lock.held).toBe(value), WITHIN);

describe("a lock", () => {
  test("is held by one session, waited for by another, and passed on when it is released", async () => {
    const { a, b } = await twoSessions();
    const [first, second] = [a.lock("main"), b.lock("main")];
    expect([first.requested, first.held]).toEqual([false, false]);
    first.request();
    await held(first);
    second.request();
    await b.request("echo", []);
    expect([second.requested, second.held]).toEqual([true, false]);
    await first.release();
    expect([first.requested, first.held]).toEqual([false, false]);
    await held(second);
  });

  test("stays held when who waits for it leaves the line, though the server says that again", async () => {
    const { a, b } = await twoSessions();
    const [first, second] = [a.lock("main"), b.lock("main")];
    first.request();
    await held(first);
    const seen = changes(first);
    second.request();
    await b.request("echo", []);
    await second.release();
    await a.request("echo", []); // what the server said before the answer has come
    expect([first.held, seen]).toEqual([true, []]);
    await first.release();
    await b.request("echo", []);
    expect(second.held).toBe(false);
  });

  test("is passed on when the holder's session ends", async () => {
    const { a, b } = await twoSessions();
    const [first, second] = [a.lock("main"), b.lock("main")];
    first.request();
    await held(first);
    second.request();
    const seen = changes(first);
    await a.close();
    expect(seen).toEqual([false]);
    expect(first.held).toBe(false);
    await held(second);
  });

  test("can be stolen; the victim stays in line and gets it back", async () => {
    const { a, b } = await twoSessions();
    const [victim, thief] = [a.lock("main"), b.lock("main")];
    victim.request();
    await held(victim);
    const seen = changes(victim);
    await thief.steal();
    expect([thief.requested, thief.held]).toEqual([true, true]);
    await held(victim, false);
    expect(victim.requested).toBe(true);
    await thief.release();
    await held(victim);
    expect(seen).toEqual([false, true]);
  });

  test("can be stolen by who is waiting for it, and not by who is not up", async () => {
    const { a, b } = await twoSessions();
    const [victim, thief] = [a.lock("main"), b.lock("main")];
    victim.request();
    await held(victim);
    thief.request();
    await thief.steal();
    expect(thief.held).toBe(true);
    await thief.steal();
    expect(thief.held).toBe(true);
    await held(victim, false);
    await b.close();
    await expect(thief.steal()).rejects.toThrow(ConnectionError);
  });

  test("is one of several of a session, with `assert` holding for that one", async () => {
    const { a, b } = await twoSessions();
    const [x, y] = [a.lock("x"), a.lock("y")];
    const z = b.lock("y");
    x.request();
    y.request();
    await held(x);
    await held(y);
    await z.steal();
    await held(y, false);
    expect(x.held).toBe(true);
    const assert = (lock: string) => a.request("transact", ["Test", { op: "assert", lock }]);
    expect(await assert("x")).toEqual([{}]);
    expect(await assert("y")).toMatchObject([{ error: "not owner" }]);
    expect(a.lock("x")).toBe(x);
  });

  test("that is released and requested in one go ends as it was said last", async () => {
    const { a, b } = await twoSessions();
    const [lock, other] = [a.lock("main"), b.lock("main")];
    for (let i = 0; i < 20; i++) {
      lock.request();
      const released = lock.release();
      lock.request();
      const again = lock.release();
      lock.request();
      await Promise.all([released, again]);
      await held(lock);
      await lock.release();
      other.request();
      await held(other);
      lock.request();
      await other.release();
      await held(lock);
      await lock.release();
    }
  });

  test("name that servers refuse is refused here", async () => {
    const { a } = await twoSessions();
    for (const name of ["", "a b", "1a", "a-b"]) expect(() => a.lock(name)).toThrow(OvsdbError);
  });
});

describe("when the connection ends", () => {
  test("the lock is lost before participants hear of it, and asked for again", async () => {
    const server = await startStandalone({ schema });
    onTestFinished(() => server.stop());
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const session = startSession({ remotes: proxy.remote });
    const it = witness(session);
    const lock = session.lock("main");
    lock.request();
    lock.onChange((value) => it.events.push(`held ${value}`));
    await held(lock);
    proxy.cut();
    await vi.waitFor(() => expect(it.events).toContain("down"), WITHIN);
    await session.whenUp({ timeout: WITHIN });
    await held(lock);
    expect(it.events).toEqual(["up", "held true", "held false", "down", "up", "held true"]);
  });

  test("releasing needs no server, and what was released is not asked for again", async () => {
    const server = await startStandalone({ schema });
    onTestFinished(() => server.stop());
    const session = startSession({ remotes: server.remote });
    const lock = session.lock("main");
    lock.request();
    await session.whenUp();
    await held(lock);
    await server.kill("SIGKILL");
    await held(lock, false);
    await lock.release();
    await server.restart();
    await session.whenUp({ timeout: WITHIN });
    await session.request("echo", []);
    expect([lock.requested, lock.held]).toEqual([false, false]);
  });

  test("a release in flight is done", async () => {
    const { server, a } = await twoSessions();
    const lock = a.lock("main");
    lock.request();
    await held(lock);
    await server.kill("SIGSTOP");
    const released = lock.release();
    await server.kill("SIGKILL");
    await released;
  });
});
