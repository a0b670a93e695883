/**
 * `ovn-ic-nbctl` and `ovn-ic-sbctl` beside the C programs, and beside a Node.js that does nothing.
 *
 *     npm run bench -- ctl [--json]
 *
 * Start and single commands: medians of 20 runs that take turns. A thousand commands: in one line, as a batch, through a
 * daemon by a loop of ovs-appctl, and by a loop of C processes. `ovn-ic-sbctl show` of a large interconnection: time and
 * peak memory (the kernel's high-water mark).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Server } from "../packages/ovsdb-client-ts/test/fixtures/server.ts";
import { SIZES, startLarge, startSmall } from "./ctl/databases.ts";
import { type Contender, medians, peakMemory } from "./ctl/measure.ts";

const RUNS = 20;
const FEW_RUNS = 5;
const COMMANDS = 1000;

interface Result {
  readonly what: string;
  readonly unit: "ms" | "MB";
  readonly ours: number;
  readonly c: number | null;
  /** `node -e 0`, where it was measured alongside. */
  readonly node: number | null;
}

const node = process.execPath;
// The bundle that runs this lies in dist/run.
const root = join(import.meta.dirname, "../..");
const ours = (program: string) => [node, join(root, `bin/${program}`)];

function theirs(program: string): string {
  const found = ["/usr/bin", "/usr/local/bin"]
    .map((dir) => join(dir, program))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the C program ${program} is not installed`);
  return found;
}

function single(remote: string): Result[] {
  const cases: readonly (readonly [string, ...string[]])[] = [
    ["--version", "--version"],
    ["--help", "--help"],
    ["ts-list", "ts-list"],
    ["show", "show"],
    ["find", "--bare", "--columns=_uuid", "find", "Transit_Switch", "name=ts1"],
  ];
  const contenders: Contender[] = cases.flatMap(([what, ...words]) => [
    { name: `ours ${what}`, command: [...ours("ovn-ic-nbctl"), `--db=${remote}`, ...words] },
    { name: `c ${what}`, command: [theirs("ovn-ic-nbctl"), `--db=${remote}`, ...words] },
  ]);
  const times = medians([{ name: "node", command: [node, "-e", "0"] }, ...contenders], RUNS);
  const of = (name: string) => times.get(name) ?? Number.NaN;
  return cases.map(([what]) => ({
    ...{ what, unit: "ms", ours: of(`ours ${what}`), c: of(`c ${what}`), node: of("node") },
  }));
}

const clear = (remote: string) => () => {
  execFileSync(theirs("ovn-ic-nbctl"), [`--db=${remote}`, "--all", "destroy", "Transit_Switch"]);
};

function thousand(remote: string): Result[] {
  const names = Array.from({ length: COMMANDS }, (_, n) => `many${n}`);
  const line = names.flatMap((name) => ["--", "ts-add", name]).slice(1);
  const input = names.map((name) => `ts-add ${name}\n`).join("");
  const loop = (command: string) => [
    "bash",
    "-c",
    `set -e; for n in {1..${COMMANDS}}; do ${command} >/dev/null; done`,
  ];
  const nbctl = ours("ovn-ic-nbctl");
  // The run directory of an installed OVN need not be there.
  const control = `--unixctl=${join(tmpdir(), `ovn-ic-bench.${process.pid}.ctl`)}`;
  const socket = execFileSync(nbctl[0] ?? "", [...nbctl.slice(1), `--db=${remote}`, "--detach", control], {
    encoding: "utf8",
  });
  const daemon = socket.trim();
  try {
    const contenders: Contender[] = [
      { name: "ours line", command: [...nbctl, `--db=${remote}`, ...line] },
      { name: "c line", command: [theirs("ovn-ic-nbctl"), `--db=${remote}`, ...line] },
      { name: "ours batch", command: [...nbctl, `--db=${remote}`, "--batch=-"], input },
      { name: "ours daemon", command: loop(`ovs-appctl -t ${daemon} run ts-add many$n`) },
      { name: "c loop", command: loop(`${theirs("ovn-ic-nbctl")} --db=${remote} ts-add many$n`) },
    ];
    const times = medians(contenders, FEW_RUNS, clear(remote));
    const of = (name: string) => times.get(name) ?? Number.NaN;
    const loopOfC = of("c loop");
    return [
      {
        what: `${COMMANDS} ts-add, one line`,
        unit: "ms",
        ours: of("ours line"),
        c: of("c line"),
        node: null,
      },
      {
        what: `${COMMANDS} ts-add, --batch / C loop`,
        unit: "ms",
        ours: of("ours batch"),
        c: loopOfC,
        node: null,
      },
      {
        what: `${COMMANDS} ts-add, daemon / C loop`,
        unit: "ms",
        ours: of("ours daemon"),
        c: loopOfC,
        node: null,
      },
    ];
  } finally {
    spawnSync("ovs-appctl", ["-t", daemon, "exit"]);
  }
}

async function large(remote: string): Promise<Result[]> {
  const show = {
    ours: [...ours("ovn-ic-sbctl"), `--db=${remote}`, "show"],
    c: [theirs("ovn-ic-sbctl"), `--db=${remote}`, "show"],
  };
  const contenders = Object.entries(show).map(([name, command]) => ({ name, command }));
  const times = medians(contenders, FEW_RUNS);
  const [mine = Number.NaN, c = Number.NaN] = await Promise.all(contenders.map(peakMemory));
  const what = `show, ${SIZES.zones * SIZES.portsPerZone} ports`;
  return [
    { what, unit: "ms", ours: times.get("ours") ?? Number.NaN, c: times.get("c") ?? Number.NaN, node: null },
    { what: `${what}, peak`, unit: "MB", ours: mine, c, node: null },
  ];
}

async function on<R>(start: () => Promise<Server>, measure: (remote: string) => R): Promise<Awaited<R>> {
  const server = await start();
  try {
    return await measure(server.remote);
  } finally {
    await server.stop();
  }
}

function print(results: readonly Result[]): void {
  const cell = (value: number | null) =>
    (value === null || Number.isNaN(value) ? "" : value.toFixed(1)).padStart(10);
  const ratio = (a: number, b: number | null) => (b === null ? "" : (a / b).toFixed(2)).padStart(10);
  console.log(
    `${"".padEnd(34)}${["ours", "C", "node -e 0", "ours/C", "ours/node"].map((t) => t.padStart(10)).join("")}`,
  );
  for (const { what, unit, ours: mine, c, node: nothing } of results) {
    console.log(
      `${`${what}, ${unit}`.padEnd(34)}${cell(mine)}${cell(c)}${cell(nothing)}${ratio(mine, c)}${ratio(mine, nothing)}`,
    );
  }
}

const results = [
  ...(await on(startSmall, single)),
  ...(await on(startSmall, thousand)),
  ...(await on(startLarge, large)),
];
if (process.argv.includes("--json")) console.log(JSON.stringify(results));
else print(results);
