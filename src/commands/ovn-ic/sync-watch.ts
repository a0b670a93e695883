// `ovn-ic sync --watch`: the controller in the foreground.

import { RULES } from "../../core/planners/index.ts";
import type { PlannedTransaction } from "../../core/planning/index.ts";
import { describeRows } from "../../core/planning/index.ts";
import { printable, printableJson } from "../../core/printable.ts";
import type { ControllerState } from "../../core/sync/run/index.ts";
import { Controller } from "../../core/sync/run/index.ts";
import { closeDebugger } from "../../daemon/debugger.ts";
import { RateLimit } from "../../daemon/rate-limit.ts";
import type { EndSignals } from "./end-signals.ts";
import { Findings } from "./findings.ts";
import { describeProblem, IMPATIENCE, sayWhoIsMissing } from "./sync-endings.ts";
import type { Options } from "./sync-options.ts";
import { connectOptions } from "./sync-options.ts";
import type { SyncReport } from "./sync-output.ts";
import { formatJson, formatSummary, warn } from "./sync-output.ts";

/** Runs until a signal comes. */
export async function watch(options: Options, signals: EndSignals): Promise<void> {
  closeDebugger();
  const limit = new RateLimit(60, 20);
  const say = (text: string): void => {
    // What is remembered, to be said once a minute, is what is shown: rows may have names of megabytes.
    const verdict = limit.judge(printable(text));
    if (!verdict.shown) return;
    if (verdict.about !== null) warn(verdict.about);
    warn(text);
  };
  const findings = new Findings(({ text }) => warn(text));
  const controller: Controller = new Controller({
    ...connectOptions(options),
    rules: RULES,
    observers: [findings],
    finding: findings.finding,
    committed: (transaction) => sayCommitted(options, controller, transaction),
    warn: (note) => say(note.text),
    problem: (problem) => say(describeProblem(problem)),
    stateChanged: (state) => {
      if (state !== "active") findings.clear();
      sayState(options, controller, state);
      if (state === "connecting") impatience.refresh();
    },
  });
  const impatience = setTimeout(() => sayWhoIsMissing(controller, warn), IMPATIENCE);
  controller.start();
  await signals.next;
  findings.clear();
  await controller.close();
  clearTimeout(impatience);
}

function sayCommitted(options: Options, controller: Controller, transaction: PlannedTransaction): void {
  if (options.quiet) return;
  const zone = controller.status.zone;
  const rows = describeRows([transaction]);
  const result: SyncReport = { zone, status: "in-sync", transactions: 1, rows, notes: [], problems: [] };
  process.stdout.write(options.json ? formatJson(result, true) : formatSummary(result));
}

function sayState(options: Options, controller: Controller, state: ControllerState): void {
  if (options.quiet) return;
  const zone = controller.status.zone;
  process.stdout.write(options.json ? `${printableJson({ version: 1, zone, state })}\n` : `${state}\n`);
}
