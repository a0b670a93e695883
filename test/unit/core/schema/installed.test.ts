import { existsSync, readFileSync } from "node:fs";
import type { BaseType, ColumnSchema, DatabaseSchema, OvsSchema } from "ovsdb-client-ts";
import { parseSchema } from "ovsdb-client-ts";
import { describe, expect, it } from "vitest";
import { icNb } from "../../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../../src/core/schema/ic-sb.ts";
import { nb } from "../../../../src/core/schema/nb.ts";
import { sb } from "../../../../src/core/schema/sb.ts";

const DIRECTORIES = ["/usr/share/ovn", "/usr/local/share/ovn"];

/** Enum values that releases between 22.03 and 26.09 have dropped. */
const DROPPED = new Set(["stt"]);

function installed(file: string): DatabaseSchema {
  const path = DIRECTORIES.map((directory) => `${directory}/${file}`).find((candidate) =>
    existsSync(candidate),
  );
  if (path === undefined) throw new Error(`${file} is in none of ${DIRECTORIES.join(", ")}: install OVN`);
  return parseSchema(JSON.parse(readFileSync(path, "utf8")));
}

function shape(column: ColumnSchema): unknown {
  const base = (type: BaseType | null) =>
    type && { type: type.type, min: type.min, max: type.max, refTable: type.refTable, refType: type.refType };
  return {
    kind: column.kind,
    key: base(column.key),
    value: base(column.value),
    max: column.max,
    ephemeral: column.ephemeral,
  };
}

function columns(schema: DatabaseSchema): Map<string, ColumnSchema> {
  const all = new Map<string, ColumnSchema>();
  for (const table of schema.tables.values()) {
    for (const column of table.columns.values()) all.set(`${table.name}.${column.name}`, column);
  }
  return all;
}

const descriptions: [OvsSchema, string, boolean][] = [
  [icNb, "ovn-ic-nb.ovsschema", true],
  [icSb, "ovn-ic-sb.ovsschema", true],
  [nb, "ovn-nb.ovsschema", false],
  [sb, "ovn-sb.ovsschema", false],
];

describe.each(descriptions)(
  "the description of $name against the installed %s",
  (description, file, complete) => {
    const ours = columns(parseSchema(description));
    const theirs = columns(installed(file));
    const common = [...ours.keys()].filter((name) => theirs.has(name));

    it("is the same database", () => {
      expect(installed(file).name).toBe(description.name);
      expect(common.length).toBeGreaterThan(20);
    });

    const missing = [...theirs.keys()].filter((name) => !ours.has(name));

    it(complete ? "describes every column" : "leaves out what interconnection does not use", () => {
      if (complete) expect(missing).toEqual([]);
      else
        expect(missing).toContain(
          `${description.name === "OVN_Northbound" ? "ACL" : "Logical_Flow"}.priority`,
        );
    });

    it.each(common)("has the right type for %s", (name) => {
      const our = ours.get(name);
      const their = theirs.get(name);
      if (our === undefined || their === undefined) throw new Error("unreachable");
      expect(shape(our)).toEqual(shape(their));
      expect(our.min).toBeLessThanOrEqual(their.min); // newer releases let Logical_Router_Port.networks be empty
      const values = their.key.enum?.filter((value) => !DROPPED.has(String(value))) ?? [];
      for (const value of values) expect(our.key.enum).toContain(value);
      expect(our.key.enum === null).toBe(their.key.enum === null);
    });
  },
);
