// Loaded into our controller before itself: measures how long the turns of its event loop take, and how long
// it takes from bytes of ISB that arrive to bytes for NB that leave. SIGUSR2 writes what was measured since
// the last time.
const { monitorEventLoopDelay } = require("node:perf_hooks");
const { Socket } = require("node:net");
const { renameSync, writeFileSync } = require("node:fs");

const file = process.env.OVN_IC_BENCH_PROBE;
const loop = monitorEventLoopDelay({ resolution: 20 });
loop.enable();
let arrived = 0;
let reactions = [];

const { connect, emit, write } = Socket.prototype;
Socket.prototype.connect = function (...args) {
  const [options] = args.flat();
  this.benchPath = typeof options === "object" ? String(options?.path) : String(options);
  return connect.apply(this, args);
};
let icSb = null;
let nb = null;
Socket.prototype.emit = function (name, ...rest) {
  if (name === "data" && this.benchPath === icSb && arrived === 0) arrived = performance.now();
  return emit.call(this, name, ...rest);
};
Socket.prototype.write = function (...args) {
  if (this.benchPath === nb && arrived > 0 && String(args[0]).includes('"transact"')) {
    reactions.push(performance.now() - arrived);
    arrived = 0;
  }
  return write.apply(this, args);
};
for (const argument of process.argv) {
  const [, name, path] = /^--(ovnnb|ic-sb)-db=unix:(.*)$/.exec(argument) ?? [];
  if (name === "ovnnb") nb = path;
  if (name === "ic-sb") icSb = path;
}

process.on("SIGUSR2", () => {
  const report = { longestTurn: loop.max / 1e6, reactions };
  loop.reset();
  reactions = [];
  arrived = 0;
  writeFileSync(`${file}.new`, JSON.stringify(report));
  renameSync(`${file}.new`, file);
});
