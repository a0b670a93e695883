// Remotes that swallow a connection: nothing is refused and nothing answered. They must not use up what a caller gives with -t.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import {
  makeCertificates,
  makeDirectory,
  startStandalone,
} from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { nbctl } from "./programs.ts";

const CALLS = 8;

/** Listens, says where, and never accepts. */
const LISTENER = `
  const { writeSync } = require("node:fs");
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** A port where the kernel drops what would connect: the queue of a listener that never accepts is full (listen(2)). */
async function droppingPort(): Promise<number> {
  const child = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [text]: string[] = await once(child.stdout.setEncoding("utf8"), "data");
  const port = Number(text);
  // One more than the backlog.
  for (let fill = 0; fill < 2; fill++) {
    const socket = connect(port, "127.0.0.1").on("error", () => undefined);
    await once(socket, "connect");
    onTestFinished(() => void socket.destroy());
  }
  return port;
}

/** A port where connections are taken and nothing is said. */
async function silentPort(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on("error", () => socket.destroy())));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server has no port");
  return address.port;
}

test.each([
  ["drop connections", "tcp", droppingPort],
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
