/**
 * Runs a line: all its commands in one transaction, and what they print only after it is committed.
 *
 * States: connecting → loading (a copy of what the commands need) → running → committing → done. Back to running leads a
 * lost race: what was verified has changed, or the server refused a row that somebody else's has come before; and a
 * command that waits. Each way back needs a change of the database, so a line that can't succeed ends.
 */
import {
  type Log as ClientLog,
  type CommitResult,
  ConnectionError,
  OvsdbClient,
  OvsdbError,
  type OvsSchema,
  ProtocolError,
  parseSchema,
  type Replica,
  type RequestError,
  SchemaError,
  TimeoutError,
  type TransactionError,
  UnfitServerError,
} from "ovsdb-client-ts";
import { printable } from "../../core/printable.ts";
import type { Log } from "../../daemon/log.ts";
import { CommandError } from "./command-error.ts";
import type { TlsSettings } from "./global-options.ts";
import { LineRun } from "./line-run.ts";
import { type Line, loadLine, type ParsedLine } from "./loaded-line.ts";
import { collectNeeds, type Requests } from "./needs.ts";
import { hasCaughtUp } from "./southbound.ts";

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

/**
 * Runs the only line of a process. What it prints is handed to `print` once it is committed, and before any wait for the southbound
 * database.
 *
 * @throws CommandError with the text for the user.
 */
export async function runLine(parsed: ParsedLine, print: Print): Promise<void> {
  const line = await loadLine(parsed);
  const client = await connect(line);
  const use = (requests: Requests) => ({
    replica: client.replica(replicaTables(requests)),
    done: () => undefined,
  });
  try {
    await runOn({ client, retry: false, use, pause: (event) => event() }, line, print);
  } finally {
    void client.close();
  }
}

/** Runs one of several lines. @throws CommandError with the text for the user. */
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

/** Milliseconds between tries, where there are several: an election in a cluster takes about a second. */
const BACKOFF = { min: 100, max: 1000 };

/** Milliseconds within which it must turn out what became of a transaction whose answer is lost. */
const RESOLVE_WITHIN = 10_000;

/** Connects for a line; each remote is tried once. @throws CommandError */
export async function connect(line: Line): Promise<OvsdbClient> {
  const { program } = line;
  try {
    return await OvsdbClient.connect({ ...connectionOptions(line), retry: false });
  } catch (error) {
    if (!(error instanceof OvsdbError)) throw error;
    // The C programs look at a line's tables and columns before they connect, and so report mistakes there first.
    collectNeeds(line, parseSchema(await program.loadSchema()));
    throw connectionFailed(line, error);
  }
}

/** How to connect to the database that the settings name. */
export function connectionOptions({ program, settings, log }: Pick<Line, "program" | "settings" | "log">) {
  return {
    remotes: settings.remote,
    database: program.databaseName,
    leaderOnly: settings.leaderOnly,
    backoff: BACKOFF,
    tls: tlsOptions(settings.tls),
    log: clientLog(log),
  };
}

/** What the client has to say, as lines of the program's log. */
function clientLog(log: Log): ClientLog {
  return (level, module, text) => {
    // Whatever goes wrong for good is reported as the error of the line.
    if (level !== "warn" || log.shows("INFO", module)) log.line(LOG_LEVELS[level], module, text);
  };
}

const LOG_LEVELS = { debug: "DBG", info: "INFO", warn: "WARN" } as const;

function tlsOptions(tls: TlsSettings) {
  return {
    privateKey: tls.privateKey,
    certificate: tls.certificate,
    caCert: tls.caCertificate,
    bootstrapCaCert: tls.bootstrapCaCertificate,
    protocols: tls.protocols,
    ciphers: tls.ciphers,
    ciphersuites: tls.ciphersuites,
    serverName: tls.serverName,
    checkName: tls.checkName,
  };
}

export function connectionFailed({ settings }: Pick<Line, "settings">, error: OvsdbError): CommandError {
  return new CommandError(
    `${settings.remote}: database connection failed (${reasonOf(error, settings.remote)})`,
    {
      cause: error,
    },
  );
}

/** Why, in one line, also where it quotes what a peer has sent: that may be anything. */
function reasonOf(error: OvsdbError, remote: string): string {
  // With -v the log says why; the C programs say no more.
  if (error instanceof UnfitServerError || error.cause instanceof UnfitServerError) return "";
  if (error instanceof ConnectionError) return error.reason;
  const isProtocol = error instanceof ProtocolError || error instanceof SchemaError;
  const text = error.message.startsWith(`${remote}: `)
    ? error.message.slice(remote.length + 2)
    : error.message;
  return printable(`${isProtocol ? "Protocol error: " : ""}${text}`);
}

async function runWith(replica: Replica<OvsSchema>, host: LineHost, line: Line, print: Print): Promise<void> {
  const { client, signal } = host;
  let changes = 0;
  const unsubscribe = replica.subscribe(() => {
    changes += 1;
  });
  try {
    for (;;) {
      await replica.synced({ signal });
      const seen = changes;
      const run = new LineRun(line, client.serverSchema, replica.transaction());
      if (run.execute() === "wait") {
        await host.pause(() => nextChange(replica, signal));
        continue;
      }
      // What was sent has an outcome: it is asked for also where a lost connection otherwise ends the line.
      client.session.setRetry(true);
      const result = await run.txn.commit({ dryRun: line.settings.dryRun });
      const next = await verdict(line, result, run, changes !== seen);
      client.session.setRetry(host.retry);
      if (next === "again") continue;
      print(run.output(result.status === "committed" ? result.uuids : new Map()));
      return await caughtUp(line, result, replica, host);
    }
  } finally {
    client.session.setRetry(host.retry);
    unsubscribe();
  }
}

/** With --wait=sb: resolves when the southbound database has caught up with what was committed. */
async function caughtUp(
  { program, settings }: Line,
  result: CommitResult,
  replica: Replica<OvsSchema>,
  { pause, signal }: LineHost,
) {
  if (settings.dryRun || result.status !== "committed" || result.newValue === undefined) return;
  while (!hasCaughtUp(replica, program.globalTable, result.newValue)) {
    await pause(() => nextChange(replica, signal));
  }
}

function replicaTables(requests: Requests) {
  return Object.fromEntries(
    [...requests].map(([table, { columns, where }]) => [table, { columns: [...columns], where }]),
  );
}

/** Resolves when the contents of a replica change, or a connection is lost and found. */
function nextChange(replica: Replica<OvsSchema>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let wasComplete = replica.complete;
    const stop = () => {
      unsubscribe();
      unsubscribeState();
      signal?.removeEventListener("abort", onAbort);
    };
    const done = () => {
      stop();
      replica.synced({ signal }).then(() => resolve(), reject);
    };
    const onAbort = () => {
      stop();
      reject(signal?.reason);
    };
    const unsubscribe = replica.subscribe(done);
    const unsubscribeState = replica.onStateChange(() => {
      if (wasComplete && !replica.complete) wasComplete = false;
      else done();
    });
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener("abort", onAbort);
  });
}

/** What the outcome of a commit means. `changed`: the database has changed since the commands ran. */
async function verdict(
  line: Line,
  result: CommitResult,
  run: LineRun,
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
      if (outcome === "applied" && !run.needsUuids) return "done";
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
  // That a server is a backup, or its remote read-only, is no news for the log: the error says it, and that is all of it.
  if (refusal.error !== "not allowed") log.warn("ovsdb_idl", text);
  return new CommandError(text);
}
