// Operations on one row merge into one. The property: whatever they are, the row ends as if a server had been
// given each for itself, and as the transaction itself said that it would.

import fc from "fast-check";
import type { Replica, Transaction, Uuid } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
let client: OvsdbClient<Zoo>;
let replica: Replica<Zoo>;
let narrow: Replica<Zoo>;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  client = await OvsdbClient.connect({ remotes: server.remote, schema: zoo });
  replica = await client.replica({ Cage: {} }).synced();
  narrow = await client.replica({ Cage: { columns: ["label"] } }).synced();
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

/** One operation: as this client's transactions are told, and as the same is said in JSON. */
interface Step {
  readonly name: string;
  apply(txn: Transaction<Zoo>, uuid: Uuid<"Cage">): void;
  readonly raw: readonly object[];
}

const cells = ["a", "b", "c"] as const;
const texts = fc.uniqueArray(fc.constantFrom(...cells), { minLength: 1 });
const digits = fc.uniqueArray(fc.constantFrom(1, 2, 3), { minLength: 1 });
const pairs = fc.dictionary(fc.constantFrom(...cells), fc.constantFrom("1", "2"), { minKeys: 1 });
const set = (values: readonly unknown[]) => ["set", values];
const map = (values: object) => ["map", Object.entries(values)];
const mutate = (...mutations: unknown[]) => ({ op: "mutate", mutations });
const update = (row: object) => ({ op: "update", row });

const step = fc.oneof(
  fc.constantFrom("x", "y").map(
    (v): Step => ({
      name: `label := ${v}`,
      apply: (txn, uuid) => txn.update("Cage", uuid, { label: v }),
      raw: [update({ label: v })],
    }),
  ),
  texts.map(
    (v): Step => ({
      name: `strings := ${v}`,
      apply: (txn, uuid) => txn.update("Cage", uuid, { strings: v }),
      raw: [update({ strings: set(v) })],
    }),
  ),
  fc.tuple(fc.constantFrom("insert", "delete"), texts).map(
    ([mutator, v]): Step => ({
      name: `strings ${mutator} ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "strings", mutator as "insert", v),
      raw: [mutate(["strings", mutator, set(v)])],
    }),
  ),
  fc.tuple(fc.constantFrom("insert", "delete"), digits).map(
    ([mutator, v]): Step => ({
      name: `integers ${mutator} ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "integers", mutator as "insert", v),
      raw: [mutate(["integers", mutator, set(v)])],
    }),
  ),
  fc.tuple(fc.constantFrom("integers", "number"), fc.constantFrom("+=", "-="), fc.constantFrom(0, 1, 2)).map(
    ([column, mutator, v]): Step => ({
      name: `${column} ${mutator} ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, column as "number", mutator as "+=", v),
      raw: [mutate([column, mutator, v])],
    }),
  ),
  fc.tuple(fc.constantFrom("*=", "/=", "%="), fc.constantFrom(1, 2, 3)).map(
    ([mutator, v]): Step => ({
      name: `number ${mutator} ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "number", mutator as "*=", v),
      raw: [mutate(["number", mutator, v])],
    }),
  ),
  fc.constantFrom("a", "b", null).map(
    (v): Step => ({
      name: `nick := ${v}`,
      apply: (txn, uuid) => txn.update("Cage", uuid, { nick: v }),
      raw: [update({ nick: v ?? set([]) })],
    }),
  ),
  texts.map(
    (v): Step => ({
      name: `nick delete ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "nick", "delete", v as never),
      raw: [mutate(["nick", "delete", set(v)])],
    }),
  ),
  pairs.map(
    (v): Step => ({
      name: `options := ${JSON.stringify(v)}`,
      apply: (txn, uuid) => txn.update("Cage", uuid, { options: v }),
      raw: [update({ options: map(v) })],
    }),
  ),
  pairs.map(
    (v): Step => ({
      name: `options insert ${JSON.stringify(v)}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "options", "insert", v),
      raw: [mutate(["options", "insert", map(v)])],
    }),
  ),
  texts.map(
    (v): Step => ({
      name: `options delete ${v}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "options", "delete", v),
      raw: [mutate(["options", "delete", set(v)])],
    }),
  ),
  pairs.map(
    (v): Step => ({
      name: `options delete pairs ${JSON.stringify(v)}`,
      apply: (txn, uuid) => txn.mutate("Cage", uuid, "options", "delete", new Map(Object.entries(v))),
      raw: [mutate(["options", "delete", map(v)])],
    }),
  ),
  fc.tuple(fc.constantFrom(...cells), fc.constantFrom("1", "2")).map(
    ([key, value]): Step => ({
      name: `options.${key} := ${value}`,
      apply: (txn, uuid) => txn.setKey("Cage", uuid, "options", key, value),
      raw: [mutate(["options", "delete", set([key])], ["options", "insert", map({ [key]: value })])],
    }),
  ),
  fc.constantFrom(...cells).map(
    (key): Step => ({
      name: `options.${key} gone`,
      apply: (txn, uuid) => txn.removeKey("Cage", uuid, "options", key),
      raw: [mutate(["options", "delete", set([key])])],
    }),
  ),
);
const steps = fc.array(step, { minLength: 1, maxLength: 8 });

const start = fc.record({
  strings: texts.map(set),
  integers: digits.map(set),
  options: pairs.map(map),
  nick: fc.constantFrom("a", "b", ["set", []]),
  number: fc.integer({ min: -5, max: 5 }),
});

async function raw(...operations: object[]): Promise<unknown[]> {
  const reply = await client.session.request("transact", ["Zoo", ...(operations as never[])]);
  const results = reply as ({ error?: string; details?: string; uuid?: [string, string] } | null)[];
  for (const result of results)
    if (result?.error !== undefined) throw new Error(`${result.error}: ${result.details}`);
  return results.map((result) => result?.uuid?.[1]);
}

const contents = (uuid: string) => {
  const { _uuid, ...columns } = replica.table("Cage").get(uuid) ?? { _uuid: "" };
  return columns;
};

describe.each([
  { what: "a row that is seen", begin: () => replica.transaction() },
  { what: "a row of which some columns are seen", begin: () => narrow.transaction() },
  { what: "a row that is not seen", begin: () => client.transaction() },
])("$what", ({ what, begin }) => {
  test("many operations in one transaction, and each for itself, end in the same", async () => {
    await fc.assert(
      fc.asyncProperty(start, steps, async (row, list) => {
        const insert = { op: "insert", table: "Cage", row: { few: "f", ...row } };
        const [one, other] = (await raw(insert, insert)) as [Uuid<"Cage">, Uuid<"Cage">];
        const where = [["_uuid", "==", ["uuid", one]]];
        for (const { raw: operations } of list) {
          await raw(...operations.map((operation) => ({ ...operation, table: "Cage", where })));
        }
        const txn = begin();
        for (const { apply } of list) apply(txn, other);
        const foreseen = txn.get("Cage", other);
        const result = await txn.commit();
        expect(["committed", "unchanged"]).toContain(result.status);
        expect(contents(other)).toEqual(contents(one));
        if (what === "a row that is seen") expect(replica.table("Cage").get(other)).toEqual(foreseen);
      }),
      { numRuns: 300 },
    );
  });

  test("an inserted row likewise", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const [one] = (await raw({ op: "insert", table: "Cage", row: { few: "f" } })) as [Uuid<"Cage">];
        const where = [["_uuid", "==", ["uuid", one]]];
        for (const { raw: operations } of list) {
          await raw(...operations.map((operation) => ({ ...operation, table: "Cage", where })));
        }
        const txn = begin();
        const inserted = txn.insert("Cage", { few: ["f"] });
        for (const { apply } of list) apply(txn, inserted);
        const result = await txn.commit();
        if (result.status !== "committed") throw new Error(result.status);
        expect(contents(result.uuids.get(inserted) ?? "")).toEqual(contents(one));
      }),
      { numRuns: 100 },
    );
  });
});

test("an optional that holds a value takes no other, unless that one goes first", async () => {
  const [uuid] = (await raw({ op: "insert", table: "Cage", row: { few: "f", nick: "a" } })) as [Uuid<"Cage">];
  const txn = replica.transaction();
  expect(() => txn.mutate("Cage", uuid, "nick", "insert", "b")).toThrow(
    /nick: b can't be inserted, it holds a/,
  );
  txn.mutate("Cage", uuid, "nick", "delete", "a");
  txn.mutate("Cage", uuid, "nick", "insert", "b");
  expect(txn.get("Cage", uuid)?.nick).toBe("b");
  expect((await txn.commit()).status).toBe("committed");
  expect(replica.table("Cage").get(uuid)?.nick).toBe("b");
  const fresh = replica.transaction();
  const inserted = fresh.insert("Cage", { few: ["f"], nick: "a" });
  expect(() => fresh.mutate("Cage", inserted, "nick", "insert", "b")).toThrow(/it holds a already/);
  expect(() => fresh.mutate("Cage", uuid, "label" as never, "insert", "b" as never)).toThrow(
    /label: insert needs a set or a map, not one string/,
  );
});

test("maps of any keys and values, and integers that are -0", async () => {
  const txn = replica.transaction();
  const uuid = txn.insert("Cage", { few: ["f"], number: -0, numbered: new Map([[1, "one"]]) });
  txn.setKey("Cage", uuid, "numbered", 2n ** 60n, "big");
  txn.removeKey("Cage", uuid, "numbered", 1);
  txn.setKey("Cage", uuid, "counts", "a", -0);
  const result = await txn.commit();
  if (result.status !== "committed") throw new Error(JSON.stringify(result));
  expect(replica.table("Cage").get(result.uuids.get(uuid) ?? "")).toMatchObject({
    number: 0,
    numbered: new Map([[2n ** 60n, "big"]]),
    counts: new Map([["a", 0]]),
  });
});

test("10,000 elements are added to and taken from sets and maps", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => `element ${i}`);
  const txn = replica.transaction();
  const uuid = txn.insert("Cage", { few: ["f"], strings: many });
  txn.mutate(
    "Cage",
    uuid,
    "strings",
    "insert",
    many.map((one) => `${one}'`),
  );
  txn.mutate("Cage", uuid, "strings", "delete", many);
  txn.mutate("Cage", uuid, "options", "insert", Object.fromEntries(many.map((one) => [one, one])));
  expect(txn.get("Cage", uuid)?.strings).toHaveLength(10_000);
});
