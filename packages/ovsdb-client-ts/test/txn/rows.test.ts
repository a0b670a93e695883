// What becomes of rows and transactions that meet others' writes, lost connections, and limits of time.

import type { CommitResult, OvsSchema, Replica, Transaction, Uuid } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  expectTypeOf,
  onTestFinished,
  test,
} from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startProxy, startStandalone, transact } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
let client: OvsdbClient<Zoo>;
let replica: Replica<Zoo>;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
  client = await connect(server.remote);
  replica = await client.replica({ Cage: {}, Keeper: {}, Animal: {} }).synced();
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
beforeEach(async () => {
  const txn = replica.transaction();
  for (const table of ["Cage", "Keeper"] as const)
    for (const row of replica.table(table)) txn.delete(table, row._uuid);
  await txn.commit();
});

function connect(remotes: string): Promise<OvsdbClient<Zoo>> {
  return OvsdbClient.connect({ remotes, schema: zoo, backoff: { min: 20, max: 100 } });
}

const witness = (...operations: object[]) => transact(server.remote, "Zoo", ...operations);

function real<T extends string>(result: CommitResult, uuid: Uuid<T>): Uuid<T> {
  if (result.status !== "committed") throw new Error(`not committed: ${JSON.stringify(result)}`);
  return (result.uuids.get(uuid) as Uuid<T> | undefined) ?? uuid;
}

async function makeCage(label: string): Promise<Uuid<"Cage">> {
  const txn = replica.transaction();
  const uuid = txn.insert("Cage", { few: ["f"], label });
  return real(await txn.commit(), uuid);
}

describe("rows that others delete", () => {
  test("take the writes with them, unless they were verified", async () => {
    const uuid = await makeCage("a");
    const [update, verified, increment] = [
      replica.transaction(),
      replica.transaction(),
      replica.transaction(),
    ];
    update.update("Cage", uuid, { label: "b" });
    verified.verify("Cage", uuid, []);
    verified.update("Cage", uuid, { label: "b" });
    increment.increment("Cage", uuid, "number");
    await witness({ op: "delete", table: "Cage", where: [] });
    expect((await verified.commit()).status).toBe("tryAgain");
    expect((await update.commit()).status).toBe("committed");
    const counted = await increment.commit();
    expect(counted).toMatchObject({ status: "committed" });
    expect(counted).not.toHaveProperty("newValue");
    expect(await client.select("Cage")).toEqual([]);
  });

  test("are verified with columns that have their defaults", async () => {
    const uuid = await makeCage("");
    const columns = [
      "number",
      "small",
      "weight",
      "open",
      "label",
      "id",
      "nick",
      "strings",
      "options",
    ] as const;
    const same = replica.transaction();
    same.verify("Cage", uuid, columns);
    same.update("Cage", uuid, { weight: 1 });
    expect((await same.commit()).status).toBe("committed");
    for (const change of [{ small: 0 }, { nick: "" }, { strings: "" }, { options: ["map", [["", ""]]] }]) {
      const txn = replica.transaction();
      txn.verify("Cage", uuid, columns);
      txn.update("Cage", uuid, { weight: 2 });
      await witness({ op: "update", table: "Cage", where: [], row: change });
      expect((await txn.commit()).status).toBe("tryAgain");
      await replica.when((r) =>
        Object.keys(change).every((c) => r.table("Cage").get(uuid)?.[c as "nick"] !== null),
      );
    }
  });
});

describe("a key of a map that others write meanwhile", () => {
  /**
   * Commits a change of the key `k`, made when the map was `before`, after somebody else has made it
   * "theirs".
   */
  async function after(
    before: ReadonlyMap<string, string>,
    change: (txn: Transaction<Zoo>, uuid: Uuid<"Cage">) => void,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const uuid = await makeCage("a");
    const prepare = replica.transaction();
    prepare.update("Cage", uuid, { options: before });
    await prepare.commit();
    const txn = replica.transaction();
    change(txn, uuid);
    await witness({ op: "update", table: "Cage", where: [], row: { options: ["map", [["k", "theirs"]]] } });
    expect((await txn.commit()).status).toBe("committed");
    const [row] = await client.select("Cage");
    return row?.options;
  }
  const [none, one] = [new Map<string, string>(), new Map([["k", "1"]])];

  test.each([
    ["that was not there", none],
    ["that had another value", one],
  ])("is ours, %s, if it was set", async (_, before) => {
    expect(await after(before, (txn, uuid) => txn.setKey("Cage", uuid, "options", "k", "ours"))).toEqual(
      new Map([["k", "ours"]]),
    );
    const replaced = await after(before, (txn, uuid) => {
      txn.mutate("Cage", uuid, "options", "delete", ["k"]);
      txn.mutate("Cage", uuid, "options", "insert", new Map([["k", "ours"]]));
    });
    expect(replaced).toEqual(new Map([["k", "ours"]]));
  });

  test("stays theirs if ours was to be added where there was none, or removed where it was as it was", async () => {
    const theirs = new Map([["k", "theirs"]]);
    expect(
      await after(none, (txn, uuid) =>
        txn.mutate("Cage", uuid, "options", "insert", new Map([["k", "ours"]])),
      ),
    ).toEqual(theirs);
    expect(
      await after(one, (txn, uuid) => txn.mutate("Cage", uuid, "options", "delete", new Map([["k", "1"]]))),
    ).toEqual(theirs);
    expect(await after(one, (txn, uuid) => txn.removeKey("Cage", uuid, "options", "k"))).toEqual(none);
  });
});

describe("rows of one transaction", () => {
  test("that are inserted and deleted again leave their references as a server would", async () => {
    const weak = replica.transaction();
    const eel = weak.insert("Animal", { name: "eel", kind: "fish" });
    const ann = weak.insert("Keeper", { name: "ann", favourite: eel });
    weak.delete("Animal", eel);
    expect(weak.get("Animal", eel)).toBeUndefined();
    const result = await weak.commit();
    expect(replica.table("Keeper").get(real(result, ann))?.favourite).toBeNull();
    const strong = replica.transaction();
    const gull = strong.insert("Animal", { name: "gull", kind: "bird" });
    strong.insert("Keeper", { name: "bob", animals: [gull] });
    strong.delete("Animal", gull);
    expect(await strong.commit()).toMatchObject({
      status: "error",
      error: { error: "referential integrity violation" },
    });
    const undone = replica.transaction();
    const owl = undone.insert("Animal", { name: "owl", kind: "bird" });
    const eve = undone.insert("Keeper", { name: "eve", animals: [owl] });
    undone.mutate("Keeper", eve, "animals", "delete", [owl]);
    undone.delete("Animal", owl);
    expect((await undone.commit()).status).toBe("committed");
  });

  test("can be counted up, and counted with others", async () => {
    const txn = replica.transaction();
    const uuid = txn.insert("Cage", { few: ["f"], number: 6 });
    txn.increment("Cage", uuid, "number");
    expect(await txn.commit()).toMatchObject({ status: "committed", newValue: 7 });
    const cage = await makeCage("a");
    const more = replica.transaction();
    more.increment("Cage", cage, "number", { force: false });
    more.update("Cage", cage, { label: "b" });
    expect(await more.commit()).toMatchObject({ status: "committed", newValue: 1 });
  });

  test("that the conditions leave out are not in the replica, and come with others", async () => {
    const narrow = await client.replica({ Cage: { where: [["label", "==", "in"]] } }).synced();
    const txn = narrow.transaction();
    const [inside, outside] = [
      txn.insert("Cage", { few: ["f"], label: "in" }),
      txn.insert("Cage", { few: ["f"], label: "out" }),
    ];
    const result = await txn.commit();
    expect(narrow.table("Cage").get(real(result, inside))?.label).toBe("in");
    expect(narrow.table("Cage").get(real(result, outside))).toBeUndefined();
    const move = narrow.transaction();
    move.update("Cage", real(result, inside), { label: "moved" });
    await move.commit();
    expect(narrow.table("Cage").size).toBe(0);
    await narrow.setConditions({ Cage: true });
    expect(narrow.table("Cage").size).toBe(2);
    narrow.close();
  });
});

describe("several transactions", () => {
  test("in flight at once are answered each for itself", async () => {
    const uuid = await makeCage("a");
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const txn = replica.transaction();
        txn.mutate("Cage", uuid, "number", "+=", 1);
        txn.mutate("Cage", uuid, "strings", "insert", [`${i}`]);
        if (i % 10 === 0) txn.insert("Keeper", { name: "same" });
        return txn.commit();
      }),
    );
    const statuses = results.map(({ status }) => status);
    expect(statuses.filter((status) => status === "error")).toHaveLength(4);
    expect(replica.table("Cage").get(uuid)).toMatchObject({ number: 46 });
    expect(replica.table("Cage").get(uuid)?.strings).toHaveLength(46);
  });

  test("made before a connection was lost and committed after write what they were told", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const other = await connect(proxy.remote);
    onTestFinished(() => other.close());
    const copy = await other.replica({ Cage: {} }).synced();
    const uuid = await makeCage("a");
    await copy.when((r) => r.table("Cage").get(uuid));
    const [txn, verifying] = [copy.transaction(), copy.transaction()];
    txn.setKey("Cage", uuid, "options", "k", "1");
    verifying.verify("Cage", uuid, ["label"]);
    verifying.update("Cage", uuid, { number: 5 });
    proxy.cut();
    await new Promise<void>((resolve) => copy.onStateChange((complete) => !complete && resolve()));
    await witness({ op: "update", table: "Cage", where: [], row: { label: "b" } });
    await copy.synced();
    expect((await txn.commit()).status).toBe("committed");
    expect((await verifying.commit()).status).toBe("tryAgain");
    expect(copy.table("Cage").get(uuid)).toMatchObject({
      label: "b",
      number: 0,
      options: new Map([["k", "1"]]),
    });
  });
});

describe("the wait for an answer", () => {
  test("ends with a signal, before and during the commit", async () => {
    const before = replica.transaction();
    before.insert("Keeper", { name: "never" });
    await expect(before.commit({ signal: AbortSignal.abort(new Error("enough")) })).rejects.toThrow("enough");
    const during = replica.transaction();
    during.waitFor("Keeper", [["name", "==", "x"]], ["name"], "==", [{ name: "x" }], { timeout: 20_000 });
    during.insert("Keeper", { name: "never" });
    const abort = new AbortController();
    const committing = during.commit({ signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(committing).rejects.toThrow("enough");
    await witness({ op: "insert", table: "Keeper", row: { name: "x" } });
    expect((await client.select("Keeper")).map((keeper) => keeper.name)).toEqual(["x"]);
  });

  test("that is over leaves the outcome unknown, and it can be found out", async () => {
    const txn = replica.transaction();
    txn.waitFor("Keeper", [["name", "==", "x"]], ["name"], "==", [{ name: "x" }], { timeout: 20_000 });
    txn.insert("Keeper", { name: "late" });
    const result = await txn.commit({ timeout: 50 });
    if (result.status !== "unknown") throw new Error(result.status);
    expect(result.cause.code).toBe("timeout");
    expect(await result.resolve({ timeout: 20_000 })).toBe("not applied");
  });

  test("of an insert that was cut off: a row that looked the same before is no witness", async () => {
    await makeCage("twin");
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const other = await connect(proxy.remote);
    onTestFinished(() => other.close());
    const copy = await other.replica({ Cage: {} }).synced();
    const txn = copy.transaction();
    txn.insert("Cage", { few: ["f"], label: "twin" });
    proxy.stall();
    const committing = txn.commit();
    proxy.cut();
    proxy.pass();
    const result = await committing;
    if (result.status !== "unknown") throw new Error(result.status);
    expect(await result.resolve({ timeout: 20_000 })).toBe("not applied");
  });
});

describe("a change of one element that was cut off, while others changed the rest of the column", () => {
  test.each([
    [
      "a key that is set",
      (txn: Transaction<Zoo>, uuid: Uuid<"Cage">) => txn.setKey("Cage", uuid, "options", "a", "1"),
    ],
    [
      "a key that is removed",
      (txn: Transaction<Zoo>, uuid: Uuid<"Cage">) => txn.removeKey("Cage", uuid, "options", "k"),
    ],
    [
      "an element",
      (txn: Transaction<Zoo>, uuid: Uuid<"Cage">) => txn.mutate("Cage", uuid, "strings", "insert", ["a"]),
    ],
  ])("was not applied: %s", async (_, change) => {
    const uuid = await makeCage("a");
    const before = { options: ["map", [["k", "1"]]], strings: "s" };
    await witness({ op: "update", table: "Cage", where: [], row: before });
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const other = await connect(proxy.remote);
    onTestFinished(() => other.close());
    const copy = await other.replica({ Cage: {} }).synced();
    const txn = copy.transaction();
    change(txn, uuid);
    proxy.stall();
    const committing = txn.commit();
    const pairs = ["k", "other"].map((key) => [key, "1"]);
    const rest = { options: ["map", pairs], strings: ["set", ["other", "s"]] };
    await witness({ op: "update", table: "Cage", where: [], row: rest });
    proxy.cut();
    proxy.pass();
    const result = await committing;
    if (result.status !== "unknown") throw new Error(result.status);
    expect(await result.resolve({ timeout: 20_000 })).toBe("not applied");
  });
});

describe("a description that differs from the server", () => {
  const wider = {
    name: "Zoo",
    version: "9.0.0",
    tables: {
      Cage: {
        columns: {
          label: { type: "string" },
          nick: { type: { key: "string", min: 0, max: "unlimited" } },
          few: { type: { key: "string", min: 0, max: "unlimited" } },
          future: { type: { key: "string", value: "string", min: 0, max: "unlimited" } },
          weight: { type: "string" },
        },
        isRoot: true,
      },
    },
  } as const satisfies OvsSchema;

  test("wider columns read, verify and write as described; those that the server lacks are empty", async () => {
    const uuid = await makeCage("a");
    await witness({ op: "update", table: "Cage", where: [], row: { nick: "n" } });
    const other = await OvsdbClient.connect({ remotes: server.remote, schema: wider });
    onTestFinished(() => other.close());
    const copy = await other.replica({ Cage: { where: [["nick", "==", ["n"]]] } }).synced();
    expect(copy.table("Cage").get(uuid)).toMatchObject({ nick: ["n"], weight: "", future: new Map() });
    const txn = copy.transaction();
    txn.verify("Cage", uuid, ["nick", "label"]);
    txn.update("Cage", uuid, { nick: ["n"] });
    expect(txn.isEmpty).toBe(true);
    txn.mutate("Cage", uuid, "nick", "delete", ["n"]);
    txn.mutate("Cage", uuid, "nick", "insert", ["m"]);
    const inserted = txn.insert("Cage", { few: ["f"], nick: ["o"] });
    expect(txn.get("Cage", uuid)?.nick).toEqual(["m"]);
    expect(txn.get("Cage", inserted)).toEqual({
      _uuid: inserted,
      label: "",
      nick: ["o"],
      few: ["f"],
      future: new Map(),
      weight: "",
    });
    expect((await txn.commit()).status).toBe("committed");
    await replica.when((r) => r.table("Cage").get(uuid)?.nick === "m");
    expect(() => copy.transaction().insert("Cage", { future: { a: "b" } })).toThrow(/has no column future/);
    expect(() => copy.transaction().update("Cage", uuid, { weight: "heavy" })).toThrow(
      /not a value of type real/,
    );
    const both = copy.transaction();
    both.update("Cage", uuid, { nick: ["a", "b"] });
    expect((await both.commit()).status).toBe("error");
    await copy.setConditions({ Cage: [["weight", "==", "heavy"]] });
    expect(copy.table("Cage").size).toBe(2);
  });
});

test("types of transactions follow from the description", () => {
  const txn = replica.transaction();
  type Txn = typeof txn;
  expectTypeOf<Txn["insert"]>().toBeFunction();
  const check = () => {
    expectTypeOf(txn.insert("Animal", { kind: "bird" })).toEqualTypeOf<Uuid<"Animal">>();
    const uuid: Uuid<"Cage"> = "";
    // @ts-expect-error no such kind
    txn.insert("Animal", { kind: "insect" });
    // @ts-expect-error an optional small integer is no bigint
    txn.insert("Cage", { small: 1n });
    txn.insert("Cage", { strings: new Set(["a"]), options: { a: "b" }, numbered: new Map([[1, "a"]]) });
    // @ts-expect-error a map with integer keys is no object
    txn.insert("Cage", { numbered: { 1: "a" } });
    // @ts-expect-error a scalar has no elements
    txn.mutate("Cage", uuid, "label", "insert", "a");
    txn.mutate("Cage", uuid, "nick", "insert", "a");
    txn.mutate("Cage", uuid, "counts", "delete", ["a"]);
    // @ts-expect-error keys are strings
    txn.mutate("Cage", uuid, "counts", "delete", [1]);
    txn.setKey("Cage", uuid, "counts", "a", 1);
    // @ts-expect-error values are integers
    txn.setKey("Cage", uuid, "counts", "a", "1");
    // @ts-expect-error a set has no keys
    txn.setKey("Cage", uuid, "strings", "a", "1");
    const untyped = new OvsdbClient({ remotes: "", database: "Zoo" }).transaction();
    untyped.setKey("Any", uuid, "column", "key", 5);
    untyped.mutate("Any", uuid, "column", "insert", ["a"]);
    untyped.update("Any", uuid, { a: 1, b: ["x"], c: { k: "v" }, d: null });
  };
  expect(check).toBeTypeOf("function");
});
