// What the pages for contributors name is there.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

const PAGES = [
  "CONTRIBUTING.md",
  "docs/architecture.md",
  "docs/loader.md",
  "src/core/README.md",
  "test/harness/README.md",
];

/** Made by commands, and not in the repository. */
const MADE = new Set(["docs/api", "packages/ovsdb-client-ts/dist"]);

const FROM_ROOT =
  /(?<![\w/.-])(?:\.ci|bench|bin|completion|contrib|docs|findings|man|packages|scripts|src|test)\/[\w./*-]*[\w*]/g;
const FILE = /(?<![\w/.*-])[\w./*-]+\.(?:ts|mjs|cjs|mdoc|md|jsonc?|sh)(?![\w-])/g;
const LINK = /\]\(([^):]+)\)/g;

/** All paths below a directory. */
function below(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: "utf8" }).map(
    (path) => `${directory}/${path}`,
  );
}

const sources = ["src", "scripts", "test", "packages/ovsdb-client-ts/src"].flatMap(below);

/** The same path with a star for a part of a name. */
function matches(pattern: string): (path: string) => boolean {
  const text = pattern.replace(/[.]/g, "\\.").replaceAll("*", "[^/]*");
  const expression = new RegExp(`(^|/)${text}$`);
  return (path) => expression.test(path);
}

/**
 * Whether a page names something that there is: from the root, from where the page lies, or a file by the end
 * of its path.
 */
function isThere(page: string, path: string): boolean {
  if (MADE.has(path)) return true;
  if ([".", dirname(page)].some((base) => existsSync(join(ROOT, base, path)))) return true;
  return sources.some(matches(path)) || (path.includes("*") && below("packages").some(matches(path)));
}

/** What a page names and there isn't. Names in capitals stand for others. */
function missing(page: string, text: string): string[] {
  const spans = [...text.matchAll(/`([^`\n]+)`|^ {4}(.+)$/gm)].map(([, span, line]) => span ?? line ?? "");
  const links = [...text.matchAll(LINK)].map(([, path = ""]) => path);
  const named = spans.flatMap((span) => [...(span.match(FROM_ROOT) ?? []), ...(span.match(FILE) ?? [])]);
  return [...new Set([...named, ...links])].filter(
    (path) => !/\b(?:NAME|FILE)\b/.test(path) && !path.startsWith("dist/") && !isThere(page, path),
  );
}

describe.each(PAGES)("%s", (page) => {
  test("names what is there", () => {
    expect(missing(page, readFileSync(join(ROOT, page), "utf8"))).toEqual([]);
  });
});

test("what isn't there is found", () => {
  const text =
    "`src/core/nowhere.ts`, `nobody.ts`, `bin/no`, `planning/feeds.ts`, `src/core/schema/*.ts`, [no](gone.md)";
  expect(missing("docs/architecture.md", text)).toEqual([
    "src/core/nowhere.ts",
    "nobody.ts",
    "bin/no",
    "gone.md",
  ]);
});

test("the walks and rooms of the architecture name enough to be worth it", () => {
  const text = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
  for (const walk of text.split(/^## /m).slice(-3))
    expect(walk.match(/^\d+\. /gm)?.length).toBeGreaterThan(9);
  for (const room of readdirSync(join(ROOT, "packages/ovsdb-client-ts/src"), { withFileTypes: true }))
    if (room.isDirectory()) expect(text).toContain(`packages/ovsdb-client-ts/src/${room.name}`);
});
