import type { Replica, Row } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterEach, beforeEach, describe, expect, expectTypeOf, onTestFinished, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startCluster, startProxy, startStandalone, transact } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
beforeEach(async () => {
  server = await startStandalone({ schema: zoo });
});
afterEach(() => server.stop());

async function connect(remotes = server.remote): Promise<OvsdbClient<Zoo>> {
  const client = await OvsdbClient.connect({ remotes, schema: zoo, backoff: { min: 50, max: 100 } });
  onTestFinished(() => client.close());
  return client;
}

const witness = (...operations: object[]) => transact(server.remote, "Zoo", ...operations);
const insertCage = (row: object) => ({ op: "insert", table: "Cage", row: { few: "a", ...row } });

describe("types", () => {
  test("follow from the description", () => {
    type Cage = Row<Zoo, "Cage">;
    type Keeper = Row<Zoo, "Keeper">;
    expectTypeOf<Cage["number"]>().toEqualTypeOf<number | bigint>();
    expectTypeOf<Cage["small"]>().toEqualTypeOf<number | null>();
    expectTypeOf<Cage["nick"]>().toEqualTypeOf<string | null>();
    expectTypeOf<Cage["strings"]>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Cage["counts"]>().toEqualTypeOf<ReadonlyMap<string, number | bigint>>();
    expectTypeOf<Row<Zoo, "Animal">["kind"]>().toEqualTypeOf<"bird" | "fish" | "mammal">();
    expectTypeOf<Replica<Zoo>["deref"]>().toBeFunction();
    // @ts-expect-error a keeper is no animal
    const wrong = (keeper: Keeper): Row<Zoo, "Animal">["_uuid"] => keeper._uuid;
    expect(wrong).toBeTypeOf("function");
  });
});

describe("contents", () => {
  test("the first dump is announced as such, with every kind of value", async () => {
    await witness(
      insertCage({
        number: 7,
        weight: 1.5,
        open: true,
        label: "Käfig",
        nick: "k",
        integers: ["set", [3, 1, 2]],
        options: [
          "map",
          [
            ["b", "2"],
            ["a", "1"],
          ],
        ],
        numbered: [
          "map",
          [
            [2, "two"],
            [1, "one"],
          ],
        ],
      }),
    );
    const client = await connect();
    const replica = client.replica({ Cage: {} });
    const announced: unknown[] = [];
    replica.subscribe((changes) => announced.push([changes.initial, changes.map((c) => [c.table, c.old])]));
    await replica.synced();
    const [cage] = replica.table("Cage");
    expect(cage).toEqual({
      _uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      number: 7,
      small: null,
      weight: 1.5,
      open: true,
      label: "Käfig",
      id: "00000000-0000-0000-0000-000000000000",
      nick: "k",
      integers: [1, 2, 3],
      reals: [],
      booleans: [],
      strings: [],
      uuids: [],
      few: ["a"],
      options: new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
      counts: new Map(),
      numbered: new Map([
        [1, "one"],
        [2, "two"],
      ]),
    });
    expect([...(cage?.options.keys() ?? [])]).toEqual(["a", "b"]);
    expect(announced).toEqual([[true, [["Cage", null]]]]);
  });

  for (const monitorMethod of ["monitor_cond_since", "monitor_cond", "monitor"] as const) {
    test(`${monitorMethod}: inserts, changes of sets and maps, and deletions arrive as old and new`, async () => {
      const client = await connect();
      const replica = await client.replica({ Cage: {} }, { monitorMethod }).synced();
      expect(replica.monitorMethod).toBe(monitorMethod);
      const seen: unknown[] = [];
      replica.subscribe((changes) => {
        for (const c of changes)
          if (c.table === "Cage") seen.push([c.old?.strings, c.new?.strings, c.new?.options]);
      });
      await witness(
        insertCage({
          label: "x",
          strings: ["set", ["a", "b"]],
          options: [
            "map",
            [
              ["k", "1"],
              ["l", "2"],
            ],
          ],
        }),
      );
      const where = [["label", "==", "x"]];
      const mutations = [
        ["strings", "insert", ["set", ["c"]]],
        ["strings", "delete", ["set", ["a"]]],
        ["options", "delete", ["set", ["k", "l"]]],
        [
          "options",
          "insert",
          [
            "map",
            [
              ["l", "3"],
              ["m", "4"],
            ],
          ],
        ],
      ];
      await witness({ op: "mutate", table: "Cage", where, mutations });
      await witness({ op: "delete", table: "Cage", where });
      await replica.when((r) => seen.length === 3 && r.table("Cage").size === 0);
      expect(seen).toEqual([
        [
          undefined,
          ["a", "b"],
          new Map([
            ["k", "1"],
            ["l", "2"],
          ]),
        ],
        [
          ["a", "b"],
          ["b", "c"],
          new Map([
            ["l", "3"],
            ["m", "4"],
          ]),
        ],
        [["b", "c"], undefined, undefined],
      ]);
    });
  }

  test("columns that were not asked for, and tables that the server lacks, are empty", async () => {
    await witness(insertCage({ label: "x", number: 5 }));
    const wider = {
      ...zoo,
      tables: { ...zoo.tables, Moat: { columns: { depth: { type: "integer" } } } },
    } as const;
    const client = await OvsdbClient.connect({ remotes: server.remote, schema: wider });
    onTestFinished(() => client.close());
    const replica = await client.replica({ Cage: { columns: ["label"] }, Moat: {} }).synced();
    expect([...replica.table("Cage")].map(({ label, number }) => [label, number])).toEqual([["x", 0]]);
    expect(replica.table("Cage").has("number")).toBe(false);
    expect(replica.table("Moat").exists).toBe(false);
    expect(client.has("Moat")).toBe(false);
    expect(() => client.transaction().insert("Moat", { depth: 3 })).toThrow(
      /version 1\.0\.0\) has no table Moat/,
    );
  });

  test("references lead to rows, and weak ones that vanish are gone from the row", async () => {
    const client = await connect();
    const replica = await client.replica({ Keeper: {}, Animal: {} }).synced();
    const txn = replica.transaction();
    const gull = txn.insert("Animal", { name: "gull", kind: "bird" });
    const eel = txn.insert("Animal", { name: "eel", kind: "fish" });
    const ann = txn.insert("Keeper", { name: "ann", animals: [gull, eel], favourite: eel });
    const result = await txn.commit();
    const keeper = replica
      .table("Keeper")
      .get(result.status === "committed" ? (result.uuids.get(ann) ?? ann) : ann);
    if (keeper === undefined) throw new Error(`not committed: ${JSON.stringify(result)}`);
    expect(
      replica
        .deref("Keeper", keeper, "animals")
        .map((a) => a.name)
        .sort(),
    ).toEqual(["eel", "gull"]);
    expect(replica.deref("Keeper", keeper, "favourite").map((a) => a.kind)).toEqual(["fish"]);
    await witness({
      op: "mutate",
      table: "Keeper",
      where: [],
      mutations: [["animals", "delete", ["set", [["uuid", keeper.favourite]]]]],
    });
    const after = await replica.when((r) => {
      const now = r.table("Keeper").get(keeper._uuid);
      return now?.favourite === null && now;
    });
    expect(after.animals).toHaveLength(1);
    expect(replica.table("Animal").size).toBe(1);
  });
});

describe("indexes", () => {
  test("stay current, by columns, by elements of a set and by computed keys", async () => {
    const client = await connect();
    const replica = await client.replica({ Cage: {} }).synced();
    const table = replica.table("Cage");
    const byBoth = table.index(["label", "open"]);
    const byString = table.index(["strings"]);
    const byColour = table.indexBy("colour", (cage) => cage.options.get("colour"));
    await witness(
      insertCage({
        label: "x",
        open: true,
        strings: ["set", ["a", "b"]],
        options: ["map", [["colour", "red"]]],
      }),
      insertCage({ label: "x", open: true, strings: ["set", ["b", "c"]] }),
      insertCage({ label: "x", open: false }),
    );
    await replica.when((r) => r.table("Cage").size === 3);
    expect(byBoth.find("x", true)).toHaveLength(2);
    expect(byBoth.get("x", false)?.open).toBe(false);
    expect(byString.find("b")).toHaveLength(2);
    expect(byColour.get("red")?.strings).toEqual(["a", "b"]);
    expect(table.index(["strings"])).toBe(byString);
    await witness(
      {
        op: "update",
        table: "Cage",
        where: [["strings", "includes", "a"]],
        row: { label: "y", options: ["map", []], strings: "c" },
      },
      { op: "delete", table: "Cage", where: [["open", "==", false]] },
    );
    await replica.when((r) => r.table("Cage").size === 2);
    expect([...byBoth.find("x", true)].map((cage) => cage.strings)).toEqual([["b", "c"]]);
    expect(byBoth.get("x", false)).toBeUndefined();
    expect(["a", "b", "c"].map((key) => byString.find(key).length)).toEqual([0, 1, 2]);
    expect(byColour.get("red")).toBeUndefined();
    expect(() => table.index(["label", "strings"])).toThrow(/set column strings can only be indexed alone/);
  });
});

describe("conditions", () => {
  test("choose rows, and can be changed while running", async () => {
    await witness(...[1, 2, 3, 4].map((number) => insertCage({ number })));
    const client = await connect();
    const replica = await client.replica({ Cage: { where: [["number", "==", 1]] } }).synced();
    const numbers = () => [...replica.table("Cage")].map((cage) => cage.number).sort();
    expect(numbers()).toEqual([1]);
    expect(replica.conditionsAcknowledged("Cage")).toBe(true);
    const done = replica.setConditions({
      Cage: [
        ["number", "<=", 2],
        ["number", "==", 4],
      ],
    });
    expect(replica.conditionsAcknowledged("Cage")).toBe(false);
    await done;
    expect(replica.conditionsAcknowledged("Cage")).toBe(true);
    expect(numbers()).toEqual([1, 2, 4]);
    await Promise.all([
      replica.setConditions({ Cage: false }),
      replica.setConditions({ Cage: [["number", "==", 3]] }),
    ]);
    expect(numbers()).toEqual([3]);
    await replica.setConditions({ Cage: true });
    expect(numbers()).toEqual([1, 2, 3, 4]);
    await replica.setConditions({ Cage: [] });
    expect(numbers()).toEqual([]);
  });

  test("a change that the connection cuts off is made up for", async () => {
    await witness(...[1, 2, 3, 4].map((number) => insertCage({ number })));
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const client = await connect(proxy.remote);
    const replica = await client.replica({ Cage: { where: [["number", "==", 1]] } }).synced();
    const cut = proxy.cutWhen(({ from, text }) => from === "client" && text.includes("monitor_cond_change"));
    const done = replica.setConditions({ Cage: [["number", ">=", 3]] });
    await cut;
    await done;
    expect([...replica.table("Cage")].map((cage) => cage.number).sort()).toEqual([3, 4]);
  });
});

describe("reconnect", () => {
  test("announces only what has changed meanwhile, and keeps rows that have not", async () => {
    await witness(insertCage({ label: "same" }), insertCage({ label: "gone" }), insertCage({ label: "old" }));
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const client = await connect(proxy.remote);
    const replica = await client.replica({ Cage: {} }).synced();
    const byLabel = replica.table("Cage").index(["label"]);
    const same = byLabel.get("same");
    proxy.stall();
    proxy.cut();
    await new Promise<void>((resolve) => {
      const off = replica.onStateChange((complete) => {
        expect(complete).toBe(false);
        off();
        resolve();
      });
    });
    expect(replica.table("Cage").size).toBe(3);
    await witness(
      { op: "delete", table: "Cage", where: [["label", "==", "gone"]] },
      { op: "update", table: "Cage", where: [["label", "==", "old"]], row: { label: "new" } },
      insertCage({ label: "more" }),
    );
    const seen: unknown[] = [];
    replica.subscribe((changes) => {
      expect(changes.initial).toBe(false);
      for (const c of changes) if (c.table === "Cage") seen.push([c.old?.label, c.new?.label]);
    });
    proxy.pass();
    await replica.synced();
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(
      expect.arrayContaining([
        ["gone", undefined],
        ["old", "new"],
        [undefined, "more"],
      ]),
    );
    expect(byLabel.get("same")).toBe(same);
  });

  test("a clustered server sends only what is new, unless the conditions have changed meanwhile", async () => {
    const cluster = await startCluster({ schema: zoo, size: 1 });
    onTestFinished(() => cluster.stop());
    const proxy = await startProxy({ target: cluster.remotes });
    onTestFinished(() => proxy.stop());
    const dumps: boolean[] = [];
    proxy.onMessage(({ from, text }) => {
      const reply: { result?: unknown } = JSON.parse(text);
      const { result } = reply;
      if (from === "server" && Array.isArray(result) && typeof result[0] === "boolean")
        dumps.push(!result[0]);
    });
    const client = await connect(proxy.remote);
    const replica = await client.replica({ Cage: { where: [["number", "<", 10]] } }).synced();
    const cutOff = async () => {
      proxy.stall();
      proxy.cut();
      if (replica.complete) await new Promise<void>((resolve) => replica.onStateChange(() => resolve()));
    };
    const insert = (number: number) => transact(cluster.remotes, "Zoo", insertCage({ number }));
    const numbers = () => [...replica.table("Cage")].map((cage) => cage.number).sort();
    await insert(1);
    await replica.when((r) => r.table("Cage").size === 1);
    await cutOff();
    await insert(2);
    proxy.pass();
    await replica.synced();
    expect([numbers(), dumps]).toEqual([
      [1, 2],
      [true, false],
    ]);
    await cutOff();
    await insert(3);
    const changed = replica.setConditions({ Cage: [["number", ">", 1]] });
    proxy.pass();
    await changed;
    expect([numbers(), dumps]).toEqual([
      [2, 3],
      [true, false, true],
    ]);
  });

  test("ends waiting when the client is closed", async () => {
    const client = await connect();
    const replica = await client.replica({ Cage: {} }).synced();
    const waiting = replica.when(() => false);
    const iterating = (async () => {
      for await (const changes of replica.changes()) expect(changes).toBeUndefined();
      return "ended";
    })();
    await client.close();
    await expect(waiting).rejects.toThrow(/closed/);
    expect(await iterating).toBe("ended");
  });
});
