/** The program `ovn-ic sync` itself: output and exit status. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { transactionCounts } from "../../harness/databases/log.ts";
import { end, PROGRAM, run, start } from "../../harness/programs/sync-program.ts";
import { PATIENCE } from "../../harness/wait.ts";
import { commands } from "../../harness/words.ts";
import { addRouter, rows, zones } from "../../harness/zones/zones.ts";

/** A watching instance that is active. */
async function watching(sandbox: Sandbox): Promise<ChildProcess> {
  const child = start(sandbox, ["--watch"]);
  await new Promise<void>((resolve) =>
    child.stdout?.on("data", (data) => String(data).includes("active") && resolve()),
  );
  return child;
}

describe("ovn-ic sync", { timeout: 2 * PATIENCE }, () => {
  it("shows what it would do, does it, and has nothing left to do", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    await addRouter(sandbox, "az1", 1);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    const before = transactionCounts(sandbox);
    const plan = await run(sandbox, "--dry-run");
    expect(plan).toMatchObject({ status: 2, stderr: "" });
    expect(plan.stdout).toContain(
      "OVN_IC_Southbound\n  + Availability_Zone az1\n      name: az1\n      (availability-zone: NB_Global.name is az1)\n",
    );
    const json = await run(sandbox, "--dry-run", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({
      version: 1,
      zone: "az1",
      status: "changes",
      rows: [{ table: "Availability_Zone", action: "insert" }],
    });
    expect(transactionCounts(sandbox)).toEqual(before);

    const done = await run(sandbox);
    expect(done).toMatchObject({ status: 0, stderr: "" });
    expect(done.stdout).toMatch(
      /^az1: \d+ inserted, \d+ changed in \d+ transactions\n {2}OVN_IC_Southbound Availability_Zone: 1 inserted\n/,
    );
    expect((await rows(sandbox, "ic.sb", "Gateway", "name")).flat()).toEqual(["gw1"]);

    const after = transactionCounts(sandbox);
    expect(await run(sandbox, "--once")).toEqual({
      status: 0,
      stdout: "az1: in sync, nothing to do\n",
      stderr: "",
    });
    expect(await run(sandbox, "--quiet")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await run(sandbox, "--dry-run")).toEqual({
      status: 0,
      stdout: "az1: in sync, nothing to do\n",
      stderr: "",
    });
    const report = JSON.parse((await run(sandbox, "--json")).stdout);
    expect(report).toMatchObject({ version: 1, zone: "az1", status: "in-sync", transactions: 0 });
    expect(transactionCounts(sandbox)).toEqual(after);
  });

  it("leaves the zone to the instance that is active, and follows when that ends", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const active = await watching(sandbox);
    const refused = await run(sandbox);
    expect(refused).toEqual({
      status: 3,
      stdout: "",
      stderr: "ovn-ic sync: another instance is active for this availability zone\n",
    });
    const ended = end(active);
    active.kill("SIGTERM");
    expect((await ended).status).toBe(0);
    expect((await run(sandbox)).status).toBe(0);
  });

  it("leaves no lock behind when it is killed", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const active = await watching(sandbox);
    const ended = end(active);
    active.kill("SIGKILL");
    await ended;
    expect((await run(sandbox)).status).toBe(0);
  });

  it("says which database it can't reach", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const result = await run(sandbox, "--timeout=1", "--ic-sb-db=unix:/nonexistent");
    expect(result.status).toBe(4);
    expect(result.stderr).toMatch(
      /^ovn-ic sync: not connected after 1 seconds: OVN_IC_Southbound \(.*unix:\/nonexistent.*No such file or directory\); nothing was written\n$/,
    );
  });

  it("ends when only what servers refuse is left, names that, and has done everything else", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    await addRouter(sandbox, "az1", 1);
    await sandbox.run("ovn-ic-nbctl", ["ts-add", "ts1"]);
    await sandbox.run(
      "ovn-ic-sbctl",
      commands(
        "--id=@e create Encap type=geneve ip=10.255.0.1 gateway_name=foreign",
        "--id=@z create Availability_Zone name=az3",
        "create Gateway name=foreign availability_zone=@z encaps=@e",
      ),
    );
    const result = await run(sandbox, "--timeout=60");
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/can't be brought in order: gateways: gw1: icSb: .*constraint violation/s);
    expect(result.stdout).toContain("OVN_IC_Southbound Datapath_Binding: 1 inserted");
    expect((await rows(sandbox, "az1.nb", "Logical_Switch", "name")).flat()).toContain("ts1");
    const json = await run(sandbox, "--json");
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: "error",
      problems: [{ planner: "gateways" }],
    });
  });

  it("paints on a terminal, unless it is told not to", async () => {
    const sandbox = await zones({ azs: ["az1"] });
    const onTerminal = async (env: NodeJS.ProcessEnv) => {
      const zone = sandbox.azs.get("az1");
      const remotes = { ...sandbox.env, OVN_NB_DB: zone?.nb, OVN_SB_DB: zone?.sb };
      const line = `'${process.execPath}' '${PROGRAM}' sync --dry-run`;
      const child = spawn("script", ["-qec", line, "/dev/null"], {
        env: { ...process.env, TERM: "xterm", ...remotes, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      return (await end(child)).stdout;
    };
    const painted = await onTerminal({ NO_COLOR: "" });
    expect(painted).toContain("\u001b[1mOVN_IC_Southbound\u001b[22m");
    expect(painted).toContain("\u001b[32m+ Availability_Zone az1\u001b[39m");
    const bare = await onTerminal({ NO_COLOR: "1" });
    expect(bare).toContain("+ Availability_Zone az1");
    expect(bare).not.toContain("\u001b");
  });
});
