// Starts the built programs as users do.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The path of a built program. */
export function bundle(program: "ovn-ic-nbctl" | "ovn-ic-sbctl"): string {
  return join(root, `dist/${program}.cjs`);
}

/** Starts a program on a database; it is killed after 25 s. */
export function start(program: "ovn-ic-nbctl" | "ovn-ic-sbctl", remote: string, ...args: string[]): Started {
  const child = spawn(process.execPath, [bundle(program), `--db=${remote}`, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 25_000,
    killSignal: "SIGKILL",
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ stdout, stderr, status, signal }));
  });
  return { process: child, ended };
}

/** Runs `ovn-ic-nbctl` to its end. */
export function nbctl(remote: string, ...args: string[]): Promise<Ended> {
  return start("ovn-ic-nbctl", remote, ...args).ended;
}
