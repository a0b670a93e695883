// OVN's own scripts and unit files with our program in the place of C's, which is all a matter of PATH.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import { environment, makeDirectory, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";
import { INSTALLATION_PATIENCE, ovnSid } from "../../harness/programs/ovn-sid.ts";
import { isAlive } from "../../harness/programs/process.ts";
import { until } from "../../harness/wait.ts";

let sandbox: Sandbox;
let sid = "";

beforeAll(async () => {
  sid = (await ovnSid()).root;
  sandbox = await startSandbox({ azs: ["az1"] });
}, INSTALLATION_PATIENCE);
afterAll(() => sandbox?.stop());

interface Control {
  readonly env: NodeJS.ProcessEnv;
  readonly directory: string;
  /** Runs `ovn-ctl` as words of a unit file do. */
  run(...words: string[]): Promise<string>;
}

function control(root: string): Control {
  const directory = makeDirectory();
  const env = {
    ...environment(directory),
    PATH: `${join(ROOT, "bin")}:${process.env.PATH}`,
    OVN_SYSCONFDIR: directory,
  };
  const zone = sandbox.azs.get("az1");
  const databases = [
    `--ovn-northd-nb-db=${zone?.nb}`,
    `--ovn-northd-sb-db=${zone?.sb}`,
    `--ovn-ic-nb-db=${sandbox.icNb}`,
    `--ovn-ic-sb-db=${sandbox.icSb}`,
  ];
  const script = join(root, "usr/share/ovn/scripts/ovn-ctl");
  const run = async (...words: string[]) => {
    const { stdout, stderr, status } = await runProgram(["sh", script, ...databases, ...words], env);
    expect({ words, stderr, status }).toEqual({ words, stderr: "", status: 0 });
    return stdout;
  };
  return { env, directory, run };
}

function words(root: string, key: string): string[] {
  const unit = readFileSync(join(root, "usr/lib/systemd/system/ovn-ic.service"), "utf8");
  const line = new RegExp(`^${key}=/usr/share/ovn/scripts/ovn-ctl (.*)$`, "m").exec(unit)?.[1] ?? "";
  return line.split(" ").filter((word) => word !== "" && !word.startsWith("$"));
}

describe.each(["23.03", "26.03"])("ovn-ctl and the unit file of %s", (release) => {
  const root = () => (release === "23.03" ? "/" : sid);

  test("start, status, a second start, stop", async () => {
    const { directory, env, run } = control(root());
    const before = await sandbox.run("ovn-ic-sbctl", [
      "--bare",
      "--columns=_uuid",
      "list",
      "Availability_Zone",
    ]);
    const start = words(root(), "ExecStart");
    expect(start[0]).toBe("start_ic");
    expect(await run(...start)).toMatch(/Starting ovn-ic/);
    // What systemd reads for Type=forking.
    const pid = Number(readFileSync(join(directory, "ovn-ic.pid"), "utf8"));
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).toContain(join(ROOT, "bin/ovn-ic"));
    if (before === "")
      await sandbox.run("ovn-ic-sbctl", ["--timeout=20", "wait-until", "Availability_Zone", "az1"]);
    expect(await run("status_ic")).toBe(`ovn-ic is running with pid ${pid}\n`);
    expect(await run(...start)).toMatch(/already running/);
    expect(await runProgram(["ovn-appctl", "-t", "ovn-ic", "is-paused"], env)).toMatchObject({
      stdout: "false\n",
    });
    await run(...words(root(), "ExecStop"));
    expect(isAlive(pid)).toBe(false);
  });

  test("with a monitor, as ovn-ctl does by itself", async () => {
    const { directory, run } = control(root());
    await run("start_ic");
    const pid = Number(readFileSync(join(directory, "ovn-ic.pid"), "utf8"));
    const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    expect(readFileSync(`/proc/${parent}/cmdline`, "utf8")).toContain("--monitor");
    await run("stop_ic");
    await until(() => !isAlive(pid) && !isAlive(parent), "both have ended");
  });
});
