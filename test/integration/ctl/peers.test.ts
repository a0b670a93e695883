// Peers that speak no OVSDB, or speak it wrongly: one line that names the remote, exit status 1, never a
// stack.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { MessageBorders, runProgram } from "../../../packages/ovsdb-client-ts/test/fixtures/index.ts";
import { ourRunner } from "../../oracle/ctl/contender.ts";

type Peer = (socket: Socket) => void;

/** Answers each request. */
const answering =
  (answer: (method: string) => object): Peer =>
  (socket) => {
    const borders = new MessageBorders();
    socket.on("data", (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text === undefined) continue;
        const { id, method } = JSON.parse(text);
        socket.write(JSON.stringify({ id, ...answer(method) }));
      }
    });
  };

/** Says something when it is spoken to, and nothing else. */
const saying =
  (text: string | Buffer): Peer =>
  (socket) => {
    socket.once("data", () => socket.write(text));
  };

/** Has a schema with a column of some type, as a JSON text. */
const describing =
  (type: string): Peer =>
  (socket) => {
    const borders = new MessageBorders();
    socket.on("data", (chunk) => {
      for (let rest = chunk; rest.length > 0; ) {
        const { bytes, text } = borders.take(rest);
        rest = rest.subarray(bytes);
        if (text === undefined) continue;
        const { id, method, params } = JSON.parse(text);
        const schema = `{"name":"x","tables":{"X":{"columns":{"a":{"type":${type}}}}}}`;
        const databases = '["OVN_IC_Northbound","OVN_IC_Southbound"]';
        const isUnknown = method !== "list_dbs" && params[0] === "_Server";
        const result = isUnknown ? "null" : method === "list_dbs" ? databases : schema;
        socket.write(`{"id":${id},"result":${result},"error":${isUnknown ? '"unknown database"' : "null"}}`);
      }
    });
  };

const peers: Readonly<Record<string, Peer>> = {
  "an HTTP server": saying("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
  "an SSH server": (socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n"),
  "a TLS server": saying(Buffer.from([21, 3, 3, 0, 2, 2, 22])),
  "JSON that is no JSON-RPC": saying('{"a":1}'),
  "a list": saying("[1,2]"),
  "escapes for a terminal": saying("\u001b[31mred\nline"),
  "a reply to nothing": answering(() => ({ id: "x", result: null, error: null })),
  "an end at once": (socket) => socket.end(),
  "a server that knows no method": answering(() => ({ result: null, error: "unknown method" })),
  "a server that answers with a number": answering(() => ({ result: 42, error: null })),
  "a server that answers with an empty object": answering(() => ({ result: {}, error: null })),
  "a server whose schema is none": answering((method) =>
    method === "list_dbs"
      ? { result: ["OVN_IC_Northbound", "OVN_IC_Southbound"], error: null }
      : {
          result: { name: "OVN_IC_Northbound", tables: { X: { columns: { a: { type: "b" } } } } },
          error: null,
        },
  ),
  // What says that a type is none must be able to say any type, and in one line.
  ...Object.fromEntries(
    Object.entries({
      "an integer": "12345678901234567890",
      "a list of integers": "[12345678901234567890]",
      escapes: '"\\u001b[31m\\n"',
      much: JSON.stringify({ key: "x".repeat(100_000) }),
      deep: `${"[".repeat(900)}${"]".repeat(900)}`,
    }).map(([what, type]): [string, Peer] => [
      `a server with a schema where a type is ${what}`,
      describing(type),
    ]),
  ),
};

async function listen(peer: Peer): Promise<{ directory: string; remote: string }> {
  const directory = mkdtempSync(join(tmpdir(), "peer-"));
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    peer(socket);
  });
  await new Promise<void>((resolve) => server.listen(join(directory, "s"), resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
    rmSync(directory, { recursive: true });
  });
  return { directory, remote: `unix:${join(directory, "s")}` };
}

/** One line: that the connection failed, and why. */
function failed(name: string, remote: string, where = ""): RegExp {
  return new RegExp(`^${name}: ${where}${remote}: database connection failed \\([ -~…]+\\)\n$`);
}

describe.each(Object.entries(peers))("a peer: %s", (_, peer) => {
  test("is told in one line, for either program, in a batch and through a daemon", async () => {
    const { directory, remote } = await listen(peer);
    const environment = {
      PATH: process.env.PATH ?? "",
      OVN_RUNDIR: directory,
      OVN_IC_NB_DB: remote,
      OVN_IC_SB_DB: remote,
    };
    const error = (stderr: RegExp) => ({ stdout: "", stderr: expect.stringMatching(stderr), status: 1 });
    expect(await ourRunner("nb", ["show"], environment)).toEqual(error(failed("ovn-ic-nbctl", remote)));
    expect(await ourRunner("sb", ["show"], environment)).toEqual(error(failed("ovn-ic-sbctl", remote)));
    const file = join(directory, "lines");
    writeFileSync(file, "show\n");
    const batch = await ourRunner("nb", ["--batch", file], environment);
    expect(batch).toEqual(error(failed("ovn-ic-nbctl", remote, `${file}:1: `)));
    const { stdout } = await ourRunner("nb", ["--detach"], environment);
    const daemon = stdout.trim();
    onTestFinished(async () => {
      await runProgram("ovs-appctl", ["-t", daemon, "exit"]);
    });
    const through = await ourRunner("nb", ["-u", daemon, "show"], environment);
    expect(through).toEqual(error(failed("ovn-ic-nbctl", remote)));
  });
});

test("a mistake in the program itself is an internal error, with where to report it", async () => {
  const directory = mkdtempSync(join(tmpdir(), "peer-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "mistake.cjs");
  const { remote } = await listen(() => undefined);
  const report =
    "please report this to the maintainers of ovn-ic-tools, with its version \\(.+\\) and what was run\n$";
  for (const mistake of [
    "throw new TypeError('no\\nsense')",
    "Promise.reject(new TypeError('no\\nsense'))",
  ]) {
    writeFileSync(file, `setImmediate(() => { ${mistake} });`);
    for (const which of ["nb", "sb"] as const) {
      const environment = { PATH: process.env.PATH ?? "", NODE_OPTIONS: `--require=${file}` };
      const { stderr, status } = await ourRunner(which, [`--db=${remote}`, "show"], environment);
      expect(stderr).toMatch(
        new RegExp(`^ovn-ic-${which}ctl: internal error: TypeError: no\\\\nsense; ${report}`),
      );
      expect(status).toBe(1);
    }
  }
});
