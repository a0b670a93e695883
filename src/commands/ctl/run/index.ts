/**
 * A line on its way through a connection: what it needs, its commands in a transaction, the outcome. What
 * others may use of it.
 */
export { connect, connectionFailed, connectionOptions } from "./connect.ts";
export { copyFor, KeptReplica } from "./copies.ts";
export { type Line, loadLine, type ParsedLine } from "./line.ts";
export { type LineHost, type Print, runOn } from "./run.ts";
