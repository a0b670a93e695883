/** Connecting to the database that the settings name, and what is said when that fails. */
import type { Log as ClientLog } from "ovsdb-client-ts";
import {
  ConnectionError,
  OvsdbClient,
  OvsdbError,
  ProtocolError,
  parseSchema,
  SchemaError,
  UnfitServerError,
} from "ovsdb-client-ts";
import { printable } from "../../../core/printable.ts";
import type { Log } from "../../../daemon/log.ts";
import { CommandError } from "../../cli/index.ts";
import type { Line } from "./line.ts";
import { collectNeeds } from "./needs.ts";

/** Milliseconds between tries, where there are several: an election in a cluster takes about a second. */
const BACKOFF = { min: 100, max: 1000 };

/** Connects for a line; each remote is tried once. @throws CommandError */
export async function connect(line: Line): Promise<OvsdbClient> {
  const { program } = line;
  try {
    return await OvsdbClient.connect({ ...connectionOptions(line), retry: false });
  } catch (error) {
    if (!(error instanceof OvsdbError)) throw error;
    // The C programs look at a line's tables and columns before they connect, and so report mistakes there
    // first.
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
    tls: settings.tls,
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
