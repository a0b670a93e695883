// Checks which module may import which: the layers, third-party packages, and that there are no cycles.
//
//   node scripts/check-imports.mjs [DIRECTORY]
//
// Reads the import statements as text: quick, and independent of any compiler. Type imports count like
// others, since they tie two modules together for the reader all the same.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const client = "packages/ovsdb-client-ts/src";

/**
 * The layers. A module belongs to the first one whose path begins its own, may import its own layer, and else
 * only what `imports` names: layers, `node:` (built-in modules) and packages. Of a layer with `doors` others
 * import these modules only.
 *
 * @type {readonly { path: string, imports: string[], doors?: string[] }[]}
 */
export const layers = [
  // The library: bytes and sessions, and beside them what they carry; these two strands meet in the replica.
  { path: `${client}/errors`, imports: [] },
  // What waiting and telling are made of; it knows nothing of OVSDB.
  { path: `${client}/support`, imports: below("errors") },
  { path: `${client}/transport`, imports: ["node:", ...below("errors", "support")] },
  { path: `${client}/jsonrpc`, imports: ["node:", ...below("errors", "support", "transport")] },
  { path: `${client}/session`, imports: ["node:", ...below("errors", "support", "transport", "jsonrpc")] },
  { path: `${client}/schema`, imports: below("errors", "jsonrpc") },
  { path: `${client}/wire`, imports: ["node:", ...below("errors", "jsonrpc", "schema")] },
  {
    path: `${client}/replica`,
    imports: ["node:", ...below("errors", "support", "transport", "jsonrpc", "session", "schema", "wire")],
  },
  {
    path: `${client}/txn`,
    imports: [
      "node:",
      ...below("errors", "support", "transport", "jsonrpc", "session", "schema", "wire", "replica"),
    ],
  },
  {
    path: `${client}/client`,
    imports: [
      "node:",
      ...below("errors", "support", "transport", "jsonrpc", "session", "schema", "wire", "replica", "txn"),
    ],
  },
  { path: client, imports: ["node:", client] },

  // The product.
  { path: "src/core/net", imports: ["node:"] },
  { path: "src/core/schema", imports: ["ovsdb-client-ts"] },
  // Rooms of the core, each known to others by its index.ts only. Planners and the engine don't know each
  // other.
  { path: "src/core/model", imports: ["ovsdb-client-ts", ...core("net", "schema", "databases")] },
  {
    path: "src/core/planning",
    imports: ["ovsdb-client-ts", ...core("net", "schema", "model")],
  },
  { path: "src/core/planners", imports: ["ovsdb-client-ts", ...core("net", "schema", "model", "planning")] },
  { path: "src/core/sync/schedule", imports: ["ovsdb-client-ts", ...core("schema", "model", "planning")] },
  {
    path: "src/core/sync/run",
    imports: ["ovsdb-client-ts", ...core("schema", "model", "planning", "sync/schedule")],
  },
  { path: "src/core", imports: ["node:", "ovsdb-client-ts"] },
  { path: "src/sandbox", imports: ["node:", "ovsdb-client-ts", "src/core"] },
  {
    path: "src/daemon",
    imports: ["node:", "ovsdb-client-ts", "src/core", "src/sandbox", "koffi"],
  },
  // Rooms of the commands, each known to others by its doors only. One line goes through those of `ctl` from
  // below upward.
  {
    path: "src/commands/cli",
    doors: ["index", "progress", "remotes"],
    imports: ["node:", "ovsdb-client-ts", "src/core", "src/daemon"],
  },
  { path: "src/commands/ctl/datum", doors: ["index"], imports: ["ovsdb-client-ts", "src/commands/cli"] },
  {
    path: "src/commands/ctl/command",
    doors: ["index"],
    imports: ["ovsdb-client-ts", "src/core", "src/commands/cli", ...ctl("datum")],
  },
  {
    path: "src/commands/ctl/find",
    doors: ["index"],
    imports: ["ovsdb-client-ts", "src/commands/cli", ...ctl("datum", "command")],
  },
  {
    path: "src/commands/ctl/line",
    doors: ["index"],
    imports: ["ovsdb-client-ts", "src/core", "src/daemon", "src/commands/cli", ...ctl("datum", "command")],
  },
  {
    path: "src/commands/ctl/run",
    doors: ["index"],
    imports: [
      "ovsdb-client-ts",
      "src/core",
      "src/daemon",
      "src/commands/cli",
      ...ctl("datum", "command", "find", "line"),
    ],
  },
  {
    path: "src/commands/ctl/commands/database",
    doors: ["index"],
    imports: ["ovsdb-client-ts", "src/commands/cli", ...ctl("datum", "command", "find")],
  },
  {
    path: "src/commands/ctl/commands",
    doors: ["index"],
    imports: ["ovsdb-client-ts", "src/commands/cli", ...ctl("command", "find", "commands/database")],
  },
  {
    path: "src/commands/ctl/modes",
    doors: ["index"],
    imports: [
      "node:",
      "ovsdb-client-ts",
      "src/core",
      "src/daemon",
      "src/commands/cli",
      ...ctl("command", "line", "run"),
    ],
  },
  {
    path: "src/commands/ctl",
    imports: ["src/core", "src/commands/cli", ...ctl("command", "line", "modes")],
  },
  ...["nbctl", "sbctl"].map((program) => ({
    path: `src/commands/${program}`,
    imports: [
      "ovsdb-client-ts",
      "src/core",
      "src/commands/cli",
      ...ctl("datum", "command", "find", "commands", "main"),
    ],
  })),
  {
    path: "src/commands",
    imports: [
      "node:",
      "ovsdb-client-ts",
      "src/core",
      "src/sandbox",
      "src/daemon",
      "commander",
      "chalk",
      "cli-table3",
      "smol-toml",
      "prom-client",
    ],
  },
];

/** @param {string[]} names */
function core(...names) {
  return names.map((name) => `src/core/${name}`);
}

/** @param {string[]} names */
function ctl(...names) {
  return names.map((name) => `src/commands/ctl/${name}`);
}

/** @param {string[]} names */
function below(...names) {
  return names.map((name) => `${client}/${name}`);
}

const importForms = [
  /^\s*(?:import|export)\b[^;"'`()]*?\bfrom\s*["']([^"']+)["']/gm,
  /^\s*import\s*["']([^"']+)["']/gm,
  /\b(?:import|require)\s*\(\s*["']([^"']+)["']/g,
];

/**
 * What a module's text imports, in the order of the forms, comments left out.
 * @param {string} text
 */
export function importsOf(text) {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, "");
  return importForms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ""));
}

/** @param {string} path */
function isWithin(path, prefix) {
  return path.startsWith(prefix) && /^([/.]|$)/.test(path.slice(prefix.length));
}

/** The path of a relative import from the root, or the specifier itself. */
function targetOf(root, module, specifier) {
  return specifier.startsWith(".")
    ? relative(root, resolve(root, dirname(module), specifier)).replaceAll("\\", "/")
    : specifier;
}

function problemOf(root, module, layer, specifier) {
  const target = targetOf(root, module, specifier);
  if (specifier.startsWith(".") && !(specifier.endsWith(".ts") && existsSync(join(root, target)))) {
    return "there is no such file (the extension is part of the name)";
  }
  const allowed = [layer.path, ...layer.imports].some((prefix) =>
    prefix.endsWith(":") ? target.startsWith(prefix) : isWithin(target, prefix),
  );
  if (allowed) return closedRoom(layer, target);
  return `${layer.path} may import only ${[layer.path, ...layer.imports].join(" ")}`;
}

/** Why an import into another room by something else than one of its doors is wrong. */
function closedRoom(layer, target) {
  const room = layers.find(({ path }) => isWithin(target, path));
  if (room === layer || room?.doors === undefined) return undefined;
  if (room.doors.some((door) => target === `${room.path}/${door}.ts`)) return undefined;
  return `others know ${room.path} by ${room.doors.map((door) => `${door}.ts`).join(", ")} only`;
}

/** Every cycle that a depth-first walk meets, each as the modules along it. */
function cyclesIn(graph) {
  const cycles = [];
  const state = new Map();
  const visit = (module, trail) => {
    if (state.get(module) === "done") return;
    if (state.get(module) === "open") {
      cycles.push([...trail.slice(trail.indexOf(module)), module]);
      return;
    }
    state.set(module, "open");
    for (const next of graph.get(module) ?? []) visit(next, [...trail, module]);
    state.set(module, "done");
  };
  for (const module of graph.keys()) visit(module, []);
  return cycles;
}

function modulesIn(root, directory) {
  if (!existsSync(join(root, directory))) return [];
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => `${directory}/${path.replaceAll("\\", "/")}`)
    .sort();
}

/**
 * All violations below `root`, one line each; none if the rules hold.
 * @param {string} root
 */
export function checkImports(root) {
  const problems = [];
  const graph = new Map();
  for (const module of [...modulesIn(root, client), ...modulesIn(root, "src")]) {
    const layer = layers.find(({ path }) => isWithin(module, path));
    if (layer === undefined) {
      problems.push(`${module}: belongs to no layer`);
      continue;
    }
    const specifiers = importsOf(readFileSync(join(root, module), "utf8"));
    for (const specifier of specifiers) {
      const problem = problemOf(root, module, layer, specifier);
      if (problem !== undefined) problems.push(`${module}: imports ${specifier}: ${problem}`);
    }
    graph.set(
      module,
      specifiers.map((specifier) => targetOf(root, module, specifier)),
    );
  }
  for (const cycle of cyclesIn(graph)) problems.push(`import cycle: ${cycle.join(" -> ")}`);
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const problems = checkImports(
    resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), "..")),
  );
  for (const problem of problems) console.error(problem);
  if (problems.length > 0)
    console.error(`${problems.length} import rule violations; the rules: scripts/check-imports.mjs`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
