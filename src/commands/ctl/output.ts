/**
 * Writing to stdout and stderr so that nothing is lost when the process ends right after, and log lines as OVS's vlog
 * writes them to the console.
 */
import { writeSync } from "node:fs";

/** Writes all of a text before it returns. A reader that is gone (`| head`) is no error, as in the C programs. */
export function write(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && "code" in error) || error.code !== "EAGAIN") return;
      // A pipe that is full and doesn't block: wait a moment for the reader, without giving up the thread.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

/** A log like vlog's: numbered lines with the time in UTC. */
export class Log {
  #count = 0;

  /** Counts a message that goes elsewhere: C numbers those to syslog too. */
  skip(): void {
    this.#count += 1;
  }

  warn(module: string, text: string): void {
    this.line("WARN", module, text);
  }

  line(level: "WARN" | "INFO" | "DBG", module: string, text: string): void {
    this.#count += 1;
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    write(2, `${time}|${String(this.#count).padStart(5, "0")}|${module}|${level}|${text}\n`);
  }
}
