/** The control socket's commands that are about the controller (ovn-ic(8), "Runtime Management Commands"). */
import { performance } from "node:perf_hooks";
import type { DatabaseName } from "../../../core/databases.ts";
import type { Controller } from "../../../core/sync/run/index.ts";
import { Coverage } from "../../../daemon/coverage.ts";
import type { Log } from "../../../daemon/log.ts";
import { Stopwatches } from "../../../daemon/stopwatch.ts";
import type { UnixctlCommand } from "../../../daemon/unixctl-server.ts";
import { UnixctlError } from "../../../daemon/unixctl-server.ts";
import type { Activity, Stage } from "./activity.ts";
import { firstAnswer } from "./first-answer.ts";
import type { Outages } from "./outages.ts";

/** What the commands speak of. */
export interface CommandContext {
  readonly controller: Controller;
  readonly activity: Activity;
  readonly outages: Pick<Outages, "current">;
  readonly log: Log;
}

/** By the command that tells whether they are connected. */
export const CONNECTIONS: readonly (readonly [command: string, database: DatabaseName])[] = [
  ["nb-connection-status", "nb"],
  ["sb-connection-status", "sb"],
  ["ic-nb-connection-status", "icNb"],
  ["ic-sb-connection-status", "icSb"],
];

export function controllerCommands(context: CommandContext): UnixctlCommand[] {
  const { controller, outages, log } = context;
  const answered = firstAnswer(controller.connections.sb.client.session);
  return [
    {
      name: "status",
      usage: "",
      args: [0, 0],
      // C's answer is the first line; the second is there only if something is wrong for some time already.
      run: async () => {
        await answered;
        return [`Status: ${describeState(controller)}`, ...describeOutages(outages)].join("\n");
      },
    },
    simple("is-paused", () => String(controller.paused)),
    simple("pause", () => {
      if (!controller.paused) log.info("ovn_ic", "This ovn-ic instance is now paused.");
      controller.pause();
      return "";
    }),
    simple("resume", () => {
      controller.resume();
      return "";
    }),
    ...CONNECTIONS.map(([name, database]) =>
      simple(name, () => (controller.connections[database].client.connected ? "connected" : "not connected")),
    ),
    simple("memory/show", () => showMemory(controller)),
    ...engineCommands(context),
  ];
}

/** What counts is the lock, as for the C program: who has it lets nobody else be active. */
export function describeState(controller: Controller): "active" | "standby" | "paused" {
  if (controller.paused) return "paused";
  return controller.status.locked ? "active" : "standby";
}

/** One line for the databases that are away; none if all are there. */
export function describeOutages({ current }: Pick<Outages, "current">): string[] {
  return current.length === 0 ? [] : [`not connected: ${current.join("; ")}`];
}

function simple(name: string, run: () => string): UnixctlCommand {
  return { name, usage: "", args: [0, 0], run };
}

function showMemory({ status }: Controller): string {
  const { rss, heapUsed } = process.memoryUsage();
  return `rss-kB:${Math.round(rss / 1024)} heap-kB:${Math.round(heapUsed / 1024)} units:${status.left}`;
}

/** Milliseconds of one stage in one turn, after which the log mentions it. */
const SLOW = 500;

function engineCommands({ controller, activity, log }: CommandContext): UnixctlCommand[] {
  const stopwatches = new Stopwatches(activity.stages.map(({ name }) => name));
  let slow = SLOW;
  activity.onTurn((stage, milliseconds, full) => {
    stopwatches.add(stage.name, milliseconds);
    if (milliseconds < slow) return;
    const what = full ? "recompute" : "compute";
    log.info("inc_proc_eng", `node: ${stage.name}, ${what} took ${Math.round(milliseconds)}ms`);
  });
  return [
    ...stopwatches.commands,
    simple("inc-engine/recompute", () => {
      log.info("inc_proc_eng", "User triggered force recompute.");
      controller.recompute();
      return "";
    }),
    {
      name: "inc-engine/show-stats",
      usage: "",
      args: [0, 2],
      run: ([node, stat]) => showStats(activity.stages, node, stat),
    },
    simple("inc-engine/clear-stats", () => {
      activity.clearStages();
      return "";
    }),
    {
      name: "inc-engine/compute-log-timeout",
      usage: "",
      args: [1, 1],
      run: ([text = ""]) => {
        if (!/^\d+$/.test(text)) throw new UnixctlError("unsigned integer required");
        slow = Number(text);
        return "";
      },
    },
    // Takes an argument and makes nothing of it, as C's.
    {
      name: "inc-engine/list-stopwatches",
      usage: "",
      args: [0, 1],
      run: () => stopwatches.names.map((name) => `${name}\n`).join(""),
    },
  ];
}

function showStats(stages: readonly Stage[], node: string | undefined, stat: string | undefined): string {
  const chosen = stages.filter(({ name }) => node === undefined || name === node);
  const counts = ({ recomputed, computed }: Stage) =>
    new Map([
      ["recompute", recomputed],
      ["compute", computed],
      ["cancel", 0],
    ]);
  if (stat !== undefined) {
    return chosen.map((stage) => `${counts(stage).get(stat) ?? `Invalid stat type : ${stat}`}\n`).join("");
  }
  const line = ([name, count]: [string, number]) =>
    `- ${`${name}:`.padEnd(10)}${String(count).padStart(13)}\n`;
  return chosen.map((stage) => `Node: ${stage.name}\n${[...counts(stage)].map(line).join("")}`).join("");
}

/** What is counted, by the names of the C program where it counts the same. */
export function makeCoverage({ controller, activity }: CommandContext): Coverage {
  const { transactions } = activity;
  const { counters } = controller.engine;
  const answered = () => Object.values(transactions).reduce((sum, count) => sum + count, 0);
  return new Coverage({
    poll_create_node: () => performance.nodeTiming.uvMetricsInfo.loopCount,
    poll_zero_timeout: () => performance.nodeTiming.uvMetricsInfo.eventsWaiting,
    txn_error: () => transactions.error + transactions.unavailable,
    txn_incomplete: () => answered() - transactions.unchanged,
    txn_success: () => transactions.committed,
    txn_try_again: () => transactions.tryAgain + transactions.notLocked,
    txn_unchanged: () => transactions.unchanged,
    txn_uncommitted: () => transactions.unknown,
    engine_full_pass: () => counters.full,
    engine_units_planned: () => counters.planned,
    engine_rows_read: () => counters.rowsRead,
  });
}
