/** The options that precede the first command: their tables, and what each one says. */
import type { DatabaseName } from "../../../core/databases.ts";
import type { LogLevels } from "../../../daemon/log-levels.ts";
import type { OptionSpec } from "../../cli/index.ts";
import { CommandError, checkSyslogMethod, setLevels, setTls, TLS_OPTIONS } from "../../cli/index.ts";
import type { Command } from "../command/index.ts";
import type { OutputStyle } from "../datum/index.ts";
import type { Draft, Told } from "./settings.ts";

export interface GlobalOption extends OptionSpec {
  /** The only database whose program has it. */
  readonly only?: DatabaseName;
  /** Puts the option's value ("" if there is none) into the settings. */
  readonly apply: (draft: Draft, value: string) => unknown;
}

/** An option of a command, which may stand among the global ones if that is the first. */
export interface CommandOption extends OptionSpec {
  readonly apply: null;
}

const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  option("db", "required", (draft, value) => {
    draft.remote = value;
    draft.remoteIsGiven = true;
  }),
  option("no-syslog", "none", ({ logLevels }) => {
    for (const module of ["ic_nbctl", "ic_sbctl"]) logLevels.set(`${module}:syslog:warn`);
  }),
  { ...option("no-wait", "none", (draft) => (draft.wait = false)), only: "icNb" },
  { ...option("wait", "required", (draft, value) => (draft.wait = parseWait(value))), only: "icNb" },
  option("dry-run", "none", (draft) => (draft.dryRun = true)),
  option("oneline", "none", (draft) => (draft.oneline = true)),
  option("timeout", "required", (draft, value) => (draft.timeout = parseTimeout(value)), "t"),
  telling("help", "h"),
  telling("commands"),
  telling("options"),
  option("leader-only", "none", (draft) => (draft.leaderOnly = true)),
  option("no-leader-only", "none", (draft) => (draft.leaderOnly = false)),
  telling("version", "V"),
  option("verbose", "optional", ({ logLevels }, value) => setShownLevels(logLevels, value), "v"),
  option("log-file", "optional", (draft, value) => draft.logFiles.push(value || null)),
  // Nothing goes to syslog, but what the C programs refuse is refused.
  option("syslog-method", "required", (_, value) => checkSyslogMethod(value)),
  option("syslog-target", "required", () => undefined),
  ...TLS_OPTIONS.filter((spec) => !("isOurs" in spec)).map(tlsOption),
  option("format", "required", ({ style }, value) => (style.format = parseFormat(value)), "f"),
  option("data", "required", ({ style }, value) => (style.cellFormat = parseCellFormat(value)), "d"),
  option("no-headings", "none", ({ style }) => (style.headings = false)),
  option("pretty", "none", ({ style }) => (style.pretty = true)),
  option("bare", "none", ({ style }) =>
    Object.assign(style, { format: "list", cellFormat: "bare", headings: false }),
  ),
  option("max-column-width", "required", ({ style }, value) => (style.maxColumnWidth = parseWidth(value))),
];

/** An option with its line in `--help`. */
type Described = readonly [option: GlobalOption, help: readonly [synopsis: string, text: string]];

/** The options that the C programs lack, except those about TLS, under their headings in `--help`. */
export const OUR_GROUPS: Readonly<Record<"Batch options" | "Daemon options", readonly Described[]>> = {
  "Batch options": [
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
  ],
  "Daemon options": [
    [option("detach", "none", (draft) => (draft.detach = true)), ["--detach", "run in background as daemon"]],
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
  ],
};

/** The options that the C programs lack, in the order of `--options`. */
export const OUR_OPTIONS: readonly GlobalOption[] = [
  ...TLS_OPTIONS.filter((spec) => "isOurs" in spec).map(tlsOption),
  ...Object.values(OUR_GROUPS)
    .flat()
    .map(([spec]) => ({ ...spec, isOurs: true })),
];

/** What is about one line, and so is said to a daemon that runs it. */
export const LINE_OPTIONS: ReadonlySet<string> = new Set(
  "no-wait wait dry-run oneline format data no-headings pretty bare max-column-width".split(" "),
);

/** The global options of the program for a database, in the order of `--options`. */
export function globalOptions(database: DatabaseName): readonly GlobalOption[] {
  return GLOBAL_OPTIONS.filter(({ only }) => only === undefined || only === database);
}

/** The options of all commands, each name once. */
export function commandOptions(commands: Iterable<Command>): CommandOption[] {
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

function tlsOption(spec: (typeof TLS_OPTIONS)[number]): GlobalOption {
  return { ...spec, apply: ({ tls }, value) => setTls(tls, spec, value) };
}

function telling(what: Told, short?: string): GlobalOption {
  return option(what, "none", (draft) => (draft.told = what), short);
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

function setShownLevels(levels: LogLevels, spec: string): void {
  // Patterns and the facility are for syslog, where nothing goes.
  if (/^(pattern|facility):/i.test(spec)) return;
  setLevels(levels, spec);
}
