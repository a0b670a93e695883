// Builds what is published.
//
//   node scripts/build.mjs              all of it
//   node scripts/build.mjs --programs   only the programs
//
// - The library: packages/ovsdb-client-ts/dist, ES modules and declarations, by the TypeScript compiler.
// - The programs: dist/NAME.cjs, each with all that it needs in one file, since a process that loads one file starts
//   fastest. A dynamic `import()` stays within the file and is evaluated when it is reached, so a command pays only for
//   what it uses. CommonJS because Node's ES module loader alone costs some 4 ms per start.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = join(root, "packages/ovsdb-client-ts");

/** Program name -> the module that runs it when it is loaded. */
const programs = {
  "ovn-ic-nbctl": "src/commands/nbctl/main.ts",
  "ovn-ic-sbctl": "src/commands/sbctl/main.ts",
  "ovn-ic": "src/commands/ovn-ic/main.ts",
};

/** What the version constant in the sources is replaced with; vitest.config.ts does the same for the tests. */
export function versionDefine() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { __OVN_IC_TOOLS_VERSION__: JSON.stringify(version) };
}

/**
 * Built-in modules that take milliseconds to load, and that many runs never use: within the bundles they are loaded when
 * something of them is first used. (A named import is a property access in CommonJS, so a getter can do that.)
 */
const lazyBuiltins = ["node:crypto", "node:net", "node:tls"];

/** @type {import("esbuild").Plugin} */
const loadBuiltinsLazily = {
  name: "load-builtins-lazily",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) =>
      lazyBuiltins.includes(path) ? { path, namespace: "lazy-builtin" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "lazy-builtin" }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => name !== "default");
      // Without the prefix the plugin leaves it alone.
      const builtin = JSON.stringify(path.replace("node:", ""));
      const define = `Object.defineProperty(exports, name, { enumerable: true, get: () => require(${builtin})[name] })`;
      return { contents: `for (const name of ${JSON.stringify(names)}) ${define};`, loader: "js" };
    });
  },
};

function buildLibrary() {
  rmSync(join(library, "dist"), { recursive: true, force: true });
  execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", library], { stdio: "inherit" });
}

/** Replaces a file whole, so that a program that starts meanwhile sees the old or the new one; leaves an equal one alone. */
function replaceFile(path, contents) {
  if (existsSync(path) && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.${process.pid}`;
  writeFileSync(next, contents);
  renameSync(next, path);
}

/** The licenses of the packages whose modules are in the bundles: these travel with copies of the code. */
function licensesOf(inputs) {
  const packages = new Set(inputs.map((path) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]));
  packages.delete(undefined);
  return [...packages]
    .sort()
    .map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
      const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e/i.test(entry));
      if (file === undefined) throw new Error(`${path} is bundled, but has no license file`);
      return `${name} ${version} (${license})\n\n${readFileSync(join(root, path, file), "utf8").trim()}\n`;
    })
    .join("\n----\n\n");
}

export async function buildPrograms() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: programs,
    outdir: "dist",
    metafile: true,
    outExtension: { ".js": ".cjs" },
    write: false,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    conditions: ["source"],
    define: versionDefine(),
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    plugins: [loadBuiltinsLazily],
    logLevel: "warning",
    // There is no `import.meta` in CommonJS: code that needs a path must take it from elsewhere.
    logOverride: { "empty-import-meta": "error" },
  });
  for (const { path, contents } of outputFiles)
    replaceFile(join(root, "dist", basename(path)), Buffer.from(contents));
  replaceFile(
    join(root, "dist/THIRD-PARTY-LICENSES.txt"),
    Buffer.from(licensesOf(Object.keys(metafile.inputs))),
  );
  return outputFiles.map(({ path, contents }) => ({ name: basename(path), bytes: contents.length }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  if (!process.argv.includes("--programs")) buildLibrary();
  for (const { name, bytes } of await buildPrograms())
    console.log(`dist/${name} ${Math.ceil(bytes / 1024)} kB`);
}
