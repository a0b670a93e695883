/**
 * The errors of this package. Every one is an `OvsdbError`: `code` says which kind without `instanceof`
 * (stable across bundles), `cause` carries what lies below. Cancelling through an AbortSignal is no error of
 * ours: the promise is rejected with `signal.reason`, as the platform does everywhere else.
 */

export interface OvsdbErrorOptions {
  cause?: unknown;
}

/**
 * Base of all errors of this package.
 *
 * @example
 * try { await session.whenUp(); } catch (error) { if (error instanceof OvsdbError) console.error(error.code); }
 */
export class OvsdbError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options: OvsdbErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.name = new.target.name;
  }
}

export interface ConnectionErrorOptions extends OvsdbErrorOptions {
  remote?: string | null;
  reason?: string;
}

/** Longest text of an error: more than a person reads, and no more than a log should hold. */
const LONGEST = 2000;

/**
 * What a peer has said may be of any length, and hold anything: as one line that does no harm in a terminal.
 */
function oneLine(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST / 2)}…` : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
  const line = short.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escaped);
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

function escaped(character: string): string {
  return character === "\n" ? "\\n" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * A connection could not be made, was lost, or is not there. `remote` is the one tried, in the syntax of
 * ovsdb(7), and `reason` the bare text that the C programs would print in parentheses ("Connection refused").
 */
export class ConnectionError extends OvsdbError {
  readonly remote: string | null;
  readonly reason: string;

  constructor(message: string, options: ConnectionErrorOptions = {}) {
    super("connection", oneLine(message), options);
    this.remote = options.remote ?? null;
    this.reason = oneLine(options.reason ?? message);
  }
}

export interface ProtocolErrorOptions extends OvsdbErrorOptions {
  remote?: string;
}

/**
 * The peer sent something that RFC 7047 or JSON does not allow. The connection that it came on is closed.
 * `reason` is the message without the remote.
 */
export class ProtocolError extends OvsdbError {
  readonly remote: string | null;
  readonly reason: string;

  constructor(reason: string, options: ProtocolErrorOptions = {}) {
    super(
      "protocol",
      oneLine(options.remote === undefined ? reason : `${options.remote}: ${reason}`),
      options,
    );
    this.remote = options.remote ?? null;
    this.reason = oneLine(reason);
  }
}

/** A schema is malformed, or data does not fit the schema. */
export class SchemaError extends OvsdbError {
  constructor(message: string, options: OvsdbErrorOptions = {}) {
    super("schema", message, options);
  }
}

/**
 * A server was reached, and this side turned it down: it lacks the database, or `leaderOnly` wants another.
 * The connection itself was in order, so for it the C programs print no reason at all; `reason` is for people
 * all the same.
 *
 * @example if (error instanceof UnfitServerError) console.error(`${error.remote} won't do: ${error.reason}`);
 */
export class UnfitServerError extends ConnectionError {}

/** Something was not done within the time that the caller allowed. */
export class TimeoutError extends OvsdbError {
  constructor(message: string, options: OvsdbErrorOptions = {}) {
    super("timeout", oneLine(message), options);
  }
}

/** The server's `<error>` object (RFC 7047 §3.1), whatever else it held. */
export interface ServerError {
  readonly error: string;
  readonly details: string | null;
}

/**
 * The server answered a request with an error as a whole (RFC 7047 §4.1, member "error" of the response), for
 * example "unknown database". `canceled` answers a transaction that was cancelled (§4.1.4).
 */
export class RequestError extends OvsdbError implements ServerError {
  readonly method: string;
  readonly error: string;
  readonly details: string | null;

  constructor(method: string, answer: ServerError, options: OvsdbErrorOptions & { remote?: string } = {}) {
    const remote = options.remote === undefined ? "" : `${options.remote}: `;
    super("request", oneLine(`${remote}${method}: ${formatServerError(answer)}`), options);
    this.method = method;
    this.error = answer.error;
    this.details = answer.details;
  }
}

/**
 * Whether a server answered that it knows no such method, so that an older one may be tried.
 *
 * @internal
 */
export function isUnknownMethod(error: unknown): boolean {
  return error instanceof RequestError && error.error === "unknown method";
}

/**
 * The server refused a transaction (RFC 7047 §4.1.3, §5.2). `index` is the position of the operation that the
 * error answers and `operation` that operation as sent; both are null when the transaction failed as a whole
 * at commit (referential integrity, for example).
 */
export class TransactionError extends OvsdbError implements ServerError {
  readonly error: string;
  readonly details: string | null;
  readonly index: number | null;
  readonly operation: unknown;
  /**
   * The server's whole `<error>` object as it came, with members such as "syntax" that not every error has.
   */
  readonly answer: unknown;

  constructor(
    answer: ServerError,
    at: { index: number; operation: unknown } | null,
    options: OvsdbErrorOptions & { answer?: unknown } = {},
  ) {
    const where = at === null ? "at commit" : `in operation ${at.index}`;
    super("transaction", oneLine(`transaction refused ${where}: ${formatServerError(answer)}`), options);
    this.error = answer.error;
    this.details = answer.details;
    this.index = at?.index ?? null;
    this.operation = at?.operation ?? null;
    this.answer = options.answer ?? answer;
  }
}

/**
 * Text of a server's error object: the error and, when there is more to say, its details.
 *
 * @example
 * formatServerError({ error: "unknown database", details: null }); // "unknown database"
 */
export function formatServerError(answer: ServerError): string {
  return answer.details === null ? answer.error : `${answer.error} (${answer.details})`;
}

/**
 * Any error as one of this package: what was thrown while a message was processed becomes the cause of a
 * ProtocolError, since it was the message that could not be processed.
 *
 * @example
 * promise.catch((error) => connection.close(asOvsdbError(error)));
 */
export function asOvsdbError(error: unknown): OvsdbError {
  if (error instanceof OvsdbError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new ProtocolError(`message could not be processed: ${text}`, { cause: error });
}

/**
 * Why a connection to a remote ended, from what was wrong with it.
 *
 * @internal
 * @example session.lastError = asConnectionError(error, "tcp:10.0.0.1:6641");
 */
export function asConnectionError(error: unknown, remote: string | null): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { message, cause } =
    error instanceof Error
      ? { message: error.message, cause: error }
      : { message: String(error), cause: error };
  const bare =
    remote !== null && message.startsWith(`${remote}: `) ? message.slice(remote.length + 2) : message;
  const where = remote === null ? "" : `${remote}: `;
  return new ConnectionError(`${where}${bare}`, { remote, reason: bare, cause });
}
