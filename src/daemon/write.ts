/** Writing to stdout and stderr so that nothing is lost when the process ends right after. */
import { writeSync } from "node:fs";

/**
 * Writes all of a text before it returns. A reader that is gone (`| head`) is no error, as in the C programs.
 */
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
