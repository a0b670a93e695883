// Whose a sandbox is. What its files say is done: processes are ended, directories removed, and a shell
// evaluates lines. So they must be those of the user who asks, also if that is root, and above all then.

import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { SandboxError } from "./error.ts";

/** @throws SandboxError if a file or directory is another user's. */
export function refuseForeign(path: string): void {
  checkOwner(path, statSync(path).uid);
}

/**
 * The text of a file; null: there is none.
 *
 * @throws SandboxError if it is another user's, or leads elsewhere.
 */
export function readOwn(path: string): string | null {
  let file: number;
  try {
    // A FIFO would be waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SandboxError(`${path}: not written by a sandbox (${reason}); if it is in the way, remove it`);
  }
  try {
    const stats = fstatSync(file);
    checkOwner(path, stats.uid);
    if (!stats.isFile())
      throw new SandboxError(`${path}: not written by a sandbox; if it is in the way, remove it`);
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function checkOwner(path: string, owner: number): void {
  const me = process.geteuid?.() ?? owner;
  if (owner === me) return;
  throw new SandboxError(
    `${path}: belongs to the user with the number ${owner}, and this is ${me}: only who has started a sandbox can use it`,
  );
}
