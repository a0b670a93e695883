import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { OvsdbError } from "../../src/errors.ts";
import { Connection } from "../../src/jsonrpc/connection.ts";
import type { JsonValue } from "../../src/jsonrpc/json.ts";
import { parseJson, stringifyJson } from "../../src/jsonrpc/json.ts";

/**
 * A connection whose peer is the test: `sent` is what went out, `say` is what comes in, `seen` what handlers
 * saw.
 */
export function scripted(
  options: { stuck?: boolean; onNotification?: () => void; maxMessageSize?: number } = {},
) {
  const sent: JsonValue[] = [];
  const stream = new Duplex({
    read() {},
    write(chunk, _, done) {
      sent.push(parseJson(String(chunk)));
      if (!options.stuck) done();
    },
  });
  const seen: string[] = [];
  const closed: (OvsdbError | null)[] = [];
  const handlers = {
    notification: (method: string, params: readonly JsonValue[]) => {
      seen.push(`${method} ${stringifyJson(params)}`);
      options.onNotification?.();
    },
    received: () => seen.push("received"),
    closed: (error: OvsdbError | null) => closed.push(error),
  };
  const { maxMessageSize } = options;
  const connection = new Connection(stream, handlers, { remote: "unix:/test", maxMessageSize });
  onTestFinished(() => connection.close());
  const say = async (...messages: (JsonValue | string)[]) => {
    const texts = messages.map((message) => (typeof message === "string" ? message : stringifyJson(message)));
    stream.push(texts.join(""));
    await turn();
  };
  return { connection, stream, sent, say, seen, closed };
}
