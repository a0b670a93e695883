/** What the outcome of a line's commit means: done, once more, or an error. */
import type { CommitResult, RequestError, TransactionError } from "ovsdb-client-ts";
import { ConnectionError, TimeoutError } from "ovsdb-client-ts";
import { CommandError } from "../../cli/index.ts";
import type { Attempt } from "./attempt.ts";
import type { Line } from "./line.ts";

/** Milliseconds within which it must turn out what became of a transaction whose answer is lost. */
const RESOLVE_WITHIN = 10_000;

/** What the outcome of a commit means. `changed`: the database has changed since the commands ran. */
export async function verdict(
  line: Line,
  result: CommitResult,
  attempt: Attempt,
  changed: boolean,
): Promise<"done" | "again"> {
  switch (result.status) {
    case "unchanged":
    case "committed":
      return "done";
    case "tryAgain":
      return "again";
    case "notLocked":
      throw new CommandError("database not locked");
    case "error":
      if (changed && isConflict(result.error)) return "again";
      throw refused(line, result.error);
    case "unknown": {
      const outcome = await findOut(result);
      if (outcome === "not applied") return "again";
      if (outcome === "applied" && !attempt.needsUuids) return "done";
      const what =
        outcome === "applied" ? "the new rows are there" : "it is not known whether it was applied";
      throw new CommandError(`the connection was lost while the transaction was under way: ${what}`, {
        cause: result.cause,
      });
    }
  }
}

/** What became of a transaction whose answer is lost. */
async function findOut(result: Extract<CommitResult, { status: "unknown" }>) {
  try {
    return await result.resolve({ timeout: RESOLVE_WITHIN });
  } catch (error) {
    if (error instanceof ConnectionError || error instanceof TimeoutError) return "undetermined";
    throw error;
  }
}

/** Whether a transaction may have been refused only because somebody else was faster. */
function isConflict({ error }: TransactionError | RequestError): boolean {
  return error === "constraint violation" || error === "referential integrity violation";
}

/** What the server said, with its members in the order of their names. */
function serverAnswer(refusal: TransactionError | RequestError): Readonly<Record<string, unknown>> {
  const { error, details } = refusal;
  const answer = "answer" in refusal ? refusal.answer : null;
  const whole = typeof answer === "object" && answer !== null ? answer : { error, details };
  const members = Object.entries(whole).filter(([, value]) => value !== null);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refused({ log }: Line, refusal: TransactionError | RequestError): CommandError {
  const text = `transaction error: ${JSON.stringify(serverAnswer(refusal))}`;
  // That a server is a backup, or its remote read-only, is no news for the log: the error says it, and that
  // is all of it.
  if (refusal.error !== "not allowed") log.warn("ovsdb_idl", text);
  return new CommandError(text);
}
