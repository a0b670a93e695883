// Remotes that swallow a connection: nothing is refused and nothing answered. They must not use up what a
// caller gives with -t.

import { expect, onTestFinished, test } from "vitest";
import {
  deafPort,
  makeCertificates,
  makeDirectory,
  silentPort,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { nbctl } from "./programs.ts";

const CALLS = 8;

test.each([
  ["drop connections", "tcp", deafPort],
  ["never begin TLS", "ssl", silentPort],
] as const)(
  "two remotes that %s before a good one: every call with -t 5 ends well",
  async (_, method, port) => {
    const server = await startStandalone({ schema: "/usr/share/ovn/ovn-ic-nb.ovsschema" });
    onTestFinished(() => server.stop());
    const remotes = [
      `${method}:127.0.0.1:${await port()}`,
      `${method}:127.0.0.1:${await port()}`,
      server.remote,
    ];
    const { clientKey, clientCert, ca } = await makeCertificates(makeDirectory());
    const tls = ["-p", clientKey, "-c", clientCert, "-C", ca];
    const good = { stdout: "", stderr: "", status: 0, signal: null };
    // Few at a time: it is the remotes that are to be slow, not the machine.
    for (let done = 0; done < CALLS; done += 2) {
      const call = () => nbctl(remotes.join(","), "-t", "5", ...tls, "ts-list");
      expect(await Promise.all([call(), call()])).toEqual([good, good]);
    }
  },
);
