import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer as createNetServer } from "node:net";
import { join } from "node:path";
import { createServer, TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectionError } from "../../src/errors.ts";
import { Connection } from "../../src/jsonrpc/connection.ts";
import { connect } from "../../src/transport/connect.ts";
import type { ActiveRemote } from "../../src/transport/remote.ts";
import { isPassive, parseRemote } from "../../src/transport/remote.ts";
import type { TlsOptions } from "../../src/transport/tls.ts";
import { parseProtocols } from "../../src/transport/tls.ts";
import type { Certificates, Server } from "../fixtures/index.ts";
import { makeCertificates, makeDirectory, startStandalone } from "../fixtures/index.ts";

const schema = {
  name: "Test",
  version: "1.0.0",
  tables: { T: { columns: { n: { type: "integer" } }, isRoot: true } },
};

let dir: string;
let pki: Certificates;
let server: Server;
let ours: TlsOptions;

beforeAll(async () => {
  dir = makeDirectory();
  pki = await makeCertificates(dir);
  server = await startStandalone({ schema, tls: pki, extraArgs: [`--peer-ca-cert=${pki.ca}`] });
  ours = { privateKey: pki.clientKey, certificate: pki.clientCert, caCert: pki.ca };
});

afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true });
});

function active(text: string | undefined): ActiveRemote {
  const remote = parseRemote(text ?? "");
  if (isPassive(remote)) throw new Error(`${text} is passive`);
  return remote;
}

/**
 * Connects and asks for the databases, because a server's refusal of our certificate may come as late as
 * that.
 */
async function databases(tls: TlsOptions, remote = active(server.remotes.ssl)): Promise<unknown> {
  const connection = new Connection(await connect(remote, { tls }), {}, { remote: "ssl" });
  try {
    return await connection.request("list_dbs", []);
  } finally {
    connection.close();
  }
}

test("with our CA's certificates the server and we trust each other", async () => {
  expect(await databases(ours)).toEqual(["Test", "_Server"]);
});

describe("refused with a clear error:", () => {
  test("a server whose certificate another CA signed", async () => {
    const attempt = databases({ ...ours, caCert: pki.otherCa });
    await expect(attempt).rejects.toThrow(ConnectionError);
    await expect(attempt).rejects.toThrow(/^ssl:127\.0\.0\.1:\d+: the server's certificate is not trusted: /);
  });

  test("our certificate, when another CA signed it", async () => {
    const attempt = databases({ ...ours, privateKey: pki.otherClientKey, certificate: pki.otherClientCert });
    await expect(attempt).rejects.toThrow(ConnectionError);
    await expect(attempt).rejects.toThrow(/server refused our certificate: unknown ca/);
  });

  test("a private key that does not belong to the certificate", async () => {
    await expect(databases({ ...ours, privateKey: pki.otherClientKey })).rejects.toThrow(
      /key values mismatch/,
    );
  });

  test("a server that does not speak TLS", async () => {
    const plain = createNetServer((socket) => socket.end("hello\n"));
    await once(plain.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void plain.close());
    const address = plain.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await expect(databases(ours, { method: "ssl", host: "127.0.0.1", port })).rejects.toThrow(
      /TLS: wrong version number/,
    );
  });

  test.each<[string, Partial<TlsOptions>]>([
    ["private key", { privateKey: undefined }],
    ["certificate", { certificate: undefined }],
    ["CA certificate", { caCert: undefined }],
  ])("no %s", async (what, without) => {
    await expect(databases({ ...ours, ...without })).rejects.toThrow(
      `a ${what} must be configured to use TLS`,
    );
  });

  test.each(["", "\n", "junk", "-----BEGIN CERTIFICATE-----\njunk\n-----END CERTIFICATE-----\n"])(
    "a CA file without a certificate, which is not the CAs of the web: %j",
    async (contents) => {
      const caCert = join(dir, "empty.pem");
      writeFileSync(caCert, contents);
      const refused = `the CA certificate file ${caCert} holds no certificate`;
      await expect(databases({ ...ours, caCert })).rejects.toThrow(refused);
      const tls = { ...ours, caCert: undefined, bootstrapCaCert: caCert };
      await expect(databases(tls)).rejects.toThrow(refused);
    },
  );

  test.each<[string, keyof TlsOptions]>([
    ["private key", "privateKey"],
    ["certificate", "certificate"],
    ["CA certificate", "caCert"],
  ])("a %s file that is not there, or is something else", async (what, option) => {
    const file = join(dir, "none.pem");
    await expect(databases({ ...ours, [option]: file })).rejects.toThrow(
      `cannot read the ${what} file ${file}: No such file or directory`,
    );
    const junk = join(dir, "junk.pem");
    writeFileSync(junk, "junk");
    await expect(databases({ ...ours, [option]: junk })).rejects.toThrow(ConnectionError);
  });
});

describe("a server whose verdict on our certificate isn't told by tickets is taken all the same:", () => {
  test("one that sends none", async () => {
    const args = ["s_server", "-accept", "127.0.0.1:0", "-num_tickets", "0", "-tls1_3"];
    const child = spawn("openssl", [...args, "-key", pki.serverKey, "-cert", pki.serverCert], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout.on("data", (text: Buffer) => (said += String(text)));
    const port = await vi.waitFor(() =>
      Number(/ACCEPT 127\.0\.0\.1:(\d+)\n/.exec(said)?.[1] ?? expect.fail(said)),
    );
    const stream = await connect({ method: "ssl", host: "127.0.0.1", port }, { tls: ours });
    stream.on("error", () => {}).destroy();
  });

  test("one that sends several with its first words", async () => {
    const { remote, accepted } = await tlsServer({ key: pki.serverKey, cert: pki.serverCert });
    const stream = await connect(remote, { tls: ours });
    await expect.poll(() => accepted.length).toBe(1);
    accepted[0]?.pipe(accepted[0]);
    stream.write("ping");
    const [bytes] = await once(stream, "data");
    expect(String(bytes)).toBe("ping");
    stream.destroy();
  });
});

test('a CA certificate "none" trusts anybody', async () => {
  expect(await databases({ ...ours, caCert: "none" })).toEqual(["Test", "_Server"]);
});

describe("bootstrap", () => {
  test("saves the first CA, verifies with it, and with nothing else from then on", async () => {
    const bootstrapCaCert = join(dir, "bootstrap.pem");
    const tls = { ...ours, caCert: undefined, bootstrapCaCert };
    const notices: string[] = [];
    const stream = await connect(active(server.remotes.ssl), { tls, notice: (text) => notices.push(text) });
    stream.destroy();
    expect(stream instanceof TLSSocket && stream.authorized).toBe(true);
    expect(notices).toEqual([`successfully bootstrapped CA cert to ${bootstrapCaCert}`]);
    expect(readFileSync(bootstrapCaCert, "utf8").trim()).toBe(readFileSync(pki.ca, "utf8").trim());
    expect(statSync(bootstrapCaCert).mode & 0o777).toBe(0o444);
    expect(await databases(tls)).toEqual(["Test", "_Server"]);

    const elsewhere = join(dir, "elsewhere.pem");
    copyFileSync(pki.otherCa, elsewhere);
    await expect(databases({ ...tls, bootstrapCaCert: elsewhere })).rejects.toThrow(/is not trusted/);
    expect(readFileSync(elsewhere, "utf8")).toBe(readFileSync(pki.otherCa, "utf8"));
  });

  test("saves nothing when the server presents no CA", async () => {
    const { remote } = await tlsServer({ key: pki.serverKey, cert: pki.serverCert });
    const bootstrapCaCert = join(dir, "no-ca.pem");
    const attempt = databases({ ...ours, caCert: undefined, bootstrapCaCert }, remote);
    await expect(attempt).rejects.toThrow(
      /cannot bootstrap .*no-ca.pem: the server presents no self-signed CA/,
    );
    expect(existsSync(bootstrapCaCert)).toBe(false);
  });
});

describe("bootstrap trusts nobody", () => {
  /** A server that presents its CA, so that it could be learned. */
  const attempt = (bootstrapCaCert: string) => databases({ ...ours, caCert: undefined, bootstrapCaCert });

  test("when the file is a link that leads nowhere", async () => {
    const link = join(dir, "dangling.pem");
    symlinkSync(join(dir, "nowhere.pem"), link);
    await expect(attempt(link)).rejects.toThrow(
      `cannot read the CA certificate file ${link}: No such file or directory`,
    );
    expect(existsSync(link)).toBe(false);
  });

  test("when the file can't be read, or not even be looked for", async () => {
    await expect(attempt(dir)).rejects.toThrow(`cannot read the CA certificate file ${dir}: Is a directory`);
    const below = join(pki.ca, "ca.pem");
    await expect(attempt(below)).rejects.toThrow(
      `cannot bootstrap the CA certificate file ${below}: Not a directory`,
    );
    const nowhere = join(dir, "none", "ca.pem");
    await expect(attempt(nowhere)).rejects.toThrow(
      `cannot bootstrap the CA certificate file ${nowhere}: No such file or directory`,
    );
  });

  test("a second time, when the file has gone away again", async () => {
    const file = join(dir, "gone.pem");
    expect(await attempt(file)).toEqual(["Test", "_Server"]);
    rmSync(file);
    await expect(attempt(file)).rejects.toThrow(
      `cannot read the CA certificate file ${file}: No such file or directory`,
    );
    expect(existsSync(file)).toBe(false);
    copyFileSync(pki.ca, file);
    expect(await attempt(file)).toEqual(["Test", "_Server"]);
  });

  test("when the file goes away between the connection that learns and the one that is used", async () => {
    const file = join(dir, "racing.pem");
    const tls = { ...ours, caCert: undefined, bootstrapCaCert: file };
    const notice = () => rmSync(file);
    await expect(connect(active(server.remotes.ssl), { tls, notice })).rejects.toThrow(
      `cannot read the CA certificate file ${file}: No such file or directory`,
    );
  });
});

test("many who bootstrap one file at once all end up with it, whole, and say so once; nothing else is left", async () => {
  const place = join(dir, "place");
  mkdirSync(place);
  const file = join(place, "ca.pem");
  const tls = { ...ours, caCert: undefined, bootstrapCaCert: file };
  const notices: string[] = [];
  const one = () => connect(active(server.remotes.ssl), { tls, notice: (text) => notices.push(text) });
  for (const stream of await Promise.all(Array.from({ length: 8 }, one))) {
    expect(stream instanceof TLSSocket && stream.authorized).toBe(true);
    stream.destroy();
  }
  expect(notices).toEqual([`successfully bootstrapped CA cert to ${file}`]);
  expect(readdirSync(place)).toEqual(["ca.pem"]);
  expect(readFileSync(file, "utf8").trim()).toBe(readFileSync(pki.ca, "utf8").trim());
});

describe("a check of the name", () => {
  const checked = (more: TlsOptions = {}, host = "127.0.0.1") =>
    databases({ ...ours, checkName: true, ...more }, { ...active(server.remotes.ssl), host } as ActiveRemote);

  test("accepts the address and the name in the certificate, and the one that is asked for", async () => {
    expect(await checked()).toEqual(["Test", "_Server"]);
    expect(await checked({}, "localhost")).toEqual(["Test", "_Server"]);
    expect(await checked({ serverName: "localhost" })).toEqual(["Test", "_Server"]);
  });

  test("refuses another name, though the CA has signed the certificate", async () => {
    await expect(checked({ serverName: "db.example.org" })).rejects.toThrow(
      /the server's certificate is not trusted: the certificate is not for db\.example\.org, but for IP Address:127\.0\.0\.1, DNS:localhost$/,
    );
    await expect(checked({}, "127.0.0.2")).rejects.toThrow(ConnectionError);
  });

  test("excludes trust in anybody", async () => {
    await expect(checked({ caCert: "none" })).rejects.toThrow(/exclude each other/);
  });

  test("comes after a bootstrap too", async () => {
    const bootstrapCaCert = join(dir, "named.pem");
    const tls = { caCert: undefined, bootstrapCaCert };
    await expect(checked({ ...tls, serverName: "db.example.org" })).rejects.toThrow(
      /is not for db.example.org/,
    );
    expect(await checked(tls)).toEqual(["Test", "_Server"]);
  });
});

test("a certificate that is for clients only is refused of a server, whoever has signed it", async () => {
  const certificate = await pki.issueClientOnly();
  const { remote } = await tlsServer({ key: pki.clientKey, cert: certificate });
  await expect(connect(remote, { tls: ours })).rejects.toThrow(
    /the server's certificate is not trusted: un(supported|suitable) certificate purpose/,
  );
});

/**
 * A bare TLS server, for what ovsdb-server does not tell: the SNI it got, the version and cipher agreed upon.
 */
async function tlsServer(files: {
  key: string;
  cert: string;
}): Promise<{ remote: ActiveRemote; accepted: TLSSocket[] }> {
  const accepted: TLSSocket[] = [];
  const listener = createServer({
    key: readFileSync(files.key),
    cert: readFileSync(files.cert),
    minVersion: "TLSv1.2",
  });
  listener.on("secureConnection", (socket) => {
    accepted.push(socket);
    socket.on("error", () => {});
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    for (const socket of accepted) socket.destroy();
    listener.close();
  });
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { remote: { method: "ssl", host: "127.0.0.1", port }, accepted };
}

describe("what is negotiated", () => {
  async function negotiated(options: TlsOptions, host = "127.0.0.1") {
    const { remote, accepted } = await tlsServer({ key: pki.serverKey, cert: pki.serverCert });
    const stream = await connect({ ...remote, host } as ActiveRemote, { tls: { ...ours, ...options } });
    await expect.poll(() => accepted.length).toBe(1);
    const [socket] = accepted;
    if (!(stream instanceof TLSSocket) || socket === undefined) throw new Error("no TLS connection");
    const result = {
      version: stream.getProtocol(),
      cipher: stream.getCipher().name,
      serverName: "servername" in socket ? socket.servername : undefined,
    };
    stream.destroy();
    return result;
  }

  test("TLS 1.3 and no SNI for an address", async () => {
    expect(await negotiated({})).toMatchObject({ version: "TLSv1.3", serverName: false });
  });

  test("the DNS name of the remote as SNI", async () => {
    expect((await negotiated({}, "localhost")).serverName).toBe("localhost");
  });

  test("the configured SNI; the certificate need not be for that name", async () => {
    expect((await negotiated({ serverName: "db.example.org" })).serverName).toBe("db.example.org");
  });

  test("protocols", async () => {
    expect((await negotiated({ protocols: "TLSv1.2" })).version).toBe("TLSv1.2");
    expect((await negotiated({ protocols: "TLSv1.3" })).version).toBe("TLSv1.3");
    await expect(negotiated({ protocols: "TLSv1.1" })).rejects.toThrow(/TLS: /);
  });

  test("ciphers of TLS 1.2, suites of TLS 1.3, each leaving the other alone", async () => {
    const ciphers = "ECDHE-ECDSA-CHACHA20-POLY1305";
    const ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
    expect((await negotiated({ ciphers, protocols: "TLSv1.2" })).cipher).toBe(ciphers);
    expect((await negotiated({ ciphersuites })).cipher).toBe(ciphersuites);
    expect((await negotiated({ ciphersuites, protocols: "TLSv1.2" })).version).toBe("TLSv1.2");
    expect((await negotiated({ ciphers })).version).toBe("TLSv1.3");
    await expect(negotiated({ ciphers: "no-such-cipher" })).rejects.toThrow(ConnectionError);
  });
});

test("replaced files are used from the next connection on", async () => {
  const [key, certificate] = [join(dir, "moving-key.pem"), join(dir, "moving-cert.pem")];
  const tls = { ...ours, privateKey: key, certificate };
  const put = (from: string, to: string) => {
    rmSync(to, { force: true });
    copyFileSync(from, to);
  };
  put(pki.otherClientKey, key);
  put(pki.otherClientCert, certificate);
  await expect(databases(tls)).rejects.toThrow(/unknown ca/);
  put(pki.clientKey, key);
  put(pki.clientCert, certificate);
  expect(await databases(tls)).toEqual(["Test", "_Server"]);
});

describe("parseProtocols", () => {
  test.each([
    ["TLSv1.2", "TLSv1.2", "TLSv1.2"],
    ["TLSv1.2,TLSv1.3", "TLSv1.2", "TLSv1.3"],
    ["TLSv1.3 TLSv1.1", "TLSv1.1", "TLSv1.3"],
    ["TLSv1,TLSv1.1,TLSv1.2", "TLSv1", "TLSv1.2"],
    ["TLSv1.2+", "TLSv1.2", "TLSv1.3"],
    ["TLSv1.1-TLSv1.2", "TLSv1.1", "TLSv1.2"],
    ["tlsv1.2", "TLSv1.2", "TLSv1.2"],
  ])("%s", (text, minVersion, maxVersion) => {
    expect(parseProtocols(text)).toEqual({ minVersion, maxVersion });
  });

  test.each(["", "SSLv3", "TLSv1.2,TLSv9", "TLSv1.2+TLSv1.3", "TLSv1.2-", "+"])("refuses %j", (text) => {
    expect(() => parseProtocols(text)).toThrow(/expected names among TLSv1, TLSv1.1, TLSv1.2, TLSv1.3/);
  });
});
