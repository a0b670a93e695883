// What a sandbox is asked to be, and what that requires.

import { isName } from "./directory.ts";
import { checkShellNames } from "./environment.ts";
import { SandboxError } from "./error.ts";
import type { Program } from "./installation.ts";
import type { SandboxProcess } from "./processes.ts";

/** Who interconnects an AZ: the C `ovn-ic`, or this package's `ovn-ic sync --watch`. */
export type ControllerKind = "c" | "ours";

export interface SandboxOptions {
  /** A new or empty directory; default: a temporary one. */
  dir?: string;
  /** Names of the availability zones; default az1 and az2. */
  azs?: readonly string[];
  /** Controllers to start, by AZ. */
  controllers?: ReadonlyMap<string, ControllerKind>;
  /** Whether each AZ has an ovn-northd; default true. */
  northd?: boolean;
  /** Sets `ic-route-adv` and `ic-route-learn` in every AZ; default false. */
  routes?: boolean;
  /** Another OVN installation: a prefix, or the root directory of a Debian system. */
  ovnRoot?: string;
  /** Directory of the .ovsschema files; default: the installation's. */
  schemas?: string;
  /** Path of this package's `ovn-ic` script; needed for controllers of kind "ours". */
  ovnIc?: string;
  /** The servers outlive this process; default false: they end with it, however it ends. */
  keep?: boolean;
  /** Abandons the start-up: all that has been started is stopped, and the promise is rejected. */
  signal?: AbortSignal;
  /** Called when a process ends that nobody has stopped. */
  onUnexpectedEnd?: (process: SandboxProcess) => void;
}

/** @throws SandboxError if the options contradict each other or a name is impossible. */
export function checkOptions(options: SandboxOptions, azs: readonly string[]): void {
  if (process.platform !== "linux") throw new SandboxError("a sandbox needs Linux");
  if (azs.length === 0) throw new SandboxError("a sandbox needs at least one AZ");
  for (const az of azs) {
    if (!isName(az)) {
      throw new SandboxError(
        `--az ${az}: the name is also that of a directory: use letters, digits, "_", "." and "-"`,
      );
    }
  }
  checkShellNames(azs);
  for (const [az, kind] of options.controllers ?? []) {
    if (!azs.includes(az)) throw new SandboxError(`--controller ${az}=${kind}: there is no AZ ${az}`);
    if (kind === "ours" && options.ovnIc === undefined) {
      throw new SandboxError(
        `--controller ${az}=ours: the path of this package's ovn-ic isn't known (ovnIc)`,
      );
    }
  }
}

/** The programs that a sandbox with these options runs. */
export function neededPrograms(options: SandboxOptions): Program[] {
  const needed: Program[] = [
    "ovsdb-server",
    "ovsdb-tool",
    "ovn-nbctl",
    "ovn-sbctl",
    "ovn-ic-nbctl",
    "ovn-ic-sbctl",
  ];
  if (options.northd !== false) needed.push("ovn-northd");
  if ([...(options.controllers?.values() ?? [])].includes("c")) needed.push("ovn-ic");
  return needed;
}
