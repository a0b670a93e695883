import { expect, onTestFinished, test } from "vitest";
import { Connection } from "../../src/jsonrpc/connection.ts";
import { connect } from "../../src/transport/connect.ts";
import { parseRemote } from "../../src/transport/remote.ts";
import { startStandalone } from "../fixtures/index.ts";

const schema = {
  name: "Test",
  version: "1.0.0",
  tables: { T: { columns: { n: { type: "integer" } }, isRoot: true } },
};

async function open() {
  const server = await startStandalone({ schema });
  onTestFinished(() => server.stop());
  const remote = parseRemote(server.remote);
  if (remote.method !== "unix") throw new Error("not a unix remote");
  const connection = new Connection(await connect(remote), {}, { remote: server.remote });
  onTestFinished(() => connection.close());
  return connection;
}

test("a transaction that waits is cancelled at the server", async () => {
  const connection = await open();
  const abort = new AbortController();
  const wait = {
    op: "wait",
    table: "T",
    where: [],
    columns: ["n"],
    until: "==",
    rows: [{ n: 1 }],
    timeout: 600_000,
  };
  const waiting = connection.request(
    "transact",
    ["Test", wait, { op: "insert", table: "T", row: { n: 2 } }],
    {
      signal: abort.signal,
    },
  );
  const outcome = expect(waiting).rejects.toHaveProperty("name", "AbortError");
  await connection.request("echo", []);
  abort.abort();
  await outcome;
  // Were it still waiting, this row would let it insert the other one.
  await connection.request("transact", ["Test", { op: "insert", table: "T", row: { n: 1 } }]);
  const rows = await connection.request("transact", [
    "Test",
    { op: "select", table: "T", where: [], columns: ["n"] },
  ]);
  expect(rows).toEqual([{ rows: [{ n: 1 }] }]);
});

test("integers of 64 bits are stored and read exactly", async () => {
  const connection = await open();
  const values = [9007199254740993n, -9223372036854775808n, 9223372036854775807n];
  const inserts = values.map((n) => ({ op: "insert", table: "T", row: { n } }));
  await connection.request("transact", ["Test", ...inserts]);
  for (const n of values) {
    const select = { op: "select", table: "T", where: [["n", "==", n]], columns: ["n"] };
    expect(await connection.request("transact", ["Test", select])).toEqual([{ rows: [{ n }] }]);
  }
});

test("an unknown database is a RequestError", async () => {
  const connection = await open();
  await expect(connection.request("get_schema", ["None"])).rejects.toThrow(/get_schema: unknown database/);
});
