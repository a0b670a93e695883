// What `bin/PROGRAM` loads: runs the modules of a program, which lie in two files beside this one,
// start-HASH.js, that every run needs, and rest-HASH.js, of which only some runs need something.
//
// Reading and compiling is half of what a short run costs, so each file may have V8's code cache beside it,
// made when the package was built (FILE.VERSION-OF-V8). V8 refuses one that isn't of exactly its version and
// flags; then, and when there is none, it compiles. V8 knows a source by its length only: that the names have
// a hash is what keeps a cache from another source away.
//
// A stack names the places in the sources, by FILE.map, which is read when it is needed.
//
// Node's own loader isn't used for the files, because in Node 20 it knows no code cache. First of all: at
// this signal Node opens a port for debuggers, by which others can have the process do anything.
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

/**
 * Places in a file of ours and in the sources, as the build has noted them in FILE.map. Null if that can't be
 * read.
 */
const sourceMaps = new Map();

function sourceMapOf(filename) {
  if (!sourceMaps.has(filename)) {
    let map = null;
    try {
      const { SourceMap } = require("node:module");
      map = new SourceMap(JSON.parse(readFileSync(`${filename}.map`, "utf8")));
    } catch {}
    sourceMaps.set(filename, map);
  }
  return sourceMaps.get(filename);
}

/** A line of a stack, with the place in the sources if it is in a file of ours. */
function describeFrame(frame) {
  const text = String(frame);
  const filename = frame.getFileName();
  const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
  if (!scripts.has(filename) || line === null || column === null) return text;
  const { originalSource, originalLine, originalColumn } =
    sourceMapOf(filename)?.findEntry(line - 1, column - 1) ?? {};
  if (originalSource === undefined) return text;
  return text.replace(
    `${filename}:${line}:${column}`,
    () => `${originalSource}:${originalLine + 1}:${originalColumn + 1}`,
  );
}

// V8 calls this when a stack is first looked at, which is when an error is logged or printed: until then it
// costs nothing. (--enable-source-maps would have Node look for the maps of whatever is loaded, and cannot be
// asked for by a program that runs already.)
Error.prepareStackTrace = (error, frames) => {
  let header = "Error";
  try {
    header = Error.prototype.toString.call(error);
  } catch {}
  return [header, ...frames.map((frame) => `    at ${describeFrame(frame)}`)].join("\n");
};

// For who makes the code caches.
module.exports = { cacheOf, scripts };
requireModule(files[0].modules[0]);
