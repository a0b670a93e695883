/**
 * The options that precede the first command: their table, and what they amount to.
 */
import type { DatabaseName, Environment } from "../../core/databases.ts";
import { defaultRemote } from "../../core/databases.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { type OptionSpec, readOptions } from "./getopt.ts";
import { LogLevels } from "./log-levels.ts";
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
}

/** What the global options say. */
export interface Settings {
  /** What to do besides running commands: these end the program. */
  action: "run" | "help" | "version" | "commands" | "options";
  remote: string;
  leaderOnly: boolean;
  /** Seconds until death by SIGALRM; 0: never. */
  timeout: number;
  dryRun: boolean;
  oneline: boolean;
  style: OutputStyle;
  tls: TlsSettings;
  logLevels: LogLevels;
  /** Path of a log file; "": the default one; null: none. */
  logFile: string | null;
  /** Whether to count the change in nb_ic_cfg, and wait until the southbound database has caught up with it. */
  wait: boolean;
}

/** A line whose global options are read. */
export interface GlobalLine {
  readonly settings: Settings;
  /** Options of the first command, which may stand among the global ones. */
  readonly first: ReadonlyMap<string, string | null>;
  /** The words from the first command on. */
  readonly rest: readonly string[];
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
  option("db", "required", (settings, value) => (settings.remote = value)),
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
  option("verbose", "optional", ({ logLevels }, value) => logLevels.set(value), "v"),
  option("log-file", "optional", (settings, value) => (settings.logFile = value)),
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

/** The global options of the program for a database, in the order of `--options`. */
export function globalOptions(database: DatabaseName): readonly GlobalOption[] {
  return GLOBAL_OPTIONS.filter(({ only }) => only === undefined || only === database);
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
  const settings = defaultSettings(database, environment);
  const first = new Map<string, string | null>();
  const specs = [...globalOptions(database), ...commandOptions(commands)];
  const options = readOptions(args, specs);
  for (;;) {
    const step = options.next();
    if (step.done) return { settings, first, rest: args.slice(step.value) };
    const { spec, value } = step.value;
    if (spec.apply === null) first.set(spec.name, value);
    else spec.apply(settings, value ?? "");
    if (settings.action !== "run") return { settings, first, rest: [] };
  }
}

function defaultSettings(database: DatabaseName, environment: Environment): Settings {
  return {
    action: "run",
    remote: defaultRemote(database, environment),
    leaderOnly: true,
    // A value that is no number counts for nothing here, unlike one of --timeout.
    timeout: Number.parseInt(environment.OVS_CTL_TIMEOUT ?? "", 10) || 0,
    dryRun: false,
    oneline: false,
    style: { format: "list", cellFormat: null, headings: true, pretty: false, maxColumnWidth: 0 },
    tls: {},
    logLevels: new LogLevels(),
    logFile: null,
    wait: false,
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

/** Nothing goes to syslog, but what the C programs refuse is refused. */
function checkSyslogMethod(text: string): void {
  if (text === "libc" || text === "null" || /^(unix|udp):/.test(text)) return;
  throw new CommandError(`unsupported syslog method '${text}'`);
}
