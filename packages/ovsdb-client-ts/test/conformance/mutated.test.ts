// A real server's messages, mutated on their way to the client: no crash, no hang, and once the mutations
// stop the replica is right.

import { rmSync } from "node:fs";
import type { Socket } from "node:net";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import type { Replica } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { expect, onTestFinished, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { MessageBorders, makeDirectory, startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

const MUTATED = 10_000;
const TARGETS = 20;
const seed = Number(process.env.OVSDB_TEST_SEED ?? Date.now() % 1_000_000);

/** mulberry32: a small generator whose runs can be repeated from the seed. */
function randomFrom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const JUNK: readonly unknown[] = [
  null,
  true,
  -1,
  1e300,
  0.5,
  "",
  "x",
  "__proto__",
  "00000000-0000-0000-0000-000000000001",
  [],
  [[]],
  {},
  ["set", []],
  ["set", ["set", []]],
  ["map", [["a"]]],
  ["uuid", "no"],
  { insert: {} },
  { delete: null },
  { error: "unknown database" },
];

/** Replaces, removes or renames one random part of a message, or breaks its bytes. */
function mutate(text: string, random: (below: number) => number): Buffer {
  if (random(4) === 0) return breakBytes(Buffer.from(text), random);
  const places: { holder: unknown[] | Record<string, unknown>; key: string | number }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const holder = node as Record<string, unknown>;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      walk(holder[key]);
    }
  };
  const message: unknown = JSON.parse(text);
  walk(message);
  const place = places[random(places.length)];
  if (place === undefined) return Buffer.from(text);
  const holder = place.holder as Record<string, unknown>;
  const how = random(3);
  if (how === 0 && !Array.isArray(holder)) delete holder[place.key];
  else if (how === 1 && !Array.isArray(holder)) {
    holder[["insert", "modify", "delete", "initial", "method", "x"][random(6)] ?? "x"] = holder[place.key];
    delete holder[place.key];
  } else holder[place.key] = JUNK[random(JUNK.length)];
  return Buffer.from(JSON.stringify(message));
}

function breakBytes(bytes: Buffer, random: (below: number) => number): Buffer {
  const at = random(bytes.length);
  switch (random(3)) {
    case 0:
      bytes[at] = random(256);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    default:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length))]);
  }
}

/** Listens, and passes each connection on to the server, whose messages it mutates while it is told to. */
async function startMutator(server: Server, random: (below: number) => number) {
  const dir = makeDirectory();
  const state = { mutated: 0, on: true, remote: `unix:${join(dir, "m")}` };
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const target = connect(server.remotes.unix.slice("unix:".length));
    const borders = new MessageBorders();
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.pipe(target);
    target.on("data", (chunk: Buffer) => {
      let rest = chunk;
      while (rest.length > 0) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text === undefined) continue;
        const change = state.on && random(3) === 0;
        if (change) state.mutated++;
        client.write(change ? mutate(text, random) : text);
      }
    });
  });
  await new Promise<void>((resolve) => listener.listen(join(dir, "m"), resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
    rmSync(dir, { recursive: true, force: true });
  });
  return state;
}

/** What a client does meanwhile: it writes, changes its conditions, and now and then loses patience. */
async function liveOn(
  { client, replica }: { client: OvsdbClient<Zoo>; replica: Replica<Zoo> },
  i: number,
): Promise<void> {
  // What the client has learned of the schema may be mutated as well.
  if (client.has("Animal", "name") && client.has("Animal", "kind")) {
    const txn = replica.transaction();
    txn.insert("Animal", { name: `a${i}`, kind: "bird" });
    await txn.commit({ timeout: 20 });
  }
  if (i % 7 === 0) void replica.setConditions({ Cage: [["number", ">=", -i]] }).catch(() => undefined);
  // A lie can leave a client waiting for an answer that has come already; it is for its user to lose
  // patience.
  if (!replica.complete)
    await replica.synced({ timeout: 20 }).catch(() => client.session.forceReconnect("no progress"));
}

test(`${MUTATED} mutated messages neither crash nor hang a client (seed ${seed})`, {
  timeout: 300_000,
}, async () => {
  const random = randomFrom(seed);
  const server = await startStandalone({ schema: zoo });
  onTestFinished(() => server.stop());
  const mutator = await startMutator(server, random);
  const options = { schema: zoo, backoff: { min: 1, max: 2 }, connectTimeout: 50 };
  const direct = await OvsdbClient.connect({ ...options, remotes: server.remote });
  onTestFinished(() => direct.close());
  const targets = Array.from(
    { length: TARGETS },
    () => new OvsdbClient({ ...options, remotes: mutator.remote }),
  );
  const lives = targets.map((client) => {
    onTestFinished(() => client.close());
    client.start();
    client.lock("fuzz").request();
    return {
      client,
      replica: client.replica({ Cage: { where: [["number", ">=", 0]] }, Keeper: {}, Animal: {} }),
    };
  });
  for (let i = 0; mutator.mutated < MUTATED; i++) {
    const txn = direct.transaction();
    txn.insert("Cage", { number: i, few: ["f"], strings: ["a", String(i)], options: { i: String(i) } });
    if (i % 20 === 19) {
      for (const row of await direct.select("Cage", { columns: ["number"] })) {
        if (Number(row.number) < i - 5) txn.delete("Cage", row._uuid);
        else txn.mutate("Cage", row._uuid, "strings", "delete", ["a"]);
      }
    }
    await txn.commit();
    await Promise.all(lives.map((life) => liveOn(life, i)));
  }
  mutator.on = false;
  const fresh = await direct.select("Cage");
  const byUuid = (rows: Iterable<{ _uuid: string }>) => new Map([...rows].map((row) => [row._uuid, row]));
  for (const { client, replica } of lives) {
    client.session.forceReconnect("the mutations are over");
    await replica.setConditions({ Cage: true });
    await replica.synced({ timeout: 20_000 });
    expect(byUuid(replica.table("Cage"))).toEqual(byUuid(fresh));
  }
  expect(Object.getPrototypeOf({})).toBe(Object.prototype);
});
