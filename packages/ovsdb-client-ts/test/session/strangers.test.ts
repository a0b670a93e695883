// Peers that speak no OVSDB, or a broken one. They are no databases: what is tested is what is said of them.

import { once } from "node:events";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { OvsdbClient } from "../../src/client.ts";
import { ConnectionError, OvsdbError, RequestError } from "../../src/errors.ts";
import { startFilter } from "../fixtures/index.ts";
import { standalone, startSession, WITHIN } from "./sessions.ts";

const LONG = "y\n".repeat(50_000);

/** What the peer says when it is asked for the first time, and the next times. */
const STRANGERS: Readonly<Record<string, readonly string[]>> = {
  "a web server": [`HTTP/1.1 400 Bad Request\r\n\r\n<html>${"<p>".repeat(50_000)}`],
  "an SSH server": ["SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"],
  "a TLS server": ["\x15\x03\x03\x00\x02\x02\x46"],
  "a terminal": ["\x1b[2J\x1b[31mlogin:"],
  "a number": ["7"],
  "a list": ["[1,2]"],
  "an empty object": ["{}"],
  "no UTF-8": ['{"method":"\xff"}'],
  "too deep": ["[".repeat(100_000)],
  "half JSON": ['{"id":1,"result":nothing}'],
  "a method of many lines": [JSON.stringify({ method: LONG, params: 7, id: null })],
  "a foreign reply": ['{"id":99,"result":[],"error":null}'],
  "an error of many lines": [
    `{"id":1,"result":{},"error":null}${JSON.stringify({ id: 2, result: null, error: "unknown database" })}`,
    JSON.stringify({ id: 3, result: null, error: { error: LONG, details: LONG } }),
  ],
  "a schema that is none": ['{"id":1,"result":{},"error":null}{"id":2,"result":{"tables":7},"error":null}'],
  "databases of many lines": [
    `{"id":1,"result":{},"error":null}${JSON.stringify({ id: 2, result: null, error: "unknown database" })}`,
    JSON.stringify({ id: 3, result: [LONG], error: null }),
  ],
  "a database without a schema": [
    `{"id":1,"result":{},"error":null}${JSON.stringify({ id: 2, result: null, error: "unknown database" })}`,
    JSON.stringify({ id: 3, result: ["Test"], error: null }),
    JSON.stringify({ id: 4, result: { name: "Test", version: "1.0.0", tables: { [LONG]: 7 } }, error: null }),
  ],
};

/** A TCP port where the answers are given, one each time that something is said. */
async function stranger(answers: readonly string[]): Promise<string> {
  const sockets: Socket[] = [];
  const listener = createServer((socket) => {
    let next = 0;
    sockets.push(socket);
    socket.on("error", () => {}).on("data", () => socket.write(answers[next++] ?? "", "latin1"));
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  return `tcp:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
}

/** A text that fits into a line of a log. */
function expectOneLine(text: string): void {
  expect(text.length).toBeLessThanOrEqual(2000);
  expect(text).not.toMatch(/\p{Cc}/u);
}

describe("who takes for a database", () => {
  test.each(Object.entries(STRANGERS))(
    "%s, is told so in one line that names the remote",
    async (_, answers) => {
      const remote = await stranger(answers);
      const options = { remotes: remote, database: "Test", retry: false, timeout: WITHIN } as const;
      const error: unknown = await OvsdbClient.connect(options).catch((reason: unknown) => reason);
      if (!(error instanceof ConnectionError)) throw new Error(`not a ConnectionError: ${error}`);
      expect(error.message.startsWith(`${remote}: `)).toBe(true);
      expect(error.message.slice(remote.length)).not.toContain(remote);
      expect(error.remote).toBe(remote);
      expectOneLine(error.message);
      expectOneLine(error.reason);
      // The reason is put after the remote by programs.
      expect(error.reason).not.toContain(remote);
    },
  );
});

test("a peer whose first words make no sense is told from one whose later ones don't", async () => {
  const reason = async (answers: readonly string[]) => {
    const session = startSession({ remotes: await stranger(answers), retry: false });
    await session.closed;
    return session.lastError instanceof ConnectionError ? session.lastError.reason : null;
  };
  expect(await reason(["HTTP/1.1 400 Bad Request\r\n"])).toBe(
    'the peer does not speak OVSDB: expected a JSON object or array, not "H"',
  );
  expect(await reason(['{"method":"echo","params":[],"id":1}oops'])).toBe(
    'bad JSON-RPC message: expected a JSON object or array, not "o"',
  );
});

test("an error of a server names it, is one line, and has the server's words as they were", async () => {
  const server = await standalone();
  const filter = await startFilter({
    target: server.remote,
    toClient: (text) => text.replace('"unknown database"', '"z\\nz"'),
  });
  onTestFinished(() => filter.stop());
  const session = startSession({ remotes: filter.remote });
  const error: unknown = await session
    .request("get_schema", ["None"], { wait: true, timeout: WITHIN })
    .catch((reason: unknown) => reason);
  if (!(error instanceof RequestError)) throw new Error(`not a RequestError: ${error}`);
  expect(error.message.startsWith(`${filter.remote}: get_schema: z\\nz`)).toBe(true);
  expect(error.error).toBe("z\nz");
  expectOneLine(error.message);
});

test("what can't be connected to for odd reasons is a ConnectionError too", async () => {
  const session = startSession({ remotes: "unix:/tmp/a\0b", retry: false });
  await session.closed;
  expect(session.lastError).toBeInstanceOf(ConnectionError);
  expectOneLine(session.lastError?.message ?? "");
});

test("a handler that throws leads to an OvsdbError", async () => {
  const server = await standalone();
  const session = startSession({ remotes: server.remote });
  const onResult = () => {
    throw new RangeError("a\nmistake");
  };
  const connection = await session.whenUp({ timeout: WITHIN });
  await expect(connection.request("echo", [], { onResult })).rejects.toBeInstanceOf(OvsdbError);
});

test("a wait that is over names the remote, and a round number of milliseconds", async () => {
  const remote = await stranger([]);
  const waiting = OvsdbClient.connect({ remotes: remote, database: "Test", timeout: 100 });
  await expect(waiting).rejects.toThrow(
    new RegExp(`^Test: not up within \\d+ ms: ${remote}: no answer yet$`),
  );
});
