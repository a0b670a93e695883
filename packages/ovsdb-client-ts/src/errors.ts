/**
 * The errors of this package. Every one is an `OvsdbError`: `code` says which kind without `instanceof` (stable
 * across bundles), `cause` carries what lies below. Cancelling through an AbortSignal is no error of ours: the
 * promise is rejected with `signal.reason`, as the platform does everywhere else.
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

/**
 * A connection could not be made, was lost, or is not there. `remote` is the one tried, in the syntax of ovsdb(7),
 * and `reason` the bare text that the C programs would print in parentheses ("Connection refused").
 */
export class ConnectionError extends OvsdbError {
  readonly remote: string | null;
  readonly reason: string;

  constructor(message: string, options: ConnectionErrorOptions = {}) {
    super("connection", message, options);
    this.remote = options.remote ?? null;
    this.reason = options.reason ?? message;
  }
}

/** The peer sent something that RFC 7047 or JSON does not allow. The connection that it came on is closed. */
export class ProtocolError extends OvsdbError {
  constructor(message: string, options: OvsdbErrorOptions = {}) {
    super("protocol", message, options);
  }
}

/** A schema is malformed, or data does not fit the schema. */
export class SchemaError extends OvsdbError {
  constructor(message: string, options: OvsdbErrorOptions = {}) {
    super("schema", message, options);
  }
}

/** Something was not done within the time that the caller allowed. */
export class TimeoutError extends OvsdbError {
  constructor(message: string, options: OvsdbErrorOptions = {}) {
    super("timeout", message, options);
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

  constructor(method: string, answer: ServerError, options: OvsdbErrorOptions = {}) {
    super("request", `${method}: ${formatServerError(answer)}`, options);
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
 * The server refused a transaction (RFC 7047 §4.1.3, §5.2). `index` is the position of the operation that the error
 * answers and `operation` that operation as sent; both are null when the transaction failed as a whole at commit
 * (referential integrity, for example).
 */
export class TransactionError extends OvsdbError implements ServerError {
  readonly error: string;
  readonly details: string | null;
  readonly index: number | null;
  readonly operation: unknown;
  /** The server's whole `<error>` object as it came, with members such as "syntax" that not every error has. */
  readonly answer: unknown;

  constructor(
    answer: ServerError,
    at: { index: number; operation: unknown } | null,
    options: OvsdbErrorOptions & { answer?: unknown } = {},
  ) {
    const where = at === null ? "at commit" : `in operation ${at.index}`;
    super("transaction", `transaction refused ${where}: ${formatServerError(answer)}`, options);
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
