/**
 * Which messages a log shows where: a level for each destination and module, set by `-vSPEC` and by
 * `vlog/set` (ovs-appctl(8)).
 */

export type LogLevel = "EMER" | "ERR" | "WARN" | "INFO" | "DBG";
export type LogDestination = "console" | "syslog" | "file";

/** From what is always shown to what rarely is; OFF shows nothing. */
const LEVELS = ["OFF", "EMER", "ERR", "WARN", "INFO", "DBG"] as const;
const DESTINATIONS: readonly LogDestination[] = ["console", "syslog", "file"];

/** Modules that programs which talk to databases have in common. */
const COMMON_MODULES =
  "backtrace command_line coverage daemon daemon_unix dns_resolve fatal_signal hmap jsonrpc lockfile memory ovs_rcu ovs_thread ovsdb_cs " +
  "ovsdb_error ovsdb_idl poll_loop process reconnect signals socket_util socket_util_unix stopwatch stream stream_fd " +
  "stream_ssl stream_tcp stream_unix svec timeval unixctl util uuid vlog";

export type LogThreshold = (typeof LEVELS)[number];

/** A word that means nothing to `-v` and `vlog/set`. */
export class LogSpecError extends Error {
  override readonly name = "LogSpecError";
}

export interface LogLevelOptions {
  /** Modules of this program besides those that all have. */
  readonly modules: readonly string[];
  /** What the console gets at first. The file and syslog get INFO. */
  readonly console: LogThreshold;
  /** Modules of which only warnings are shown at first. */
  readonly quiet?: readonly string[];
}

export class LogLevels {
  /** All modules, sorted. */
  readonly modules: readonly string[];
  readonly #defaults: Map<LogDestination, LogThreshold>;
  readonly #modules = new Map<string, LogThreshold>();

  constructor({ modules, console, quiet = [] }: LogLevelOptions) {
    this.modules = [...new Set([...COMMON_MODULES.split(" "), ...modules])].sort();
    this.#defaults = new Map([
      ["console", console],
      ["syslog", "INFO"],
      ["file", "INFO"],
    ]);
    for (const destination of DESTINATIONS) {
      for (const module of quiet) this.#modules.set(`${destination} ${module}`, "WARN");
    }
  }

  includes(destination: LogDestination, module: string, level: LogLevel): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.threshold(destination, module));
  }

  /** The least important level that is shown. */
  threshold(destination: LogDestination, module: string): LogThreshold {
    return this.#modules.get(`${destination} ${module}`) ?? this.#defaults.get(destination) ?? "OFF";
  }

  /**
   * Applies one spec: words for a destination, a level and a module, each of which may be left out.
   *
   * @throws LogSpecError for a word that is none of these.
   * @example levels.set("console:ic_nbctl:dbg");
   */
  set(spec: string): void {
    let destination: LogDestination | null = null;
    let level: LogThreshold | null = null;
    let module: string | null = null;
    for (const word of spec.split(/[ ,:]+/).filter((one) => one !== "")) {
      const lower = word.toLowerCase();
      const known = LEVELS.find((one) => one === word.toUpperCase());
      if (known !== undefined) level = only(level, known, "levels");
      else if (isDestination(lower)) destination = only(destination, lower, "destinations");
      else if (this.modules.includes(lower)) module = only(module, lower, "modules");
      else if (lower !== "any") throw new LogSpecError(`no destination, level, or module "${word}"`);
    }
    for (const one of destination === null ? DESTINATIONS : [destination])
      this.#set(one, module, level ?? "DBG");
  }

  #set(destination: LogDestination, module: string | null, level: LogThreshold): void {
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

export function isDestination(word: string): word is LogDestination {
  return DESTINATIONS.some((destination) => destination === word);
}

function only<W>(before: W | null, word: W, what: string): W {
  if (before !== null) throw new LogSpecError(`cannot specify multiple ${what}`);
  return word;
}
