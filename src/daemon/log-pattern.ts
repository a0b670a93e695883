/**
 * How a log line looks: the patterns of `vlog/set PATTERN:...` (ovs-appctl(8), "Vlog Patterns"), or a JSON
 * object.
 */
import { hostname } from "node:os";
import type { LogDestination, LogLevel } from "./log-levels.ts";

/** One message. */
export interface LogRecord {
  readonly program: string;
  readonly time: Date;
  readonly number: number;
  readonly module: string;
  readonly level: LogLevel;
  readonly text: string;
  /** The facility of syslog that somebody has chosen (RFC 5424 §6.2.1). */
  readonly facility: number | null;
}

export const DEFAULT_PATTERNS: Readonly<Record<LogDestination, string>> = {
  console: "%D{%Y-%m-%dT%H:%M:%SZ}|%05N|%c%T|%p|%m",
  syslog: "ovs|%05N|%c%T|%p|%m",
  file: "%D{%Y-%m-%dT%H:%M:%S.###Z}|%05N|%c%T|%p|%m",
};

const SPECIFIER = /%(-?)(0?)(\d*)([a-zA-Z%])(?:\{([^}]*)\})?/g;

/** A message as a pattern has it, without a newline. What is no specifier stays as it is. */
export function formatRecord(pattern: string, record: LogRecord): string {
  return pattern.replace(
    SPECIFIER,
    (whole, left: string, zero: string, width: string, letter: string, argument?: string) => {
      const value = expand(letter, argument, record);
      if (value === null) return whole;
      const length = Number(width);
      if (left === "-") return value.padEnd(length);
      return value.padStart(length, zero === "" ? " " : "0");
    },
  );
}

/** A message as one line of JSON, without a newline. */
export function formatJsonRecord({ time, number, module, level, text }: LogRecord): string {
  return JSON.stringify({ time: time.toISOString(), number, module, level, text });
}

function expand(letter: string, argument: string | undefined, record: LogRecord): string | null {
  switch (letter) {
    case "A":
      return record.program;
    case "B":
      return String(priority(record.level, record.facility ?? LOCAL0));
    case "c":
      return record.module;
    case "d":
      return formatTime(argument ?? "%Y-%m-%d %H:%M:%S.###", local(record.time));
    case "D":
      return formatTime(argument ?? "%Y-%m-%d %H:%M:%S.###", record.time);
    case "E":
      return hostname();
    case "m":
      return record.text;
    case "N":
      return String(record.number);
    case "n":
      return "\n";
    case "p":
      return record.level;
    case "P":
      return String(process.pid);
    case "r":
      return String(Math.round(process.uptime() * 1000));
    case "t":
      return "main";
    case "T":
      return "";
    case "%":
      return "%";
    default:
      return null;
  }
}

/** What the C programs make of levels: LOG_ALERT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG. */
const SEVERITIES: Readonly<Record<LogLevel, number>> = { EMER: 1, ERR: 3, WARN: 4, INFO: 5, DBG: 7 };
const LOCAL0 = 16;

/** RFC 5424 §6.2.1. */
export function priority(level: LogLevel, facility: number): number {
  return facility * 8 + SEVERITIES[level];
}

/** A time whose UTC fields are the local ones. */
function local(time: Date): Date {
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The part of strftime(3) that makes sense in a log; "#" stands for a digit of the fraction of a second. */
function formatTime(format: string, time: Date): string {
  const iso = time.toISOString();
  const fields: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    b: MONTHS[time.getUTCMonth()] ?? "",
    h: MONTHS[time.getUTCMonth()] ?? "",
    e: String(time.getUTCDate()).padStart(2),
    y: iso.slice(2, 4),
    "%": "%",
  };
  const fraction = `${iso.slice(20, 23)}000000`;
  return format
    .replace(/%(.)/g, (whole, letter: string) => fields[letter] ?? whole)
    .replace(/#+/g, (digits) => fraction.slice(0, digits.length));
}
