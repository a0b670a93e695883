/**
 * What a controller tells, as lines of the daemon's log: those that operators look for are the C program's,
 * word for word.
 */
import type { Log as ClientLog } from "ovsdb-client-ts";
import type { PlannedTransaction, Problem } from "../../../core/planning/index.ts";
import { printable } from "../../../core/printable.ts";
import type { Controller, ControllerOptions } from "../../../core/sync/run/index.ts";
import { GLOBAL_LOCK, ZONE_LOCK } from "../../../core/sync/run/index.ts";
import type { Log } from "../../../daemon/log.ts";
import { RateLimit } from "../../../daemon/rate-limit.ts";

/** Warnings about bad rows, and messages about servers, per minute and at once. */
const WARNINGS = [20, 20] as const;

const LEVELS = { debug: "DBG", info: "INFO", warn: "WARN" } as const;

/** What is said when a lock is got or lost. */
const LOCK_LINES = {
  [ZONE_LOCK]: {
    got: "ovn-ic lock acquired. This ovn-ic instance is now active.",
    lost: "ovn-ic lock lost. This ovn-ic instance is now on standby.",
  },
  [GLOBAL_LOCK]: {
    got: "OVN ISB lock acquired. This ovn-ic instance is now active.",
    lost: "OVN ISB lock lost.",
  },
} as const;

export type LoggedEvents = Required<
  Pick<
    ControllerOptions,
    "warn" | "problem" | "committed" | "refused" | "lockChanged" | "featuresOff" | "log"
  >
>;

/** @param controller the controller, once there is one. @param ending whether it is being closed. */
export function logEvents(log: Log, controller: () => Controller, ending: () => boolean): LoggedEvents {
  const notes = new RateLimit(...WARNINGS);
  const problems = new RateLimit(...WARNINGS);
  const client = new RateLimit(...WARNINGS);
  const sayOfClient: ClientLog = (level, module, text) => {
    // Attempts to connect grow rarer, and are passed over in silence, by the client's own rule.
    if (module === "reconnect") log.line(LEVELS[level], module, printable(text));
    else log.limited(client, LEVELS[level], module, text);
  };
  return {
    warn: ({ text }) => log.limited(notes, "WARN", "ovn_ic", text),
    problem: (problem) => log.limited(problems, "WARN", "ovn_ic", describeProblem(problem)),
    committed: (transaction) => sayCommitted(log, controller(), transaction),
    refused: ({ database }, { status, text }) =>
      log.debug("ovn_ic", () => `${database}: transaction not committed: ${printable(text ?? status)}`),
    lockChanged: (lock, held) => {
      // What is given up on purpose is not lost.
      if (!held && (ending() || controller().paused)) return;
      log.info("ovn_ic", held ? LOCK_LINES[lock].got : LOCK_LINES[lock].lost);
    },
    featuresOff: (features) => {
      for (const feature of features) log.info("ovn_ic", feature);
    },
    log: sayOfClient,
  };
}

function sayCommitted(log: Log, controller: Controller, { database, parts }: PlannedTransaction): void {
  const operations = parts.flatMap((part) => part.operations);
  const registers = operations.some(({ kind, table }) => kind === "insert" && table === "Availability_Zone");
  const zone = printable(controller.status.zone);
  if (registers) log.info("ovn_ic", `Register AZ ${zone} to interconnection DB.`);
  log.debug(
    "ovn_ic",
    () => `${database}: committed ${operations.length} operations of ${parts.length} objects`,
  );
}

function describeProblem({ unit, name, text }: Problem): string {
  return `${unit.planner.name}: ${name}: ${text}`;
}
