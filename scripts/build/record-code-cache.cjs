// Runs a program and, when that ends, writes what was compiled for it beside its files.
//
//   node record-code-cache.cjs LOADER [ARGUMENT...]
const { renameSync, writeFileSync } = require("node:fs");

const [loader = ""] = process.argv.splice(2, 1);
const { cacheOf, scripts } = require(loader);
process.once("exit", () => {
  for (const [file, script] of scripts) {
    const path = cacheOf(file);
    writeFileSync(`${path}.${process.pid}`, script.createCachedData());
    renameSync(`${path}.${process.pid}`, path);
  }
});
