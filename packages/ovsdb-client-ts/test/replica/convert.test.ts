// `ovsdb-client convert` while replicas follow: old and new schema, typed and untyped clients, each kind of
// server.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OvsSchema, Replica, TableRequests } from "ovsdb-client-ts";
import { OvsdbClient } from "ovsdb-client-ts";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  ovsdbClient,
  startCluster,
  startProxy,
  startRelay,
  startStandalone,
  transact,
} from "../fixtures/index.ts";

const text = { type: "string" } as const;
const number = { type: "integer" } as const;
const optional = { type: { key: "string", min: 0, max: 1 } } as const;
const set = { type: { key: "string", min: 0, max: "unlimited" } } as const;

const first = {
  name: "Farm",
  version: "1.0.0",
  tables: {
    Barn: { columns: { name: text, old: text, widened: optional }, isRoot: true },
    Gone: { columns: { name: text }, isRoot: true },
    Less: { columns: { name: text, old: text }, isRoot: true },
  },
};
const second = {
  name: "Farm",
  version: "2.0.0",
  tables: {
    Barn: { columns: { name: text, added: number, widened: set }, isRoot: true },
    New: { columns: { name: text }, isRoot: true },
    Less: { columns: { name: text }, isRoot: true },
  },
};
/** What a program that lives with both versions says. */
const described = {
  name: "Farm",
  version: "2.0.0",
  tables: {
    Barn: { columns: { name: text, old: text, added: number, widened: set }, isRoot: true },
    Gone: { columns: { name: text }, isRoot: true },
    New: { columns: { name: text }, isRoot: true },
  },
} as const satisfies OvsSchema;

const insert = (table: string, row: object) => ({ op: "insert", table, row });

interface Farm {
  readonly remotes: string;
  convert(): Promise<unknown>;
}

async function farm(kind: "standalone" | "cluster" | "relay"): Promise<Farm> {
  const source =
    kind === "cluster"
      ? await startCluster({ schema: first, electionTimer: 500 })
      : await startStandalone({ schema: first });
  onTestFinished(() => source.stop());
  const [where, dir] =
    "members" in source
      ? [(await source.leader()).remote, (await source.leader()).dir]
      : [source.remote, source.dir];
  const remotes = "members" in source ? source.remotes : source.remote;
  const file = join(dir, "second.ovsschema");
  writeFileSync(file, JSON.stringify(second));
  await transact(
    where,
    "Farm",
    insert("Barn", { name: "a", old: "o", widened: "w" }),
    insert("Barn", { name: "b" }),
  );
  await transact(where, "Farm", insert("Gone", { name: "g" }), insert("Less", { name: "l", old: "o" }));
  const convert = () => ovsdbClient("convert", where, file);
  if (kind !== "relay") return { remotes, convert };
  if ("members" in source) throw new Error("the relay here is one of a standalone server");
  const relay = await startRelay({ of: source, database: "Farm" });
  onTestFinished(() => relay.stop());
  // The relay of OVS 3.1 learns of the new schema only when it connects anew.
  return { remotes: relay.remote, convert: () => convert().then(() => source.restart()) };
}

async function follow<S extends OvsSchema>(client: OvsdbClient<S>, tables: TableRequests<S>) {
  onTestFinished(() => client.close());
  const replica = await client.replica(tables).synced({ timeout: 20_000 });
  const announced: (readonly [string, unknown, unknown])[] = [];
  replica.subscribe((changes) => {
    for (const { table, old, new: row } of changes) announced.push([table, old, row]);
  });
  return { replica, announced, connection: client.session.connection };
}

const backoff = { min: 20, max: 100 };
const tables = { Barn: {}, Gone: {}, New: {} };
const barns = (replica: Replica) => new Map([...replica.table("Barn")].map((row) => [row.name, row]));

describe.each(["standalone", "cluster", "relay"] as const)("%s", (kind) => {
  test("new columns and tables come, dropped ones are empty, and only what really differs is announced", async () => {
    const { remotes, convert } = await farm(kind);
    const how = { backoff, leaderOnly: kind !== "relay" };
    const typedClient = await OvsdbClient.connect({ remotes, schema: described, ...how });
    const typed = await follow(typedClient, tables);
    const untypedClient = await OvsdbClient.connect({ remotes, database: "Farm", ...how });
    const untyped = await follow<OvsSchema>(untypedClient, { ...tables, Less: {} });
    const kept = [...typed.replica.table("Barn")].find((row) => row.name === "b");
    expect(typed.replica.table("Barn").has("added")).toBe(false);
    expect([...typed.replica.table("Barn")].map((row) => [row.name, row.widened]).sort()).toEqual([
      ["a", ["w"]],
      ["b", []],
    ]);
    const untypedOld = barns(untyped.replica);
    await convert();
    const options = { timeout: 20_000 };
    await typed.replica.when((r) => r.table("Barn").has("added"), options);
    await untyped.replica.when((r) => r.table("Barn").has("added"), options);

    expect([typed.replica.table("New").exists, typed.replica.table("Gone").exists]).toEqual([true, false]);
    expect(typed.replica.table("Gone").size).toBe(0);
    const now = new Map([...typed.replica.table("Barn")].map((row) => [row.name, row]));
    expect(now.get("b")).toBe(kept);
    expect(now.get("a")).toMatchObject({ name: "a", old: "", added: 0, widened: ["w"] });
    expect(typed.announced.map(([table, old, row]) => [table, old !== null, row !== null]).sort()).toEqual([
      ["Barn", true, true],
      ["Gone", true, false],
    ]);

    const after = barns(untyped.replica);
    expect(Object.keys(after.get("a") ?? {}).sort()).toEqual(["_uuid", "added", "name", "widened"]);
    expect(Object.keys(after.get("b") ?? {}).sort()).toEqual(["_uuid", "added", "name", "widened"]);
    expect(after.get("a")?.widened).toEqual(["w"]);
    expect([...untyped.replica.table("Less")].map((row) => Object.keys(row))).toEqual([["_uuid", "name"]]);
    expect(untyped.announced.filter(([table]) => table === "Barn")).toHaveLength(2);
    for (const [table, old, row] of untyped.announced) {
      if (table === "Barn")
        expect([...untypedOld.values(), ...after.values()]).toEqual(expect.arrayContaining([old, row]));
    }

    const txn = typed.replica.transaction();
    const uuid = now.get("a")?._uuid ?? "";
    txn.update("Barn", uuid, { added: 7 });
    txn.mutate("Barn", uuid, "widened", "insert", ["x"]);
    txn.insert("New", { name: "n" });
    expect((await txn.commit()).status).toBe("committed");
    for (const replica of [typed.replica, untyped.replica as unknown as typeof typed.replica]) {
      const row = await replica.when((r) => {
        const found = r.table("Barn").get(uuid);
        return found?.added === 7 && r.table("New").size === 1 && found;
      }, options);
      expect(row.widened).toEqual(["w", "x"]);
    }
    if (kind === "standalone") {
      expect(typedClient.session.connection).toBe(typed.connection);
      expect(untypedClient.session.connection).toBe(untyped.connection);
    }
  });
});

describe("what is on its way when the schema changes", () => {
  test("a monitor, a change of conditions and a transaction: all come to an end on the same connection", async () => {
    const { remotes, convert } = await farm("standalone");
    const proxy = await startProxy({ target: remotes });
    onTestFinished(() => proxy.stop());
    const client = await OvsdbClient.connect({ remotes: proxy.remote, schema: described, backoff });
    onTestFinished(() => client.close());
    const live = await client.replica({ Barn: { where: [["name", "==", "a"]] } }).synced();
    proxy.stall();
    const starting = client.replica({ Barn: { columns: ["name"] } });
    const closing = client.replica({ Barn: { columns: ["name"] } });
    const changed = live.setConditions({ Barn: [["name", "==", "b"]] });
    const txn = live.transaction();
    txn.insert("Barn", { name: "b" });
    const committed = txn.commit();
    await convert();
    proxy.pass();
    closing.close();
    await changed;
    expect((await committed).status).toBe("committed");
    await starting.synced({ timeout: 20_000 });
    await live.when((r) => r.table("Barn").has("added"), { timeout: 20_000 });
    expect([...live.table("Barn")].map((row) => row.name)).toEqual(["b", "b"]);
    expect(starting.table("Barn").size).toBe(3);
    expect(proxy.connections).toBe(1);
    // One monitor for each replica that lives, whatever was begun and overtaken.
    const more = client.transaction();
    const updates: string[] = [];
    proxy.onMessage(({ from, text }) => {
      if (from === "server" && text.includes('"update3"')) updates.push(text);
    });
    more.insert("Barn", { name: "b" });
    await more.commit();
    await vi.waitFor(() => expect(starting.table("Barn").size).toBe(4));
    expect(updates).toHaveLength(2);
  });
});
