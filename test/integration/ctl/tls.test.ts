// What the options for TLS mean in the programs: whom they trust, and whom not. The cases are those of
// packages/ovsdb-client-ts/test/transport.

import { existsSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Certificates, Server } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import {
  makeCertificates,
  makeDirectory,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { OURS, runProgram } from "../../harness/programs/ic-daemon.ts";
import { ourRunner } from "../../oracle/ctl/contender.ts";

let dir: string;
let pki: Certificates;
let server: Server;
let remote: string;
let own: readonly string[];

beforeAll(async () => {
  dir = makeDirectory();
  pki = await makeCertificates(dir);
  server = await startStandalone({
    schema: "/usr/share/ovn/ovn-ic-nb.ovsschema",
    tls: pki,
    extraSchemas: ["ovn-ic-sb", "ovn-nb", "ovn-sb"].map((name) => `/usr/share/ovn/${name}.ovsschema`),
  });
  remote = server.remotes.ssl ?? "";
  own = ["-p", pki.clientKey, "-c", pki.clientCert];
});

afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

/** What lines of ours say, with the CAs of the web as the environment has them. */
function line(which: "nb" | "sb", ...args: string[]) {
  const environment = { PATH: process.env.PATH ?? "", NODE_EXTRA_CA_CERTS: pki.ca };
  return ourRunner(which, [`--db=${remote}`, ...own, ...args, "show"], environment);
}

const good = { stdout: "", stderr: "", status: 0 };
const refused = (which: "nb" | "sb", reason: string) => ({
  stdout: "",
  status: 1,
  stderr: `ovn-ic-${which}ctl: ${remote}: database connection failed (${reason})\n`,
});

test.each(["nb", "sb"] as const)(
  "ovn-ic-%sctl: an empty CA file means nobody, not the CAs of the web",
  async (which) => {
    const empty = join(dir, "empty.pem");
    writeFileSync(empty, "");
    expect(await line(which, "-C", pki.ca)).toEqual(good);
    const reason = `the CA certificate file ${empty} holds no certificate`;
    expect(await line(which, "-C", empty)).toEqual(refused(which, reason));
    expect(await line(which, `--bootstrap-ca-cert=${empty}`)).toEqual(refused(which, reason));
  },
);

test("--bootstrap-ca-cert: a link that leads nowhere is no file to bootstrap", async () => {
  const link = join(dir, "dangling.pem");
  symlinkSync(join(dir, "nowhere.pem"), link);
  expect(await line("nb", `--bootstrap-ca-cert=${link}`)).toEqual(
    refused("nb", `cannot read the CA certificate file ${link}: No such file or directory`),
  );
  expect(existsSync(link)).toBe(false);
});

const NAMED = "the server's certificate is not trusted: the certificate is not for db.example.org, but for ";

test.each(["nb", "sb"] as const)("ovn-ic-%sctl: --ssl-check-name", async (which) => {
  const name = "--ssl-server-name=db.example.org";
  expect(await line(which, "-C", pki.ca, name)).toEqual(good);
  expect(await line(which, "-C", pki.ca, "--ssl-check-name")).toEqual(good);
  expect(await line(which, "-C", pki.ca, "--ssl-check-name", "--ssl-server-name=localhost")).toEqual(good);
  expect(await line(which, "-C", pki.ca, "--ssl-check-name", name)).toEqual({
    ...refused(which, ""),
    stderr: expect.stringContaining(`database connection failed (${NAMED}`),
  });
});

test.each([
  [
    "ovn-ic sync",
    ["sync", "--once", "--timeout", "3"],
    ["--ic-nb-db", "--ic-sb-db", "--ovnnb-db", "--ovnsb-db"],
  ],
] as const)("%s: --ssl-check-name", async (_, words, databases) => {
  const remotes = databases.map((option) => `${option}=${remote}`);
  const run = (...more: string[]) =>
    runProgram([...OURS, ...words, ...remotes, ...own, "-C", pki.ca, "--ssl-check-name", ...more]);
  expect((await run("--ssl-server-name=localhost")).stderr).not.toContain("certificate");
  const { stderr, status } = await run("--ssl-server-name=db.example.org");
  expect(stderr).toContain(NAMED);
  expect(status).not.toBe(0);
});
