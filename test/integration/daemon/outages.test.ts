// Databases that can't be used: away, behind TLS files that are wrong, or something else that listens there.

import { symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { makeCertificates } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import type { Sandbox } from "../../../src/sandbox/index.ts";
import { startSandbox } from "../../../src/sandbox/index.ts";
import {
  Background,
  environment,
  makeDirectory,
  OURS,
  runProgram,
} from "../../harness/programs/ic-daemon.ts";
import { until } from "../../harness/wait.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ azs: ["az1"], northd: false });
});
afterAll(() => sandbox?.stop());

function databases(): NodeJS.ProcessEnv {
  const az1 = sandbox.azs.get("az1");
  return { ...sandbox.env, OVN_NB_DB: az1?.nb, OVN_SB_DB: az1?.sb };
}

const warnings = (daemon: Background) =>
  daemon.log.filter((line) => /^[a-z_]+\|(WARN|ERR|EMER)\|/.test(line));

test("a database that is away is one warning, which says what is stopped by it; `status` says it too", async () => {
  const directory = makeDirectory();
  const socket = join(directory, "ic-sb.sock");
  const args = ["-vconsole:off", `--ic-sb-db=unix:${socket}`];
  const daemon = await Background.start(OURS, { args, databases: databases() });
  await until(() => warnings(daemon).length > 0, "there is a warning");
  const said = /^ovn_ic\|WARN\|(OVN_IC_Southbound is not connected for \d+ s \(.*\)): (.*)$/.exec(
    warnings(daemon)[0] ?? "",
  );
  expect(said?.[1]).toContain(`(unix:${socket}: No such file or directory)`);
  expect(said?.[2]).toBe("until it is, nothing is advertised, learned or made");
  const { stdout } = await daemon.appctl("status");
  expect(stdout).toMatch(
    /^Status: active\nnot connected: OVN_IC_Southbound \(unix:.*: No such file or directory\)\n$/,
  );
  const attempts = () => daemon.log.filter((line) => line.includes(`${socket}: connecting...`)).length;
  symlinkSync(sandbox.icSb.replace("unix:", ""), socket);
  await until(
    () => daemon.log.some((line) => /^ovn_ic\|INFO\|OVN_IC_Southbound is connected again/.test(line)),
    "it is back",
  );
  expect(attempts()).toBeGreaterThan(2);
  expect(await daemon.appctl("status")).toMatchObject({ stdout: "Status: active\n" });
  expect(warnings(daemon)).toHaveLength(1);
});

/** Runs the daemon in the foreground, or in the background, and `sync`. */
async function inBothForms(args: readonly string[], detach: boolean) {
  const env = environment(makeDirectory(), databases());
  const forms = [detach ? ["--detach"] : [], ["sync"]];
  return Promise.all(
    forms.map(async (form) => {
      const ended = await runProgram([...OURS, ...form, ...args], env);
      return { ...ended, name: form[0] === "sync" ? "ovn-ic sync" : "ovn-ic" };
    }),
  );
}

test("TLS files that can't be used are errors at the start", async () => {
  const { ca, clientKey, clientCert, otherClientKey } = await makeCertificates(makeDirectory());
  const garbage = join(makeDirectory(), "garbage.pem");
  writeFileSync(garbage, "no PEM\n");
  const remote = "ssl:127.0.0.1:1";
  const files = (key: string, certificate: string, authority: string) => [
    "-p",
    key,
    "-c",
    certificate,
    "-C",
    authority,
  ];
  const wrong: [string[], string][] = [
    [
      files("/nix/key", clientCert, ca),
      "cannot read the private key file /nix/key: No such file or directory",
    ],
    [
      files(clientKey, "/nix/cert", ca),
      "cannot read the certificate file /nix/cert: No such file or directory",
    ],
    [
      files(clientKey, clientCert, "/nix/ca"),
      "cannot read the CA certificate file /nix/ca: No such file or directory",
    ],
    [files(garbage, clientCert, ca), `the private key file ${garbage} holds no key that can be used`],
    [files(clientKey, garbage, ca), `the certificate file ${garbage} holds no certificate`],
    [files(clientKey, clientCert, garbage), `the CA certificate file ${garbage} holds no certificate`],
    [
      files(otherClientKey, clientCert, ca),
      `the private key ${otherClientKey} does not belong to the certificate ${clientCert}`,
    ],
    [[], "a private key must be configured to use TLS"],
  ];
  for (const [index, [tls, message]] of wrong.entries()) {
    for (const { name, ...ended } of await inBothForms([...tls, `--ovnsb-db=${remote}`], index % 2 === 0))
      expect(ended).toEqual({ stdout: "", stderr: `${name}: ${remote}: ${message}\n`, status: 1 });
  }
  // Who uses no TLS needs no files.
  const daemon = await Background.start(OURS, { args: ["-vconsole:off", "-p", "/nix/key"] });
  expect(daemon.started).toMatchObject({ status: 0 });
});

/** Something that is no OVSDB server. */
async function speakHttp(): Promise<string> {
  const server: Server = createServer((_, response) => response.end("hello\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `tcp:127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

test("a peer that speaks no OVSDB is named, in one line", async () => {
  const remote = await speakHttp();
  const said = `${remote}: the peer does not speak OVSDB: `;
  const env = environment(makeDirectory(), { ...databases(), OVN_IC_SB_DB: remote });
  for (const form of [["sync"], ["sync", "--dry-run"], ["sync", "--timeout=0"]]) {
    const { stdout, stderr, status } = await runProgram([...OURS, ...form], env);
    expect({ stdout, status }).toEqual({ stdout: "", status: 1 });
    expect(stderr).toMatch(
      /^ovn-ic sync: not connected: OVN_IC_Southbound \(tcp:.*\); nothing was written\n$/,
    );
    expect(stderr).toContain(said);
  }
  const daemon = await Background.start(OURS, {
    args: ["-vconsole:off"],
    databases: { ...databases(), OVN_IC_SB_DB: remote },
  });
  await until(() => warnings(daemon).length > 0, "there is a warning");
  expect(warnings(daemon)[0]).toMatch(/^ovn_ic\|WARN\|OVN_IC_Southbound is not connected/);
  expect(warnings(daemon)[0]).toContain(said);
  expect(daemon.log.filter((line) => /^\s+at /.test(line))).toEqual([]);
});
