/** The four databases of a controller: clients, and replicas of what planners read. */
import type {
  ChangeSet,
  DatabaseSchema,
  Log,
  OvsdbError,
  OvsSchema,
  Replica,
  TableName,
  TableRequests,
  TlsOptions,
  Transaction,
} from "ovsdb-client-ts";
import { OvsdbClient, ProtocolError, parseRemotes, UnfitServerError } from "ovsdb-client-ts";
import type { DatabaseName, RowSource, Schemas } from "../../model/index.ts";
import type { Need } from "../../planning/index.ts";
import { conditionedTables } from "../../planning/index.ts";
import { icNb } from "../../schema/ic-nb.ts";
import { icSb } from "../../schema/ic-sb.ts";
import { nb } from "../../schema/nb.ts";
import { sb } from "../../schema/sb.ts";

export interface ConnectOptions {
  readonly remotes: { readonly [D in DatabaseName]: string };
  readonly tls?: TlsOptions;
  /** false: each remote is tried once. Default true. */
  readonly retry?: boolean;
  readonly log?: Log;
  /** Greatest size of what a server sends at once, in bytes. Default 128 MiB: a table of 400,000 routes. */
  readonly maxMessageSize?: number;
}

/**
 * Parsed it can take several times as much, and there are four servers: what is broken must not take all
 * memory.
 */
export const MAX_MESSAGE_SIZE = 128 * 1024 * 1024;

/**
 * Milliseconds between attempts to connect: soon at first, for a zone whose server is back must not wait for
 * long; in the end as rarely as C, for a server may be one that never will do (a follower's local socket).
 */
const BACKOFF = { min: 250, max: 8000 };

/**
 * Whether what a peer said shows that it never will do: it speaks no OVSDB, or is a relay, which has no locks
 * that count.
 */
function isStranger(error: OvsdbError | null): boolean {
  if (error?.cause instanceof ProtocolError) return true;
  return error instanceof UnfitServerError && error.reason.startsWith("relay ");
}

/** One database: the connection, and the replica that planners read. */
export class Connection<S extends OvsSchema> {
  readonly client: OvsdbClient<S>;
  readonly replica: Replica<S>;
  /** Remotes where something listens that is no server to work with. */
  readonly #strangers = new Set<string>();
  readonly #remotes: number;
  #schema: DatabaseSchema | null = null;
  /** The tables and columns that there were when `schemaChanged` was asked last. */
  #columns = "";

  constructor(
    schema: S,
    remotes: string,
    options: Omit<ConnectOptions, "remotes">,
    tables: TableRequests<S>,
  ) {
    const { maxMessageSize = MAX_MESSAGE_SIZE } = options;
    this.client = new OvsdbClient<S>({ remotes, schema, backoff: BACKOFF, ...options, maxMessageSize });
    this.replica = this.client.replica(tables);
    this.#remotes = parseRemotes(remotes).length;
    this.client.session.onStateChange((state) => {
      const { remote, lastError } = this.client.session;
      if (remote === null || (state !== "backoff" && state !== "closed")) return;
      if (this.#schema === null && isStranger(lastError)) this.#strangers.add(remote);
      else this.#strangers.delete(remote);
    });
  }

  /** Whether none of the remotes leads to a server: to wait for one is of no use. */
  get hopeless(): boolean {
    return this.#strangers.size >= this.#remotes;
  }

  /**
   * Why the database is not connected, as far as it is known, with the remote that was tried last; null while
   * it is.
   */
  get failure(): string | null {
    if (this.client.connected) return null;
    const { remote, lastError } = this.client.session;
    if (lastError === null) return remote === null ? "not tried yet" : `${remote}: no answer yet`;
    const { message } = lastError;
    return remote === null || message.startsWith(`${remote}: `) ? message : `${remote}: ${message}`;
  }

  /** What a view reads. */
  get source(): RowSource<S> {
    const schema = () => this.#serverSchema;
    const { replica } = this;
    return {
      table: (name) => replica.table(name),
      get serverSchema() {
        return schema();
      },
    };
  }

  /**
   * A transaction of columns that are only known at run time: planners' operations were typed where they were
   * made.
   */
  transaction(): Transaction<OvsSchema> {
    return this.replica.transaction() as unknown as Transaction<OvsSchema>;
  }

  onChanges(listener: (changes: ChangeSet<S>) => void): void {
    this.replica.subscribe(listener);
  }

  /**
   * Whether the server has other tables or columns than when this was asked last: with the same rows, other
   * things may have to be done.
   */
  schemaChanged(): boolean {
    const tables = [...(this.#serverSchema?.tables ?? [])];
    const columns = tables.map(([name, table]) => `${name}: ${[...table.columns.keys()].join()}`).join("; ");
    const changed = columns !== this.#columns;
    this.#columns = columns;
    return changed;
  }

  get #serverSchema(): DatabaseSchema | null {
    if (this.client.connected) this.#schema = this.client.serverSchema;
    return this.#schema;
  }
}

export type Connections = { readonly [D in DatabaseName]: Connection<Schemas[D]> };

/** Makes the four connections, not started. */
export function makeConnections(options: ConnectOptions, needs: readonly Need[]): Connections {
  const { remotes, ...rest } = options;
  return {
    nb: new Connection(nb, remotes.nb, rest, tablesOf(needs, "nb", nb)),
    sb: new Connection(sb, remotes.sb, rest, tablesOf(needs, "sb", sb)),
    icNb: new Connection(icNb, remotes.icNb, rest, tablesOf(needs, "icNb", icNb)),
    icSb: new Connection(icSb, remotes.icSb, rest, tablesOf(needs, "icSb", icSb)),
  };
}

/** Tables that hold a server's own set-up: no rule looks at them. */
const UNREAD = new Set(["Connection", "SSL"]);

/**
 * Every row and column that is described, except for rows of which only some are needed, or later: those are
 * asked for when it is known which.
 */
function tablesOf<S extends OvsSchema>(
  needs: readonly Need[],
  database: DatabaseName,
  schema: S,
): TableRequests<S> {
  const names = Object.keys(schema.tables) as TableName<S>[];
  const later = conditionedTables(needs, database);
  const request = (name: string) => {
    if (!UNREAD.has(name) && !later.has(name)) return {};
    return { where: false, ...(later.get(name) === true ? { conditionColumns: ["_uuid"] } : {}) };
  };
  return Object.fromEntries(names.map((name) => [name, request(name)])) as TableRequests<S>;
}
