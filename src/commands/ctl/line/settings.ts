/**
 * The settings of a run: what its options and the environment come to. They are made once (`read.ts`), handed
 * down, and never changed.
 */
import type { TlsOptions } from "ovsdb-client-ts";
import type { DatabaseName, Environment } from "../../../core/databases.ts";
import { defaultRemote } from "../../../core/databases.ts";
import { LogLevels } from "../../../daemon/log-levels.ts";
import { CommandError } from "../../cli/index.ts";
import type { OutputStyle } from "../datum/index.ts";

/** What `--help` and its like tell. */
export type Told = "help" | "version" | "commands" | "options";

/**
 * What is to be done: something is told, or lines are run, and it is said where they come from and who runs
 * them.
 */
export type Mode =
  | { readonly is: "tell"; readonly what: Told }
  /** `daemon`: the control socket of the one to ask, as -u says; null: nothing is said. */
  | { readonly is: "line"; readonly daemon: string | null }
  | ({ readonly is: "batch" } & Readonly<BatchSettings>)
  | ({ readonly is: "daemon" } & Readonly<DaemonSettings>);

/** Lines from a file, instead of one from argv. */
export interface BatchSettings {
  /** "-": stdin. */
  file: string;
  singleTransaction: boolean;
  keepGoing: boolean;
}

/** Running as a daemon. */
export interface DaemonSettings {
  /** Path of the control socket; null: the default one. */
  socket: string | null;
  /** Whether the daemon leaves the current directory. */
  chdir: boolean;
  /** Path of the pidfile; "": the default one; null: none. */
  pidfile: string | null;
  overwritePidfile: boolean;
  monitor: boolean;
}

/** What is about one line, and so may differ among those that one daemon runs. */
interface LineSettings {
  /** Seconds until death by SIGALRM; 0: never. */
  timeout: number;
  dryRun: boolean;
  oneline: boolean;
  style: OutputStyle;
  /**
   * Whether to count the change in nb_ic_cfg, and wait until the southbound database has caught up with it.
   */
  wait: boolean;
}

/** What all lines of a process have in common. */
interface ProcessSettings {
  /** The database's remotes, as typed: errors name them so. */
  remote: string;
  /** Whether --db says so. */
  remoteIsGiven: boolean;
  leaderOnly: boolean;
  tls: TlsOptions;
  logLevels: LogLevels;
  /** Paths of log files, of which the last that can be opened counts; null: the default one. */
  logFiles: (string | null)[];
}

export interface Settings
  extends Readonly<Omit<LineSettings, "style">>,
    Readonly<Omit<ProcessSettings, "tls" | "logFiles">> {
  readonly mode: Mode;
  readonly style: Readonly<OutputStyle>;
  readonly tls: Readonly<TlsOptions>;
  readonly logFiles: readonly (string | null)[];
}

/** Settings while options are read. */
export interface Draft extends LineSettings, ProcessSettings {
  /** What is to be told instead of running commands. */
  told: Told | null;
  detach: boolean;
  batch: Omit<BatchSettings, "file"> & { file: string | null };
  daemon: DaemonSettings;
}

/** The settings of a line without options. */
export function newDraft(database: DatabaseName, environment: Environment): Draft {
  return {
    told: null,
    remote: defaultRemote(database, environment),
    remoteIsGiven: false,
    leaderOnly: true,
    // A value that is no number counts for nothing here, unlike one of --timeout.
    timeout: Number.parseInt(environment.OVS_CTL_TIMEOUT ?? "", 10) || 0,
    dryRun: false,
    oneline: false,
    style: { format: "list", cellFormat: null, headings: true, pretty: false, maxColumnWidth: 0 },
    tls: {},
    logLevels: new LogLevels({
      modules: ["ic_nbctl", "ic_sbctl", "db_ctl_base"],
      console: "WARN",
      quiet: ["reconnect"],
    }),
    logFiles: [],
    wait: false,
    detach: false,
    batch: { file: null, singleTransaction: false, keepGoing: false },
    daemon: { socket: null, chdir: true, pidfile: null, overwritePidfile: false, monitor: false },
  };
}

/**
 * The settings that a draft comes to.
 *
 * @param word of a command, if the line has one.
 * @throws CommandError for options that make no sense together, or with words of a command.
 */
export function settle(draft: Draft, word: string | undefined): Settings {
  const { told, detach, batch, daemon, ...settings } = draft;
  return { ...settings, mode: modeOf(draft, word) };
}

/** Settings for one line of a daemon, which has the others in common with all of its lines. */
export function settleLine(settings: Settings, { timeout, dryRun, oneline, style, wait }: Draft): Settings {
  return { ...settings, timeout, dryRun, oneline, style, wait };
}

function modeOf({ told, detach, batch, daemon }: Draft, word: string | undefined): Mode {
  if (told !== null) return { is: "tell", what: told };
  if (detach && word !== undefined) {
    throw new CommandError("non-option arguments not supported with --detach (use --help for help)");
  }
  const { file, singleTransaction, keepGoing } = batch;
  if (file === null) {
    if (singleTransaction) throw new CommandError("--single-transaction needs --batch");
    if (keepGoing) throw new CommandError("--keep-going needs --batch");
    return detach ? { is: "daemon", ...daemon } : { is: "line", daemon: daemon.socket };
  }
  if (singleTransaction && keepGoing) {
    throw new CommandError("--single-transaction and --keep-going exclude each other");
  }
  if (detach) throw new CommandError("--batch and --detach exclude each other");
  if (daemon.socket !== null) throw new CommandError("--batch and --unixctl exclude each other");
  if (word !== undefined)
    throw new CommandError(`--batch takes its commands from a file; "${word}" is one too many`);
  return { is: "batch", file, singleTransaction, keepGoing };
}
