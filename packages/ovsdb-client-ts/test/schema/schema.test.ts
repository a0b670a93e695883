import { readdirSync, readFileSync } from "node:fs";
import { compareAtoms, OvsdbClient, parseSchema, setHas } from "ovsdb-client-ts";
import { describe, expect, onTestFinished, test } from "vitest";
import { startStandalone } from "../fixtures/index.ts";
import { zoo } from "../fixtures/zoo.ts";

describe("parseSchema", () => {
  const table = (columns: object) => ({ name: "D", version: "1.0.0", tables: { T: { columns } } });
  const column = (type: unknown) =>
    parseSchema(table({ c: { type } }))
      .tables.get("T")
      ?.columns.get("c");

  test("fills in the RFC's defaults", () => {
    expect(column("string")).toMatchObject({
      kind: "scalar",
      min: 1,
      max: 1,
      mutable: true,
      ephemeral: false,
    });
    expect(column({ key: "string" })).toMatchObject({ kind: "scalar" });
    expect(column({ key: "string", min: 0 })).toMatchObject({ kind: "optional" });
    expect(column({ key: "string", max: 2 })).toMatchObject({ kind: "set", min: 1, max: 2 });
    expect(column({ key: "string", value: "integer", min: 0, max: "unlimited" })).toMatchObject({
      kind: "map",
      max: Number.POSITIVE_INFINITY,
    });
    expect(column({ key: { type: "uuid", refTable: "T" } })?.key).toMatchObject({
      refTable: "T",
      refType: "strong",
    });
  });

  test.each([
    [null, "a database schema must be a JSON object"],
    [{ version: "1" }, 'database schema: "name" must be a string'],
    [{ name: "D" }, 'schema of database D: "tables" must be a JSON object'],
    [table({ c: {} }), "database D, table T, column c: undefined is not a column type"],
    [table({ c: { type: "text" } }), 'database D, table T, column c: "text" is not a column type'],
    [table({ c: { type: { key: { type: "text" } } } }), 'column c: {"type":"text"} is not a base type'],
    [table({ c: { type: { key: "string", min: 2 } } }), '"min" must be 0 or 1'],
    [
      { name: "D", tables: { T: { columns: {}, indexes: [["x"]] } } },
      'an index names "x", which is not a column',
    ],
  ])("says what is wrong with %j", (json, message) => {
    expect(() => parseSchema(json)).toThrow(message);
  });

  test("says so of integers of 64 bits too", () => {
    expect(() => column(12345678901234567890n)).toThrow(
      "column c: 12345678901234567890 is not a column type",
    );
    expect(() => column({ key: [2n ** 63n] })).toThrow("column c: [9223372036854775808] is not a base type");
  });

  test("reads the schemas that OVN and OVS install", () => {
    for (const dir of ["/usr/share/ovn", "/usr/share/openvswitch"]) {
      for (const file of readdirSync(dir).filter((name) => name.endsWith(".ovsschema"))) {
        const schema = parseSchema(JSON.parse(readFileSync(`${dir}/${file}`, "utf8")));
        expect(schema.tables.size, file).toBeGreaterThan(0);
      }
    }
  });

  test("a description is an .ovsschema: a server takes it, and gives the same back", async () => {
    const server = await startStandalone({ schema: JSON.parse(JSON.stringify(zoo)) });
    onTestFinished(() => server.stop());
    const client = await OvsdbClient.connect({ remotes: server.remote, database: "Zoo" });
    onTestFinished(() => client.close());
    expect(client.serverSchema).toEqual(parseSchema(zoo));
  });
});

test("atoms are found in a sorted set", () => {
  const set = ["a", "b", "d"].sort(compareAtoms);
  expect(["a", "b", "c", "d", ""].map((atom) => setHas(set, atom))).toEqual([true, true, false, true, false]);
});
