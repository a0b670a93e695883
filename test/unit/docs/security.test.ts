import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

it("what SECURITY.md says that nobody can is followed by tests that there are", () => {
  const [, ...rows] = readFileSync(join(ROOT, "SECURITY.md"), "utf8").match(/^\|.*\|$/gm) ?? [];
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows.filter((one) => !/^[|-]+$/.test(one))) {
    const cells = row.split(" | ");
    const [cannot = "", tests = ""] = cells.slice(-2);
    if (cannot === "") continue;
    const names = tests.match(/[\w/.-]+\.test\.ts/g) ?? [];
    expect(tests, row).toMatch(/test/);
    for (const name of names)
      expect(existsSync(join(ROOT, name.includes("/") ? name : `test/integration/sync/${name}`)), name).toBe(
        true,
      );
  }
});
