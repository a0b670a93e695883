/** The options of the daemon form, as ovn-ic(8) has them, and what they amount to. */
import type { TlsOptions } from "ovsdb-client-ts";
import type { DatabaseName, Environment } from "../../../core/databases.ts";
import { defaultRemote, runDirectory } from "../../../core/databases.ts";
import { LogLevels } from "../../../daemon/log-levels.ts";
import type { OptionSpec } from "../../cli/index.ts";
import {
  absoluteTls,
  CommandError,
  checkSyslogMethod,
  readOptions,
  setTls,
  TLS_OPTIONS,
} from "../../cli/index.ts";
import { absoluteRemotes } from "../../cli/remotes.ts";
import { mebibytes } from "../mebibytes.ts";

export interface DaemonSettings {
  /** What to do besides being a daemon: these end the program. */
  action: "run" | "help" | "version" | "options" | "graph";
  remotes: Record<DatabaseName, string>;
  tls: TlsOptions;
  /** Path of the control socket; null: the default one; "none": there is none. */
  unixctl: string | null;
  detach: boolean;
  monitor: boolean;
  /** Whether the daemon leaves the current directory. */
  chdir: boolean;
  /** Path of the pidfile; "": the default one; null: none. */
  pidfile: string | null;
  overwritePidfile: boolean;
  /** USER, USER:GROUP or :GROUP to become. */
  user: string | null;
  /** What `-v` and `--log-file` said, in order; a file "" is the default one. */
  logSteps: { readonly what: "levels" | "file"; readonly value: string }[];
  logJson: boolean;
  syslogMethod: string | null;
  syslogTarget: string | null;
  /** The planner whose graph is asked for; "": all of them. */
  graph: string;
  /** Bytes that a server may send at once; undefined: the default. */
  maxMessageSize?: number;
  /** [ADDRESS:]PORT. */
  metricsListen: string | null;
  /** Names under which the metrics may be asked for. */
  metricsHosts: string[];
}

export interface DaemonOption extends OptionSpec {
  readonly apply: (settings: DaemonSettings, value: string) => unknown;
}

/** In the order of `--options`. */
export const DAEMON_OPTIONS: readonly DaemonOption[] = [
  option("ovnsb-db", "required", ({ remotes }, value) => (remotes.sb = value), "d"),
  option("ovnnb-db", "required", ({ remotes }, value) => (remotes.nb = value), "D"),
  option("ic-sb-db", "required", ({ remotes }, value) => (remotes.icSb = value), "i"),
  option("ic-nb-db", "required", ({ remotes }, value) => (remotes.icNb = value), "I"),
  option("unixctl", "required", (settings, value) => (settings.unixctl = value), "u"),
  option("help", "none", (settings) => (settings.action = "help"), "h"),
  option("options", "none", (settings) => (settings.action = "options"), "o"),
  option("version", "none", (settings) => (settings.action = "version"), "V"),
  option("dump-inc-proc-graph", "optional", (settings, value) =>
    Object.assign(settings, { action: "graph", graph: value }),
  ),
  option("detach", "none", (settings) => (settings.detach = true)),
  option("no-self-confinement", "none", () => undefined),
  option("no-chdir", "none", (settings) => (settings.chdir = false)),
  option("pidfile", "optional", (settings, value) => (settings.pidfile = value)),
  option("overwrite-pidfile", "none", (settings) => (settings.overwritePidfile = true)),
  option("monitor", "none", (settings) => (settings.monitor = true)),
  option("user", "required", (settings, value) => (settings.user = value)),
  option("verbose", "optional", ({ logSteps }, value) => logSteps.push({ what: "levels", value }), "v"),
  option("log-file", "optional", ({ logSteps }, value) => logSteps.push({ what: "file", value })),
  option(
    "syslog-method",
    "required",
    (settings, value) => (settings.syslogMethod = checkSyslogMethod(value)),
  ),
  option("syslog-target", "required", (settings, value) => (settings.syslogTarget = value)),
  ...TLS_OPTIONS.map((spec) => ({
    ...spec,
    // C's ovn-ic lacks it, unlike its other programs.
    ...(spec.name === "bootstrap-ca-cert" ? { isOurs: true } : {}),
    apply: ({ tls }: DaemonSettings, value: string) => setTls(tls, spec, value),
  })),
  ours(
    option(
      "max-message-size",
      "required",
      (settings, value) => (settings.maxMessageSize = parseMebibytes(value)),
    ),
  ),
  ours(option("log-format", "required", (settings, value) => (settings.logJson = parseLogFormat(value)))),
  ours(option("metrics-listen", "required", (settings, value) => (settings.metricsListen = value))),
  ours(option("metrics-host", "required", ({ metricsHosts }, value) => metricsHosts.push(checkName(value)))),
];

/**
 * Reads the words after the program's name.
 *
 * @throws CommandError in the words of getopt_long(3).
 */
export function parseDaemonOptions(args: readonly string[], environment: Environment): DaemonSettings {
  const settings = defaults(environment);
  const options = readOptions(args, DAEMON_OPTIONS);
  for (;;) {
    const step = options.next();
    if (step.done) {
      const word = args[step.value];
      if (word !== undefined)
        throw new CommandError(`"${word}" is one word too many: the daemon takes options only`);
      // Sockets with relative names are in the run directory.
      const { nb, sb, icNb, icSb } = settings.remotes;
      const absolute = (remotes: string) => absoluteRemotes(remotes, runDirectory(environment));
      settings.remotes = { nb: absolute(nb), sb: absolute(sb), icNb: absolute(icNb), icSb: absolute(icSb) };
      settings.tls = absoluteTls(settings.tls);
      return settings;
    }
    step.value.spec.apply(settings, step.value.value ?? "");
    if (settings.action !== "run") return settings;
  }
}

/** The levels that a daemon begins with. */
export function daemonLevels(): LogLevels {
  return new LogLevels({ modules: ["ovn_ic", "ovn_util", "inc_proc_eng"], console: "INFO" });
}

function defaults(environment: Environment): DaemonSettings {
  const remote = (database: DatabaseName) => defaultRemote(database, environment);
  return {
    action: "run",
    remotes: { nb: remote("nb"), sb: remote("sb"), icNb: remote("icNb"), icSb: remote("icSb") },
    tls: {},
    unixctl: null,
    detach: false,
    monitor: false,
    chdir: true,
    pidfile: null,
    overwritePidfile: false,
    user: null,
    logSteps: [],
    logJson: false,
    syslogMethod: null,
    syslogTarget: null,
    graph: "",
    metricsListen: null,
    metricsHosts: [],
  };
}

function option(
  name: string,
  value: OptionSpec["value"],
  apply: DaemonOption["apply"],
  short?: string,
): DaemonOption {
  return short === undefined ? { name, value, apply } : { name, value, apply, short };
}

function ours(spec: DaemonOption): DaemonOption {
  return { ...spec, isOurs: true };
}

function checkName(text: string): string {
  if (/^[A-Za-z0-9._-]+$/.test(text)) return text;
  throw new CommandError(`--metrics-host is a name without a port, not "${text}"`);
}

function parseMebibytes(text: string): number {
  const size = mebibytes(text);
  if (size !== null) return size;
  throw new CommandError(`--max-message-size is a number of MiB from 1 to 1024, not "${text}"`);
}

function parseLogFormat(text: string): boolean {
  if (text === "text" || text === "json") return text === "json";
  throw new CommandError(`--log-format is "text" or "json", not "${text}"`);
}
