/**
 * `/metrics`, `/healthz` and `/readyz`. What is known anyhow is read when somebody asks, so that nothing
 * costs anything before.
 */
import { Histogram, Registry } from "prom-client";
import { DATABASE_NAMES, SCHEMAS } from "../../../core/model/index.ts";
import type { Controller } from "../../../core/sync/run/index.ts";
import type { HttpPaths } from "../../../daemon/http-server.ts";
import type { Findings } from "../findings.ts";
import type { Activity } from "./activity.ts";
import { CONNECTIONS, describeState } from "./commands.ts";
import type { Dropped } from "./dropped.ts";
import { Series } from "./series.ts";

export interface MetricsContext {
  readonly controller: Controller;
  readonly activity: Activity;
  readonly dropped: Dropped;
  readonly findings: Findings;
}

/** As in metrics of other OVN daemons. */
const STATES = { standby: 0, active: 1, paused: 2 } as const;

/** Milliseconds that a text is kept: nobody needs newer figures, and to make one goes over all routes. */
const KEPT = 1000;

const BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Names, kinds and meanings, for the manual page too. */
export const METRICS = {
  ovn_ic_status: "What this instance is: standby (0), active (1) or paused (2).",
  ovn_ic_nb_connection_status: "Whether the northbound database is connected (1) or not (0).",
  ovn_ic_sb_connection_status: "Whether the southbound database is connected (1) or not (0).",
  ovn_ic_ic_nb_connection_status:
    "Whether the interconnection northbound database is connected (1) or not (0).",
  ovn_ic_ic_sb_connection_status:
    "Whether the interconnection southbound database is connected (1) or not (0).",
  ovn_ic_zone_info:
    "1, with the name of the availability zone as the label az; missing while it is not known.",
  ovn_ic_build_info: "1, with the version as a label.",
  ovn_ic_txn_success_total: "Transactions that were committed.",
  ovn_ic_txn_error_total: "Transactions that a server refused.",
  ovn_ic_txn_try_again_total: "Transactions that others were faster than, or whose lock was lost.",
  ovn_ic_pass_duration_seconds: "How long the stages of a pass took; a stage is a planner.",
  ovn_ic_units_planned_total: "Objects that were planned, by planner.",
  ovn_ic_routes: "Routes that are advertised by this zone, or learned from another one.",
  ovn_ic_dropped_candidates: "What is not advertised, learned or made now, by the rule that says so.",
  ovn_ic_findings: "What is most likely a mistake in the configuration now, by reason; the log says which.",
  ovn_ic_az_config_lag: "By how many changes of nb_ic_cfg a zone is behind.",
  ovn_ic_series_left_out:
    "Series that are not shown, since a metric has at most 1000: those of the least values.",
  ovn_ic_problems: "Objects that servers refuse again and again, or that can't be planned.",
  process_cpu_seconds_total: "CPU time of this process.",
  process_resident_memory_bytes: "Memory of this process.",
  process_start_time_seconds: "When this process was started, in seconds since 1970.",
} as const;

type MetricName = keyof typeof METRICS;
type MetricSeries = Series<MetricName>;

export function metricsPaths(context: MetricsContext): HttpPaths {
  const registry = new Registry();
  const series = new Series(registry, METRICS);
  addState(series, context);
  addWork(series, registry, context);
  addRoutes(series, context);
  addProcess(series);
  // The last, since it counts what became of the others.
  series.gauge("ovn_ic_series_left_out", ["metric"], () =>
    [...series.leftOut].map(([metric, count]) => [{ metric }, count] as const),
  );
  const text = keep(async () => Buffer.from(await registry.metrics()));
  return {
    "/metrics": async () => ({ status: 200, type: registry.contentType, body: await text() }),
    "/healthz": () => ({ status: 200, type: "text/plain; charset=utf-8", body: "ok\n" }),
    "/readyz": () => {
      const missing = DATABASE_NAMES.filter((name) => !context.controller.connections[name].replica.complete);
      const body =
        missing.length === 0
          ? "ok\n"
          : `waiting for ${missing.map((name) => SCHEMAS[name].name).join(", ")}\n`;
      return { status: missing.length === 0 ? 200 : 503, type: "text/plain; charset=utf-8", body };
    },
  };
}

/** Makes something when somebody asks, and then not again for a while. */
function keep<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    if (made !== null) return made;
    const now = make();
    made = now;
    const forget = () => {
      made = null;
    };
    now.then(() => setTimeout(forget, KEPT).unref(), forget);
    return now;
  };
}

function addState(series: MetricSeries, { controller }: MetricsContext): void {
  series.gauge("ovn_ic_status", [], () => [[{}, STATES[describeState(controller)]]]);
  for (const [command, database] of CONNECTIONS) {
    const name = `ovn_ic_${command.replaceAll("-", "_")}` as const;
    series.gauge(connectionMetric(name), [], () => [
      [{}, Number(controller.connections[database].client.connected)],
    ]);
  }
  series.gauge("ovn_ic_build_info", ["version"], () => [[{ version: __OVN_IC_TOOLS_VERSION__ }, 1]]);
  series.gauge("ovn_ic_zone_info", ["az"], () => {
    const { zone } = controller.status;
    return zone === "" ? [] : [[{ az: zone }, 1]];
  });
  series.gauge("ovn_ic_problems", [], () => [[{}, controller.status.problems.length]]);
  series.gauge("ovn_ic_az_config_lag", ["az"], () => configLag(controller));
}

function connectionMetric(name: string): MetricName {
  const known = Object.keys(METRICS).find((metric): metric is MetricName => metric === name);
  if (known === undefined) throw new RangeError(`there is no metric ${name}`);
  return known;
}

function addWork(
  series: MetricSeries,
  registry: Registry,
  { activity, dropped, findings }: MetricsContext,
): void {
  const { transactions } = activity;
  series.counter("ovn_ic_txn_success_total", [], () => [[{}, transactions.committed]]);
  series.counter("ovn_ic_txn_error_total", [], () => [[{}, transactions.error + transactions.unavailable]]);
  series.counter("ovn_ic_txn_try_again_total", [], () => [
    [{}, transactions.tryAgain + transactions.notLocked],
  ]);
  series.counter("ovn_ic_units_planned_total", ["planner"], () =>
    activity.stages.map(({ name, units }) => [{ planner: name }, units] as const),
  );
  series.gauge("ovn_ic_dropped_candidates", ["reason"], () =>
    [...dropped.counts].map(([reason, count]) => [{ reason }, count] as const),
  );
  series.gauge("ovn_ic_findings", ["reason"], () =>
    [...findings.counts].map(([reason, count]) => [{ reason }, count] as const),
  );
  const name = "ovn_ic_pass_duration_seconds";
  const durations = new Histogram({
    name,
    help: METRICS[name],
    labelNames: ["stage"] as const,
    buckets: BUCKETS,
    registers: [registry],
  });
  activity.onTurn((stage, milliseconds) => durations.observe({ stage: stage.name }, milliseconds / 1000));
}

function addRoutes(series: MetricSeries, { controller }: MetricsContext): void {
  const labels = ["az", "transit_switch", "direction", "origin"] as const;
  series.gauge("ovn_ic_routes", labels, () => {
    const counts = new Map<string, [Record<(typeof labels)[number], string>, number]>();
    for (const one of routes(controller)) {
      const key = Object.values(one).join("\0");
      const known = counts.get(key);
      if (known === undefined) counts.set(key, [one, 1]);
      else known[1]++;
    }
    return counts.values();
  });
}

/** The routes of our own zone, and those of others that routers here have. */
function* routes({ connections, view }: Controller) {
  const zones = new Map(
    [...connections.icSb.replica.table("Availability_Zone")].map((zone) => [zone._uuid, zone.name]),
  );
  const learned = new Set<string | undefined>();
  for (const route of connections.nb.replica.table("Logical_Router_Static_Route")) {
    learned.add(route.external_ids.get("ic-learned-route"));
  }
  for (const route of connections.icSb.replica.table("Route")) {
    const ours = route.availability_zone === view.zone;
    if (!ours && !learned.has(route._uuid)) continue;
    yield {
      az: zones.get(route.availability_zone) ?? "",
      transit_switch: route.transit_switch,
      direction: ours ? "advertised" : "learned",
      origin: route.origin,
    };
  }
}

function* configLag({ connections, view }: Controller) {
  if (!view.can("sequence numbers")) return;
  const [global] = connections.icNb.replica.table("IC_NB_Global");
  for (const zone of connections.icSb.replica.table("Availability_Zone")) {
    yield [{ az: zone.name }, Number(global?.nb_ic_cfg ?? 0) - Number(zone.nb_ic_cfg)] as const;
  }
}

function addProcess(series: MetricSeries): void {
  const started = Date.now() / 1000 - process.uptime();
  series.counter("process_cpu_seconds_total", [], () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  series.gauge("process_resident_memory_bytes", [], () => [[{}, process.memoryUsage().rss]]);
  series.gauge("process_start_time_seconds", [], () => [[{}, started]]);
}
