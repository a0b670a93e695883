import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ConnectionError, ProtocolError } from "../../src/errors.ts";
import { stringifyJson } from "../../src/jsonrpc/json.ts";
import { scripted } from "./scripted.ts";

test("10,000 mutated messages do no worse than ending the connection", async () => {
  const messages = [
    stringifyJson({
      id: 1,
      result: { T: { "a-b": { initial: { n: 2n ** 60n, s: ["set", ["é", "\\"]] } } } },
      error: null,
    }),
    stringifyJson({
      method: "update2",
      params: ["m", { T: { u: { modify: { x: ["map", [["k", 1.5]]] } } } }],
      id: null,
    }),
    stringifyJson({ method: "echo", params: ["ping"], id: "echo" }),
    stringifyJson({ id: 2, result: null, error: { error: "constraint violation", details: "…" } }),
  ];
  let seed = 20_26;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const outcomes = { settled: 0, protocol: 0, connection: 0 };
  for (let i = 0; i < 10_000; i++) {
    const bytes = Buffer.from(messages.join(""));
    for (let n = 1 + random(3); n > 0; n--) mutate(bytes, random);
    const { connection, stream, closed } = scripted();
    const settled = Promise.allSettled([
      connection.request("monitor", []),
      connection.request("transact", []),
    ]);
    const middle = random(bytes.length);
    stream.push(bytes.subarray(0, middle));
    stream.push(bytes.subarray(middle));
    stream.push(null);
    await settled;
    outcomes.settled++;
    await turn();
    const [error] = closed;
    expect(closed).toHaveLength(1);
    if (error instanceof ProtocolError) outcomes.protocol++;
    else if (error instanceof ConnectionError) outcomes.connection++;
  }
  expect(outcomes.settled).toBe(10_000);
  expect(outcomes.protocol + outcomes.connection).toBe(10_000);
  expect(outcomes.protocol).toBeGreaterThan(1000);
  expect(outcomes.connection).toBeGreaterThan(100);
}, 120_000);

function mutate(bytes: Buffer, random: (below: number) => number): void {
  const at = random(bytes.length);
  switch (random(4)) {
    case 0:
      bytes[at] = random(256);
      break;
    case 1:
      bytes[at] = '{}[],:"\\0n'.charCodeAt(random(10));
      break;
    case 2:
      bytes.copyWithin(at, random(bytes.length), random(bytes.length));
      break;
    default:
      bytes.copyWithin(at, at + 1 + random(4));
  }
}
