// What tests, the demo, benchmarks and `ovn-ic sandbox` use.

export { type Description, readRunning, recordProcess, type Zone } from "./directory.ts";
export { formatForShell, sandboxEnvironment, shellName } from "./environment.ts";
export { identify } from "./identity.ts";
export { quoteForShell } from "./installation.ts";
export type { ControllerKind, SandboxOptions } from "./options.ts";
export type { SandboxProcess } from "./processes.ts";
export { type Sandbox, startSandbox } from "./sandbox.ts";
export { stopSandbox } from "./stop.ts";
