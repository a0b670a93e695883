// Remotes that are no servers, or answer nobody: what a caller with little time sees of them.

import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import {
  deafPort,
  makeCertificates,
  makeDirectory,
  silentPort,
  startRelay,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { icNb } from "../../../src/core/schema/ic-nb.ts";
import { nbctl } from "./programs.ts";

async function database() {
  const server = await startStandalone({ schema: icNb });
  onTestFinished(() => server.stop());
  return server;
}

test("with -t 5 and two remotes that swallow connections the third is reached, in whichever order they are tried", async () => {
  const server = await database();
  const dir = makeDirectory();
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const pki = await makeCertificates(dir);
  const tls = ["-p", pki.clientKey, "-c", pki.clientCert, "-C", pki.ca];
  const remotes = [
    `tcp:127.0.0.1:${await deafPort()}`,
    `ssl:127.0.0.1:${await silentPort()}`,
    server.remote,
  ].join(",");
  const ends = await Promise.all(
    Array.from({ length: 6 }, () => nbctl(remotes, "-t", "5", ...tls, "ts-list")),
  );
  expect(ends).toEqual(ends.map(() => ({ stdout: "", stderr: "", status: 0, signal: null })));
});

test("a web server: one line that names it, exit status 1", async () => {
  const web = createServer((_, response) => void response.end("<html>".repeat(10_000)));
  await once(web.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void web.close());
  const address = web.address();
  const remote = `tcp:127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  expect(await nbctl(remote, "ts-list")).toMatchObject({
    stdout: "",
    stderr: `ovn-ic-nbctl: ${remote}: database connection failed (the peer does not speak OVSDB: expected a JSON object or array, not "H")\n`,
    status: 1,
  });
});

test("a relay: refused with --leader-only, which is the default, used without", async () => {
  const server = await database();
  const relay = await startRelay({ of: server, database: icNb.name });
  onTestFinished(() => relay.stop());
  expect(await nbctl(relay.remote, "ts-add", "ts1")).toMatchObject({
    stderr: `ovn-ic-nbctl: ${relay.remote}: database connection failed (relay database server cannot be a leader)\n`,
    status: 1,
  });
  expect(await nbctl(relay.remote, "--no-leader-only", "ts-add", "ts1")).toMatchObject({
    stderr: "",
    status: 0,
  });
});
