// How a run of `ovn-ic sync` can end, and what is said of it.

import { DATABASE_NAMES, SCHEMAS } from "../../core/model/index.ts";
import { describeFormerZone, describeNamelessZone, formerZone } from "../../core/planners/index.ts";
import type { Problem } from "../../core/planning/index.ts";
import type { Controller } from "../../core/sync/run/index.ts";
import type { SyncReport } from "./sync-output.ts";

export type End = Pick<SyncReport, "status" | "message">;

/** Why nothing works although nothing is left to be written; null if that isn't so. */
export function notTakingPart({ view }: Controller): End | null {
  if (view.identity.name === "") return { status: "error", message: describeNamelessZone(view).text };
  const former = formerZone(view);
  return former === null ? null : { status: "error", message: describeFormerZone(view, former).text };
}

/** Everything else is done, and more attempts would not change that. */
export function refused(controller: Controller): End {
  const problems = controller.status.problems.map(describeProblem);
  return { status: "error", message: `can't be brought in order: ${problems.join("; ")}` };
}

/** Fires when a database can't be reached, however long one waits. */
export function whenHopeless({ connections }: Controller): AbortSignal {
  const abort = new AbortController();
  for (const name of DATABASE_NAMES)
    connections[name].client.session.onStateChange(() => {
      if (connections[name].hopeless) abort.abort();
    });
  return abort.signal;
}

/** @param when "" or after what. */
export function notConnected(controller: Controller, written: boolean, when = ""): string {
  const hopeless = missing(controller, ({ hopeless }) => hopeless);
  const names = hopeless.length > 0 ? hopeless : missing(controller);
  const rest = written ? "" : "; nothing was written";
  return `not connected${when}: ${names.join("; ")}${rest}`;
}

/** @param what ended the run: a time or a signal. */
export function notConverged(controller: Controller, written: boolean, what: string): End {
  if (controller.state === "connecting" && missing(controller).length > 0)
    return { status: "not-converged", message: notConnected(controller, written, ` after ${what}`) };
  const problems = controller.status.problems.map(describeProblem);
  const rest = problems.length === 0 ? "" : `: ${problems.join("; ")}`;
  return {
    status: "not-converged",
    message: `still something to be written after ${what}${rest}`,
  };
}

type AnyConnection = Controller["connections"][(typeof DATABASE_NAMES)[number]];

/** The databases that are not there, or some of them, and what was said by the last attempt. */
export function missing({ connections }: Controller, which = (_: AnyConnection) => true): string[] {
  const away = DATABASE_NAMES.filter(
    (name) => !connections[name].replica.complete && which(connections[name]),
  );
  return away.map((name) => {
    const { failure } = connections[name];
    return failure === null ? SCHEMAS[name].name : `${SCHEMAS[name].name} (${failure})`;
  });
}

export function describeProblem({ unit, name, text }: Problem): string {
  return `${unit.planner.name}: ${name}: ${text}`;
}

/** Milliseconds of silence after which a server that does not answer is named. */
export const IMPATIENCE = 2000;

/** Names the databases that are waited for, if any are. */
export function sayWhoIsMissing(controller: Controller, say: (text: string) => void): void {
  const names = missing(controller);
  if (names.length > 0) say(`waiting for ${names.join("; ")}`);
}
