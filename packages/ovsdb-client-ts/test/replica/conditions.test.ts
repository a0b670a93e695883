import { OvsdbClient, SchemaError } from "ovsdb-client-ts";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Server } from "../fixtures/index.ts";
import { startProxy, startStandalone, transact } from "../fixtures/index.ts";
import type { Zoo } from "../fixtures/zoo.ts";
import { zoo } from "../fixtures/zoo.ts";

let server: Server;
beforeAll(async () => {
  server = await startStandalone({ schema: zoo });
});
afterAll(() => server.stop());
beforeEach(async () => {
  const rows = [1, 2, 3, 4].map((number) => ({ op: "insert", table: "Cage", row: { few: "a", number } }));
  await transact(server.remote, "Zoo", { op: "delete", table: "Cage", where: [] }, ...rows);
});

async function connect(remotes = server.remote): Promise<OvsdbClient<Zoo>> {
  const client = await OvsdbClient.connect({ remotes, schema: zoo, backoff: { min: 20, max: 100 } });
  onTestFinished(() => client.close());
  return client;
}

describe("acknowledged", () => {
  test("is never said while another condition may be in force", async () => {
    const replica = await (await connect()).replica({ Cage: {} }).synced();
    const seen: [boolean, number][] = [];
    replica.subscribe(() => seen.push([replica.conditionsAcknowledged("Cage"), replica.table("Cage").size]));
    const none = replica.setConditions({ Cage: false });
    const all = replica.setConditions({ Cage: true });
    expect(replica.conditionsAcknowledged("Cage")).toBe(false);
    await none;
    await all;
    expect(replica.conditionsAcknowledged("Cage")).toBe(true);
    expect(replica.table("Cage").size).toBe(4);
    expect(seen.filter(([acknowledged, size]) => acknowledged && size < 4)).toEqual([]);
  });

  test("what is asked for while nothing is connected, or the first dump is on its way, is settled then", async () => {
    const client = new OvsdbClient<Zoo>({ remotes: server.remote, schema: zoo });
    onTestFinished(() => client.close());
    const replica = client.replica({ Cage: {} });
    const early = replica.setConditions({ Cage: [["number", "<=", 2]] });
    client.start();
    await client.ready();
    const late = replica.setConditions({ Cage: [["number", "<=", 3]] });
    await Promise.all([early, late]);
    expect(replica.table("Cage").size).toBe(3);
  });

  test("a change that was answered just before the connection went is not asked for again", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const replica = await (await connect(proxy.remote)).replica({ Cage: {} }).synced();
    for (const where of [[["number", ">", 3]], true, false, [["number", "<", 3]]] as const) {
      const done = replica.setConditions({ Cage: where });
      proxy.cut();
      await done;
      const expected = where === true ? 4 : where === false ? 0 : where[0][1] === ">" ? 1 : 2;
      expect(replica.table("Cage").size).toBe(expected);
    }
  });

  test("what needs no request is not acknowledged before what was asked for earlier", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const replica = await (await connect(proxy.remote)).replica({ Cage: {} }).synced();
    proxy.stall();
    const where = [["number", "==", 1]] as const;
    const done: string[] = [];
    const first = replica.setConditions({ Cage: where }).then(() => done.push("first"));
    const same = replica.setConditions({ Cage: where }).then(() => done.push("same"));
    const nothing = replica.setConditions({}).then(() => done.push("nothing"));
    await new Promise((resolve) => setImmediate(resolve));
    expect([done, replica.conditionsAcknowledged("Cage")]).toEqual([[], false]);
    proxy.pass();
    await Promise.all([first, same, nothing]);
    expect([...done, replica.table("Cage").size]).toEqual(["first", "same", "nothing", 1]);
  });

  test("a connection that is lost between two changes leaves no rows of either", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const replica = await (await connect(proxy.remote)).replica({ Cage: { where: false } }).synced();
    // Cut after the rows of the first change, its answer, the rows of the second, its answer.
    for (const messages of [1, 2, 3, 4]) {
      await replica.setConditions({ Cage: false });
      const cut = proxy.cutAfter(messages, "server");
      const first = replica.setConditions({ Cage: [["number", "<=", 2]] });
      const second = replica.setConditions({ Cage: [["number", ">=", 2]] });
      const back = replica.setConditions({ Cage: [["number", "==", 1]] });
      await cut;
      await Promise.all([first, second, back]);
      expect([...replica.table("Cage")].map(({ number }) => number)).toEqual([1]);
    }
  });

  test("a server is asked for no dump of tables of which no row is wanted", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const requests: string[] = [];
    let again = () => {};
    proxy.onMessage(({ text }) => {
      if (!text.includes("monitor_cond_since")) return;
      requests.push(text);
      again();
    });
    const client = await connect(proxy.remote);
    const replica = await client.replica({ Cage: { where: false } }).synced();
    expect(requests.join()).toContain('"select":{"initial":false}');
    await transact(server.remote, "Zoo", { op: "insert", table: "Cage", row: { few: "a", number: 5 } });
    await replica.setConditions({ Cage: true });
    expect(replica.table("Cage").size).toBe(5);
    const asked = new Promise<void>((resolve) => {
      again = resolve;
    });
    proxy.cut();
    await asked;
    await replica.synced();
    expect(replica.table("Cage").size).toBe(5);
    expect(requests.at(-1)).not.toContain("initial");
  });

  test("several replicas of one client have conditions of their own", async () => {
    const client = await connect();
    const replicas = await Promise.all(
      [1, 2, 3].map((number) => client.replica({ Cage: { where: [["number", ">", number]] } }).synced()),
    );
    expect(replicas.map((replica) => replica.table("Cage").size)).toEqual([3, 2, 1]);
    replicas[1]?.close();
    await Promise.all(replicas.map((r, i) => (i === 1 ? null : r.setConditions({ Cage: true }))));
    expect(replicas.map((replica) => replica.table("Cage").size)).toEqual([4, 2, 4]);
    await expect(replicas[1]?.setConditions({ Cage: true })).rejects.toThrow(/closed/);
  });

  test("closing the replica or the client ends the wait", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const client = await connect(proxy.remote);
    const [one, two] = await Promise.all([
      client.replica({ Cage: {} }).synced(),
      client.replica({ Cage: {} }).synced(),
    ]);
    proxy.stall();
    const waits = [one, two].map((replica) => replica.setConditions({ Cage: false }));
    const ends = Promise.all(waits.map((wait) => expect(wait).rejects.toThrow(/closed/)));
    one.close();
    await client.close();
    await ends;
  });
});

describe("a condition that no server would take", () => {
  const bad = [
    ["number", "==", "five"],
    ["label", "<", "x"],
    ["integers", ">", [1]],
    ["nothing", "==", 1],
  ] as const;

  test.each(bad)("%s %s %s is refused at once by a client with a description", async (...condition) => {
    const client = await connect();
    const where = [condition as never];
    expect(() => client.replica({ Cage: { where } })).toThrow(SchemaError);
    const replica = await client.replica({ Cage: { where: [["number", "==", 1]] } }).synced();
    await expect(replica.setConditions({ Cage: where })).rejects.toThrow(SchemaError);
    await expect(client.select("Cage", { where })).rejects.toThrow(SchemaError);
    await replica.setConditions({ Cage: [["number", ">=", 3]] });
    expect(replica.table("Cage").size).toBe(2);
  });

  test("ends the replica of a client without one, not the client", async () => {
    const client = new OvsdbClient({ remotes: server.remote, database: "Zoo" });
    onTestFinished(() => client.close());
    const replica = client.replica({ Cage: { where: [["number", "==", "five"]] } });
    client.start();
    await expect(replica.synced({ timeout: 20_000 })).rejects.toThrow(
      'column number: "five" is not a value of type integer',
    );
    const good = await client.replica({ Cage: { where: [["number", "==", 5]] } }).synced();
    await expect(good.setConditions({ Cage: [["label", ">", "x"]] })).rejects.toThrow(SchemaError);
    await good.setConditions({ Cage: [["number", "==", 4]] });
    expect(good.table("Cage").size).toBe(1);
  });

  test("an optional number can be compared", async () => {
    await transact(server.remote, "Zoo", { op: "insert", table: "Cage", row: { few: "a", small: 5 } });
    const client = await connect();
    expect(await client.select("Cage", { where: [["small", ">", 4]] })).toHaveLength(1);
    expect(await client.select("Cage", { where: [["small", "includes", [5]]] })).toHaveLength(1);
    expect(await client.select("Cage", { where: [["small", "==", null]] })).toHaveLength(4);
  });
});

describe("what a condition names is among the columns that the server is asked for", () => {
  /** A client whose monitor requests are noted: the columns of table Cage in each. */
  async function watched() {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const asked: string[][] = [];
    proxy.onMessage(({ from, text }) => {
      if (from !== "client" || !/"method":"monitor_cond(_since)?"/.test(text)) return;
      const { params } = JSON.parse(text) as {
        params: [string, string, Record<string, { columns: string[] }[]>];
      };
      const columns = params[2].Cage?.[0]?.columns;
      if (columns !== undefined) asked.push(columns);
    });
    return { client: await connect(proxy.remote), asked };
  }
  const set = (number: number, row: object) =>
    transact(server.remote, "Zoo", { op: "update", table: "Cage", where: [["number", "==", number]], row });

  test.each(["monitor_cond_since", "monitor_cond"] as const)(
    "from the start, and hidden where the program didn't ask for it: %s",
    async (monitorMethod) => {
      const { client, asked } = await watched();
      const where = [["number", "<=", 3]] as const;
      const replica = await client
        .replica({ Cage: { columns: ["label"], where } }, { monitorMethod })
        .synced();
      expect(asked).toEqual([["label", "number"]]);
      const cages = replica.table("Cage");
      expect(cages.size).toBe(3);
      expect([...cages].map(({ number }) => number)).toEqual([0, 0, 0]);
      expect(cages.has("number")).toBe(false);
      // A change of it alone is none; one that leads out of the condition takes the row along.
      const changes: [string, unknown, unknown][] = [];
      replica.subscribe((batch) => {
        for (const change of batch)
          if (change.table === "Cage") changes.push(["Cage", change.old?.label, change.new?.label]);
      });
      await set(1, { number: 2 });
      await set(3, { label: "third" });
      await replica.when(() => changes.length > 0);
      expect(changes).toEqual([["Cage", "", "third"]]);
      await set(3, { number: 7 });
      await replica.when(() => cages.size === 2);
    },
  );

  test("later too: the rows stay the same objects, none is announced twice, and nothing is missed meanwhile", async () => {
    const { client, asked } = await watched();
    const replica = await client.replica({ Cage: { columns: ["label"] }, Keeper: {} }).synced();
    const before = new Set(replica.table("Cage"));
    let announced = 0;
    replica.subscribe((batch) => (announced += batch.length));
    const narrower = replica.setConditions({ Cage: [["number", ">", 2]] });
    await narrower;
    expect(asked).toEqual([["label"], ["label", "number"]]);
    expect(replica.complete).toBe(true);
    expect(replica.table("Cage").size).toBe(2);
    expect([...replica.table("Cage")].every((row) => before.has(row))).toBe(true);
    expect(announced).toBe(2);
    // Columns that were asked for once needn't be again.
    await replica.setConditions({ Cage: [["number", ">", 3]] });
    await set(4, { label: "fourth" });
    await replica.when((r) => [...r.table("Cage")].some(({ label }) => label === "fourth"));
    expect(asked).toHaveLength(2);
  });

  test("_uuid as well", async () => {
    const { client, asked } = await watched();
    const replica = await client.replica({ Cage: {} }).synced();
    const [one] = replica.table("Cage");
    if (one === undefined) throw new Error("no row");
    await replica.setConditions({ Cage: [["_uuid", "==", one._uuid]] });
    expect(asked.map((columns) => columns.includes("_uuid"))).toEqual([false, true]);
    expect([...replica.table("Cage")]).toEqual([one]);
    expect([...replica.table("Cage")][0]).toBe(one);
  });

  test("what conditions may name later can be said at once", async () => {
    const { client, asked } = await watched();
    const request = { columns: ["label"], where: false, conditionColumns: ["_uuid", "number"] } as const;
    const replica = await client.replica({ Cage: request }).synced();
    await replica.setConditions({ Cage: [["number", "==", 1]] });
    const [one] = replica.table("Cage");
    await replica.setConditions({ Cage: [["_uuid", "==", one?._uuid ?? ""]] });
    expect([...replica.table("Cage")]).toEqual([one]);
    expect(asked).toEqual([["label", "_uuid", "number"]]);
  });

  test("a connection that is lost while it is asked for leaves nothing wrong", async () => {
    const proxy = await startProxy({ target: server.remote });
    onTestFinished(() => proxy.stop());
    const client = await connect(proxy.remote);
    for (const messages of [1, 2, 3]) {
      const replica = await client.replica({ Cage: { columns: ["label"] } }).synced();
      const cut = proxy.cutAfter(messages);
      const done = replica.setConditions({ Cage: [["number", "==", 1]] });
      if (messages === 3) proxy.cut();
      else await cut;
      await done;
      await replica.synced();
      expect(replica.table("Cage").size).toBe(1);
      replica.close();
    }
  });
});
