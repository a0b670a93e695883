/**
 * `--monitor` (ovn-nbctl(8), "Daemon Options"): a process that starts the daemon again when it dies of a signal that a mistake in the
 * program brings about, and ends with it otherwise.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** By this the daemon knows that it is the one being watched. */
const VARIABLE = "OVN_IC_TOOLS_MONITORED";

const MISTAKES: ReadonlySet<NodeJS.Signals> = new Set([
  ...(["SIGABRT", "SIGALRM", "SIGBUS", "SIGFPE", "SIGILL", "SIGPIPE", "SIGSEGV", "SIGXCPU"] as const),
  "SIGXFSZ" as NodeJS.Signals,
]);

/** Milliseconds between two starts at least: one that dies at once must not keep the machine busy. */
const LEAST_BETWEEN_STARTS = 10_000;

/** Whether this process is watched by another, which so knows of it. Only the first call tells. */
export function isMonitored(): boolean {
  const monitored = process.env[VARIABLE] !== undefined;
  delete process.env[VARIABLE];
  return monitored;
}

/**
 * Starts this very program, with the same arguments, and watches it until it ends for good.
 *
 * @param pass what the first child inherits besides: descriptors, and environment that names them.
 * @param warn says that it died, and what happens next.
 * @returns its exit status.
 */
export async function monitor(
  pass: { readonly descriptor: number; readonly env: NodeJS.ProcessEnv; readonly passed: () => void },
  warn: (text: string) => void,
): Promise<number> {
  const env = { ...process.env, [VARIABLE]: "1" };
  // The daemon begins where the user was, since its arguments may say so; this process keeps no directory in use.
  const cwd = process.cwd();
  process.chdir("/");
  let child = start(cwd, { ...env, ...pass.env }, pass.descriptor);
  pass.passed();
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => {
      // Between two daemons there is none that would end and so end this.
      if (!child.kill(signal)) process.exit(1);
    });
  }
  for (;;) {
    const began = performance.now();
    const { status, signal } = await ended(child);
    if (signal === null || !MISTAKES.has(signal)) return status ?? 1;
    warn(`${child.pid} died, killed (${signal}), restarting`);
    const pause = LEAST_BETWEEN_STARTS - (performance.now() - began);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    child = start(cwd, env, null);
  }
}

/** @param descriptor of this process, which the child has under the same number. */
function start(cwd: string, env: NodeJS.ProcessEnv, descriptor: number | null): ChildProcess {
  const inherited = descriptor === null ? [] : [descriptor];
  return spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ["ignore", "ignore", "ignore", ...inherited],
    ...{ cwd, env },
  });
}

function ended(child: ChildProcess): Promise<{ status: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status, signal) => resolve({ status, signal }));
  });
}
