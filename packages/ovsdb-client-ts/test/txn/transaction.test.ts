import type { CommitResult, Replica, Uuid } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startProxy, startStandalone, transact } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
let client: OvsdbClient<Zoo>;
let replica: Replica<Zoo>;
beforeEach(async () => {
  server = await startStandalone({ schema: zoo });
  client = await connect(server.remote);
  replica = await client.replica({ Cage: {}, Keeper: {}, Animal: {} }).synced();
});
afterEach(async () => {
  await client.close();
  await server.stop();
});

async function connect(remotes: string): Promise<OvsdbClient<Zoo>> {
  const made = await OvsdbClient.connect({ remotes, schema: zoo, backoff: { min: 50, max: 100 } });
  onTestFinished(() => made.close());
  return made;
}

type Txn = ReturnType<typeof replica.transaction>;

const witness = (...operations: object[]) => transact(server.remote, "Zoo", ...operations);

async function makeCage(
  columns: Parameters<ReturnType<typeof replica.transaction>["insert"]>[1] & object,
): Promise<Uuid<"Cage">> {
  const txn = replica.transaction();
  const uuid = txn.insert("Cage", { few: ["f"], ...columns });
  return real(await txn.commit(), uuid);
}

function real<T extends string>(result: CommitResult, uuid: Uuid<T>): Uuid<T> {
  if (result.status !== "committed") throw new Error(`not committed: ${result.status}`);
  return (result.uuids.get(uuid) as Uuid<T> | undefined) ?? uuid;
}

describe("writing", () => {
  test("rows that refer to each other are inserted together, whatever their order", async () => {
    const txn = replica.transaction();
    const gull = txn.insert("Animal", { name: "gull", kind: "bird" });
    const ann = txn.insert("Keeper", { name: "ann" });
    txn.update("Keeper", ann, { favourite: gull, animals: [gull] });
    const result = await txn.commit();
    const keeper = replica.table("Keeper").get(real(result, ann));
    expect(keeper?.favourite).toBe(real(result, gull));
    expect(keeper?.animals).toEqual([real(result, gull)]);
  });

  test("a row gets the uuid that the program chose, unless it is taken", async () => {
    const chosen = "12345678-1234-1234-1234-123456789abc";
    const insert = () => {
      const txn = replica.transaction();
      const gull = txn.insert("Animal", { name: "gull", kind: "bird" }, { uuid: chosen });
      txn.insert("Keeper", { name: "ann", animals: [gull] });
      return txn.commit();
    };
    expect(real(await insert(), chosen)).toBe(chosen);
    expect(replica.table("Animal").get(chosen)?.name).toBe("gull");
    const again = await insert();
    if (again.status !== "error" || !("answer" in again.error))
      throw new Error(`the result is ${again.status}`);
    expect(again.error.error).toBe("duplicate uuid");
    expect(again.error.answer).toMatchObject({ error: "duplicate uuid", syntax: `"${chosen}"` });
    expect(() => replica.transaction().insert("Animal", {}, { uuid: "no" })).toThrow('"no" is not a uuid');
  });

  test("a transaction sees its own writes, and others don't before the commit", async () => {
    const uuid = await makeCage({ label: "a", strings: ["x"], options: { k: "1" } });
    const txn = replica.transaction();
    txn.update("Cage", uuid, { label: "b" });
    txn.mutate("Cage", uuid, "strings", "insert", ["y"]);
    txn.mutate("Cage", uuid, "options", "insert", { k: "2", l: "3" });
    txn.setKey("Cage", uuid, "options", "m", "4");
    txn.mutate("Cage", uuid, "number", "+=", 5);
    const other = txn.insert("Cage", { label: "c", few: ["f"] });
    expect(txn.get("Cage", uuid)).toMatchObject({ label: "b", strings: ["x", "y"], number: 5 });
    expect(txn.get("Cage", uuid)?.options).toEqual(
      new Map([
        ["k", "1"],
        ["l", "3"],
        ["m", "4"],
      ]),
    );
    expect([...txn.rows("Cage")].map((c) => c.label).sort()).toEqual(["b", "c"]);
    expect(replica.table("Cage").get(uuid)?.label).toBe("a");
    const seen = txn.get("Cage", uuid);
    const result = await txn.commit();
    expect(replica.table("Cage").get(uuid)).toEqual(seen);
    expect(replica.table("Cage").get(real(result, other))?.label).toBe("c");
  });

  test("writes that change nothing vanish, and then nothing is sent", async () => {
    const uuid = await makeCage({ label: "a", strings: ["x", "y"], options: { k: "1" }, nick: "n" });
    const txn = replica.transaction();
    txn.update("Cage", uuid, { label: "a", strings: new Set(["y", "x"]), options: { k: "1" }, nick: "n" });
    txn.mutate("Cage", uuid, "strings", "insert", ["x"]);
    txn.mutate("Cage", uuid, "strings", "delete", ["z"]);
    txn.setKey("Cage", uuid, "options", "k", "1");
    txn.removeKey("Cage", uuid, "options", "l");
    const gone = txn.insert("Cage", { label: "never" });
    txn.delete("Cage", gone);
    expect(txn.isEmpty).toBe(true);
    expect(await txn.commit()).toEqual({ status: "unchanged" });
  });

  test("a column that was not read is written, whatever its default", async () => {
    const uuid = await makeCage({ label: "a", number: 3 });
    const narrow = await client.replica({ Cage: { columns: ["label"] } }).synced();
    const txn = narrow.transaction();
    txn.update("Cage", uuid, { number: 0 });
    txn.setKey("Cage", uuid, "options", "k", "2");
    expect((await txn.commit()).status).toBe("committed");
    await replica.when((r) => r.table("Cage").get(uuid)?.number === 0);
    expect(() => narrow.transaction().verify("Cage", uuid, ["number"])).toThrow(/number can't be verified/);
  });

  test("operations on one row become one, and leave elements of others alone", async () => {
    const uuid = await makeCage({ options: { mine: "1" }, strings: ["s"] });
    const txn = replica.transaction();
    txn.setKey("Cage", uuid, "options", "mine", "2");
    txn.setKey("Cage", uuid, "options", "mine", "3");
    txn.setKey("Cage", uuid, "options", "new", "1");
    txn.removeKey("Cage", uuid, "options", "new");
    txn.mutate("Cage", uuid, "strings", "delete", ["s"]);
    txn.mutate("Cage", uuid, "strings", "insert", ["s", "t"]);
    const where = [["_uuid", "==", ["uuid", uuid]]];
    expect(txn.operations()).toEqual([
      {
        op: "mutate",
        table: "Cage",
        where,
        mutations: [
          ["options", "delete", ["set", ["mine"]]],
          ["options", "insert", ["map", [["mine", "3"]]]],
          ["strings", "insert", ["set", ["t"]]],
        ],
      },
    ]);
    await witness({
      op: "mutate",
      table: "Cage",
      where,
      mutations: [["options", "insert", ["map", [["theirs", "9"]]]]],
    });
    expect((await txn.commit()).status).toBe("committed");
    expect(replica.table("Cage").get(uuid)?.options).toEqual(
      new Map([
        ["mine", "3"],
        ["theirs", "9"],
      ]),
    );
  });

  test("pairs of a map are deleted only if they are exactly so", async () => {
    const uuid = await makeCage({ options: { a: "1", b: "2" } });
    const txn = replica.transaction();
    txn.mutate(
      "Cage",
      uuid,
      "options",
      "delete",
      new Map([
        ["a", "1"],
        ["b", "x"],
      ]),
    );
    await txn.commit();
    expect(replica.table("Cage").get(uuid)?.options).toEqual(new Map([["b", "2"]]));
    const blind = client.transaction();
    blind.mutate("Cage", uuid, "options", "delete", new Map([["b", "y"]]));
    blind.mutate("Cage", uuid, "options", "insert", { b: "z", c: "3" });
    await blind.commit();
    await replica.when((r) => r.table("Cage").get(uuid)?.options.get("c") === "3");
    expect(replica.table("Cage").get(uuid)?.options.get("b")).toBe("2");
  });

  test("integers beyond 2^53 are read, computed with and written back exactly", async () => {
    const big = 9223372036854775807n;
    const uuid = await makeCage({
      number: big,
      integers: [9007199254740993n, -9223372036854775808n, 5],
      counts: { a: big },
    });
    const row = () => replica.table("Cage").get(uuid);
    expect(row()).toMatchObject({ number: big, integers: [-9223372036854775808n, 5, 9007199254740993n] });
    const txn = replica.transaction();
    txn.mutate("Cage", uuid, "number", "-=", 1);
    txn.mutate("Cage", uuid, "integers", "delete", [9007199254740993n]);
    expect(txn.get("Cage", uuid)?.number).toBe(9223372036854775806n);
    await txn.commit();
    expect(row()).toMatchObject({ number: 9223372036854775806n, integers: [-9223372036854775808n, 5] });
    expect(await client.select("Cage", { where: [["number", "==", 9223372036854775806n]] })).toEqual([row()]);
  });
});

describe("results", () => {
  test("a row that was verified and has changed: tryAgain, and nothing is written", async () => {
    const uuid = await makeCage({ label: "a" });
    const txn = replica.transaction();
    txn.verify("Cage", uuid, ["label", "strings"]);
    txn.update("Cage", uuid, { label: "mine" });
    await witness({ op: "update", table: "Cage", where: [["label", "==", "a"]], row: { label: "theirs" } });
    expect(await txn.commit()).toEqual({ status: "tryAgain", reason: "table Cage is not as it was read" });
    await replica.when((r) => r.table("Cage").get(uuid)?.label === "theirs");
    const again = replica.transaction();
    again.verify("Cage", uuid, ["label", "strings"]);
    again.update("Cage", uuid, { label: "mine" });
    expect((await again.commit()).status).toBe("committed");
  });

  test.each([
    ["update", (txn: Txn, uuid: Uuid<"Cage">) => txn.update("Cage", uuid, { label: "a" })],
    ["setKey", (txn: Txn, uuid: Uuid<"Cage">) => txn.setKey("Cage", uuid, "options", "k", "1")],
    [
      "insert of an element",
      (txn: Txn, uuid: Uuid<"Cage">) => txn.mutate("Cage", uuid, "strings", "insert", ["s"]),
    ],
    [
      "insert of a key",
      (txn: Txn, uuid: Uuid<"Cage">) => txn.mutate("Cage", uuid, "options", "insert", new Map([["k", "2"]])),
    ],
    ["delete of a key", (txn: Txn, uuid: Uuid<"Cage">) => txn.removeKey("Cage", uuid, "options", "new")],
    [
      "delete of a pair",
      (txn: Txn, uuid: Uuid<"Cage">) => txn.mutate("Cage", uuid, "options", "delete", new Map([["k", "2"]])),
    ],
  ])("%s that is left out as the row has the value is not lost with verifyUnwritten", async (_, change) => {
    const uuid = await makeCage({ label: "a", options: { k: "1" }, strings: ["s"] });
    const txn = replica.transaction();
    change(txn, uuid);
    txn.verifyUnwritten();
    // For itself it needs no transaction.
    expect(txn.operations()).toEqual([]);
    txn.update("Cage", uuid, { number: 5 });
    const where = [["_uuid", "==", ["uuid", uuid]]];
    const row = { label: "b", options: ["map", [["new", "1"]]], strings: ["set", []] };
    await witness({ op: "update", table: "Cage", where, row });
    expect((await txn.commit()).status).toBe("tryAgain");
  });

  test("a unique index, a broken reference, a wait that ends and a bad value are told apart", async () => {
    const error = async (make: (txn: ReturnType<typeof replica.transaction>) => void) => {
      const txn = replica.transaction();
      make(txn);
      const result = await txn.commit();
      return result.status === "error"
        ? [result.error.error, "index" in result.error && result.error.index]
        : result.status;
    };
    expect(await error((txn) => void txn.insert("Keeper", { name: "ann" }))).toBe("committed");
    expect(await error((txn) => void txn.insert("Keeper", { name: "ann" }))).toEqual([
      "constraint violation",
      null,
    ]);
    const nobody = "12345678-1234-1234-1234-123456789abc";
    expect(await error((txn) => void txn.insert("Keeper", { name: "bob", animals: [nobody] }))).toEqual([
      "referential integrity violation",
      null,
    ]);
    expect(
      await error((txn) => {
        txn.waitFor("Keeper", [["name", "==", "eve"]], ["name"], "==", [{ name: "eve" }], { timeout: 50 });
        txn.insert("Keeper", { name: "bob" });
      }),
    ).toEqual(["timed out", 0]);
    expect(await error((txn) => void txn.insert("Cage", { small: 10 }))).toEqual(["constraint violation", 0]);
    expect(() => replica.transaction().insert("Cage", { label: 5 as unknown as string })).toThrow(
      "column label: 5 is not a value of type string",
    );
  });

  test("a lock that isn't held: notLocked", async () => {
    const txn = replica.transaction();
    txn.assertLock("nobody_has_it");
    txn.insert("Keeper", { name: "ann" });
    expect(await txn.commit()).toEqual({ status: "notLocked" });
    expect(replica.table("Keeper").size).toBe(0);
  });

  test("increment tells the new value", async () => {
    const uuid = await makeCage({ number: 41 });
    const txn = replica.transaction();
    txn.increment("Cage", uuid, "number");
    expect(await txn.commit()).toMatchObject({ status: "committed", newValue: 42 });
    const idle = replica.transaction();
    idle.increment("Cage", uuid, "number", { force: false });
    expect(await idle.commit()).toEqual({ status: "unchanged" });
  });

  test("a dry run is checked by the server and changes nothing", async () => {
    const good = replica.transaction();
    good.insert("Keeper", { name: "ann" });
    expect((await good.commit({ dryRun: true })).status).toBe("committed");
    const bad = replica.transaction();
    bad.insert("Cage", { small: 10 });
    expect((await bad.commit({ dryRun: true })).status).toBe("error");
    expect(await client.select("Keeper")).toEqual([]);
  });

  test("without a connection: tryAgain, and nothing is sent", async () => {
    const txn = replica.transaction();
    txn.insert("Keeper", { name: "ann" });
    await server.kill("SIGKILL");
    if (replica.complete) await new Promise<void>((resolve) => replica.onStateChange(() => resolve()));
    expect(await txn.commit()).toMatchObject({ status: "tryAgain" });
  });

  test("a comment reaches the server's log", async () => {
    const txn = replica.transaction();
    txn.comment("test: ann");
    txn.insert("Keeper", { name: "ann" });
    expect(txn.operations().at(-1)).toEqual({ op: "comment", comment: "test: ann" });
    expect((await txn.commit()).status).toBe("committed");
    expect(() => txn.insert("Keeper", { name: "bob" })).toThrow(/committed already/);
  });
});

describe("a connection lost in flight", () => {
  for (const { what, from, outcome } of [
    { what: "before the server got the transaction", from: "stall", outcome: "not applied" },
    { what: "before the answer came", from: "answer", outcome: "applied" },
  ] as const) {
    test(`${what}: unknown, then found out as ${outcome}`, async () => {
      const proxy = await startProxy({ target: server.remote });
      onTestFinished(() => proxy.stop());
      const uuid = await makeCage({ label: "a", options: { k: "1" } });
      const cutOff = await connect(proxy.remote);
      const copy = await cutOff.replica({ Cage: {}, Keeper: {} }).synced();
      const txns = [copy.transaction(), copy.transaction(), copy.transaction()];
      txns[0]?.insert("Keeper", { name: "ann" });
      txns[1]?.update("Cage", uuid, { label: "b" });
      txns[2]?.setKey("Cage", uuid, "options", "k", "2");
      for (const txn of txns) {
        if (from === "stall") proxy.stall();
        const cut =
          from === "answer"
            ? proxy.cutWhen((m) => m.from === "client" && m.text.includes('"transact"'))
            : null;
        const committing = txn.commit();
        if (cut === null) proxy.cut();
        await cut;
        const result = await committing;
        if (result.status !== "unknown") throw new Error(`the result is ${result.status}`);
        expect(result.cause.message).toMatch(/connection|ECONNRESET/i);
        proxy.pass();
        if (outcome === "applied") {
          // What was sent before the cut is in the server's hands: wait until it has dealt with it.
          await expect.poll(() => result.resolve({ timeout: 10_000 })).toBe("applied");
        }
        expect(await result.resolve({ timeout: 10_000 })).toBe(outcome);
      }
    });
  }
});
