/**
 * `ovn-ic-nbctl` and `ovn-ic-sbctl` beside the C programs, and beside a Node.js that does nothing.
 *
 *     npm run bench -- ctl [--json] [--against=DIRECTORY]
 *
 * `--against`: where the C programs are; they may lie in the tree of another Debian release. Medians of runs
 * that take turns, and between what half of the runs lie. Start and single commands; thousands of commands in
 * one line, as a batch, through a daemon by a loop of ovs-appctl, and by a loop of C processes; large
 * databases: `find` by name, `list` in each format, `show` with time and peak memory (the kernel's high-water
 * mark).
 */
import { execFileSync } from "node:child_process";
import type { Server } from "../packages/ovsdb-client-ts/test/fixtures/server.ts";
import { SHOWN, startLarge, startManySwitches, startSmall } from "./ctl/databases.ts";
import type { Summary } from "./ctl/measure.ts";
import type { Result } from "./ctl/scenarios.ts";
import { large, many, manySwitches, show, single, theirs } from "./ctl/scenarios.ts";

async function on<R>(start: () => Promise<Server>, work: (remote: string) => R): Promise<Awaited<R>> {
  const server = await start();
  try {
    return await work(server.remote);
  } finally {
    await server.stop();
  }
}

function print(results: readonly Result[]): void {
  const text = (value: number | undefined) => value?.toFixed(1) ?? "";
  const spread = ({ from, to }: Summary) => `${text(from)}…${text(to)}`;
  const ratio = (a: Summary, b: Summary | null) => (b === null ? "" : (a.median / b.median).toFixed(2));
  const widths = [10, 18, 10, 18, 10, 8, 10];
  const line = (what: string, cells: readonly string[]) =>
    console.log(what.padEnd(72) + cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join(""));
  line("", ["ours", "half between", "C", "half between", "node -e 0", "ours/C", "ours/node"]);
  for (const { what, unit, ours, c, node } of results) {
    line(`${what}, ${unit}`, [
      text(ours.median),
      spread(ours),
      text(c.median),
      spread(c),
      text(node?.median),
      ratio(ours, c),
      ratio(ours, node),
    ]);
  }
}

const results = [
  ...(await on(startSmall, single)),
  ...(await on(startSmall, many)),
  ...(await on(startManySwitches, manySwitches)),
];
for (const shown of SHOWN) {
  const start = () => startLarge(shown);
  results.push(...(await on(start, (remote) => show(remote, shown))));
}
const [usual] = SHOWN;
if (usual !== undefined) results.push(...(await on(() => startLarge(usual), large)));

const [program = "", ...words] = theirs("ovn-ic-nbctl");
const version = execFileSync(program, [...words, "--version"], { encoding: "utf8" }).split("\n")[0] ?? "";
if (process.argv.includes("--json")) console.log(JSON.stringify({ version, results }));
else print(results);
