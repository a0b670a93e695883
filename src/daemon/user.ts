/** `--user`: becoming another user, for good (ovs-vswitchd(8), "Daemon Options"). */
import { execFileSync } from "node:child_process";
import { fchownSync } from "node:fs";
import type { Log } from "./log.ts";
import { isOneRegularFile } from "./safe-open.ts";
import { DaemonError } from "./start.ts";

/**
 * Becomes USER, USER:GROUP, USER: or :GROUP. The open log file goes with it.
 *
 * @throws DaemonError
 * @example becomeUser("openvswitch:openvswitch", log);
 */
export function becomeUser(spec: string, log: Log): void {
  if (process.geteuid?.() !== 0) throw new DaemonError("only root can use --user option");
  const [user = "", group = ""] = spec.split(":");
  const uid = user === "" ? 0 : numberOf(["passwd", user], 2, `user ${user}`);
  const gid =
    group !== ""
      ? numberOf(["group", group], 2, `group ${group}`)
      : user === ""
        ? 0
        : numberOf(["passwd", user], 3, `user ${user}`);
  // It was when it was opened.
  if (log.file !== null && isOneRegularFile(log.file)) fchownSync(log.file, uid, gid);
  process.setgroups?.(user === "" ? [gid] : [gid, ...groupsOf(user)]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function groupsOf(user: string): number[] {
  return execFileSync("id", ["-G", user], { encoding: "utf8" }).trim().split(" ").map(Number);
}

/** A number from one of the system's tables of users and groups, wherever these are kept. */
function numberOf(query: readonly string[], field: number, what: string): number {
  try {
    const line = execFileSync("getent", [...query], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const number = Number(line.trim().split(":")[field]);
    if (Number.isInteger(number)) return number;
  } catch {
    // Said below.
  }
  throw new DaemonError(`${what} not found, aborting.`);
}
