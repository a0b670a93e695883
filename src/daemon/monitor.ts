/**
 * `--monitor` (ovn-nbctl(8), "Daemon Options"): a process that starts the daemon again when it dies of a
 * signal that a mistake in the program brings about, and ends with it otherwise.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeDebugger } from "./debugger.ts";
import type { Readiness } from "./detach.ts";

/** By this the daemon knows that it is the one being watched. */
const VARIABLE = "OVN_IC_TOOLS_MONITORED";

/** The words of strsignal(3) for them. */
const MISTAKES: ReadonlyMap<string, string> = new Map([
  ["SIGABRT", "Aborted"],
  ["SIGALRM", "Alarm clock"],
  ["SIGBUS", "Bus error"],
  ["SIGFPE", "Floating point exception"],
  ["SIGILL", "Illegal instruction"],
  ["SIGPIPE", "Broken pipe"],
  ["SIGSEGV", "Segmentation fault"],
  ["SIGXCPU", "CPU time limit exceeded"],
  ["SIGXFSZ", "File size limit exceeded"],
]);

/** Milliseconds between two restarts at least: one that dies at once must not keep the machine busy. */
const LEAST_BETWEEN_RESTARTS = 10_000;

/** Whether this process is watched by another, which so knows of it. Only the first call tells. */
export function isMonitored(): boolean {
  const monitored = process.env[VARIABLE] !== undefined;
  delete process.env[VARIABLE];
  return monitored;
}

/**
 * Starts this very program, with the same arguments, and watches it until it ends for good.
 *
 * @param pass what the first child inherits besides: a descriptor, and environment that names it.
 * @param died says that it died, and what happens next.
 * @returns its exit status.
 */
export async function monitor(
  pass: Readiness["pass"] | null,
  died: (text: string) => Promise<void> | void,
): Promise<number> {
  const env = { ...process.env, [VARIABLE]: "1" };
  // The daemon begins where the user was, since its arguments may say so; this process keeps no directory in
  // use.
  const cwd = process.cwd();
  process.chdir("/");
  closeDebugger();
  let child = start(cwd, { ...env, ...pass?.env }, pass?.descriptor ?? null);
  pass?.passed();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // Between two daemons there is none that would end and so end this.
      if (!child.kill(signal)) process.exit(0);
    });
  }
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  let crashes = 0;
  let restarted = Number.NEGATIVE_INFINITY;
  for (;;) {
    const { status, signal } = await ended(child);
    const mistake = MISTAKES.get(signal ?? "");
    if (mistake === undefined) return status ?? 1;
    crashes++;
    await died(`${crashes} crashes: pid ${child.pid} died, killed (${mistake}), restarting`);
    const pause = LEAST_BETWEEN_RESTARTS - (performance.now() - restarted);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    restarted = performance.now();
    child = start(cwd, env, null);
  }
}

/** @param descriptor of this process, which the child has under the same number. */
function start(cwd: string, env: NodeJS.ProcessEnv, descriptor: number | null): ChildProcess {
  const inherited = descriptor === null ? [] : [descriptor];
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["ignore", "ignore", "inherit", ...inherited],
    cwd,
    env,
  });
}

function ended(child: ChildProcess): Promise<{ status: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve({ status, signal }));
  });
}
