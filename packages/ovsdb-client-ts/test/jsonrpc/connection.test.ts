import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ConnectionError, ProtocolError, RequestError, TimeoutError } from "../../src/errors.ts";
import { parseServerError } from "../../src/jsonrpc/connection.ts";
import type { JsonValue } from "../../src/jsonrpc/json.ts";
import { stringifyJson } from "../../src/jsonrpc/json.ts";
import { scripted } from "./scripted.ts";

const reply = (id: number, result: JsonValue) => ({ id, result, error: null });

describe("request", () => {
  test("sends method, params and an id, and resolves with the result", async () => {
    const { connection, sent, say } = scripted();
    const first = connection.request("list_dbs", []);
    const second = connection.request("transact", ["db", { op: "comment" }]);
    expect(sent).toEqual([
      { method: "list_dbs", params: [], id: 1 },
      { method: "transact", params: ["db", { op: "comment" }], id: 2 },
    ]);
    await say(reply(2, []), reply(1, ["db"]));
    expect(await first).toEqual(["db"]);
    expect(await second).toEqual([]);
  });

  test("64-bit integers pass both ways", async () => {
    const { connection, sent, say } = scripted();
    const request = connection.request("echo", [2n ** 63n - 1n]);
    expect(sent).toEqual([{ method: "echo", params: [9223372036854775807n], id: 1 }]);
    await say('{"id":1,"result":[-9223372036854775808],"error":null}');
    expect(await request).toEqual([-9223372036854775808n]);
  });

  test.each<[string, JsonValue, string, string | null]>([
    [
      "object",
      { error: "unknown database", details: "no such database", syntax: "x" },
      "unknown database",
      "no such database",
    ],
    ["object without details", { error: "canceled" }, "canceled", null],
    ["string", "canceled", "canceled", null],
    ["anything else", [7], "unrecognized error", "[7]"],
  ])("an error that is an %s rejects", async (_, error, text, details) => {
    const { connection, say, closed } = scripted();
    const request = connection.request("transact", ["db"]);
    const outcome = expect(request).rejects.toMatchObject({ method: "transact", error: text, details });
    await say({ id: 1, result: null, error });
    await outcome;
    await expect(request).rejects.toBeInstanceOf(RequestError);
    expect(parseServerError(error)).toEqual({ error: text, details });
    expect(closed).toEqual([]);
  });

  test("after the connection closed rejects, and sends nothing", async () => {
    const { connection, sent } = scripted();
    connection.close();
    await expect(connection.request("echo", [])).rejects.toThrow(
      "unix:/test: cannot send echo, connection is closed",
    );
    connection.notify("cancel", [1]);
    expect(sent).toEqual([]);
  });

  test("what is not written yet counts as backlog", () => {
    const { connection } = scripted({ stuck: true });
    expect(connection.backlog).toBe(0);
    connection.request("echo", ["x".repeat(1000)]).catch(() => {});
    connection.request("echo", ["x".repeat(1000)]).catch(() => {});
    expect(connection.backlog).toBeGreaterThan(2000);
  });
});

describe("order", () => {
  test("an update is processed before the reply that follows it, and after the reply that precedes it", async () => {
    const { connection, say, seen } = scripted();
    const onResult = (result: JsonValue) => seen.push(`result ${stringifyJson(result)}`);
    const first = connection.request("monitor", [], { onResult });
    const second = connection.request("transact", []).then(() => seen.push("resolved"));
    await say(
      reply(1, { T: {} }),
      { method: "update", params: ["m", 1], id: null },
      { method: "update", params: ["m", 2] },
      reply(2, []),
    );
    await Promise.all([first, second]);
    expect(seen).toEqual(["received", 'result {"T":{}}', 'update ["m",1]', 'update ["m",2]', "resolved"]);
  });

  test("bytes count as received before they make a message", async () => {
    const { say, seen } = scripted();
    await say('{"method":"update",');
    await say('"params":[],"id":null}');
    expect(seen).toEqual(["received", "received", "update []"]);
  });
});

describe("the peer's requests", () => {
  test("echo is answered, whatever its params and id", async () => {
    const { sent, say, seen } = scripted();
    await say({ method: "echo", params: [1, { a: null }], id: "x" }, { method: "echo", params: [], id: 0 });
    expect(sent).toEqual([
      { result: [1, { a: null }], error: null, id: "x" },
      { result: [], error: null, id: 0 },
    ]);
    expect(seen).toEqual(["received"]);
  });

  test("others are refused", async () => {
    const { sent, say } = scripted();
    await say({ method: "transact", params: [], id: 3 });
    expect(sent).toMatchObject([{ result: null, error: { error: "unknown method" }, id: 3 }]);
  });
});

describe("cancelling", () => {
  test("a transact sends cancel; its reply is dropped", async () => {
    const { connection, sent, say, closed } = scripted();
    const abort = new AbortController();
    const request = connection.request("transact", ["db"], { signal: abort.signal });
    const outcome = expect(request).rejects.toThrow("enough");
    abort.abort(new Error("enough"));
    await outcome;
    expect(sent.slice(1)).toEqual([{ method: "cancel", params: [1], id: null }]);
    await say({ id: 1, result: null, error: "canceled" });
    expect(closed).toEqual([]);
  });

  test("any other request sends nothing; its reply is dropped, once", async () => {
    const { connection, sent, say, closed } = scripted();
    const abort = new AbortController();
    const request = connection.request("monitor", [], { signal: abort.signal });
    const outcome = expect(request).rejects.toHaveProperty("name", "AbortError");
    abort.abort();
    await outcome;
    expect(sent).toHaveLength(1);
    await say(reply(1, {}));
    expect(closed).toEqual([]);
    await say(reply(1, {}));
    expect(closed).toMatchObject([{ code: "protocol" }]);
  });

  test("a signal that is aborted already sends nothing", async () => {
    const { connection, sent } = scripted();
    await expect(connection.request("echo", [], { signal: AbortSignal.abort() })).rejects.toHaveProperty(
      "name",
      "AbortError",
    );
    expect(sent).toEqual([]);
  });

  test("a timeout is a TimeoutError; a reply in time disarms it", async () => {
    const { connection, sent, say } = scripted();
    await expect(connection.request("transact", [], { timeout: 1 })).rejects.toThrow(TimeoutError);
    expect(sent[1]).toMatchObject({ method: "cancel", params: [1] });
    const request = connection.request("transact", [], { timeout: 60_000 });
    await say(reply(2, []));
    expect(await request).toEqual([]);
  });
});

describe("closing", () => {
  test("by this side rejects what is in flight, and tells once", async () => {
    const { connection, closed, stream } = scripted();
    const request = expect(connection.request("echo", [])).rejects.toThrow(ConnectionError);
    connection.close();
    connection.close();
    await request;
    expect(connection.closed).toBe(true);
    expect(stream.destroyed).toBe(true);
    expect(closed).toEqual([null]);
  });

  test("by the peer is a ConnectionError", async () => {
    const { connection, closed, stream } = scripted();
    const request = expect(connection.request("echo", [])).rejects.toThrow("connection closed by peer");
    stream.push(null);
    await request;
    expect(closed).toMatchObject([{ code: "connection", remote: "unix:/test" }]);
  });

  test("by an error of the stream names it", async () => {
    const { closed, stream } = scripted();
    stream.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    await turn();
    expect(closed).toMatchObject([{ code: "connection", reason: "Connection reset by peer" }]);
  });

  test("with an error rejects with that error", async () => {
    const { connection } = scripted();
    const request = expect(connection.request("echo", [])).rejects.toThrow("no sign of life");
    connection.close(new ConnectionError("no sign of life"));
    await request;
  });

  test("in a handler silences what came in the same chunk", async () => {
    const peer = scripted({ onNotification: () => peer.connection.close() });
    await peer.say({ method: "a", params: [] }, { method: "b", params: [] });
    expect(peer.seen).toEqual(["received", "a []"]);
  });

  test("a peer that asks on and on and reads no answers is given up", async () => {
    const { say, closed } = scripted({ stuck: true });
    const question = { method: "echo", params: ["x".repeat(100_000)], id: 1 };
    for (let asked = 0; asked < 20; asked++) await say(question);
    expect(closed).toMatchObject([{ message: expect.stringContaining("requests come faster") }]);
  });

  test("what a handler throws ends the connection", async () => {
    const broken = () => {
      throw new Error("cannot apply");
    };
    const first = scripted({ onNotification: broken });
    await first.say({ method: "a", params: [] });
    expect(first.closed).toMatchObject([{ message: expect.stringContaining("cannot apply") }]);
    const second = scripted();
    const request = expect(second.connection.request("a", [], { onResult: broken })).rejects.toThrow(
      "cannot apply",
    );
    await second.say(reply(1, []));
    await request;
    expect(second.closed).toHaveLength(1);
  });
});

describe("malformed messages end the connection with ProtocolError", () => {
  test.each([
    ["no JSON", "hello"],
    ["an array", "[1]"],
    ["a method that is no string", '{"method":1,"params":[],"id":null}'],
    ["params that are no array", '{"method":"update","params":{},"id":null}'],
    ["no params", '{"method":"update","id":null}'],
    ["a reply to nothing", '{"id":99,"result":[],"error":null}'],
    ["a reply with an id that is no number", '{"id":"1","result":[],"error":null}'],
    ["a reply without id", '{"result":[],"error":null}'],
    ["a reply without result and error", '{"id":1}'],
    ["an empty object", "{}"],
    ["a message that is too long", JSON.stringify({ method: "x", params: ["x".repeat(1000)] })],
  ])("%s", async (_, text) => {
    const { connection, say, closed } = scripted({ maxMessageSize: 1000 });
    const request = expect(connection.request("echo", [])).rejects.toThrow(ProtocolError);
    await say(text);
    await request;
    expect(closed).toEqual([expect.any(ProtocolError)]);
  });
});
