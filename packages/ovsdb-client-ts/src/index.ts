/**
 * OVSDB for Node: a client of RFC 7047 and of ovsdb-server's extensions.
 *
 * @packageDocumentation
 */
export { type ClientOptions, OvsdbClient, type SelectOptions } from "./client.ts";
export * from "./errors.ts";
export type { Connection, RequestOptions } from "./jsonrpc/connection.ts";
export { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from "./jsonrpc/json.ts";
export { MemoryDatabase } from "./memory/memory-database.ts";
export type { Change, ChangeSet } from "./replica/changes.ts";
export type { Where } from "./replica/conditions.ts";
export type { AnyRow } from "./replica/layout.ts";
export type { MonitorMethod } from "./replica/monitor.ts";
export type { RefRows } from "./replica/references.ts";
export type { Index, IndexKey } from "./replica/row-index.ts";
export type { ReplicaTable } from "./replica/table.ts";
export type {
  ReplicaOptions,
  TableRequest,
  TableRequests,
  WhereRequests,
} from "./replica/types.ts";
export * from "./schema/atom.ts";
export type * from "./schema/infer.ts";
export * from "./schema/schema.ts";
export type { Lock } from "./session/locks.ts";
export { Session } from "./session/session.ts";
export type {
  Log,
  LogLevel,
  LogModule,
  SessionOptions,
  SessionParticipant,
  SessionRequestOptions,
  SessionState,
} from "./session/types.ts";
export { onAbort } from "./support/abort.ts";
export type { WaitOptions } from "./support/wait.ts";
export { formatRemote, parseRemotes } from "./transport/remote.ts";
export { checkCredentials, type TlsOptions } from "./transport/tls.ts";
export type { CommitResult } from "./txn/commit.ts";
export type { CommitOptions } from "./txn/commit-host.ts";
export type { Outcome } from "./txn/outcome.ts";
export type { Replica } from "./txn/replica.ts";
export type { Transaction } from "./txn/transaction.ts";
export type { ArithmeticMutator } from "./wire/arithmetic.ts";
export type { Condition, ConditionFunction } from "./wire/condition.ts";
