// Values of every column type make the way to a real server and back unchanged, and in the server's own
// order.

import fc from "fast-check";
import type { Replica, Uuid } from "ovsdb-client-ts";
import { compareAtoms, makeMap, makeSet, OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { ovsdbClient, startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
let client: OvsdbClient<Zoo>;
let replica: Replica<Zoo>;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  client = await OvsdbClient.connect({ remotes: server.remote, schema: zoo });
  replica = await client.replica({ Cage: {} }).synced();
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

// The server refuses NUL, and what is not Unicode: lone surrogates can't be written in UTF-8.
const string = fc.string({ unit: "binary", maxLength: 20 }).filter((s) => !/\0|\p{Surrogate}/u.test(s));
const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
);
// Servers write reals with 15 digits, and can't read denormal ones.
const real = fc
  .double({ noNaN: true, min: -1e300, max: 1e300 })
  .map((x) => (Math.abs(x) < 1e-300 ? 0 : Number(x.toPrecision(15))));
const uuid = fc.uuid();
const cage = fc.record({
  number: integer,
  small: fc.option(fc.integer({ min: 0, max: 9 })),
  weight: real,
  open: fc.boolean(),
  label: string,
  id: uuid,
  nick: fc.option(string),
  integers: fc.array(integer).map(makeSet),
  reals: fc.array(real).map(makeSet),
  booleans: fc.array(fc.boolean()).map(makeSet),
  strings: fc.array(string).map(makeSet),
  uuids: fc.array(uuid).map(makeSet),
  few: fc.array(string, { minLength: 1, maxLength: 3 }).map(makeSet),
  options: fc.array(fc.tuple(string, string)).map(makeMap),
  counts: fc.array(fc.tuple(string, integer)).map(makeMap),
  numbered: fc.array(fc.tuple(integer, string)).map(makeMap),
});
type Cage = Parameters<ReturnType<typeof replica.transaction>["insert"]>[1] & object;

function realUuid<T extends string>(
  result: { readonly uuids: ReadonlyMap<Uuid, Uuid> },
  temporary: Uuid<T>,
): Uuid<T> {
  return (result.uuids.get(temporary) as Uuid<T> | undefined) ?? temporary;
}

async function insert(columns: object): Promise<Uuid<"Cage">> {
  const txn = replica.transaction();
  const temporary = txn.insert("Cage", columns as Cage);
  const result = await txn.commit();
  if (result.status !== "committed")
    throw result.status === "error"
      ? result.error
      : new Error(`${result.status}: ${client.session.lastError?.message}`);
  return realUuid(result, temporary);
}

test("inserted values come back as they were", async () => {
  await fc.assert(
    fc.asyncProperty(cage, async (columns) => {
      const row = await insert(columns);
      expect(replica.table("Cage").get(row)).toEqual({ _uuid: row, ...columns });
    }),
    { numRuns: 150 },
  );
});

test("changes of values arrive as the values, by every monitor method", async () => {
  const others = await Promise.all(
    (["monitor_cond", "monitor"] as const).map((monitorMethod) =>
      client.replica({ Cage: {} }, { monitorMethod }).synced(),
    ),
  );
  await fc.assert(
    fc.asyncProperty(cage, cage, async (first, second) => {
      const row = await insert(first);
      const txn = replica.transaction();
      txn.update("Cage", row, second as Cage);
      expect((await txn.commit()).status).toMatch(/committed|unchanged/);
      for (const one of [replica, ...others])
        expect(one.table("Cage").get(row)).toEqual({ _uuid: row, ...second });
    }),
    { numRuns: 100 },
  );
  for (const other of others) other.close();
});

test("mutations do what the transaction said that they would", async () => {
  const insertion = fc.record({
    strings: fc.array(string).map(makeSet),
    options: fc.array(fc.tuple(string, string)).map(makeMap),
  });
  await fc.assert(
    fc.asyncProperty(cage, insertion, insertion, integer, async (first, added, removed, by) => {
      const row = await insert({ ...first, number: 7 });
      const txn = replica.transaction();
      const of = (all: object) => all as { strings: string[]; options: Map<string, string> };
      txn.mutate("Cage", row, "strings", "insert", of(added).strings);
      txn.mutate("Cage", row, "strings", "delete", of(removed).strings);
      txn.mutate("Cage", row, "strings", "delete", of(first).strings.slice(0, 2));
      txn.mutate("Cage", row, "options", "insert", of(added).options);
      txn.mutate("Cage", row, "options", "delete", [
        ...of(removed).options.keys(),
        ...[...of(first).options.keys()].slice(0, 2),
      ]);
      for (const [key, value] of of(removed).options) txn.setKey("Cage", row, "options", key, value);
      if (by > -(2n ** 62n) && by < 2n ** 62n) txn.mutate("Cage", row, "number", "+=", by);
      const expected = txn.get("Cage", row);
      expect((await txn.commit()).status).toMatch(/committed|unchanged/);
      expect(replica.table("Cage").get(row)).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test("sets are in the order that the server has them in", async () => {
  const strings = ["\u{1f600}", "\u{ffff}", "\u{e000}", "é", "e", "", "Z", "z", "10", "9"];
  const row = await insert({ label: "order", few: ["f"], strings: makeSet(strings) });
  const dump = await ovsdbClient(
    "--no-headings",
    "--format=json",
    "dump",
    server.remote,
    "Zoo",
    "Cage",
    "label",
    "strings",
  );
  const table: { data: [string, ["set", string[]]][] } = JSON.parse(dump);
  const theirs = table.data.find(([label]) => label === "order")?.[1][1];
  expect(replica.table("Cage").get(row)?.strings).toEqual(theirs);
  expect([...strings].sort(compareAtoms)).toEqual(theirs);
});

test("what would make the server drop the connection is refused before it is sent", async () => {
  for (const bad of [
    { label: "a\0b" },
    { label: "\ud83d" },
    { weight: 5e-324 },
    { weight: Number.NaN },
    { number: 1.5 },
    { number: 2n ** 63n },
  ]) {
    expect(() => replica.transaction().insert("Cage", bad)).toThrow(/is not a value of type/);
  }
  await insert({ label: "still connected", few: ["f"] });
});
