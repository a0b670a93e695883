/** What only our controller can tell of itself: see preload.cjs. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export interface ProbeReport {
  /** Milliseconds of the longest turn of its event loop since the last report. */
  readonly longestTurn: number;
  /** Milliseconds from bytes that came from ISB to a transaction that went to NB. */
  readonly reactions: readonly number[];
}

export class Probe {
  readonly #file: string;
  readonly #pid: number;

  constructor(directory: string, pid: number) {
    this.#file = Probe.file(directory);
    this.#pid = pid;
  }

  static file(directory: string): string {
    return join(directory, "probe.json");
  }

  static nodeOptions(root: string): string {
    return `--require ${join(root, "bench/sync/preload.cjs")}`;
  }

  /** Everything since the last report. */
  async report(): Promise<ProbeReport> {
    process.kill(this.#pid, "SIGUSR2");
    while (!existsSync(this.#file)) await delay(5);
    const report: ProbeReport = JSON.parse(readFileSync(this.#file, "utf8"));
    rmSync(this.#file);
    return report;
  }
}
