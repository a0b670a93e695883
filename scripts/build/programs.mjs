// Builds the programs: for each a loader, dist/NAME.cjs, and two files with its modules (see loader.cjs).
//
// esbuild bundles what a program needs into chunks: one of what it imports statically, others of what it
// imports dynamically, when that is reached. The first chunk and what that imports statically is the file
// `start`, all others are `rest`.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, transform } from "esbuild";
import { writeCodeCaches } from "./code-cache.mjs";
import { loadBuiltinsLazily } from "./lazy-builtins.mjs";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "dist");

/** Program name -> the module that runs it when it is loaded. */
const programs = {
  "ovn-ic-nbctl": "src/commands/nbctl/main.ts",
  "ovn-ic-sbctl": "src/commands/sbctl/main.ts",
  "ovn-ic": "src/commands/ovn-ic/main.ts",
};

const COMPACT = { minifyWhitespace: true, minifySyntax: true, legalComments: "none" };

/**
 * With maps beside the code, by which stacks name the sources. These are in the repository, so the maps don't
 * hold them.
 */
const MAPPED = { sourcemap: "external", sourcesContent: false };

/**
 * What the version constant in the sources is replaced with; vitest.config.ts does the same for the tests.
 */
export function versionDefine() {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return { __OVN_IC_TOOLS_VERSION__: JSON.stringify(version) };
}

/**
 * Writes a file whole, so that a program that starts meanwhile sees the old or the new one; leaves an equal
 * one alone.
 */
function replaceFile(name, text) {
  const path = join(dist, name);
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const next = `${path}.${process.pid}`;
  writeFileSync(next, text);
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

function bundle(name, entry) {
  return build({
    absWorkingDir: root,
    entryPoints: { [name]: entry },
    outdir: "dist",
    metafile: true,
    write: false,
    ...MAPPED,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    splitting: true,
    conditions: ["source"],
    define: versionDefine(),
    ...COMPACT,
    plugins: [loadBuiltinsLazily],
    // Has a binary for each kind of machine, and need not be there.
    external: ["koffi"],
    logLevel: "warning",
  });
}

/** The chunks that are loaded whenever the entry is, that one first; and the others. */
function splitChunks(outputs, entry) {
  const start = new Set([entry]);
  for (const chunk of start)
    for (const { path, kind, external } of outputs[chunk].imports)
      if (kind === "import-statement" && external !== true) start.add(path);
  const rest = Object.keys(outputs).filter((path) => path.endsWith(".js") && !start.has(path));
  return { start: [...start], rest };
}

/** A chunk as the body of a function, and its map. */
async function moduleOf(chunk, texts) {
  // With the bundle's own map at its end, esbuild makes one that leads all the way back.
  const inline = Buffer.from(texts.get(`${chunk}.map`)).toString("base64");
  const { code, map } = await transform(
    `${texts.get(chunk)}//# sourceMappingURL=data:application/json;base64,${inline}`,
    {
      ...MAPPED,
      format: "cjs",
      platform: "node",
      target: "node20",
      supported: { "dynamic-import": false },
      ...COMPACT,
      // There is no `import.meta` in CommonJS: code that needs a path must take it from elsewhere.
      logOverride: { "empty-import-meta": "error" },
    },
  );
  const { version, sources, mappings, names } = JSON.parse(map);
  const fromRoot = sources.map((source) => source.replace(/^(\.\.\/)+/, ""));
  return { id: idOf(chunk), code, map: { version, sources: fromRoot, mappings, names } };
}

/**
 * One file with chunks: an object of functions, in the form of CommonJS modules. Its map is one of sections,
 * a chunk each.
 */
async function fileOf(kind, chunks, texts) {
  let text = "({";
  const sections = [];
  for (const { id, code, map } of await Promise.all(chunks.map((chunk) => moduleOf(chunk, texts)))) {
    text += `${sections.length === 0 ? "" : ",\n"}${JSON.stringify(id)}(require,module,exports){`;
    const lines = text.split("\n");
    sections.push({ offset: { line: lines.length - 1, column: lines.at(-1).length }, map });
    text += `${code}}`;
  }
  text += "})\n";
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const map = JSON.stringify({ version: 3, sections });
  return { name: `${kind}-${hash}.js`, modules: chunks.map(idOf), text, map };
}

const idOf = (chunk) => `./${basename(chunk)}`;

async function buildProgram(name, entry) {
  const { outputFiles, metafile } = await bundle(name, entry);
  const texts = new Map(outputFiles.map(({ path, text }) => [`dist/${basename(path)}`, text]));
  const { start, rest } = splitChunks(metafile.outputs, `dist/${name}.js`);
  const files = [await fileOf(`${name}-start`, start, texts), await fileOf(`${name}-rest`, rest, texts)];
  const loader = readFileSync(join(import.meta.dirname, "loader.cjs"), "utf8");
  const list = files.map(({ name, modules }) => ({ name, modules }));
  const { code } = await transform(loader, { define: { FILES: JSON.stringify(list) }, ...COMPACT });
  for (const file of files) {
    replaceFile(`${file.name}.map`, file.map);
    replaceFile(file.name, file.text);
  }
  replaceFile(`${name}.cjs`, code);
  return { name, files, inputs: Object.keys(metafile.inputs) };
}

/** @returns what was built: for each program its name and the number of bytes. */
export async function buildPrograms() {
  mkdirSync(dist, { recursive: true });
  const built = await Promise.all(Object.entries(programs).map(([name, entry]) => buildProgram(name, entry)));
  replaceFile("THIRD-PARTY-LICENSES.txt", licensesOf(built.flatMap(({ inputs }) => inputs)));
  const names = built.flatMap(({ files }) => files.map((file) => file.name));
  for (const file of readdirSync(dist)) {
    const isOld = /-(?:start|rest)-[0-9a-f]+\.js/.test(file) && !names.some((name) => file.startsWith(name));
    if (isOld) rmSync(join(dist, file), { force: true });
  }
  for (const { name, files } of built)
    writeCodeCaches(
      dist,
      name,
      files.map((file) => file.name),
    );
  return built.map(({ name, files }) => ({
    name,
    bytes: files.reduce((sum, { text }) => sum + text.length, 0),
  }));
}
