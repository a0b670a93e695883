/** What the benchmarks have to show: each bar, and whether it was met. */
import type { Result } from "../ctl/scenarios.ts";
import type { Row } from "../sync/report.ts";

/** What a full run has measured. */
export interface Measured {
  readonly sync: {
    /** The names of what was measured; ours is the first. */
    readonly names: readonly string[];
    readonly results: readonly { readonly scenario: string; readonly rows: readonly Row[] }[];
  };
  /** Of each C release. */
  readonly ctl: readonly { readonly version: string; readonly results: readonly Result[] }[];
}

export interface Bar {
  readonly what: string;
  readonly bar: string;
  /** What was measured, as text, beside each C release or alone. */
  readonly measured: readonly string[];
  readonly met: boolean;
}

/** A number, beside which C program it was measured, and how many times ours is of it at most. */
interface Reading {
  readonly beside: string;
  readonly value: number;
}

const LARGE = "R=100000";

export function bars(measured: Measured): Bar[] {
  return [...syncBars(measured.sync), ...ctlBars(measured)];
}

function syncBars(sync: Measured["sync"]): Bar[] {
  const median = (scenario: string, metric: string, contender = 0) =>
    sync.results.find((one) => one.scenario === scenario)?.rows.find((row) => row.metric === metric)?.cells[
      contender
    ]?.median ?? Number.NaN;
  /** Ours in parts of each C release. */
  const ratios = (scenario: string, ...metrics: readonly string[]): Reading[] =>
    metrics.flatMap((metric) =>
      sync.names.slice(1).map((name, i) => ({
        beside: `${short(metric)}, ${name}`,
        value: median(scenario, metric) / median(scenario, metric, i + 1),
      })),
    );
  const alone = (beside: string, value: number): Reading => ({ beside, value });
  const changes = ["add a route", "delete a route", "advertise a network"] as const;
  const cpu = changes.map((change) => `${change}, CPU`);
  const [start, peak] = ["cold start", "cold start, peak memory"] as const;
  const grown = median(LARGE, "add a route, within ours") / median("R=1000", "add a route, within ours");
  const beside = (metric: string) => median("unrelated", metric) / median("R=10000", metric);
  return [
    bar("one route added, deleted, advertised: latency, R=100,000", 1 / 100, ratios(LARGE, ...changes)),
    bar(
      "the same, ms",
      12,
      changes.map((change) => alone(change, median(LARGE, change))),
    ),
    bar("the same, R=1,000", 1, ratios("R=1000", ...changes)),
    bar("CPU per change, R=100,000", 1 / 300, ratios(LARGE, ...cpu)),
    bar("from the ISB update read to the NB request written, R=100,000 to R=1,000", 1.5, [alone("", grown)]),
    bar("cold start until all are learned, R=100,000", 0.7, ratios(LARGE, start)),
    bar("warm restart until settled, R=100,000", 0.5, ratios(LARGE, "warm restart")),
    bar("peak memory, R=100,000", 0.5, ratios(LARGE, peak)),
    bar("200,000 unrelated ports and bindings, with to without", 1.1, [
      alone("cold start", beside(start)),
      alone("memory", beside(peak)),
    ]),
    bar("100,000 routes on 1,000 switches, attached to 10", 0.15, ratios("ten-of-1000", start, peak)),
    bar("longest turn of the event loop while 100,000 routes load, ms", 500, [
      alone("", median(LARGE, "cold start, longest turn")),
    ]),
    bar("longest wait for a status meanwhile, ms", 1000, [
      alone("", median(LARGE, "cold start, longest wait for a status")),
    ]),
  ];
}

function ctlBars({ ctl }: Measured): Bar[] {
  const readings = (what: RegExp, of: (result: Result) => number): Reading[] =>
    ctl.flatMap(({ version, results }) => {
      const found = results.find((result) => what.test(`${result.what}, ${result.unit}`));
      return found === undefined ? [] : [{ beside: version.replace("ovn-ic-nbctl", "C"), value: of(found) }];
    });
  const toC = ({ ours, c }: Result) => ours.median / c.median;
  const toNode = ({ ours, node }: Result) => ours.median / (node?.median ?? Number.NaN);
  const shown = "show, 10 zones × 4 gateways × 50 ports";
  return [
    bar("show, 100,000 routes beside, time", 1 / 20, readings(new RegExp(`^${shown}.*, ms$`), toC)),
    bar("show, 100,000 routes beside, memory", 1 / 3, readings(new RegExp(`^${shown}.*, MB$`), toC)),
    bar("ovn-ic-nbctl ts-list to node -e 0", 1.35, readings(/^ts-list/, toNode)),
    bar("ovn-ic-nbctl --version to node -e 0", 1.15, readings(/^--version/, toNode)),
    bar("a command in daemon mode to a C ovn-ic-nbctl", 1, readings(/^1000 ts-add, ovs-appctl/, toC)),
    bar("10,000 ts-add in one line", 1 / 3, readings(/^10000 ts-add, one line, ms/, toC)),
    bar(
      "10,000 ts-add, --batch --single-transaction",
      1 / 3,
      readings(/^10000 ts-add, --batch --single/, toC),
    ),
    bar("list Route of 100,000 rows, csv", 1 / 1.5, readings(/^list Route.*csv, ms/, toC)),
  ];
}

function short(metric: string): string {
  return metric.replace(", CPU", "").replace("cold start, peak ", "");
}

function bar(what: string, limit: number, readings: readonly Reading[]): Bar {
  const text = ({ beside, value }: Reading) => `${format(value)}${beside === "" ? "" : ` (${beside})`}`;
  return {
    what,
    bar: `≤ ${format(limit)}`,
    measured: readings.map(text),
    met: readings.length > 0 && readings.every(({ value }) => value <= limit),
  };
}

function format(value: number): string {
  if (Number.isNaN(value)) return "not measured";
  if (value > 0 && value <= 1 / 3) return `1 : ${round(1 / value)}`;
  return round(value);
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
