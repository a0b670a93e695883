/**
 * What a command is: data, and functions that are safe to run again; and what a program is: commands, and a
 * database.
 *
 * The execution path of a line: the line is parsed against the command table (`line/commands.ts`); once the
 * server's schema is known, each command's `needs` declares the tables and columns that it will touch; when a
 * copy of exactly these is complete, all commands `run` in order within one transaction, printing into
 * memory; it is committed; after success each command's `after` may amend what it printed; then the output
 * appears. A lost race starts over at `run`.
 */
import type {
  ColumnSchema,
  DatabaseSchema,
  OvsSchema,
  Row,
  TableSchema,
  Transaction,
  Uuid,
  Where,
} from "ovsdb-client-ts";
import type { DatabaseName } from "../../../core/databases.ts";
import type { OutputTable } from "../datum/index.ts";
import type { SymbolTable } from "./symbols.ts";

/** A row of any table. */
export type AnyRow = Row<OvsSchema, string>;

/** The transaction of a line. */
export type LineTransaction = Transaction<OvsSchema>;

/** The options that precede a command's name, by name without the dashes; null: given without a value. */
export type CommandOptions = ReadonlyMap<string, string | null>;

/** Columns by which a table's records may be called, besides their uuid (see `find/records.ts`). */
export type RecordNames = Readonly<Record<string, readonly string[]>>;

/**
 * What `needs` sees: the words of the command and the server's schema; it declares what the command will
 * touch.
 */
export interface NeedsContext {
  readonly args: readonly string[];
  readonly options: CommandOptions;
  readonly schema: DatabaseSchema;
  readonly recordNames: RecordNames;
  readonly globalTable: string;
  /**
   * Declares that rows of a table are needed, and which of its columns. `where`: which rows, by default all;
   * a line gets those that any of its commands asks for.
   */
  need(table: TableSchema, columns?: Iterable<ColumnSchema>, where?: Where): void;
  warn(message: string, module?: string): void;
}

/** What a command sees while it runs. */
export interface CommandContext {
  readonly args: readonly string[];
  readonly options: CommandOptions;
  readonly schema: DatabaseSchema;
  readonly recordNames: RecordNames;
  readonly globalTable: string;
  /** The database as the line sees it: with what it has written so far. */
  readonly txn: LineTransaction;
  readonly symbols: SymbolTable;
  /** Rows that the line has destroyed for itself, while whether they stay is up to what refers to them. */
  readonly destroyed: Set<Uuid>;
  /** Adds to the command's output. */
  print(text: string): void;
  /** Makes a table the command's output, in the format that the line asks for. */
  printTable(table: OutputTable): void;
  /**
   * Warns on stderr, in the form of OVS's log; `module` is the C module that says so, by default the
   * program's.
   */
  warn(message: string, module?: string): void;
  /**
   * Has the increment that --wait asks for happen even if the line writes nothing. False: --wait isn't asked
   * for.
   */
  forceIncrement(): boolean;
  inform(message: string): void;
  /** Something for `after` to remember. */
  remember(key: string): void;
}

/** What `after` sees, once the transaction is committed. */
export interface AfterContext {
  readonly args: readonly string[];
  readonly options: CommandOptions;
  readonly remembered: readonly string[];
  /** The uuid that a row got whose temporary one is given. */
  committedUuid(temporary: string): string;
  /** Replaces the output. */
  print(text: string): void;
}

/** One command of `ovn-ic-nbctl` or `ovn-ic-sbctl`, as data. */
export interface Command {
  readonly name: string;
  /** Least and largest number of arguments, the command's own name not counted. */
  readonly args: readonly [min: number, max: number];
  /** The arguments in the notation of `--commands`: `!REQUIRED ?OPTIONAL *ANY +SOME`. */
  readonly usage: string;
  /** The options that may precede the name: `--may-exist`, or with a value `--id=`. */
  readonly options?: readonly string[];
  /** Whether it never writes. */
  readonly readOnly?: boolean;
  /** The lines of `--help`: what is typed, and what it does. None: the command is not listed there. */
  readonly help?: readonly HelpLine[];
}

/** What a command does. All of it is safe to run again; a command that lacks a part does nothing there. */
export interface Behaviour {
  /** Declares what it will touch. */
  needs?(context: NeedsContext): void;
  run?(context: CommandContext): void;
  /** Follows a successful commit. */
  after?(context: AfterContext): void;
}

/** Behaviours by the names of their commands. */
export type Behaviours = Readonly<Record<string, Behaviour>>;

/**
 * A line of `--help`; the words of the second part begin at `column` (default 29). A plain string stands
 * alone.
 */
export type HelpLine = string | readonly [synopsis: string, text: string, column?: number];

/** Commands under one heading of `--help`; without a heading they are not listed. */
export interface CommandGroup {
  readonly heading: string | null;
  readonly commands: readonly Command[];
  /** Loads what the commands do: only when a line runs one, since that needs the client too. */
  load(): Promise<Behaviours>;
}

/** What tells `ovn-ic-nbctl` and `ovn-ic-sbctl` apart, as data; all else is shared. */
export interface Program {
  readonly name: string;
  /** What `--help` says in its first line, after the name. */
  readonly title: string;
  readonly database: DatabaseName;
  /** The database's name as servers know it. */
  readonly databaseName: string;
  /** The environment variable that names the control socket of a daemon. */
  readonly daemonVariable: string;
  /** The version of the newest schema that the program knows, and that schema. */
  readonly schemaVersion: string;
  readonly loadSchema: () => Promise<OvsSchema>;
  /** All tables of that schema, with whether they hold at most one row: for `--help`. */
  readonly tables: readonly (readonly [table: string, singleton: boolean])[];
  /** The table of one row that any command creates when it is empty. */
  readonly globalTable: string;
  /** The C module in whose name warnings appear. */
  readonly logModule: string;
  readonly recordNames: RecordNames;
  readonly groups: readonly CommandGroup[];
}

/** Thrown by a command that has to wait until the database changes: the line is rerun then. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";
}
