// What `bin/PROGRAM` loads: runs the modules of a program, which lie in two files beside this one, start-HASH.js, that every run needs,
// and rest-HASH.js, of which only some runs need something.
//
// Reading and compiling is half of what a short run costs, so each file may have V8's code cache beside it, made when the package was built
// (FILE.VERSION-OF-V8). V8 refuses one that isn't of exactly its version and flags; then, and when there is none, it compiles.
// V8 knows a source by its length only: that the names have a hash is what keeps a cache from another source away.
//
// Node's own loader isn't used for the files, because in Node 20 it knows no code cache.
// First of all: at this signal Node opens a port for debuggers, by which others can have the process do anything.
process.on("SIGUSR1", () => {});

const { readFileSync } = require("node:fs");
const { Script } = require("node:vm");

/** @type {{ name: string, modules: string[] }[]} */
const files = FILES; // replaced by the build

/** Module id -> its function; a file's are here once it is loaded. */
const functions = {};
const loaded = {};
/** What was compiled, by file. */
const scripts = new Map();

const cacheOf = (file) => `${file}.${process.versions.v8}-${process.arch}`;

function loadFile(id) {
  const { name } = files.find(({ modules }) => modules.includes(id));
  const filename = `${__dirname}/${name}`;
  let cachedData;
  try {
    cachedData = readFileSync(cacheOf(filename));
  } catch {}
  // The build writes ASCII only, and one byte per character is what V8 takes fastest.
  const script = new Script(readFileSync(filename, "latin1"), { filename, cachedData });
  Object.assign(functions, script.runInThisContext());
  scripts.set(filename, script);
}

function requireModule(id) {
  if (!id.startsWith("./")) return require(id);
  const known = loaded[id];
  if (known !== undefined) return known.exports;
  if (functions[id] === undefined) loadFile(id);
  const module = { exports: {} };
  loaded[id] = module;
  functions[id](requireModule, module, module.exports);
  return module.exports;
}

// For who makes the code caches.
module.exports = { cacheOf, scripts };
requireModule(files[0].modules[0]);
