/**
 * The options that precede the first command: their table, and what they amount to.
 */
import type { DatabaseName, Environment } from "../../core/databases.ts";
import { defaultRemote } from "../../core/databases.ts";
import { LogLevels, LogSpecError } from "../../daemon/log-levels.ts";
import { isSyslogMethod } from "../../daemon/syslog.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { type OptionSpec, readOptions } from "./getopt.ts";
import type { OutputStyle } from "./table.ts";

/** Files and parameters for `ssl:` remotes, as in ovn-ic-nbctl(8). */
export interface TlsSettings {
  privateKey?: string;
  certificate?: string;
  caCertificate?: string;
  bootstrapCaCertificate?: string;
  protocols?: string;
  ciphers?: string;
  ciphersuites?: string;
  serverName?: string;
  checkName?: boolean;
}

/** Lines from a file, instead of one from argv. */
export interface BatchSettings {
  /** "-": stdin; null: no batch. */
  file: string | null;
  singleTransaction: boolean;
  keepGoing: boolean;
}

/** Running as a daemon, or through one. */
export interface DaemonSettings {
  detach: boolean;
  /** Whether the daemon leaves the current directory. */
  chdir: boolean;
  /** Path of the pidfile; "": the default one; null: none. */
  pidfile: string | null;
  overwritePidfile: boolean;
  monitor: boolean;
  /** Path of the control socket: with `detach` where to listen, else whom to ask; null: nothing is said. */
  socket: string | null;
}

/** What the global options say. */
export interface Settings {
  /** What to do besides running commands: these end the program. */
  action: "run" | "help" | "version" | "commands" | "options";
  remote: string;
  /** Whether --db says so. */
  remoteIsGiven: boolean;
  leaderOnly: boolean;
  /** Seconds until death by SIGALRM; 0: never. */
  timeout: number;
  dryRun: boolean;
  oneline: boolean;
  style: OutputStyle;
  tls: TlsSettings;
  logLevels: LogLevels;
  /** Paths of log files, of which the last that can be opened counts; null: the default one. */
  logFiles: (string | null)[];
  /** Whether to count the change in nb_ic_cfg, and wait until the southbound database has caught up with it. */
  wait: boolean;
  batch: BatchSettings;
  daemon: DaemonSettings;
}

/** A line whose global options are read. */
export interface GlobalLine {
  readonly settings: Settings;
  /** Options of the first command, which may stand among the global ones. */
  readonly first: ReadonlyMap<string, string | null>;
  /** The words from the first command on. */
  readonly rest: readonly string[];
  /** The global options that are about this line alone, for a daemon that runs it. */
  readonly forLine: readonly string[];
}

interface GlobalOption extends OptionSpec {
  /** The only database whose program has it. */
  readonly only?: DatabaseName;
  /** Puts the option's value ("" if there is none) into the settings. */
  readonly apply: (settings: Settings, value: string) => unknown;
}

interface CommandOption extends OptionSpec {
  readonly apply: null;
}

const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  option("db", "required", (settings, value) => {
    settings.remote = value;
    settings.remoteIsGiven = true;
  }),
  option("no-syslog", "none", ({ logLevels }) => {
    for (const module of ["ic_nbctl", "ic_sbctl"]) logLevels.set(`${module}:syslog:warn`);
  }),
  { ...option("no-wait", "none", (settings) => (settings.wait = false)), only: "icNb" },
  { ...option("wait", "required", (settings, value) => (settings.wait = parseWait(value))), only: "icNb" },
  option("dry-run", "none", (settings) => (settings.dryRun = true)),
  option("oneline", "none", (settings) => (settings.oneline = true)),
  option("timeout", "required", (settings, value) => (settings.timeout = parseTimeout(value)), "t"),
  action("help", "h"),
  action("commands"),
  action("options"),
  option("leader-only", "none", (settings) => (settings.leaderOnly = true)),
  option("no-leader-only", "none", (settings) => (settings.leaderOnly = false)),
  action("version", "V"),
  option("verbose", "optional", ({ logLevels }, value) => setLevels(logLevels, value), "v"),
  option("log-file", "optional", (settings, value) => settings.logFiles.push(value || null)),
  option("syslog-method", "required", (_, value) => checkSyslogMethod(value)),
  option("syslog-target", "required", () => undefined),
  option("private-key", "required", ({ tls }, value) => (tls.privateKey = value), "p"),
  option("certificate", "required", ({ tls }, value) => (tls.certificate = value), "c"),
  option("ca-cert", "required", ({ tls }, value) => (tls.caCertificate = value), "C"),
  option("ssl-protocols", "required", ({ tls }, value) => (tls.protocols = value)),
  option("ssl-ciphers", "required", ({ tls }, value) => (tls.ciphers = value)),
  option("ssl-ciphersuites", "required", ({ tls }, value) => (tls.ciphersuites = value)),
  option("ssl-server-name", "required", ({ tls }, value) => (tls.serverName = value)),
  option("bootstrap-ca-cert", "required", ({ tls }, value) => (tls.bootstrapCaCertificate = value)),
  option("format", "required", ({ style }, value) => (style.format = parseFormat(value)), "f"),
  option("data", "required", ({ style }, value) => (style.cellFormat = parseCellFormat(value)), "d"),
  option("no-headings", "none", ({ style }) => (style.headings = false)),
  option("pretty", "none", ({ style }) => (style.pretty = true)),
  option("bare", "none", ({ style }) =>
    Object.assign(style, { format: "list", cellFormat: "bare", headings: false }),
  ),
  option("max-column-width", "required", ({ style }, value) => (style.maxColumnWidth = parseWidth(value))),
];

/** An option that the C programs lack. */
export interface OurOption extends GlobalOption {
  /** The heading in `--help` that it stands under, and its line there. */
  readonly heading: "Batch options" | "Daemon options" | "SSL/TLS options";
  readonly help: readonly [synopsis: string, text: string];
}

/** The options that the C programs lack. */
export const OUR_OPTIONS: readonly OurOption[] = [
  ...under("SSL/TLS options", [
    [
      option("ssl-check-name", "none", ({ tls }) => (tls.checkName = true)),
      ["--ssl-check-name", "the certificate must be for that name, or for HOST"],
    ],
  ]),
  ...under("Batch options", [
    [
      option("batch", "required", ({ batch }, value) => (batch.file = value)),
      ["--batch=FILE", "run each line of FILE (-: standard input)"],
    ],
    [
      option("single-transaction", "none", ({ batch }) => (batch.singleTransaction = true)),
      ["--single-transaction", "with --batch, all lines are one transaction"],
    ],
    [
      option("keep-going", "none", ({ batch }) => (batch.keepGoing = true)),
      ["--keep-going", "with --batch, go on after a line that failed"],
    ],
  ]),
  ...under("Daemon options", [
    [
      option("detach", "none", ({ daemon }) => (daemon.detach = true)),
      ["--detach", "run in background as daemon"],
    ],
    [
      option("unixctl", "required", ({ daemon }, value) => (daemon.socket = value), "u"),
      ["-u, --unixctl=SOCKET", "control socket to use, or with --detach to make"],
    ],
    [
      option("monitor", "none", ({ daemon }) => (daemon.monitor = true)),
      ["--monitor", "with --detach, restart a daemon that crashes"],
    ],
    [
      option("no-chdir", "none", ({ daemon }) => (daemon.chdir = false)),
      ["--no-chdir", "with --detach, do not chdir to '/'"],
    ],
    [
      option("pidfile", "optional", ({ daemon }, value) => (daemon.pidfile = value)),
      ["--pidfile[=FILE]", "with --detach, create pidfile"],
    ],
    [
      option("overwrite-pidfile", "none", ({ daemon }) => (daemon.overwritePidfile = true)),
      ["--overwrite-pidfile", "with --pidfile, start even if already running"],
    ],
    [
      option("no-self-confinement", "none", () => undefined),
      ["--no-self-confinement", "accepted: files may be anywhere"],
    ],
  ]),
];

/** What is about one line, and so is said to a daemon that runs it. */
const LINE_OPTIONS: ReadonlySet<string> = new Set(
  "no-wait wait dry-run oneline format data no-headings pretty bare max-column-width".split(" "),
);

/** The global options of the program for a database, in the order of `--options`. */
export function globalOptions(database: DatabaseName): readonly GlobalOption[] {
  return GLOBAL_OPTIONS.filter(({ only }) => only === undefined || only === database);
}

/** Options that may precede the first command of a line. */
export type OptionTable = readonly (GlobalOption | CommandOption)[];

/** The options of a line that a daemon runs: of the global ones, those that are about one line. */
export function optionsOfRun(database: DatabaseName, commands: Iterable<Command>): OptionTable {
  const accepted = new Set([...LINE_OPTIONS, "timeout", "verbose", "no-syslog"]);
  const global = globalOptions(database).filter(({ name }) => accepted.has(name));
  return [...global, ...commandOptions(commands)];
}

/** The options of a line of a batch: those of its first command. Global ones are known, but none is accepted. */
export function optionsOfBatchLine(database: DatabaseName, commands: Iterable<Command>): OptionTable {
  const misplaced = [...globalOptions(database), ...OUR_OPTIONS].map((spec) => ({
    ...spec,
    apply: () => {
      throw new CommandError(
        `option '--${spec.name}' is for the whole batch: put it before --batch, not in a line`,
      );
    },
  }));
  return [...misplaced, ...commandOptions(commands)];
}

/**
 * Reads the options at the beginning of a line: the global ones, and those of the first command.
 *
 * @throws CommandError in the words of the C programs.
 */
export function parseGlobalOptions(
  args: readonly string[],
  database: DatabaseName,
  commands: Iterable<Command>,
  environment: Environment,
): GlobalLine {
  const table = [...globalOptions(database), ...OUR_OPTIONS, ...commandOptions(commands)];
  return parseOptions(args, table, defaultSettings(database, environment));
}

/** Reads the options of a table at the beginning of a line, into settings. */
export function parseOptions(args: readonly string[], table: OptionTable, settings: Settings): GlobalLine {
  const first = new Map<string, string | null>();
  const forLine: string[] = [];
  const options = readOptions(args, table);
  for (;;) {
    const step = options.next();
    if (step.done) return { settings, first, rest: args.slice(step.value), forLine };
    const { spec, value } = step.value;
    if (spec.apply === null) first.set(spec.name, value);
    else spec.apply(settings, value ?? "");
    if (spec.apply === null || LINE_OPTIONS.has(spec.name)) {
      forLine.push(value === null ? `--${spec.name}` : `--${spec.name}=${value}`);
    }
    if (settings.action !== "run") return { settings, first, rest: [], forLine };
  }
}

/** The settings of a line without options. */
export function defaultSettings(database: DatabaseName, environment: Environment): Settings {
  return {
    action: "run",
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
    batch: { file: null, singleTransaction: false, keepGoing: false },
    daemon: {
      ...{ detach: false, chdir: true, pidfile: null, overwritePidfile: false, monitor: false },
      socket: null,
    },
  };
}

/** The options of all commands, each name once. */
function commandOptions(commands: Iterable<Command>): CommandOption[] {
  const specs = new Map<string, CommandOption>();
  for (const command of commands) {
    for (const text of command.options ?? []) {
      const name = text.replace(/^--|=$/g, "");
      specs.set(name, { name, value: text.endsWith("=") ? "required" : "none", apply: null });
    }
  }
  return [...specs.values()];
}

function option(
  name: string,
  value: OptionSpec["value"],
  apply: GlobalOption["apply"],
  short?: string,
): GlobalOption {
  return short === undefined ? { name, value, apply } : { name, value, apply, short };
}

function under(
  heading: OurOption["heading"],
  options: readonly (readonly [GlobalOption, OurOption["help"]])[],
): OurOption[] {
  return options.map(([spec, help]) => ({ ...spec, isOurs: true, heading, help }));
}

function action(name: "help" | "version" | "commands" | "options", short?: string): GlobalOption {
  return option(name, "none", (settings) => (settings.action = name), short);
}

function parseTimeout(text: string): number {
  const seconds = /^\s*\+?\d+$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > 0xffffffff) {
    throw new CommandError(`value ${text} on -t or --timeout is invalid`);
  }
  return seconds;
}

function parseFormat(text: string): OutputStyle["format"] {
  switch (text) {
    case "table":
    case "list":
    case "html":
    case "csv":
    case "json":
      return text;
    default:
      throw new CommandError(`unknown output format "${text}"`);
  }
}

function parseCellFormat(text: string): "string" | "bare" | "json" {
  if (text === "string" || text === "bare" || text === "json") return text;
  throw new CommandError(`unknown data format "${text}"`);
}

/** What is no number means no limit, as atoi(3) has it. */
function parseWidth(text: string): number {
  return Math.max(0, Number.parseInt(text, 10) || 0);
}

function parseWait(text: string): boolean {
  if (text === "none" || text === "sb") return text === "sb";
  throw new CommandError('argument to --wait must be "none", "sb" ');
}

function setLevels(levels: LogLevels, spec: string): void {
  if (/^(pattern|facility):/i.test(spec)) return;
  try {
    levels.set(spec);
  } catch (error) {
    if (error instanceof LogSpecError) throw new CommandError(`processing "${spec}": ${error.message}`);
    throw error;
  }
}

/** Nothing goes to syslog, but what the C programs refuse is refused. */
function checkSyslogMethod(text: string): void {
  if (isSyslogMethod(text)) return;
  throw new CommandError(`unsupported syslog method '${text}'`);
}
