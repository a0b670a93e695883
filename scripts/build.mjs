// Builds what is published.
//
//   node scripts/build.mjs              all of it
//   node scripts/build.mjs --programs   only the programs
//
// - The library: packages/ovsdb-client-ts/dist, ES modules and declarations, by the TypeScript compiler.
// - The programs: dist/NAME.cjs and what it loads (build/programs.mjs).
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildPrograms } from "./build/programs.mjs";

const root = join(import.meta.dirname, "..");
const library = join(root, "packages/ovsdb-client-ts");

function buildLibrary() {
  rmSync(join(library, "dist"), { recursive: true, force: true });
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", library], { stdio: "inherit" });
}

if (!process.argv.includes("--programs")) buildLibrary();
for (const { name, bytes } of await buildPrograms())
  console.log(`dist/${name} ${Math.ceil(bytes / 1024)} kB`);
