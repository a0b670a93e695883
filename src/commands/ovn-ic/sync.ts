// `ovn-ic sync`: the controller's reconciliation, once, continuously, or as a plan.
//
// Exit status: 0 in sync; 1 error; 2 a dry run found changes; 3 another instance is active for this zone; 4
// not in sync in time; 128 and more: ended by a signal (--watch ends with 0 then).

import type { Command } from "commander";
import { ConnectionError } from "ovsdb-client-ts";
import type { Note } from "../../core/model/index.ts";
import { FORMER_ZONE, NAMELESS, PLANNERS, RULES } from "../../core/planners/index.ts";
import type { PlannedTransaction } from "../../core/planning/index.ts";
import { describeRows, planFullPass } from "../../core/planning/index.ts";
import { printable } from "../../core/printable.ts";
import { Controller } from "../../core/sync/run/index.ts";
import { Progress } from "../cli/progress.ts";
import { checkRemotes } from "../cli/remotes.ts";
import { paintFor } from "./colours.ts";
import { EndSignals } from "./end-signals.ts";
import { Findings } from "./findings.ts";
import { keepHeapSmall } from "./heap.ts";
import type { End } from "./sync-endings.ts";
import {
  describeProblem,
  IMPATIENCE,
  missing,
  notConnected,
  notConverged,
  notTakingPart,
  refused,
  sayWhoIsMissing,
  whenHopeless,
} from "./sync-endings.ts";
import type { Options } from "./sync-options.ts";
import { connectOptions, syncOptions } from "./sync-options.ts";
import type { SyncReport, SyncStatus } from "./sync-output.ts";
import { formatJson, formatPlan, formatSummary, warn } from "./sync-output.ts";
import { watch } from "./sync-watch.ts";

const EXIT: Readonly<Record<SyncStatus, number>> = {
  "in-sync": 0,
  changes: 2,
  standby: 3,
  "not-converged": 4,
  error: 1,
};

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
    const { remotes, tls } = connectOptions(options);
    checkRemotes(Object.values(remotes), tls);
    if (options.watch) await watch(options, signals);
    else if (options.dryRun) await dryRun(options, signals);
    else await once(options, signals);
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    await report(options, { ...NOTHING, message: error.message });
    process.exitCode = EXIT.error;
  } finally {
    signals.release();
  }
}

/** Of a run that could not begin. */
const NOTHING: SyncReport = { zone: "", status: "error", transactions: 0, rows: [], notes: [], problems: [] };

/** What a controller tells while it runs. */
class RunRecord {
  readonly transactions: PlannedTransaction[] = [];
  readonly notes = new Map<string, Note>();
  readonly findings = new Findings();
  progress: Progress | null = null;

  get written(): boolean {
    return this.transactions.length > 0;
  }

  /** Says something on standard error, above the line that shows progress. */
  say(text: string): void {
    this.progress?.clear();
    warn(text);
  }

  /**
   * Keeps a warning, and says it: the first time, since the same bad row gives the same one in every pass.
   */
  warn(note: Note): void {
    const known = this.notes.has(note.text);
    this.notes.set(note.text, note);
    // This one is what the run ends with.
    if (!known && note.reason !== FORMER_ZONE) this.say(note.text);
  }
}

async function once(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const { findings } = record;
  const controller = new Controller({
    ...connectOptions(options),
    rules: RULES,
    observers: [findings],
    finding: findings.finding,
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
  const controller = new Controller({ ...connectOptions(options), rules: RULES, readOnly: true });
  await conclude(
    options,
    signals,
    controller,
    record,
    () => controller.state !== "connecting" && controller.caughtUp,
    () => {
      const { findings } = record;
      record.transactions.push(
        ...planFullPass(controller.view, PLANNERS, {
          observers: [findings],
          warn: (note) => record.warn(note),
          finding: findings.finding,
          // Nobody is asked who leads: what the leader would write is shown.
          leader: true,
        }),
      );
      const status = record.transactions.length === 0 ? "in-sync" : "changes";
      return notTakingPart(controller) ?? { status };
    },
  );
}

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
  const impatience = setTimeout(() => sayWhoIsMissing(controller, (text) => record.say(text)), IMPATIENCE);
  const hopeless = whenHopeless(controller);
  controller.start();
  let end: End;
  try {
    await controller.until(done, AbortSignal.any([...clock, signals.aborted, hopeless]));
    end = judge();
  } catch (error) {
    if (hopeless.aborted) end = { status: "error", message: notConnected(controller, record.written) };
    else if (signals.first !== undefined || isTimeout(error))
      end = notConverged(controller, record.written, signals.first ?? `${options.timeout} seconds`);
    else throw error;
  } finally {
    clearTimeout(impatience);
    progress.end();
  }
  const { notes: findings } = record.findings;
  const { problems, zone } = controller.status;
  await controller.close();
  await report(options, {
    ...end,
    zone,
    transactions: record.transactions.length,
    rows: describeRows(record.transactions),
    notes: [...record.notes.values(), ...findings],
    problems,
  });
  if (!options.quiet) sayFindings(findings);
  process.exitCode = signals.first === undefined ? EXIT[end.status] : signals.exitStatus;
}

/** Findings of one kind that are said one by one. */
const SAID = 10;

function sayFindings(findings: readonly Note[]): void {
  const kinds = new Map<string, Note[]>();
  // What the run ends with is said already.
  for (const note of findings)
    if (note.reason !== NAMELESS) kinds.set(note.reason, [...(kinds.get(note.reason) ?? []), note]);
  for (const [reason, notes] of kinds) {
    for (const { text } of notes.slice(0, SAID)) warn(text);
    if (notes.length > SAID) warn(`${reason}: ${notes.length - SAID} more, which --json lists`);
  }
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

function describeProgress(controller: Controller, record: RunRecord): string {
  if (controller.state === "connecting") return `waiting for ${missing(controller).join("; ") || "rows"}`;
  const written = record.transactions.reduce(
    (sum, { parts }) => parts.reduce((count, { operations }) => count + operations.length, sum),
    0,
  );
  return `${printable(controller.status.zone)}: ${written} operations done, ${controller.status.left} objects left`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}
