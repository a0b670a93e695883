// Which process a process id means: ids are given out again, the pair of id and start time is not.

import { readFileSync } from "node:fs";

/**
 * A process, beyond doubt: its id, and its start in clock ticks after boot (proc(5), /proc/PID/stat, field
 * 22).
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * The identity of the living process `pid`; undefined if there is none, or if it has ended and only waits to
 * be reaped.
 *
 * @example const me = identify(process.pid);
 */
export function identify(pid: number): ProcessIdentity | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field, the program's name in parentheses, may hold spaces and parentheses of its own.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const startTime = fields[18];
  if (state === "Z" || state === "X" || startTime === undefined) return undefined;
  return { pid, startTime };
}

/** Whether exactly this process still lives. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}
