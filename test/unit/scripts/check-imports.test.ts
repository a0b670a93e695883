import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "../../../scripts/check-imports.mjs");
const client = "packages/ovsdb-client-ts/src";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-imports-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** What the check says about a tree of modules, given as path -> text. */
function check(modules: Record<string, string>): { status: number | null; problems: string } {
  for (const [path, text] of Object.entries(modules)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  return { status, problems: stderr };
}

test("imports downward and within a layer pass", () => {
  const { status, problems } = check({
    "src/commands/ts.ts": `import { Command } from "commander";\nimport { a } from "../core/a.ts";\n`,
    "src/core/a.ts": `import type { Row } from "ovsdb-client-ts";\nimport { b } from "./b.ts";\nexport const a = b;\n`,
    "src/core/b.ts": `import { join } from "node:path";\nexport const b = join;\n`,
    [`${client}/index.ts`]: `export * from "./session/session.ts";\n`,
    [`${client}/session/session.ts`]: `import { E } from "../errors.ts";\nexport const s = E;\n`,
    [`${client}/errors.ts`]: `// import "./index.ts";\nexport const E = 1;\n`,
  });
  expect(problems).toBe("");
  expect(status).toBe(0);
});

test.each([
  ["upward", "src/core/a.ts", `import { b } from "../commands/b.ts";\n`],
  ["upward, over several lines", "src/core/a.ts", `import {\n  b,\n} from "../commands/b.ts";\n`],
  ["upward by re-export", "src/core/a.ts", `export { b } from "../commands/b.ts";\n`],
  ["upward and dynamic", "src/core/a.ts", `const b = await import("../commands/b.ts");\n`],
  ["upward for a type", "src/core/a.ts", `type B = import("../commands/b.ts").B;\n`],
  ["a sibling strand", `${client}/wire/a.ts`, `import "../session/b.ts";\n`],
  ["from the tests", "src/core/a.ts", `import { b } from "../../test/b.ts";\n`],
  ["into the library's sources", "src/core/a.ts", `import { b } from "../../${client}/b.ts";\n`],
  ["a command line package outside the commands", "src/core/a.ts", `import chalk from "chalk";\n`],
  ["a package in the library", `${client}/errors.ts`, `import chalk from "chalk";\n`],
  ["without extension", "src/commands/a.ts", `import { b } from "./b";\n`],
  ["of what is not there", "src/commands/a.ts", `import { b } from "./missing.ts";\n`],
])("refused: import %s", (_name, path, text) => {
  const { status, problems } = check({
    "src/commands/b.ts": "export const b = 1;\n",
    [`${client}/b.ts`]: "export const b = 1;\n",
    [`${client}/session/b.ts`]: "export const b = 1;\n",
    "test/b.ts": "export const b = 1;\n",
    [path]: text,
  });
  expect(problems).toContain(`${path}: imports `);
  expect(status).toBe(1);
});

test("refused: a cycle, named module by module", () => {
  const { status, problems } = check({
    "src/core/a.ts": `import "./b.ts";\n`,
    "src/core/b.ts": `import "./c.ts";\n`,
    "src/core/c.ts": `import "./a.ts";\n`,
  });
  expect(problems).toContain(
    "import cycle: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts",
  );
  expect(status).toBe(1);
});

test("refused: a module outside the layers", () => {
  const { status, problems } = check({ "src/misc/a.ts": "export const a = 1;\n" });
  expect(problems).toContain("src/misc/a.ts: belongs to no layer");
  expect(status).toBe(1);
});

test.each([
  ["by its door", "index.ts", 0],
  ["past its doors", "words.ts", 1],
])("another room of the commands %s", (_way, file, expected) => {
  const { status, problems } = check({
    "src/commands/ctl/line/index.ts": `export { words } from "./words.ts";\n`,
    "src/commands/ctl/line/words.ts": "export const words = 1;\n",
    "src/commands/ctl/run/run.ts": `import { words } from "../line/${file}";\n`,
  });
  expect(problems.includes("others know src/commands/ctl/line by index.ts only")).toBe(expected === 1);
  expect(status).toBe(expected);
});
