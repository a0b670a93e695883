// `ovn-ic sync`: the controller's reconciliation, once, continuously, or as a plan.
//
// Exit status: 0 in sync; 1 error; 2 a dry run found changes; 3 another instance is active for this zone; 4 not in sync in time;
// 128 and more: ended by a signal (--watch ends with 0 then).

import { writeSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { TlsOptions } from "ovsdb-client-ts";
import { defaultRemote } from "../../core/databases.ts";
import type { ControllerOptions, ControllerState } from "../../core/sync/controller.ts";
import { Controller } from "../../core/sync/controller.ts";
import type { DatabaseName } from "../../core/sync/databases.ts";
import { DATABASE_NAMES, SCHEMAS } from "../../core/sync/databases.ts";
import { describeRows } from "../../core/sync/describe.ts";
import { planFullPass } from "../../core/sync/full-pass.ts";
import type { Note } from "../../core/sync/plan.ts";
import { PLANNERS } from "../../core/sync/planners.ts";
import type { PlannedTransaction, Problem } from "../../core/sync/transactions.ts";
import { EndSignals } from "./end-signals.ts";
import {
  formatJson,
  formatPlan,
  formatSummary,
  printable,
  type SyncReport,
  type SyncStatus,
} from "./sync-output.ts";

interface Options {
  once?: boolean;
  watch?: boolean;
  dryRun?: boolean;
  quiet?: boolean;
  json?: boolean;
  timeout: number;
  ovnnbDb?: string;
  ovnsbDb?: string;
  icNbDb?: string;
  icSbDb?: string;
  privateKey?: string;
  certificate?: string;
  caCert?: string;
  bootstrapCaCert?: string;
  sslProtocols?: string;
  sslCiphers?: string;
  sslCiphersuites?: string;
  sslServerName?: string;
}

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
  return new Command("sync")
    .description("bring this availability zone and the interconnection databases in line with each other")
    .addOption(
      new Option("--once", "until nothing is left to be written (default)").conflicts(["watch", "dryRun"]),
    )
    .addOption(new Option("--watch", "continuously, in the foreground").conflicts("dryRun"))
    .option("--dry-run", "print what would be written, and write nothing")
    .option("--quiet", "print errors only")
    .option("--json", "print one line of JSON; with --watch one for each transaction")
    .option("--timeout <SECONDS>", "give up after so long; 0: never", parseSeconds, 60)
    .option("--ovnnb-db <REMOTES>", "OVN_Northbound of this zone (default: $OVN_NB_DB or the local socket)")
    .option("--ovnsb-db <REMOTES>", "OVN_Southbound of this zone (default: $OVN_SB_DB or the local socket)")
    .option("--ic-nb-db <REMOTES>", "OVN_IC_Northbound (default: $OVN_IC_NB_DB or the local socket)")
    .option("--ic-sb-db <REMOTES>", "OVN_IC_Southbound (default: $OVN_IC_SB_DB or the local socket)")
    .option("-p, --private-key <FILE>", "private key for ssl: remotes")
    .option("-c, --certificate <FILE>", "certificate for ssl: remotes")
    .option("-C, --ca-cert <FILE>", "CA certificate that the servers' must be signed by")
    .option("--bootstrap-ca-cert <FILE>", "the same, made from the first CA seen if it isn't there")
    .option("--ssl-protocols <PROTOCOLS>", "TLS versions to use")
    .option("--ssl-ciphers <CIPHERS>", "TLS 1.2 ciphers to use")
    .option("--ssl-ciphersuites <SUITES>", "TLS 1.3 ciphersuites to use")
    .option("--ssl-server-name <NAME>", "server name to ask for (SNI)")
    .action((options: Options) => run(options));
}

function parseSeconds(value: string): number {
  const seconds = Number(value);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(value)) throw new InvalidArgumentError("It must be a number of seconds.");
  return seconds;
}

async function run(options: Options): Promise<void> {
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

  /** The same bad row gives the same warning in every pass. */
  warn(note: Note): boolean {
    const known = this.notes.has(note.text);
    this.notes.set(note.text, note);
    return !known;
  }
}

async function once(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const controller = new Controller({
    ...connectOptions(options),
    committed: (transaction) => record.transactions.push(transaction),
    warn: (note) => record.warn(note) && warn(note.text),
    problem: (problem) => warn(describeProblem(problem)),
  });
  await conclude(
    options,
    signals,
    controller,
    record,
    () => controller.state === "standby" || controller.settled,
    () => {
      if (controller.state === "standby")
        return { status: "standby", message: "another instance is active for this availability zone" };
      return { status: "in-sync" };
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
        ...planFullPass(controller.view, PLANNERS, { warn: (note) => record.warn(note) && warn(note.text) }),
      );
      return { status: record.transactions.length === 0 ? "in-sync" : "changes" };
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
  const impatience = setTimeout(() => sayWhoIsMissing(controller), IMPATIENCE);
  controller.start();
  let end: End;
  try {
    await controller.until(done, AbortSignal.any([...clock, signals.aborted]));
    end = judge();
  } catch (error) {
    if (signals.first === undefined && !isTimeout(error)) throw error;
    end =
      controller.state === "connecting"
        ? notConnected(controller)
        : notConverged(controller, options.timeout);
  } finally {
    clearTimeout(impatience);
  }
  const problems = controller.engine.problems;
  const zone = controller.view.identity.name;
  await controller.close();
  report(options, {
    ...end,
    zone,
    transactions: record.transactions.length,
    rows: describeRows(record.transactions),
    notes: [...record.notes.values()],
    problems,
  });
  process.exitCode = signals.first === undefined ? EXIT[end.status] : signals.exitStatus;
}

function report(options: Options, result: SyncReport): void {
  if (options.json) process.stdout.write(formatJson(result, options.dryRun ?? false));
  else if (options.dryRun && !result.message) process.stdout.write(formatPlan(result));
  else if (!options.quiet && !result.message)
    process.stdout.write(result.zone === "" ? "" : formatSummary(result));
  if (result.message !== undefined && !(options.quiet && result.status === "standby")) warn(result.message);
  else if (result.zone === "" && !options.quiet)
    warn("NB_Global.name is empty: this availability zone takes no part");
}

/** Runs until a signal comes. */
async function watch(options: Options, signals: EndSignals): Promise<void> {
  const record = new RunRecord();
  const controller: Controller = new Controller({
    ...connectOptions(options),
    committed: (transaction) => sayCommitted(options, controller, transaction),
    warn: (note) => record.warn(note) && warn(note.text),
    problem: (problem) => warn(describeProblem(problem)),
    stateChanged: (state) => sayState(options, controller, state),
  });
  const impatience = setTimeout(() => sayWhoIsMissing(controller), IMPATIENCE);
  controller.start();
  await signals.next;
  clearTimeout(impatience);
  await controller.close();
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
  process.stdout.write(options.json ? `${JSON.stringify({ version: 1, zone, state })}\n` : `${state}\n`);
}

function connectOptions(options: Options): Pick<ControllerOptions, "remotes" | "tls"> {
  const remote = (database: DatabaseName, asked: string | undefined) =>
    asked ?? defaultRemote(database, process.env);
  const tls: TlsOptions = {
    ...(options.privateKey === undefined ? {} : { privateKey: options.privateKey }),
    ...(options.certificate === undefined ? {} : { certificate: options.certificate }),
    ...(options.caCert === undefined ? {} : { caCert: options.caCert }),
    ...(options.bootstrapCaCert === undefined ? {} : { bootstrapCaCert: options.bootstrapCaCert }),
    ...(options.sslProtocols === undefined ? {} : { protocols: options.sslProtocols }),
    ...(options.sslCiphers === undefined ? {} : { ciphers: options.sslCiphers }),
    ...(options.sslCiphersuites === undefined ? {} : { ciphersuites: options.sslCiphersuites }),
    ...(options.sslServerName === undefined ? {} : { serverName: options.sslServerName }),
  };
  return {
    remotes: {
      nb: remote("nb", options.ovnnbDb),
      sb: remote("sb", options.ovnsbDb),
      icNb: remote("icNb", options.icNbDb),
      icSb: remote("icSb", options.icSbDb),
    },
    tls,
  };
}

function notConnected(controller: Controller): End {
  return { status: "error", message: `not connected: ${missing(controller).join("; ")}` };
}

function notConverged(controller: Controller, seconds: number): End {
  const problems = controller.engine.problems.map(describeProblem);
  const rest = problems.length === 0 ? "" : `: ${problems.join("; ")}`;
  return {
    status: "not-converged",
    message: `still something to be written after ${seconds} seconds${rest}`,
  };
}

function sayWhoIsMissing(controller: Controller): void {
  const names = missing(controller);
  if (names.length > 0) warn(`waiting for ${names.join("; ")}`);
}

/** The databases that are not there, and what was said by the last attempt. */
function missing(controller: Controller): string[] {
  return DATABASE_NAMES.filter((name) => !controller.connections[name].replica.complete).map((name) => {
    const error = controller.connections[name].client.session.lastError;
    return error === null ? SCHEMAS[name].name : `${SCHEMAS[name].name} (${error.message})`;
  });
}

function describeProblem({ unit, text }: Problem): string {
  return `${unit.planner.name}: ${printable(unit.key)}: ${text}`;
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === "TimeoutError";
}

function warn(text: string): void {
  writeSync(2, `ovn-ic sync: ${text}\n`);
}
