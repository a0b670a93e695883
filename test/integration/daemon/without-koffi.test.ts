// Where the optional package is not installed: what is published, copied elsewhere.

import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Background, makeDirectory, ROOT, runProgram } from "../../harness/programs/ic-daemon.ts";

test("without koffi the daemon runs, says what is missing, and its pidfile still keeps others of its kind from starting", async () => {
  const place = makeDirectory();
  cpSync(join(ROOT, "dist"), join(place, "dist"), { recursive: true });
  const ours = [process.execPath, join(place, "dist/ovn-ic.cjs")];
  const daemon = await Background.start(ours, { args: ["-vconsole:off"] });
  expect(daemon.log.filter((line) => line.includes("|WARN|"))).toEqual([
    `daemon_unix|WARN|${daemon.pidfile} will not be locked, so ovn-appctl by name takes it for stale: ` +
      "install the package koffi beside ovn-ic-tools (npm install koffi)",
  ]);
  const words = ["-vconsole:off", "--syslog-method=unix:/nowhere"];
  const other = await Background.start(ours, { args: words });
  expect(other.log).toContain(
    "vlog|WARN|nothing is sent to syslog (unix:/nowhere): install the package koffi beside ovn-ic-tools (npm install koffi)",
  );
  const again = [...ours, "--pidfile", "--detach", "-vconsole:off"];
  expect(await runProgram(again, daemon.env)).toMatchObject({
    status: 1,
    stderr: `ovn-ic: ${daemon.pidfile}: already running as pid ${daemon.pid}, aborting\n`,
  });
  expect(await runProgram(["ovs-appctl", "-t", daemon.socket, "status"], daemon.env)).toEqual({
    stdout: "Status: standby\n",
    stderr: "",
    status: 0,
  });
});
