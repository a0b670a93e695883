// The same words to C's daemon and to ours, of both releases, by the release's own `ovn-appctl`: the replies
// are equal, and so are files and modes. No databases: what daemons say of themselves depends on none.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startStandalone, transact } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Program, SchemaFile } from "../../../src/sandbox/installation.ts";
import { findInstallation, linkPrograms } from "../../../src/sandbox/installation.ts";
import type { Ended } from "../../harness/programs/ic-daemon.ts";
import {
  Background,
  environment,
  makeDirectory,
  OURS,
  runProgram,
} from "../../harness/programs/ic-daemon.ts";
import { INSTALLATION_PATIENCE, ovnSid } from "../../harness/programs/ovn-sid.ts";
import { ended } from "../../harness/programs/process.ts";
import { eventually } from "../../harness/wait.ts";

let links = "";
let sidRoot = "";
const releases = new Map<string, ReadonlyMap<Program, string>>();

beforeAll(async () => {
  links = mkdtempSync(join(tmpdir(), "ic-daemon-links-"));
  const { root } = await ovnSid();
  sidRoot = root;
  releases.set("23.03", linkPrograms(findInstallation(), links));
  releases.set("26.03", linkPrograms(findInstallation(root), links));
}, INSTALLATION_PATIENCE);
afterAll(() => rmSync(links, { recursive: true, force: true }));

const schema = (release: string, name: SchemaFile) =>
  findInstallation(release === "23.03" ? undefined : sidRoot).schemas.get(name) ?? "";
const program = (release: string, name: Program) => releases.get(release)?.get(name) ?? "";

/** Starts both; `said` is what starting them printed. */
async function startBoth(release: string): Promise<readonly [c: Background, ours: Background]> {
  const options = { args: ["-vconsole:off"], appctl: program(release, "ovn-appctl") };
  const c = await Background.start([program(release, "ovn-ic")], options);
  const ours = await Background.start(OURS, options);
  for (const { started } of [c, ours]) expect(started).toEqual({ stdout: "", stderr: "", status: 0 });
  return [c, ours];
}

/** In order: what one command changes shows in the next ones. */
const SAME: readonly string[] = [
  "status",
  "is-paused",
  "pause",
  "pause",
  "is-paused",
  "status",
  "resume",
  "resume",
  "is-paused",
  "status",
  "pause x",
  "is-paused x",
  "exit x",
  "nix",
  "version x",
  "list-commands x",
  "vlog/list-pattern",
  "vlog/set foo",
  "vlog/set dbg foo",
  "vlog/set file:console",
  "vlog/set ovn_ic:vlog",
  "vlog/set err:off",
  "vlog/set any:any:any",
  "vlog/set facility:nix",
  "vlog/set facility:local1",
  "vlog/set pattern:nix:%m",
  "vlog/set pattern:console:%m|%p",
  "vlog/list-pattern",
  "vlog/close",
  "vlog/reopen",
  "vlog/reopen",
  "vlog/disable-rate-limit",
  "vlog/enable-rate-limit ovn_ic",
  "vlog/disable-rate-limit nix",
  "vlog/reopen x",
  "coverage/read-counter nix",
  "coverage/read-counter",
];

const SAME_26: readonly string[] = [
  "nb-connection-status",
  "sb-connection-status",
  "ic-nb-connection-status",
  "ic-sb-connection-status",
  "stopwatch/show nix",
  "stopwatch/reset nix",
  "stopwatch/reset",
  "stopwatch/reset a b",
  "inc-engine/show-stats nix",
  "inc-engine/show-stats a b c",
  "inc-engine/recompute x",
  "inc-engine/clear-stats",
  "inc-engine/list-stopwatches a b",
  "inc-engine/compute-log-timeout x",
  "inc-engine/compute-log-timeout 500",
  "inc-engine/recompute",
  "set-options",
  "set-options --format",
  "set-options --format xml",
  "set-options --nix json",
  "set-options --format=text",
  "set-options --form json",
  "set-options --format json x",
  "set-options nix",
  "set-options nix nix",
  "set-options nix --format json",
  "set-options nix --nix",
];

describe.each([
  ["23.03", SAME],
  ["26.03", [...SAME, ...SAME_26]],
] as const)("as C %s", (release, commands) => {
  test("replies and errors", async () => {
    const [c, ours] = await startBoth(release);
    const ask = async (daemon: Background) => {
      const answers: [string, Ended][] = [];
      for (const command of commands) answers.push([command, await daemon.appctl(...command.split(" "))]);
      return answers;
    };
    const [expected, received] = await Promise.all([ask(c), ask(ours)]);
    expect(received).toEqual(expected);
  });

  test("list-commands has all that C has, with the same arguments", async () => {
    const [c, ours] = await startBoth(release);
    const lines = async (daemon: Background) => (await daemon.appctl("list-commands")).stdout.split("\n");
    const [expected, received] = [await lines(c), await lines(ours)];
    expect(received).toEqual(expect.arrayContaining(expected));
    if (release === "26.03") expect(received).toEqual(expected);
  });

  test("levels by module and destination", async () => {
    const [c, ours] = await startBoth(release);
    const specs = ["syslog:emer", "file:ovn_ic:dbg", "reconnect:err"];
    const levels = async (daemon: Background) => {
      expect(await daemon.appctl("vlog/set", ...specs)).toMatchObject({ status: 0 });
      return (await daemon.appctl("vlog/list")).stdout.split("\n");
    };
    // C has modules for everything that is linked in.
    const [expected, received] = [await levels(c), await levels(ours)];
    expect(expected).toEqual(
      expect.arrayContaining(received.filter((line) => !/^(stopwatch|inc_proc_eng) /.test(line))),
    );
    expect(received.find((line) => line.startsWith("ovn_ic "))).toMatch(/ OFF +EMER +DBG$/);
  });

  test("files, their modes, and what is left at the end", async () => {
    const daemons = await startBoth(release);
    const listing = (daemon: Background) =>
      readdirSync(daemon.directory)
        .map((name) => `${name.replace(String(daemon.pid), "PID")} ${daemon.mode(name)}`)
        .sort();
    const [c, ours] = daemons.map(listing);
    expect(ours).toEqual(c);
    for (const daemon of daemons) {
      const { pid } = daemon;
      expect(await daemon.appctl("exit")).toEqual({ stdout: "", stderr: "", status: 0 });
      await ended(pid);
      expect(readdirSync(daemon.directory)).toEqual(["ovn-ic.log"]);
    }
  });

  test("what keeps it from starting", async () => {
    const env = environment(makeDirectory());
    const lines: readonly (readonly string[])[] = [
      ["--pidfile=/nix/x.pid"],
      ["--log-file=/nix/x"],
      ["-vfoo"],
      ["-vfile:console"],
      ["--syslog-method=nix"],
    ];
    for (const args of lines) {
      const [c, ours] = await Promise.all(
        [[program(release, "ovn-ic")], OURS].map((command) => runProgram([...command, ...args], env)),
      );
      const text = (ended: Ended | undefined) => ({
        ...ended,
        stderr: ended?.stderr.replace(/^\S+Z\|/gm, ""),
      });
      expect(text(ours), args.join(" ")).toEqual(text(c));
    }
  });

  test("without its default log file it runs, and says so once", async () => {
    const [c, ours] = [[program(release, "ovn-ic")], OURS].map(async (command) => {
      const directory = makeDirectory();
      const env = { ...environment(directory), OVS_LOGDIR: "/nonexistent" };
      const started = await runProgram([...command, "--pidfile", "--detach", "--log-file", "-Cnone"], env);
      const pid = readFileSync(join(directory, "ovn-ic.pid"), "utf8").trim();
      const ask = (...words: string[]) =>
        runProgram(
          [program(release, "ovn-appctl"), "-t", join(directory, `ovn-ic.${pid}.ctl`), ...words],
          env,
        );
      const reopened = (await ask("vlog/reopen")).stderr.split("\n")[0];
      await ask("exit");
      return { ...started, stderr: started.stderr.replace(/^\S+Z\|/gm, ""), reopened };
    });
    expect(await ours).toEqual(await c);
  });

  test("options and help", async () => {
    const say = async (command: readonly string[], option: string) =>
      (await runProgram([...command, option], environment("/run/x"))).stdout;
    const c = [program(release, "ovn-ic")];
    // C prints more than names: bytes that are no letters where an option has no short form.
    const names = (text: string) => text.match(/^(--[a-z-]+(=\[?ARG\]?)?|-[a-zA-Z]\b)/gm) ?? [];
    const [expected, received] = [names(await say(c, "--options")), names(await say(OURS, "--options"))];
    expect(received).toEqual(expect.arrayContaining(expected));
    const help = await say(OURS, "--help");
    for (const option of names((await say(c, "--help")).replace(/^ +/gm, ""))) expect(help).toContain(option);
  });

  test("right after --detach it tells who has the lock, and once that certificates aren't verified", async () => {
    const schemas = (["nb", "sb", "ic-nb", "ic-sb"] as const).map((name) =>
      schema(release, `ovn-${name}.ovsschema`),
    );
    const [first = "", ...extraSchemas] = schemas;
    const server = await startStandalone({ schema: first, extraSchemas });
    onTestFinished(() => server.stop());
    await transact(server.remote, "OVN_Northbound", {
      op: "insert",
      table: "NB_Global",
      row: { name: "az1" },
    });
    await transact(server.remote, "OVN_Southbound", { op: "insert", table: "SB_Global", row: {} });
    const names = ["OVN_NB_DB", "OVN_SB_DB", "OVN_IC_NB_DB", "OVN_IC_SB_DB"];
    const databases = Object.fromEntries(names.map((name) => [name, server.remote]));
    const options = {
      args: ["-vconsole:off", "-C", "none"],
      appctl: program(release, "ovn-appctl"),
      databases,
    };
    for (const command of [[program(release, "ovn-ic")], OURS]) {
      for (let round = 0; round < 5; round++) {
        const daemon = await Background.start(command, options);
        expect(daemon.started).toEqual({ stdout: "", stderr: "", status: 0 });
        const active = { stdout: "Status: active\n", stderr: "", status: 0 };
        // C answers at once, and on a busy machine that is before its server has granted the lock.
        if (command !== OURS) await eventually(() => daemon.appctl("status"), active);
        expect(await daemon.appctl("status")).toEqual(active);
        const warnings = daemon.log.filter((line) => /\|WARN\|/.test(line));
        const disabled = "Peer certificate validation disabled (this is a security risk)";
        expect(warnings).toEqual([`stream_ssl|WARN|${disabled}`]);
        await daemon.end();
      }
    }
  });

  test("neither starts while the other's pidfile is locked", async () => {
    const [c, ours] = await startBoth(release);
    const refused = async (command: readonly string[], { env }: Background) =>
      runProgram([...command, "--pidfile", "--detach", "-vconsole:off"], env);
    expect(await refused(OURS, c)).toEqual(await refused([program(release, "ovn-ic")], c));
    expect(await refused([program(release, "ovn-ic")], ours)).toMatchObject({
      status: 1,
      stderr: `ovn-ic: ${ours.pidfile}: already running as pid ${ours.pid}, aborting\n`,
    });
  });
});
