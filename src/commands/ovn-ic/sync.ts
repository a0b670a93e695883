// `ovn-ic sync`: the controller's reconciliation, once, continuously, or as a plan.
//
// Exit status: 0 in sync; 1 error; 2 a dry run found changes; 3 another instance is active for this zone; 4 not in sync in time;
// 128 and more: ended by a signal (--watch ends with 0 then).

import { writeSync } from "node:fs";
import type { Command } from "commander";
import { printable, printableJson } from "../../core/printable.ts";
import type { ControllerState } from "../../core/sync/controller.ts";
import { Controller } from "../../core/sync/controller.ts";
import { DATABASE_NAMES, SCHEMAS } from "../../core/sync/databases.ts";
import { describeRows } from "../../core/sync/describe.ts";
import { describeFormerZone, FORMER_ZONE, formerZone } from "../../core/sync/former-zone.ts";
import { planFullPass } from "../../core/sync/full-pass.ts";
import type { Note } from "../../core/sync/plan.ts";
import { PLANNERS } from "../../core/sync/planners.ts";
import type { PlannedTransaction, Problem } from "../../core/sync/transactions.ts";
import { RateLimit } from "../../daemon/rate-limit.ts";
import { EndSignals } from "./end-signals.ts";
import { keepHeapSmall } from "./heap.ts";
import type { Options } from "./sync-options.ts";
import { connectOptions, syncOptions } from "./sync-options.ts";
import { formatJson, formatPlan, formatSummary, type SyncReport, type SyncStatus } from "./sync-output.ts";
import { Progress, paintFor } from "./terminal.ts";

const EXIT: Readonly<Record<SyncStatus, number>> = {
  "in-sync": 0,
  changes: 2,
  standby: 3,
  "not-converged": 4,
  error: 1,
};

/** Milliseconds of silence after which a server that does not answer is named. */
const IMPATIENCE = 2000;

/** The subcommand `sync` of `ovn-ic`. */
export function syncCommand(): Command {
  return syncOptions().action((options: Options) => run(options));
}

async function run(options: Options): Promise<void> {
  keepHeapSmall();
  const signals = new EndSignals();
  // A reader that has seen enough (`| head -1`) is no reason to stop half-way.
  process.stdout.on("error", () => {});
  try {
    if (options.watch) await watch(options, signals);
    else if (options.dryRun) await dryRun(options, signals);
    else await once(options, signals);
  } finally {
    signals.release();
  }
}

/** What a controller tells while it runs. */
class RunRecord {
  readonly transactions: PlannedTransaction[] = [];
  readonly notes = new Map<string, Note>();
  progress: Progress | null = null;

  /** Says something on standard error, above the line that shows progress. */
  say(text: string): void {
    this.progress?.clear();
    warn(text);
  }

  /** Keeps a warning, and says it: the first time, since the same bad row gives the same one in every pass. */
  warn(note: Note): void {
    const known = this.notes.has(note.text);
    this.notes.set(note.text, note);
    // This one is what the run ends with.
    if (!known && note.reason !== FORMER_ZONE) this.say(note.text);
  }
}

async function once(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const controller = new Controller({
    ...connectOptions(options),
    committed: (transaction) => record.transactions.push(transaction),
    warn: (note) => record.warn(note),
    problem: (problem) => record.say(describeProblem(problem)),
  });
  await conclude(
    options,
    signals,
    controller,
    record,
    () => controller.state === "standby" || controller.settled || controller.stuck,
    () => {
      if (controller.state === "standby")
        return { status: "standby", message: "another instance is active for this availability zone" };
      return notTakingPart(controller) ?? (controller.settled ? { status: "in-sync" } : refused(controller));
    },
  );
}

async function dryRun(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const controller = new Controller({ ...connectOptions(options), readOnly: true });
  controller.view.leader = true; // nobody is asked who leads: what the leader would write is shown
  await conclude(
    options,
    signals,
    controller,
    record,
    () => controller.state !== "connecting" && controller.caughtUp,
    () => {
      record.transactions.push(
        ...planFullPass(controller.view, PLANNERS, {
          warn: (note) => record.warn(note),
        }),
      );
      const status = record.transactions.length === 0 ? "in-sync" : "changes";
      return notTakingPart(controller) ?? { status };
    },
  );
}

type End = Pick<SyncReport, "status" | "message">;

/** Runs a controller until it is done, and reports. */
async function conclude(
  options: Options,
  signals: EndSignals,
  controller: Controller,
  record: RunRecord,
  done: () => boolean,
  judge: () => End,
): Promise<void> {
  const clock = options.timeout === 0 ? [] : [AbortSignal.timeout(options.timeout * 1000)];
  const progress = new Progress(process.stderr, !options.quiet && !options.json, () =>
    describeProgress(controller, record),
  );
  record.progress = progress;
  const impatience = setTimeout(() => sayWhoIsMissing(controller, record), IMPATIENCE);
  controller.start();
  let end: End;
  try {
    await controller.until(done, AbortSignal.any([...clock, signals.aborted]));
    end = judge();
  } catch (error) {
    if (signals.first === undefined && !isTimeout(error)) throw error;
    end = notConverged(controller, record, signals.first ?? `${options.timeout} seconds`);
  } finally {
    clearTimeout(impatience);
    progress.end();
  }
  const problems = controller.engine.problems;
  const zone = controller.view.identity.name;
  await controller.close();
  await report(options, {
    ...end,
    zone,
    transactions: record.transactions.length,
    rows: describeRows(record.transactions),
    notes: [...record.notes.values()],
    problems,
  });
  process.exitCode = signals.first === undefined ? EXIT[end.status] : signals.exitStatus;
}

async function report(options: Options, result: SyncReport): Promise<void> {
  if (options.json) process.stdout.write(formatJson(result, options.dryRun ?? false));
  else if (!options.quiet && result.zone !== "") process.stdout.write(await formatText(options, result));
  if (result.message !== undefined && !(options.quiet && result.status === "standby")) warn(result.message);
}

async function formatText(options: Options, result: SyncReport): Promise<string> {
  if (!options.dryRun) return formatSummary(result);
  // A plan that could not be made is not an empty one.
  if (result.message !== undefined && result.rows.length === 0) return "";
  return formatPlan(result, await paintFor(process.stdout, process.env));
}

/** Runs until a signal comes. */
async function watch(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const limit = new RateLimit(60, 20);
  const say = (text: string): void => {
    const verdict = limit.judge(text);
    if (!verdict.shown) return;
    if (verdict.about !== null) warn(verdict.about);
    warn(text);
  };
  const controller: Controller = new Controller({
    ...connectOptions(options),
    committed: (transaction) => sayCommitted(options, controller, transaction),
    warn: (note) => say(note.text),
    problem: (problem) => say(describeProblem(problem)),
    stateChanged: (state) => {
      sayState(options, controller, state);
      if (state === "connecting") impatience.refresh();
    },
  });
  const impatience = setTimeout(() => sayWhoIsMissing(controller, record), IMPATIENCE);
  controller.start();
  await signals.next;
  await controller.close();
  clearTimeout(impatience);
}

function sayCommitted(options: Options, controller: Controller, transaction: PlannedTransaction): void {
  if (options.quiet) return;
  const zone = controller.view.identity.name;
  const rows = describeRows([transaction]);
  const result: SyncReport = { zone, status: "in-sync", transactions: 1, rows, notes: [], problems: [] };
  process.stdout.write(options.json ? formatJson(result, true) : formatSummary(result));
}

function sayState(options: Options, controller: Controller, state: ControllerState): void {
  if (options.quiet) return;
  const zone = controller.view.identity.name;
  process.stdout.write(options.json ? `${printableJson({ version: 1, zone, state })}\n` : `${state}\n`);
}

/** Why nothing works although nothing is left to be written; null if that isn't so. */
function notTakingPart({ view }: Controller): End | null {
  if (view.identity.name === "") {
    const advice = "give it a name: ovn-nbctl set NB_Global . name=NAME";
    return {
      status: "error",
      message: `NB_Global.name is empty: this availability zone takes no part; ${advice}`,
    };
  }
  const former = formerZone(view);
  return former === null ? null : { status: "error", message: describeFormerZone(view, former).text };
}

/** Everything else is done, and more attempts would not change that. */
function refused(controller: Controller): End {
  const problems = controller.engine.problems.map(describeProblem);
  return { status: "error", message: `can't be brought in order: ${problems.join("; ")}` };
}

function describeProgress(controller: Controller, record: RunRecord): string {
  if (controller.state === "connecting") return `waiting for ${missing(controller).join("; ") || "rows"}`;
  const written = record.transactions.reduce(
    (sum, { parts }) => parts.reduce((count, { operations }) => count + operations.length, sum),
    0,
  );
  return `${printable(controller.view.identity.name)}: ${written} operations done, ${controller.engine.left} objects left`;
}

/** @param what ended the run: a time or a signal. */
function notConverged(controller: Controller, record: RunRecord, what: string): End {
  const names = missing(controller);
  if (controller.state === "connecting" && names.length > 0) {
    const rest = record.transactions.length === 0 ? "; nothing was written" : "";
    return { status: "not-converged", message: `not connected after ${what}: ${names.join("; ")}${rest}` };
  }
  const problems = controller.engine.problems.map(describeProblem);
  const rest = problems.length === 0 ? "" : `: ${problems.join("; ")}`;
  return {
    status: "not-converged",
    message: `still something to be written after ${what}${rest}`,
  };
}

function sayWhoIsMissing(controller: Controller, record: RunRecord): void {
  const names = missing(controller);
  if (names.length > 0) record.say(`waiting for ${names.join("; ")}`);
}

/** The databases that are not there, and what was said by the last attempt. */
function missing(controller: Controller): string[] {
  return DATABASE_NAMES.filter((name) => !controller.connections[name].replica.complete).map((name) => {
    const error = controller.connections[name].client.session.lastError;
    return error === null ? SCHEMAS[name].name : `${SCHEMAS[name].name} (${error.message})`;
  });
}

function describeProblem({ unit, name, text }: Problem): string {
  return `${unit.planner.name}: ${name}: ${text}`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

function warn(text: string): void {
  writeSync(2, `ovn-ic sync: ${printable(text)}\n`);
}
