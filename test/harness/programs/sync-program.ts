/** The built program `ovn-ic sync`, run in zone az1 of a sandbox. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";

export const PROGRAM = fileURLToPath(new URL("../../../bin/ovn-ic", import.meta.url));

export function start(sandbox: Sandbox, args: readonly string[]): ChildProcess {
  const zone = sandbox.azs.get("az1");
  const env = { ...process.env, ...sandbox.env, OVN_NB_DB: zone?.nb, OVN_SB_DB: zone?.sb };
  const child = spawn(process.execPath, [PROGRAM, "sync", ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

export async function run(sandbox: Sandbox, ...args: string[]) {
  return end(start(sandbox, args));
}

export async function end(
  child: ChildProcess,
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (data) => (output.stdout += data));
  child.stderr?.on("data", (data) => (output.stderr += data));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, ...output };
}
