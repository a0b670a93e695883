// Rows found by a column's value: in the replica, and through what the transaction has written.

import type { Replica } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
let client: OvsdbClient<Zoo>;
let replica: Replica<Zoo>;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  client = await OvsdbClient.connect({ remotes: server.remote, schema: zoo });
  replica = await client.replica({ Cage: {} }).synced();
  const txn = replica.transaction();
  for (const label of ["a", "b", "b"]) txn.insert("Cage", { few: ["f"], label });
  await txn.commit();
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

test("a search sees the replica's rows as the transaction will leave them", () => {
  const txn = replica.transaction();
  const count = (label: string) => [...txn.find("Cage", "label", label)].length;
  expect([count("a"), count("b"), count("c")]).toEqual([1, 2, 0]);
  const [a] = txn.find("Cage", "label", "a");
  const [b] = txn.find("Cage", "label", "b");
  if (a === undefined || b === undefined) throw new Error("the rows are missing");
  txn.update("Cage", a._uuid, { label: "c" });
  expect([count("a"), count("b"), count("c")]).toEqual([0, 2, 1]);
  txn.delete("Cage", b._uuid);
  expect([count("a"), count("b"), count("c")]).toEqual([0, 1, 1]);
  txn.update("Cage", a._uuid, { label: "a" });
  expect([count("a"), count("b"), count("c")]).toEqual([1, 1, 0]);
});

test("a search sees inserted rows, changed ones, and none that are gone again", () => {
  const txn = replica.transaction();
  const found = (label: string) => [...txn.find("Cage", "label", label)].map(({ _uuid }) => _uuid);
  const one = txn.insert("Cage", { few: ["f"], label: "n" });
  const two = txn.insert("Cage", { few: ["f"], label: "n" });
  expect(found("n")).toEqual([one, two]);
  txn.update("Cage", one, { label: "m" });
  expect([found("n"), found("m")]).toEqual([[two], [one]]);
  txn.delete("Cage", one);
  expect([found("n"), found("m")]).toEqual([[two], []]);
});

// Each search going through all that was inserted would take minutes, and more than the test may.
test("many searches among many inserts", () => {
  const txn = replica.transaction();
  for (let i = 0; i < 20_000; i++) {
    const label = `cage ${i}`;
    expect(txn.find("Cage", "label", label).next().done).toBe(true);
    txn.insert("Cage", { few: ["f"], label });
  }
});
