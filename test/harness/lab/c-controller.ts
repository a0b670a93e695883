/**
 * C controllers: in a zone of a sandbox, or in one of another sandbox than the global databases', with that
 * one's OVN.
 */
import { join } from "node:path";
import type { Sandbox, SandboxProcess } from "../../../src/sandbox/index.ts";
import { Daemon } from "../programs/process.ts";
import { turns } from "./unixctl.ts";

export interface CController {
  /** Its main loop comes round so many times. */
  turns(count: number): Promise<void>;
  stop(): Promise<unknown>;
}

/** Starts one; resolves when its zone is registered. */
export async function startC(zone: string, home: Sandbox, global: Sandbox): Promise<CController> {
  const directory = home.azs.get(zone)?.dir ?? "";
  const socket = (pid: number) => join(directory, `ovn-ic.${pid}.ctl`);
  if (home === global) {
    const process: SandboxProcess = await home.startController(zone, "c");
    return { turns: (count) => turns(socket(process.pid), count), stop: () => process.stop() };
  }
  const { nb, sb } = home.azs.get(zone) ?? { nb: "", sb: "" };
  const databases = [
    `--ovnnb-db=${nb}`,
    `--ovnsb-db=${sb}`,
    `--ic-nb-db=${global.icNb}`,
    `--ic-sb-db=${global.icSb}`,
  ];
  const env = { ...process.env, OVN_RUNDIR: directory };
  const daemon = new Daemon(["ovn-ic", ...databases, "-vsyslog:off"], join(directory, "ovn-ic-foreign.log"), {
    env,
  });
  await global.run("ovn-ic-sbctl", ["--timeout=60", "wait-until", "Availability_Zone", zone]);
  return { turns: (count) => turns(socket(daemon.pid), count), stop: () => daemon.kill() };
}
