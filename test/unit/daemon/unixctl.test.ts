// The control socket, spoken to by our client, by the C program, and by what knows nothing of the protocol.

import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { callUnixctl } from "../../../src/daemon/unixctl-client.ts";
import type { UnixctlCommand } from "../../../src/daemon/unixctl-server.ts";
import { UnixctlError, UnixctlServer } from "../../../src/daemon/unixctl-server.ts";

function makePath(): string {
  const directory = mkdtempSync(join(tmpdir(), "unixctl-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "x.ctl");
}

const echo: UnixctlCommand = {
  name: "echo",
  usage: "WORD [WORD]",
  args: [1, 2],
  run: (args) => args.join(" "),
};
const refuse: UnixctlCommand = {
  name: "refuse",
  usage: "",
  args: [0, 0],
  run: () => {
    throw new UnixctlError("not now");
  },
};

async function listen(commands: readonly UnixctlCommand[] = [echo, refuse], path = makePath()) {
  const server = await UnixctlServer.listen({ path, version: "test 1.0", commands });
  onTestFinished(() => server.close());
  return server;
}

/**
 * Writes bytes to a socket, and returns all that comes back until it is closed, or until `enough` of it is
 * there.
 */
function talk(path: string, text: string | Buffer, enough = Number.POSITIVE_INFINITY): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      if (answer.length >= enough) socket.destroy();
    });
    socket.once("close", () => resolve(answer));
    socket.once("error", reject);
    socket.write(text);
  });
}

test("replies and errors are lines of text", async () => {
  const { path } = await listen();
  expect(await callUnixctl(path, "echo", ["a", "b c"])).toEqual({ result: "a b c\n" });
  expect(await callUnixctl(path, "echo", ["two\nlines\n"])).toEqual({ result: "two\nlines\n" });
  expect(await callUnixctl(path, "echo", [""])).toEqual({ result: "" });
  expect(await callUnixctl(path, "refuse", [])).toEqual({ error: "not now\n" });
  expect(await callUnixctl(path, "version", [])).toEqual({ result: "test 1.0\n" });
});

test("the number of arguments is checked, and unknown commands are refused, in the words of C", async () => {
  const { path } = await listen();
  expect(await callUnixctl(path, "echo", [])).toEqual({
    error: '"echo" command requires at least 1 arguments\n',
  });
  expect(await callUnixctl(path, "echo", ["a", "b", "c"])).toEqual({
    error: '"echo" command takes at most 2 arguments\n',
  });
  expect(await callUnixctl(path, "frob", [])).toEqual({
    error: '"frob" is not a valid command (use "list-commands" to see a list of valid commands)\n',
  });
});

test("the C program understands it", async () => {
  const server = await listen([echo]);
  // Asynchronous, since the server lives in this process.
  const appctl = (...words: string[]) =>
    new Promise<{ stdout: string; stderr: string; status: number | null }>((resolve) => {
      execFile("ovs-appctl", ["-t", server.path, ...words], (error, stdout, stderr) => {
        resolve({ stdout, stderr, status: typeof error?.code === "number" ? error.code : 0 });
      });
    });
  expect(await appctl("echo", "größe", 'a "b"\\')).toEqual({
    stdout: 'größe a "b"\\\n',
    stderr: "",
    status: 0,
  });
  expect(await appctl("list-commands")).toMatchObject({
    stdout:
      "The available commands are:\n  echo                    WORD [WORD]\n" +
      "  list-commands           \n  set-options             [--format text|json]\n  version                 \n",
  });
  expect(await appctl("frob")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("is not a valid command"),
  });
});

test("the socket is for its owner and group alone, whatever happens to be the umask", async () => {
  const old = process.umask(0o022);
  onTestFinished(() => {
    process.umask(old);
  });
  const { path } = await listen();
  expect(statSync(path).mode & 0o777).toBe(0o750);
  expect(process.umask()).toBe(0o022);
});

test("set-options --format json changes the replies of one connection", async () => {
  const { path } = await listen();
  const requests = [
    { id: 1, method: "echo", params: ["a"] },
    { id: 2, method: "set-options", params: ["--format", "json"] },
    { id: 3, method: "echo", params: ["a"] },
    { id: 4, method: "set-options", params: ["--format", "xml"] },
    { id: 5, method: "refuse", params: [] },
  ];
  const replies = [
    { id: 1, result: "a\n", error: null },
    { id: 2, result: { "reply-format": "plain", reply: "" }, error: null },
    { id: 3, result: { "reply-format": "plain", reply: "a\n" }, error: null },
    { id: 4, result: null, error: "option format has invalid value xml\n" },
    { id: 5, result: null, error: "not now\n" },
  ];
  const expected = replies.map((reply) => JSON.stringify(reply)).join("");
  expect(await talk(path, requests.map((request) => JSON.stringify(request)).join(""), expected.length)).toBe(
    expected,
  );
  expect(await callUnixctl(path, "echo", ["a"])).toEqual({ result: "a\n" });
});

test("requests of one connection are answered in order, those of others meanwhile", async () => {
  let release: () => void = () => undefined;
  const slow: UnixctlCommand = {
    name: "slow",
    usage: "",
    args: [0, 0],
    run: () =>
      new Promise((resolve) => {
        release = () => resolve("slow");
      }),
  };
  const { path } = await listen([echo, slow]);
  const expected = '{"id":1,"result":"slow\\n","error":null}{"id":2,"result":"a\\n","error":null}';
  const both = talk(
    path,
    '{"id":1,"method":"slow","params":[]} {"id":2,"method":"echo","params":["a"]}',
    expected.length,
  );
  expect(await callUnixctl(path, "echo", ["b"])).toEqual({ result: "b\n" });
  release();
  expect(await both).toBe(expected);
});

test.each([
  ["no JSON", "hello\n"],
  ["half JSON", '{"id":1,"method":}'],
  ["no request", '{"id":1}'],
  ["a reply", '{"id":1,"result":"x","error":null}'],
  ["a notification", '{"id":null,"method":"echo","params":["a"]}'],
  ["an array", "[1,2,3]"],
  ["parameters that are no list", '{"id":1,"method":"echo","params":{"a":1}}'],
  ["brackets that don't match", '{"id":1]'],
  ["binary", Buffer.from([0xff, 0xfe, 0x00, 0x80])],
])("%s ends that connection, and no other", async (_, bytes) => {
  const { path } = await listen();
  expect(await talk(path, bytes)).toBe("");
  expect(await callUnixctl(path, "echo", ["a"])).toEqual({ result: "a\n" });
});

test("arguments that are no strings are refused", async () => {
  const { path } = await listen();
  const expected = '{"id":"x","result":null,"error":"\\"echo\\" command has non-string argument\\n"}';
  expect(await talk(path, '{"id":"x","method":"echo","params":[1]}', expected.length)).toBe(expected);
});

test("a mistake in a command is an error for its caller, and the daemon lives on", async () => {
  const broken: UnixctlCommand = {
    name: "broken",
    usage: "",
    args: [0, 0],
    run: () => Promise.reject(new TypeError("oops")),
  };
  const { path } = await listen([broken]);
  expect(await callUnixctl(path, "broken", [])).toEqual({ error: "internal error: oops\n" });
  expect(await callUnixctl(path, "version", [])).toEqual({ result: "test 1.0\n" });
});

test("a request in many pieces, and a reply of many megabytes", async () => {
  const { path } = await listen();
  const word = '\\"{[é'.repeat(1_000_000);
  expect(await callUnixctl(path, "echo", [word])).toEqual({ result: `${word}\n` });
});

test("a stale socket is replaced; one that somebody listens at, or a file, is not", async () => {
  const path = makePath();
  const program = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  expect(spawnSync(process.execPath, ["-e", program]).signal).toBe("SIGKILL");
  expect(existsSync(path)).toBe(true);
  await listen([echo], path);
  expect(await callUnixctl(path, "echo", ["a"])).toEqual({ result: "a\n" });
  await expect(listen([echo], path)).rejects.toThrow("another process listens there");
  expect(await callUnixctl(path, "echo", ["a"])).toEqual({ result: "a\n" });
  const file = makePath();
  writeFileSync(file, "precious");
  await expect(listen([echo], file)).rejects.toThrow("what is there is no socket");
  expect(existsSync(file)).toBe(true);
  await expect(listen([echo], "/nonexistent/x.ctl")).rejects.toThrow("No such file or directory");
});

test("closing answers what is under way, and removes the socket", async () => {
  const waiting: UnixctlCommand = {
    name: "wait",
    usage: "",
    args: [0, 0],
    run: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
  };
  const path = makePath();
  const server = await UnixctlServer.listen({ path, version: "test 1.0", commands: [waiting, echo] });
  const reply = callUnixctl(path, "wait", []);
  expect(await callUnixctl(path, "echo", ["a"])).toEqual({ result: "a\n" });
  await server.close();
  expect(await reply).toEqual({ error: "the daemon ends\n" });
  expect(existsSync(path)).toBe(false);
  await expect(callUnixctl(path, "echo", ["a"])).rejects.toThrow("No such file or directory");
});

test("a caller that leaves is noticed", async () => {
  let noticed: (reason: unknown) => void = () => undefined;
  const gone = new Promise<unknown>((resolve) => {
    noticed = resolve;
  });
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const waiting: UnixctlCommand = {
    name: "wait",
    usage: "",
    args: [0, 0],
    run: (_, { signal }) => {
      begun();
      return new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          noticed(signal.reason);
          reject(signal.reason);
        });
      });
    },
  };
  const { path } = await listen([waiting]);
  const socket = connect({ path });
  socket.write('{"id":0,"method":"wait","params":[]}');
  await started;
  socket.destroy();
  expect(String(await gone)).toContain("the caller is gone");
  expect(await callUnixctl(path, "version", [])).toEqual({ result: "test 1.0\n" });
});

test("what answers in another protocol is reported", async () => {
  const path = makePath();
  const server = createServer((socket) => socket.resume().end("hello"));
  await new Promise<void>((resolve) => server.listen(path, () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  await expect(callUnixctl(path, "echo", [])).rejects.toThrow("not in the protocol of a control socket");
});
