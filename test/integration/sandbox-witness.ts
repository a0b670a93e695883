// What the sandbox tests look at from outside: which processes there are, by the system's own account.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { onTestFinished } from "vitest";
import { identify } from "../../src/sandbox/index.ts";

/** All living processes whose command line names something below `dir`. */
export function processesIn(dir: string): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        const pid = Number(name);
        return command.includes(`${dir}/`) && identify(pid) !== undefined ? [{ pid, command }] : [];
      } catch {
        return []; // it has just ended
      }
    });
}

/** A new directory that goes when the test ends. */
export function temporaryDirectory(): string {
  const dir = mkdtempSync("/tmp/ovn-ic-test-");
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
