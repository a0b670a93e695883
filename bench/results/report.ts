/** A full run as a document. */
import type { Result } from "../ctl/scenarios.ts";
import type { Row } from "../sync/report.ts";
import { formatTable } from "../sync/report.ts";
import type { Measured } from "./bars.ts";
import { bars } from "./bars.ts";

/** What the benchmarks have printed with --json. */
export interface FullRun extends Omit<Measured, "sync"> {
  readonly date: string;
  readonly sync: Omit<Measured["sync"], "results"> & {
    readonly machine: string;
    readonly versions: readonly string[];
    readonly server: string;
    readonly results: readonly {
      readonly scenario: string;
      readonly title: string;
      readonly rows: readonly Row[];
      readonly faults: readonly string[];
    }[];
  };
}

export function document(run: FullRun): string {
  const { sync, ctl } = run;
  return [
    "# Results of the benchmarks",
    `Written by \`npm run bench\` on ${run.date}. What was tried, and what the limits are: [NOTES.md](NOTES.md).`,
    [`- ${sync.machine}`, `- ${sync.server}`, ...sync.versions.map((version) => `- ${version}`)].join("\n"),
    "Medians of runs in which the programs take turns; in brackets from the least to the greatest. “ours : C” below 1 means that ours needs less.",
    "## What is to be reached",
    barTable(run),
    "## The controller",
    ...sync.results.flatMap(({ title, rows, faults }) => [
      `### ${title}`,
      formatTable(sync.names, rows),
      ...faults.map((fault) => `**FAULT** ${fault}`),
    ]),
    "## ovn-ic-nbctl and ovn-ic-sbctl",
    ...ctl.flatMap(({ version, results }) => [`### Beside ${version}`, ctlTable(results)]),
  ]
    .join("\n\n")
    .concat("\n");
}

function barTable(run: Measured): string {
  const lines = bars(run).map(
    ({ what, bar, measured, met }) =>
      `| ${what} | ${bar} | ${measured.join("; ")} | ${met ? "yes" : "**no**"} |`,
  );
  return ["| what | bar | measured | met |", "|---|---|---|---|", ...lines].join("\n");
}

function ctlTable(results: readonly Result[]): string {
  const rows = results.map(
    ({ what, unit, ours, c, node }): Row => ({
      metric: what,
      unit: unit === "MB" ? "MiB" : unit,
      cells: [ours, c, node].map((summary) =>
        summary === null
          ? null
          : { median: summary.median, least: summary.from, greatest: summary.to, count: 2 },
      ),
    }),
  );
  return formatTable(["ours", "C", "node -e 0"], rows);
}
