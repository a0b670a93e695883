/**
 * SIGUSR1 has Node.js open a port for debuggers, by which whoever reaches 127.0.0.1 can have the process do
 * anything.
 *
 * The loader of each program (scripts/build/loader.cjs) ignores the signal, before anything else. It can't do
 * that before Node.js itself has started, which takes some 30 ms: what a signal has opened until then is
 * closed by what runs for long.
 */
import { close, url } from "node:inspector";

/** Closes the port for debuggers, unless whoever started this process has asked for it. */
export function closeDebugger(): void {
  const asked = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(" ")];
  if (asked.some((word) => /^--inspect(-brk|-wait)?(=|$)/.test(word))) return;
  const closeIt = () => {
    if (url() !== undefined) close();
  };
  // Node.js notices the signal in two ways, in the event loop too, and by way of a thread, which may be late.
  closeIt();
  setImmediate(closeIt).unref();
  setTimeout(closeIt, 1000).unref();
}
