// Indexes against what a search through all rows finds, over random changes.

import fc from "fast-check";
import type { Row, Uuid } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startStandalone } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

type Cage = Row<Zoo, "Cage">;

let server: Server;
let client: OvsdbClient<Zoo>;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  client = await OvsdbClient.connect({ remotes: server.remote, schema: zoo });
});
afterAll(async () => {
  await client.close();
  await server.stop();
});

const letters = ["a", "b", "c", "d", "e"] as const;
const letter = fc.constantFrom(...letters);
const columns = fc.record(
  {
    label: letter,
    open: fc.boolean(),
    nick: fc.option(letter),
    strings: fc.uniqueArray(letter),
    options: fc.dictionary(letter, letter),
  },
  { requiredKeys: [] },
);
const step = fc.oneof(
  columns.map((values) => ({ op: "insert", values, which: 0 }) as const),
  fc.record({ op: fc.constant("update" as const), values: columns, which: fc.nat() }),
  fc.record({ op: fc.constant("delete" as const), values: fc.constant({}), which: fc.nat() }),
);

test("find the same rows as a search", async () => {
  const replica = await client.replica({ Cage: {} }).synced();
  const table = replica.table("Cage");
  const indexes = {
    label: [table.index(["label"]), (cage: Cage) => [cage.label]],
    nick: [table.index(["nick"]), (cage: Cage) => [cage.nick]],
    strings: [table.index(["strings"]), (cage: Cage) => cage.strings],
    options: [table.index(["options"]), (cage: Cage) => [...cage.options.keys()]],
    // The same key twice, and keys in no order.
    computed: [
      table.indexBy("computed", (cage) => [...cage.strings, cage.label, ...cage.options.values()].reverse()),
      (cage: Cage) => [...cage.strings, cage.label, ...cage.options.values()],
    ],
  } as const;
  const both = table.index(["label", "open"]);
  const check = () => {
    const rows = [...table];
    const found = (finds: (cage: Cage) => boolean) =>
      rows
        .filter(finds)
        .map(({ _uuid }) => _uuid)
        .sort();
    const uuids = (list: readonly Cage[]) => list.map(({ _uuid }) => _uuid).sort();
    for (const [name, [index, keysOf]] of Object.entries(indexes)) {
      const keys: (cage: Cage) => readonly (string | null)[] = keysOf;
      const all = new Set<string | null>(rows.flatMap((cage) => [...keys(cage)]));
      expect(new Set(index.keys()), name).toEqual(all);
      for (const key of [...letters, null]) {
        expect(uuids(index.find(key)), name).toEqual(found((cage) => keys(cage).includes(key)));
        expect(index.get(key) === undefined, name).toBe(!all.has(key));
      }
    }
    for (const label of letters) {
      for (const open of [true, false])
        expect(uuids(both.find(label, open))).toEqual(
          found((cage) => cage.label === label && cage.open === open),
        );
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1 }), { maxLength: 5 }), async (batches) => {
      for (const batch of batches) {
        const txn = replica.transaction();
        const uuids = [...table].map((cage) => cage._uuid);
        const gone = new Set<Uuid>();
        for (const { op, values, which } of batch) {
          const uuid = uuids[which % Math.max(1, uuids.length)];
          if (op === "insert") txn.insert("Cage", { few: ["f"], ...values });
          else if (uuid === undefined || gone.has(uuid)) continue;
          else if (op === "update") txn.update("Cage", uuid, values);
          else {
            txn.delete("Cage", uuid);
            gone.add(uuid);
          }
        }
        const { status } = await txn.commit();
        expect(["committed", "unchanged"]).toContain(status);
        check();
      }
    }),
    { numRuns: 60 },
  );
  replica.close();
});

test("a set of 100,000 elements changes by one, with an index too", { timeout: 120_000 }, async () => {
  const large = await client.replica({ Cage: { columns: ["strings"] } }).synced();
  const size = 100_000;
  const all = Array.from({ length: size }, (_, i) => `element ${String(i).padStart(6, "0")}`);
  const txn = large.transaction();
  const inserted = txn.insert("Cage", { few: ["f"], strings: all });
  const result = await txn.commit();
  if (result.status !== "committed") throw new Error(JSON.stringify(result));
  const uuid = result.uuids.get(inserted) as Uuid<"Cage">;
  const index = large.table("Cage").index(["strings"]);
  const changes = 100;
  for (let i = 0; i < changes; i++) {
    const change = large.transaction();
    const element = `element 05000${i >> 1}x`;
    if (i % 2 === 0) change.mutate("Cage", uuid, "strings", "insert", [element]);
    else change.mutate("Cage", uuid, "strings", "delete", [element]);
    expect((await change.commit()).status).toBe("committed");
    expect(index.get(element)?._uuid).toBe(i % 2 === 0 ? uuid : undefined);
  }
  expect(large.table("Cage").get(uuid)?.strings).toEqual(all);
});
