import { createServer } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { Session } from "../../src/session/session.ts";
import { standalone, startSession, state, WITHIN, witness } from "./sessions.ts";

describe("passive", () => {
  test("the server connects to us, also anew", async () => {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const session = startSession({ remotes: `ptcp:${port}:127.0.0.1` });
    const it = witness(session);
    await state(session, "listening");
    const server = await standalone({ extraArgs: [`--remote=tcp:127.0.0.1:${port}`] });
    await session.whenUp({ timeout: WITHIN });
    expect(session.remote).toMatch(/^tcp:127\.0\.0\.1:\d+$/);
    expect(await session.request("list_dbs", [])).toEqual(["Test", "_Server"]);
    await server.kill("SIGKILL");
    await state(session, "listening");
    await server.restart();
    await session.whenUp({ timeout: WITHIN });
    expect(it.events).toEqual(["up", "down", "up"]);
  });

  test("must be the only remote", () => {
    expect(() => new Session({ remotes: "ptcp:1,unix:/s", database: "Test" })).toThrow(
      'remote "ptcp:1": a passive remote must be the only one',
    );
  });

  test("a port that cannot be had is tried again", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const address = blocker.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const session = startSession({ remotes: `ptcp:${port}:127.0.0.1` });
    await state(session, "backoff");
    await vi.waitFor(
      () => expect(session.lastError).toMatchObject({ reason: "Address already in use" }),
      WITHIN,
    );
    await new Promise((resolve) => blocker.close(resolve));
    const server = await standalone({ extraArgs: [`--remote=tcp:127.0.0.1:${port}`] });
    expect(server.up).toBe(true);
    await session.whenUp({ timeout: WITHIN });
  });
});
