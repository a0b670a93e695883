// What ovn-ic-nbctl and ovn-ic-sbctl are measured at, each time beside the C program.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programAt } from "../foreign.ts";
import type { Shown } from "./databases.ts";
import { SIZES } from "./databases.ts";
import type { Contender, Summary } from "./measure.ts";
import { measure, peakMemory, summarize } from "./measure.ts";

const RUNS = 21;
const FEW_RUNS = 3;

export interface Result {
  readonly what: string;
  readonly unit: "ms" | "MB";
  readonly ours: Summary;
  readonly c: Summary;
  /** `node -e 0`, where it was measured alongside. */
  readonly node: Summary | null;
}

/** The same thing done by ours and by the C program. */
interface Scenario {
  readonly what: string;
  readonly ours: Omit<Contender, "name">;
  readonly c: Omit<Contender, "name">;
}

type Program = "ovn-ic-nbctl" | "ovn-ic-sbctl";

const node = process.execPath;
// The bundle that runs this lies in dist/run.
const root = join(import.meta.dirname, "../..");
const ours = (program: Program) => [node, join(root, `bin/${program}`)];
const against = process.argv.find((word) => word.startsWith("--against="))?.replace("--against=", "");

/** The words that start a C program. */
export function theirs(program: Program): readonly string[] {
  const found = (against === undefined ? ["/usr/bin", "/usr/local/bin"] : [against])
    .map((dir) => join(dir, program))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`the C program ${program} is not installed`);
  return programAt(found).words;
}

/** Both programs with the same words. */
function both(what: string, program: Program, words: readonly string[]): Scenario {
  return {
    what,
    ours: { command: [...ours(program), ...words] },
    c: { command: [...theirs(program), ...words] },
  };
}

function compare(
  scenarios: readonly Scenario[],
  runs: number,
  options: { before?: () => void; withNode?: boolean } = {},
): Result[] {
  const contenders: Contender[] = scenarios.flatMap((scenario) => [
    { name: `ours ${scenario.what}`, ...scenario.ours },
    { name: `c ${scenario.what}`, ...scenario.c },
  ]);
  if (options.withNode === true) contenders.unshift({ name: "node", command: [node, "-e", "0"] });
  const times = measure(contenders, runs, options.before);
  const of = (name: string) => times.get(name) ?? summarize([]);
  return scenarios.map(({ what }) => ({
    what,
    unit: "ms",
    ours: of(`ours ${what}`),
    c: of(`c ${what}`),
    node: times.get("node") ?? null,
  }));
}

/** Start and single commands. */
export function single(remote: string): Result[] {
  const db = `--db=${remote}`;
  const scenarios = [
    both("--version", "ovn-ic-nbctl", ["--version"]),
    both("--help", "ovn-ic-nbctl", ["--help"]),
    both("ts-list", "ovn-ic-nbctl", [db, "ts-list"]),
    both("show", "ovn-ic-nbctl", [db, "show"]),
    both("find", "ovn-ic-nbctl", [db, "--bare", "--columns=_uuid", "find", "Transit_Switch", "name=ts1"]),
  ];
  return compare(scenarios, RUNS, { withNode: true });
}

const commandsOf = (count: number) => Array.from({ length: count }, (_, n) => ["ts-add", `many${n}`]);

/** Many commands at once. */
export function many(remote: string): Result[] {
  const db = `--db=${remote}`;
  const [mine, c] = [ours("ovn-ic-nbctl"), theirs("ovn-ic-nbctl")];
  const [program = "", ...script] = mine;
  const line = (count: number, ...options: string[]) => {
    const words = commandsOf(count).flatMap((command) => ["--", ...command]);
    const what = [`${count} ts-add, one line`, ...options].join(", ");
    return both(what, "ovn-ic-nbctl", [db, ...options, ...words.slice(1)]);
  };
  const batch = (count: number, ...options: string[]) => ({
    command: [...mine, db, "--batch=-", ...options],
    input: commandsOf(count)
      .map((command) => `${command.join(" ")}\n`)
      .join(""),
  });
  const loop = (count: number, command: string) => ({
    command: ["bash", "-c", `set -e; for n in {1..${count}}; do ${command} ts-add many$n >/dev/null; done`],
  });
  // The run directory of an installed OVN need not be there.
  const control = `--unixctl=${join(tmpdir(), `ovn-ic-bench.${process.pid}.ctl`)}`;
  const daemon = execFileSync(program, [...script, db, "--detach", control], { encoding: "utf8" }).trim();
  const before = () => {
    const [file = "", ...words] = c;
    execFileSync(file, [...words, db, "--all", "destroy", "Transit_Switch"]);
  };
  const one = "--single-transaction";
  const thousand = loop(1000, `${c.join(" ")} ${db}`);
  const throughDaemon = loop(1000, `ovs-appctl -t ${daemon} run`);
  const inOneLine = line(10_000);
  try {
    return compare(
      [
        line(1000),
        inOneLine,
        line(10_000, "--oneline"),
        {
          what: `10000 ts-add, --batch ${one} / C: one line`,
          ours: batch(10_000, one),
          c: inOneLine.c,
        },
        { what: "10000 ts-add, --batch / C: one line", ours: batch(10_000), c: inOneLine.c },
        { what: "1000 ts-add, --batch / C: loop", ours: batch(1000), c: thousand },
        { what: "1000 ts-add, ovs-appctl to daemon / C: loop", ours: throughDaemon, c: thousand },
      ],
      FEW_RUNS,
      { before },
    );
  } finally {
    spawnSync("ovs-appctl", ["-t", daemon, "exit"]);
  }
}

/** A row by its name among many. */
export function manySwitches(remote: string): Result[] {
  const words = [`--db=${remote}`, "find", "Transit_Switch", `name=ts${SIZES.switches / 2}`];
  return compare([both(`find name=, ${SIZES.switches} switches`, "ovn-ic-nbctl", words)], FEW_RUNS);
}

/** A large interconnection, as it is shown. */
export async function show(remote: string, { gatewaysPerZone, portsPerZone }: Shown): Promise<Result[]> {
  const what = `show, 10 zones × ${gatewaysPerZone} gateways × ${portsPerZone / gatewaysPerZone} ports, ${SIZES.routes} routes beside`;
  const scenario = both(what, "ovn-ic-sbctl", [`--db=${remote}`, "show"]);
  return [...compare([scenario], FEW_RUNS), await peak(scenario)];
}

/** Many routes. */
export async function large(remote: string): Promise<Result[]> {
  const db = `--db=${remote}`;
  const routes = `${SIZES.routes} routes`;
  const find = both(`find ip_prefix=, ${routes}`, "ovn-ic-sbctl", [
    db,
    "find",
    "Route",
    "ip_prefix=10.0.1.1/32",
  ]);
  const list = (format: string) =>
    both(`list Route, ${routes}, ${format}`, "ovn-ic-sbctl", [db, `--format=${format}`, "list", "Route"]);
  const csv = list("csv");
  return [
    ...compare([find, list("table"), list("list"), list("html"), csv, list("json")], FEW_RUNS),
    await peak(csv),
  ];
}

async function peak({ what, ours: mine, c }: Scenario): Promise<Result> {
  return {
    what: `${what}, peak`,
    unit: "MB",
    node: null,
    ours: summarize([await peakMemory({ name: what, ...mine })]),
    c: summarize([await peakMemory({ name: what, ...c })]),
  };
}
