/**
 * What tells `ovn-ic-nbctl` and `ovn-ic-sbctl` apart, as data; all else is shared.
 */
import type { OvsSchema } from "ovsdb-client-ts";
import type { DatabaseName } from "../../core/databases.ts";
import type { CommandGroup, RecordNames } from "./command.ts";

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
