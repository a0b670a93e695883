/**
 * Which messages a log shows where: a level for each destination and module, set by `-vSPEC` (ovs-appctl(8),
 * "vlog/set"). At first the console gets warnings, the file and syslog get what `info` says, and `reconnect` warns only.
 */
import { CommandError } from "./command-error.ts";

export type LogLevel = "EMER" | "ERR" | "WARN" | "INFO" | "DBG";
export type LogDestination = "console" | "syslog" | "file";

/** From what is always shown to what rarely is; OFF shows nothing. */
const LEVELS = ["OFF", "EMER", "ERR", "WARN", "INFO", "DBG"] as const;
const DESTINATIONS: readonly LogDestination[] = ["console", "syslog", "file"];

const MODULES: ReadonlySet<string> = new Set(
  (
    "ic_nbctl ic_sbctl db_ctl_base ovsdb_idl ovsdb_cs jsonrpc reconnect fatal_signal poll_loop socket_util " +
    "stream stream_fd stream_ssl stream_tcp stream_unix process timeval vlog util command_line dns_resolve"
  ).split(" "),
);

type Threshold = (typeof LEVELS)[number];

export class LogLevels {
  readonly #defaults = new Map<LogDestination, Threshold>([
    ["console", "WARN"],
    ["syslog", "INFO"],
    ["file", "INFO"],
  ]);
  readonly #modules = new Map<string, Threshold>(
    DESTINATIONS.map((destination) => [`${destination} reconnect`, "WARN"]),
  );

  includes(destination: LogDestination, module: string, level: LogLevel): boolean {
    const threshold =
      this.#modules.get(`${destination} ${module}`) ?? this.#defaults.get(destination) ?? "OFF";
    return LEVELS.indexOf(level) <= LEVELS.indexOf(threshold);
  }

  /**
   * Applies one `-vSPEC`: words for a destination, a level and a module, each of which may be left out.
   *
   * @throws CommandError for a word that is none of these.
   * @example levels.set("console:ic_nbctl:dbg");
   */
  set(spec: string): void {
    if (/^(pattern|facility):/i.test(spec)) return;
    let destinations = DESTINATIONS;
    let level: Threshold = "DBG";
    let module: string | null = null;
    for (const word of spec.split(/[ ,:]+/).filter((one) => one !== "")) {
      const lower = word.toLowerCase();
      const known = LEVELS.find((one) => one === word.toUpperCase());
      if (known !== undefined) level = known;
      else if (isDestination(lower)) destinations = [lower];
      else if (MODULES.has(lower)) module = lower;
      else if (lower !== "any") {
        throw new CommandError(`processing "${spec}": no destination, level, or module "${word}"`);
      }
    }
    for (const destination of destinations) this.#set(destination, module, level);
  }

  #set(destination: LogDestination, module: string | null, level: Threshold): void {
    if (module !== null) {
      this.#modules.set(`${destination} ${module}`, level);
      return;
    }
    for (const key of [...this.#modules.keys()]) {
      if (key.startsWith(`${destination} `)) this.#modules.delete(key);
    }
    this.#defaults.set(destination, level);
  }
}

function isDestination(word: string): word is LogDestination {
  return DESTINATIONS.some((destination) => destination === word);
}
