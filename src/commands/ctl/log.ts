/**
 * Log lines as OVS's vlog writes them: to stderr ("console"), and to a file if --log-file names one. Lines are numbered
 * over all destinations; syslog, to which nothing is sent, still counts, as it does in the C programs.
 */
import { openSync, writeSync } from "node:fs";
import { CommandError } from "./command-error.ts";
import type { LogDestination, LogLevel, LogLevels } from "./log-levels.ts";
import { write } from "./output.ts";

/** What a log needs to know of the options. */
export interface LogSettings {
  readonly levels: LogLevels;
  /** Path of the log file; null: none. */
  readonly file: string | null;
}

export class Log {
  readonly #levels: LogLevels;
  #file: number | null = null;
  #count = 0;

  /** @throws CommandError if the log file can't be opened. */
  constructor({ levels, file }: LogSettings) {
    this.#levels = levels;
    if (file === null) return;
    this.#file = this.#open(file);
    this.info("vlog", `opened log file ${file}`);
  }

  warn(module: string, text: string): void {
    this.line("WARN", module, text);
  }

  info(module: string, text: string): void {
    this.line("INFO", module, text);
  }

  /** Whether anybody would see such a message. */
  shows(level: LogLevel, module: string): boolean {
    return (
      this.#levels.includes("console", module, level) ||
      (this.#file !== null && this.#levels.includes("file", module, level))
    );
  }

  line(level: LogLevel, module: string, text: string): void {
    const to = (destination: LogDestination) => this.#levels.includes(destination, module, level);
    const toFile = this.#file !== null && to("file");
    if (!to("console") && !toFile && !to("syslog")) return;
    this.#count += 1;
    const now = new Date().toISOString();
    const rest = `|${String(this.#count).padStart(5, "0")}|${module}|${level}|${text}\n`;
    if (to("console")) write(2, `${now.slice(0, 19)}Z${rest}`);
    if (toFile && this.#file !== null) writeSync(this.#file, now + rest);
  }

  #open(path: string): number {
    try {
      return openSync(path, "a", 0o640);
    } catch (error) {
      this.warn("vlog", `failed to open ${path} for logging: ${reason(error)}`);
      // As in the C programs the log line is the whole message.
      throw new CommandError("");
    }
  }
}

/** The words of strerror(3) for what may happen to a log file. */
function reason(error: unknown): string {
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
