/** Tells systemd how a service is (sd_notify(3)), and that it is still alive (sd_watchdog_enabled(3)). */
import { spawn } from "node:child_process";
import type { Native } from "./native.ts";
import { loadNative } from "./native.ts";

export class ServiceManager {
  readonly #address: string;
  readonly #native: Native | null;
  #watchdog: NodeJS.Timeout | undefined;

  private constructor(address: string, native: Native | null) {
    this.#address = address;
    this.#native = native;
  }

  /**
   * What the environment says; null: nobody wants to know. Children of this process are not asked to tell.
   */
  static async find(environment: NodeJS.ProcessEnv): Promise<ServiceManager | null> {
    const { NOTIFY_SOCKET: address, WATCHDOG_USEC: period, WATCHDOG_PID: pid } = environment;
    for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
    if (address === undefined || address === "") return null;
    const manager = new ServiceManager(address, await loadNative());
    const microseconds = Number(period ?? "0");
    const meant = pid === undefined || Number(pid) === process.pid;
    if (meant && microseconds > 0) manager.#startWatchdog(microseconds / 1000);
    return manager;
  }

  /** Sends assignments, such as `READY=1`, `STATUS=...`, `STOPPING=1`. */
  tell(...assignments: string[]): void {
    if (this.#native?.send(this.#address, assignments.join("\n")) === true) return;
    // Without the system call, the program that is made for it: the unit has to accept that from it
    // (NotifyAccess=all).
    const options = { stdio: "ignore", env: { ...process.env, NOTIFY_SOCKET: this.#address } } as const;
    spawn("systemd-notify", assignments, options).once("error", () => undefined);
  }

  close(): void {
    clearInterval(this.#watchdog);
  }

  /** Twice in each period, by the event loop: if that hangs, nothing is sent. */
  #startWatchdog(period: number): void {
    this.#watchdog = setInterval(() => this.tell("WATCHDOG=1"), period / 2);
    this.#watchdog.unref();
  }
}
