/** A sandbox that cannot start or stop: the message says what was wanted, what is wrong and what to do. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}
