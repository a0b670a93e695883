/**
 * Runs a line: all its commands in one transaction, and what they print only after it is committed.
 *
 * States: connecting → loading (a copy of what the commands need) → running → committing → done. Back to
 * running leads a lost race: what was verified has changed, or the server refused a row that somebody else's
 * has come before; and a command that waits. Each way back needs a change of the database, so a line that
 * can't succeed ends.
 */
import type { OvsdbClient, OvsSchema, Replica } from "ovsdb-client-ts";
import { ConnectionError, OvsdbError, ProtocolError } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import { Attempt } from "./attempt.ts";
import { connectionFailed } from "./connect.ts";
import type { Line } from "./line.ts";
import type { Requests } from "./needs.ts";
import { collectNeeds } from "./needs.ts";
import { verdict } from "./outcome.ts";
import { caughtUp, nextChange } from "./wait.ts";

/** Where lines run: the connection to the database, and copies of what they need. */
export interface LineHost {
  readonly client: OvsdbClient;
  /** Whether a lost connection is waited for, rather than the end of the line. */
  readonly retry: boolean;
  /** A copy of at least what is requested, until the line is done with it. */
  use(requests: Requests): ReplicaInUse;
  /** Waits for something while other lines may run. */
  pause<T>(event: () => Promise<T>): Promise<T>;
  /** Aborted when nobody wants the line any more. */
  readonly signal?: AbortSignal;
}

/** A copy as a line uses it. */
export interface ReplicaInUse {
  readonly replica: Replica<OvsSchema>;
  done(): void;
}

/** Prints what a line prints, as soon as it is committed. */
export type Print = (text: string) => void;

/** Runs a line. @throws CommandError with the text for the user. */
export async function runOn(host: LineHost, line: Line, print: Print): Promise<void> {
  try {
    const copy = host.use(collectNeeds(line, host.client.serverSchema));
    try {
      await runWith(copy.replica, host, line, print);
    } finally {
      copy.done();
    }
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof ProtocolError) {
      throw connectionFailed(line, error);
    }
    if (error instanceof OvsdbError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

async function runWith(replica: Replica<OvsSchema>, host: LineHost, line: Line, print: Print): Promise<void> {
  const { client, signal } = host;
  let changes = 0;
  const unsubscribe = replica.subscribe(() => {
    changes += 1;
  });
  const change = () => host.pause(() => nextChange(replica, signal));
  try {
    for (;;) {
      await replica.synced({ signal });
      const seen = changes;
      const attempt = new Attempt(line, client.serverSchema, replica.transaction());
      if (attempt.execute() === "wait") {
        await change();
        continue;
      }
      // What was sent has an outcome: it is asked for also where a lost connection otherwise ends the line.
      client.session.setRetry(true);
      const result = await attempt.txn.commit({ dryRun: line.settings.dryRun });
      const next = await verdict(line, result, attempt, changes !== seen);
      client.session.setRetry(host.retry);
      if (next === "again") continue;
      print(attempt.output(result.status === "committed" ? result.uuids : new Map()));
      if (line.settings.dryRun || result.status !== "committed" || result.newValue === undefined) return;
      return await caughtUp(replica, line.program.globalTable, result.newValue, change);
    }
  } finally {
    client.session.setRetry(host.retry);
    unsubscribe();
  }
}
