/**
 * All that is compared with the C programs, in full, and written to bench/RESULTS.md: takes about an hour, on
 * a machine that does nothing else.
 *
 *     npm run bench
 *
 * Beside the system's C programs those of Debian sid are measured, if they have been installed
 * (scripts/install-ovn-sid.sh).
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FullRun } from "./results/report.ts";
import { document } from "./results/report.ts";

// The bundle that runs this lies in dist/run.
const root = join(import.meta.dirname, "../..");
const sid = join(process.env.OVN_SID_ROOT ?? join(root, ".cache/ovn-sid"), "usr/bin");
const hasSid = existsSync(join(sid, "ovn-ic"));
if (!hasSid) process.stderr.write(`bench: there is no ${sid}: only the system's C programs are measured\n`);

/** What a benchmark prints with --json. It says what it is at on stderr. */
function run(name: string, ...options: readonly string[]): unknown {
  const script = [join(root, "scripts/run-ts.mjs"), join(root, `bench/${name}.ts`)];
  const text = execFileSync(process.execPath, [...script, "--json", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(text.toString());
}

const saved = process.argv[2];
const against = ["/usr/bin", ...(hasSid ? [sid] : [])];
const measured: unknown =
  saved === undefined
    ? {
        date: new Date().toISOString().slice(0, 10),
        sync: run("sync", "--full", ...against.map((directory) => `--against=${join(directory, "ovn-ic")}`)),
        ctl: against.map((directory) => run("ctl", `--against=${directory}`)),
      }
    : JSON.parse(readFileSync(saved, "utf8"));
writeFileSync(join(root, "dist/bench.json"), JSON.stringify(measured));
// What the two benchmarks have just printed, or did in an earlier run.
writeFileSync(join(root, "bench/RESULTS.md"), document(measured as FullRun));
