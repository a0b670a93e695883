// Runs a TypeScript file of the repository: bundles it into dist/run, with `ovsdb-client-ts` from its
// sources, and loads it in this process.
//
//   node scripts/run-ts.mjs FILE [ARGUMENT...]
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { versionDefine } from "./build/programs.mjs";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  console.error("usage: node scripts/run-ts.mjs FILE [ARGUMENT...]");
  process.exit(1);
}
const outfile = join(import.meta.dirname, "../dist/run", `${basename(file, ".ts")}.mjs`);
await build({
  entryPoints: [file],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  conditions: ["source"],
  define: versionDefine(),
  sourcemap: "inline",
  logLevel: "warning",
  // What is bundled may contain CommonJS that requires built-in modules.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});
process.argv.splice(1, process.argv.length - 1, outfile, ...args);
await import(pathToFileURL(outfile).href);
