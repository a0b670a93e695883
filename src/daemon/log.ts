/**
 * Log lines as OVS's vlog writes them: to stderr ("console"), to a file if there is one, and to syslog if
 * there is a way. Lines are numbered over all destinations; syslog counts even if nothing is sent there, as
 * it does in the C programs.
 */
import { closeSync, fstatSync, openSync, statSync, writeSync } from "node:fs";
import { escaped, printable } from "../core/printable.ts";
import type { LogDestination, LogLevel, LogLevels } from "./log-levels.ts";
import { isDestination, LogSpecError } from "./log-levels.ts";
import type { LogRecord } from "./log-pattern.ts";
import { DEFAULT_PATTERNS, formatJsonRecord, formatRecord } from "./log-pattern.ts";
import type { RateLimit } from "./rate-limit.ts";
import { openForAppending, UnsafeFileError } from "./safe-open.ts";
import type { SyslogRoute } from "./syslog.ts";
import { write } from "./write.ts";

export interface LogOptions {
  readonly program: string;
  readonly levels: LogLevels;
  /** JSON objects instead of patterns. */
  readonly json?: boolean;
  readonly syslog?: readonly SyslogRoute[];
  /** Whether the file is to be another user's. */
  readonly forAnother?: boolean;
}

export class Log {
  readonly levels: LogLevels;
  /** Patterns by destination. */
  readonly patterns: Record<LogDestination, string> = { ...DEFAULT_PATTERNS };
  readonly #options: LogOptions;
  /** Modules whose rate is not limited. */
  readonly #unlimited = new Set<string>();
  #path: string | null = null;
  #file: number | null = null;
  #count = 0;
  #facility: number | null = null;

  constructor(options: LogOptions) {
    this.levels = options.levels;
    this.#options = options;
  }

  get #syslog(): readonly SyslogRoute[] {
    return this.#options.syslog ?? [];
  }

  warn(module: string, text: string): void {
    this.line("WARN", module, text);
  }

  info(module: string, text: string): void {
    this.line("INFO", module, text);
  }

  debug(module: string, text: () => string): void {
    if (this.shows("DBG", module)) this.line("DBG", module, text());
  }

  /** Whether anybody would see such a message. */
  shows(level: LogLevel, module: string): boolean {
    return (
      this.levels.includes("console", module, level) ||
      (this.#file !== null && this.levels.includes("file", module, level)) ||
      (this.#syslog.length > 0 && this.levels.includes("syslog", module, level))
    );
  }

  line(level: LogLevel, module: string, text: string): void {
    const to = (destination: LogDestination) => this.levels.includes(destination, module, level);
    const toFile = this.#file !== null && to("file");
    if (!to("console") && !toFile && !to("syslog")) return;
    this.#count += 1;
    const { program, json = false } = this.#options;
    const facts = { program, time: new Date(), number: this.#count, facility: this.#facility };
    const record = { ...facts, module, level, text: escaped(text) };
    const format = (destination: LogDestination) => this.#format(destination, record, json);
    if (to("console")) write(2, `${format("console")}\n`);
    if (toFile && this.#file !== null) writeWhole(this.#file, `${format("file")}\n`);
    if (!to("syslog")) return;
    for (const route of this.#syslog) route.send(route.format(record, format("syslog")));
  }

  /** A line about what others have written, and so cut; it is left out if there were too many of its kind. */
  limited(limit: RateLimit, level: LogLevel, module: string, whole: string): void {
    if (!this.shows(level, module)) return;
    const text = printable(whole);
    if (this.#unlimited.has(module)) {
      this.line(level, module, text);
      return;
    }
    const verdict = limit.judge(text);
    if (!verdict.shown) return;
    if (verdict.about !== null) this.line(level, module, verdict.about);
    this.line(level, module, text);
  }

  /** Ends or begins the limiting of what some modules say; of all if none is named. */
  setLimited(limited: boolean, modules: readonly string[]): void {
    for (const module of modules.length === 0 ? this.levels.modules : modules) {
      if (limited) this.#unlimited.delete(module);
      else this.#unlimited.add(module);
    }
  }

  /**
   * Applies what `-v` and `vlog/set` take: a level, `PATTERN:DESTINATION:...`, or `FACILITY:...`.
   *
   * @throws LogSpecError
   */
  set(spec: string): void {
    const [, destination = "", pattern = ""] = /^pattern:([^:]*):(.*)$/is.exec(spec) ?? [];
    if (destination === "") {
      const facility = /^facility:(.*)$/i.exec(spec)?.[1];
      if (facility === undefined) this.levels.set(spec);
      else this.#facility = facilityNumber(facility);
      return;
    }
    const lower = destination.toLowerCase();
    if (isDestination(lower)) this.patterns[lower] = pattern;
    else if (lower === "any")
      Object.assign(this.patterns, { console: pattern, syslog: pattern, file: pattern });
    else throw new LogSpecError(`unknown destination "${destination}"`);
  }

  /** Logs to a file from now on. False: it can't be opened, which has been said. */
  openFile(path: string): boolean {
    const before = this.#path;
    this.#path = path;
    if (this.#open() === null) return true;
    // Nothing is logged there, so there is nothing that could be opened anew.
    this.#path = before;
    return false;
  }

  /** Opens the file anew, since somebody may have renamed it. Returns what went wrong, for people. */
  reopenFile(): string | null {
    return this.#path === null ? "Logging to file not configured" : this.#open();
  }

  closeFile(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  /** Gives the file to another user. */
  get file(): number | null {
    return this.#file;
  }

  #format(destination: LogDestination, record: LogRecord, json: boolean): string {
    return json ? formatJsonRecord(record) : formatRecord(this.patterns[destination], record);
  }

  #open(): string | null {
    const path = this.#path ?? "";
    if (this.#file !== null && isOpen(this.#file, path)) return null;
    try {
      const open = this.#options.forAnother === true ? openForAppending : openPlainly;
      const file = open(path, 0o640);
      if (this.#file !== null) {
        this.info("vlog", "closing log file");
        closeSync(this.#file);
      }
      this.#file = file;
    } catch (error) {
      this.warn("vlog", `failed to open ${path} for logging: ${reason(error)}`);
      return reason(error);
    }
    this.info("vlog", `opened log file ${path}`);
    return null;
  }
}

function openPlainly(path: string, mode: number): number {
  return openSync(path, "a", mode);
}

/** RFC 5424 §6.2.1, by number; those that have no name here can't be chosen. */
const FACILITIES =
  "kern user mail daemon auth syslog lpr news uucp clock - ftp ntp audit alert clock2 local0 local1 local2 local3 local4 local5 local6 local7".split(
    " ",
  );

function facilityNumber(name: string): number {
  const number = FACILITIES.indexOf(name);
  if (number === -1 || name === "-") throw new LogSpecError("invalid facility");
  return number;
}

/** Whether a path still leads to the file that a descriptor is of. */
function isOpen(file: number, path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const open = fstatSync(file);
  return there?.ino === open.ino && there.dev === open.dev;
}

/** A full disk must not end a daemon: what can't be written is lost. */
function writeWhole(file: number, text: string): void {
  try {
    writeSync(file, text);
  } catch {
    // Nobody can be told.
  }
}

/** The words of strerror(3) for what may happen to a log file. */
function reason(error: unknown): string {
  if (error instanceof UnsafeFileError) return error.message;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "No such file or directory",
    EACCES: "Permission denied",
    EISDIR: "Is a directory",
    ENOTDIR: "Not a directory",
    EROFS: "Read-only file system",
    ENOSPC: "No space left on device",
  };
  return known[code] ?? code;
}
