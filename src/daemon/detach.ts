/**
 * Going into the background (`--detach`, ovn-nbctl(8) "Daemon Options"). Node can't fork: the program starts
 * itself once more, in a session of its own, with nothing of the caller's but stderr, and waits until that
 * child says over a pipe that it is ready, or why it isn't. Before that the child lets go of stderr too: a
 * caller that reads the output of the program sees its end as soon as the child is ready.
 *
 * States of the child: starting (holds the pipe and stderr; what it reports ends up at the caller) → ready or
 * failed (both are closed).
 */
import { spawn } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";

/** By this the child knows that it is one; the value is the pipe's descriptor. */
const VARIABLE = "OVN_IC_TOOLS_READINESS";
const DESCRIPTOR = 3;

/** What the child reported. */
export type Started = { readonly ready: string } | { readonly failed: string };

/** The child's side of the pipe. */
export interface Readiness {
  /** Lets the caller go on, with a text for it. */
  ready(text: string): void;
  failed(text: string): void;
  /**
   * How another process can report instead: it inherits the descriptor, and then this one lets go of it by
   * `passed`.
   */
  readonly pass: {
    readonly descriptor: number;
    readonly env: NodeJS.ProcessEnv;
    readonly passed: () => void;
  };
}

/**
 * Starts this very program, with the same arguments, in the background.
 *
 * @example const started = await startDetached(); // { ready: "/var/run/ovn/ovn-ic-nbctl.4711.ctl" }
 */
export function startDetached(): Promise<Started> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
    env: { ...process.env, [VARIABLE]: String(DESCRIPTOR) },
  });
  return new Promise((resolve, reject) => {
    let text = "";
    child.once("error", reject);
    child.stdio[DESCRIPTOR]?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
    });
    child.once("exit", (status, signal) => {
      if (text === "") resolve({ failed: `the daemon ended at once (${signal ?? `exit status ${status}`})` });
    });
    child.stdio[DESCRIPTOR]?.once("end", () => {
      if (text === "") return;
      child.unref();
      resolve(text.startsWith("+") ? { ready: text.slice(1) } : { failed: text.slice(1) });
    });
  });
}

/** In the child that `startDetached` has started: its way to report; null in any other process. */
export function detachedReadiness(): Readiness | null {
  if (process.env[VARIABLE] !== String(DESCRIPTOR)) return null;
  delete process.env[VARIABLE];
  let open = true;
  const close = (text: string) => {
    if (!open) return;
    open = false;
    leaveStderr();
    try {
      if (text !== "") writeSync(DESCRIPTOR, text);
      closeSync(DESCRIPTOR);
    } catch {
      // Whoever started it is gone already: there is nobody to be told.
    }
  };
  return {
    ready: (text) => close(`+${text}`),
    failed: (text) => close(`-${text}`),
    pass: { descriptor: DESCRIPTOR, env: { [VARIABLE]: String(DESCRIPTOR) }, passed: () => close("") },
  };
}

/** Puts /dev/null in the place of stderr: the lowest free descriptor is what open(2) gives. */
function leaveStderr(): void {
  closeSync(2);
  openSync("/dev/null", "w");
}
