/** Schemas of the newest release, as files for a sandbox. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OvsSchema } from "ovsdb-client-ts";
import { onTestFinished } from "vitest";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { icSb } from "../../../src/core/schema/ic-sb.ts";
import { nb } from "../../../src/core/schema/nb.ts";
import { sb } from "../../../src/core/schema/sb.ts";

/**
 * A directory of schemas of the newest release: the interconnection databases as described here, and the
 * zones' as installed, with those tables and columns added that are described here and that the installed
 * release lacks. Its northd works with them.
 */
export function newestSchemas(): string {
  const directory = mkdtempSync(join(tmpdir(), "ovn-ic-schemas-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const write = (file: string, schema: object) =>
    writeFileSync(join(directory, file), JSON.stringify(schema));
  write("ovn-nb.ovsschema", withDescribed("ovn-nb.ovsschema", nb));
  write("ovn-sb.ovsschema", withDescribed("ovn-sb.ovsschema", sb));
  write("ovn-ic-nb.ovsschema", icNb);
  write("ovn-ic-sb.ovsschema", icSb);
  return directory;
}

function withDescribed(file: string, described: OvsSchema): object {
  const installed: OvsSchema = JSON.parse(readFileSync(`/usr/share/ovn/${file}`, "utf8"));
  const tables = Object.entries(described.tables).map(([name, table]) => {
    const there = installed.tables[name];
    return [
      name,
      there === undefined ? table : { ...there, columns: { ...table.columns, ...there.columns } },
    ];
  });
  return { ...installed, tables: { ...installed.tables, ...Object.fromEntries(tables) } };
}
